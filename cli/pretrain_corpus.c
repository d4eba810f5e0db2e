#include "pretrain_corpus.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "brainbert/pretrain.h"
#include "progress.h"
#include "ranks.h"

void pretrain_preparation_rows(prepare_options *p, option out[PREPARATION_OPTIONS]) {
    prepare_window_rows(p, out);
    out[WINDOW_OPTIONS] =
        method_row(&p->method, "of the spectrograms: stft, superlet or morlet; default: stft");
    source_signal_rows(&p->source, out + WINDOW_OPTIONS + 1);
}

static bool said(const prepare_options *p) {
    return !isnan(p->window) || !isnan(p->stride) || method_said(&p->method) ||
           source_signal_said(&p->source);
}

static bool is_directory(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Whether both paths lead to one file, or are spelled alike where they lead nowhere any more. */
static bool same_file(const char *a, const char *b) {
    struct stat first, second;
    if (strcmp(a, b) == 0) return true;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static bool holds(const bb_corpus_info *corpus, const char *path) {
    for (size_t i = 0; i < corpus->session_count; ++i)
        if (same_file(corpus->sessions[i].source, path)) return true;
    return false;
}

static bool named(const bb_sources *sources, const char *path) {
    for (size_t i = 0; i < bb_sources_count(sources); ++i)
        if (same_file(bb_sources_get(sources, i)->path, path)) return true;
    return false;
}

/* Whether the corpus is of the recordings that the call names: an earlier call may have named others. */
static bb_status compare(const call *c, const bb_corpus_info *corpus, bb_error *err) {
    const bb_source_options choice = {.except = corpus->path};
    const char *missing = NULL, *other = NULL;
    bb_sources *sources;
    bb_status status = bb_sources_find(c->arguments, (size_t)c->count, &choice, &sources, err);
    if (status != BB_OK) return status;
    for (size_t i = 0; i < bb_sources_count(sources) && !missing; ++i)
        if (!holds(corpus, bb_sources_get(sources, i)->path)) missing = bb_sources_get(sources, i)->path;
    for (size_t i = 0; i < corpus->session_count && !other; ++i)
        if (!named(sources, corpus->sessions[i].source)) other = corpus->sessions[i].source;
    if (missing)
        status = fail(err, BB_ERR_ARGUMENT, "%s: is of other recordings than the call's: it lacks %s",
                      corpus->path, missing);
    else if (other)
        status = fail(err, BB_ERR_ARGUMENT, "%s: is of other recordings than the call's: it holds %s",
                      corpus->path, other);
    bb_sources_destroy(sources);
    return status;
}

static bb_status prepare(const call *c, const prepare_options *asked, const char *run, const char *path,
                         bb_error *err) {
    prepare_options p = *asked;
    bb_prepare_report report;
    const bool is_new = ranks_speaks() && access(run, F_OK) != 0;
    const double begun = seconds_now();
    p.out = path;
    bb_status status = bb_pretrain_make_folder(run, err);
    if (status != BB_OK) return status;
    status = prepare_corpus(&p, c, &report, err);
    if (status != BB_OK && is_new) rmdir(run); /* unless there is something in it by now */
    if (status == BB_OK && !c->common.quiet) prepare_tell(path, &report, seconds_now() - begun);
    return status;
}

static bb_status open_recordings(const call *c, const prepare_options *asked, const char *run, bool resume,
                                 bb_corpus **out, bb_error *err) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/corpus.h5", run) >= (int)sizeof path)
        return fail(err, BB_ERR_ARGUMENT, "%.64s...: too long a name", run);
    bb_status status = resume ? BB_OK : prepare(c, asked, run, path, err);
    if (status == BB_OK) status = bb_corpus_open(path, out, err);
    if (status != BB_OK) return status;
    status = compare(c, bb_corpus_get_info(*out), err);
    if (status != BB_OK) bb_corpus_close(*out);
    return status;
}

bb_status pretrain_corpus_open(const call *c, const prepare_options *asked, const char *run, bool resume,
                               bb_corpus **out, bb_error *err) {
    const char *first = c->arguments[0];
    if (c->count > 1 || is_directory(first)) return open_recordings(c, asked, run, resume, out, err);
    const bb_status status = bb_corpus_open(first, out, err);
    if (status == BB_ERR_UNSUPPORTED) return open_recordings(c, asked, run, resume, out, err);
    if (status != BB_OK || !said(asked) || resume) return status;
    bb_corpus_close(*out);
    return fail(err, BB_ERR_ARGUMENT,
                "%s: is prepared already: --window, --method, --notch and the like are for recordings",
                first);
}
