/* Recordings -> parts -> one corpus. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "brainbert/corpus.h"
#include "corpus/asked.h"
#include "corpus/description.h"
#include "corpus/held.h"
#include "corpus/prepare_job.h"
#include "ranks/collective.h"

typedef bb_prepare_job job;

bb_prepare_options bb_prepare_options_default(void) {
    return (bb_prepare_options){.recipe = bb_recipe_default(), .wishes = bb_signal_wishes_none()};
}

static void BB_PRINTF(3, 4) remark(const job *j, const char *path, const char *format, ...) {
    char text[BB_ERROR_LENGTH + 64];
    va_list args;
    if (!j->options->remark || bb_ranks_me(j->options->ranks) != 0) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    j->options->remark(j->options->remark_context, path, text);
}

/* What a message says of the file at `path`, which is told beside it. */
static const char *without_path(const char *message, const char *path) {
    const size_t n = strlen(path);
    return strncmp(message, path, n) == 0 && strncmp(message + n, ": ", 2) == 0 ? message + n + 2 : message;
}

/* What the call itself is to blame for, or the system, would take sound recordings with it. */
bool bb_prepare_may_skip(const job *j, bb_status status) {
    return j->options->skip && (status == BB_ERR_FORMAT || status == BB_ERR_UNSUPPORTED);
}

/* A recording that cannot be used: left out where the caller allows it. */
static bb_status leave_out(job *j, size_t source, bb_status status, bb_error *err) {
    if (!bb_prepare_may_skip(j, status)) return status;
    const char *path = bb_sources_get(j->sources, source)->path;
    remark(j, path, "left out: %s", err ? without_path(err->message, path) : "");
    if (err) *err = (bb_error){0};
    ++j->report.skipped;
    j->usable[source] = false;
    return BB_OK;
}

/* ---------------------------------------------------------------- before the work */

/* Whether there was anything to tell of the mains frequency. */
static bool tell_mains(const job *j, const bb_session *s) {
    char text[128];
    const bb_recording_info *info = bb_recording_get_info(s->recording);
    if (!bb_mains_remark(&j->options->recipe.signal, &j->options->wishes, info, text, sizeof text))
        return false;
    remark(j, info->path, "%s", text);
    return true;
}

bb_status bb_prepare_open_session(const job *j, size_t source, bb_session *s, bb_error *err) {
    return bb_session_open(j->options, bb_sources_get(j->sources, source), bb_sources_count(j->sources) > 1,
                           s, err);
}

/* Opens every recording once, so that what cannot work is said before hours of work, and all of it at once.
 */
static bb_status survey(job *j, bb_asked *channels, bb_asked *bads, bb_error *err) {
    size_t faults = 0;
    bool mains_told = false;
    bb_error first = {0};
    for (size_t i = 0; i < bb_sources_count(j->sources); ++i) {
        bb_session s;
        bb_error own = {0};
        const bb_status status = bb_prepare_open_session(j, i, &s, &own);
        if (status == BB_OK) {
            j->usable[i] = true;
            j->work[i] = bb_session_work(&s);
            bb_asked_mark(channels, &s, true);
            bb_asked_mark(bads, &s, false);
            j->total += BB_PREPARE_PASSES * j->work[i];
            mains_told = mains_told || tell_mains(j, &s);
        } else if (leave_out(j, i, status, &own) != BB_OK) {
            const char *path = bb_sources_get(j->sources, i)->path;
            remark(j, path, "%s", without_path(own.message, path));
            if (faults++ == 0) first = own;
        }
        bb_session_close(&s);
    }
    if (faults == 0) return BB_OK;
    return bb_fail(err, first.status, "%zu of %zu recordings cannot be used; the first: %.800s", faults,
                   bb_sources_count(j->sources), first.message);
}

static bb_status survey_all(job *j, bb_error *err) {
    const size_t count = bb_sources_count(j->sources);
    bb_asked channels = {0}, bads = {0};
    bb_status status = bb_asked_begin(&channels, "channels", j->options->channels, err);
    if (status == BB_OK) status = bb_asked_begin(&bads, "bads", j->options->bads, err);
    if (status == BB_OK) status = survey(j, &channels, &bads, err);
    if (status == BB_OK) status = bb_asked_check(&channels, count, err);
    if (status == BB_OK) status = bb_asked_check(&bads, count, err);
    bb_asked_end(&channels);
    bb_asked_end(&bads);
    return status;
}

static bool same_format(const bb_piece *p, const bb_row_format *f, int bins) {
    return p->format.encoding == f->encoding && p->format.compressed == f->compressed &&
           p->format.samples == f->samples && p->bins == bins;
}

/* What a corpus must have in common: the rate and the spectrogram's settings. */
static bool same_recipe(const cJSON *description, const bb_recipe *recipe) {
    char *text = bb_recipe_to_json(recipe);
    cJSON *own = text ? cJSON_Parse(text) : NULL;
    const cJSON *theirs = cJSON_GetObjectItemCaseSensitive(description, "recipe");
    static const char *const parts[] = {"spectrogram", "window_s"};
    bool same = own != NULL;
    for (size_t i = 0; same && i < sizeof parts / sizeof *parts; ++i)
        same = cJSON_Compare(cJSON_GetObjectItemCaseSensitive(own, parts[i]),
                             cJSON_GetObjectItemCaseSensitive(theirs, parts[i]), 1);
    double ours = recipe->signal.rate_hz, rate = 0;
    bb_json_number(cJSON_GetObjectItemCaseSensitive(theirs, "signal"), "rate_hz", 0, 1e9, &rate, "", NULL);
    cJSON_Delete(own);
    cJSON_free(text);
    return same && rate == ours;
}

/* Whether the file opens for its readers too: as a piece it needs less, and would be appended to for nothing.
 */
static bb_status check_existing(const job *j, bb_error *err) {
    bb_corpus *corpus;
    BB_TRY(bb_corpus_open(j->path, &corpus, err));
    bb_corpus_close(corpus);
    return BB_OK;
}

static bb_status open_existing(job *j, bb_error *err) {
    if (!bb_file_exists(j->path)) return BB_OK;
    bb_piece *p = &j->pieces[0];
    BB_TRY(check_existing(j, err));
    BB_TRY(bb_corpus_piece_open(j->path, p, err));
    j->existing = true;
    j->total += p->row_count;
    j->piece_count = 1;
    if (same_format(p, &j->format, j->options->recipe.spectrogram.bins) &&
        same_recipe(p->description, &j->options->recipe))
        return BB_OK;
    return bb_fail(
        err, BB_ERR_ARGUMENT,
        "%s: is a corpus of windows of %lld samples as %s%s, made by another recipe than this call's",
        j->path, (long long)p->format.samples, p->format.encoding == BB_SAMPLES_INT16 ? "int16" : "float32",
        p->format.compressed ? ", compressed" : "");
}

/* ---------------------------------------------------------------- one recording */

static bb_status fail_twice(const job *j, const bb_held *held, const bb_session *s, bb_status status,
                            const char *advice, bb_error *err) {
    char difference[256];
    bb_held_difference(held->session, j->options, s, difference, sizeof difference);
    return bb_fail(err, status, "%s: the data of %.300s, %s: a corpus holds a recording once; %s",
                   bb_recording_get_info(s->recording)->path, bb_json_string(held->session, "source"),
                   difference, advice);
}

bb_status bb_prepare_check_new(const job *j, const bb_session *s, bb_error *err) {
    if (!j->existing) return BB_OK;
    if (!j->options->append)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "%s: is there already, without %s: append to it, or name another", j->path,
                       bb_recording_get_info(s->recording)->path);
    const bb_held held = bb_held_by_data(j->pieces, 1, s->files);
    if (!held.session) return BB_OK;
    return fail_twice(j, &held, s, BB_ERR_ARGUMENT, "prepare a new corpus, or leave this one out", err);
}

/* Fails if the recording's data are in a part already: whoever trains on one copy and tests on the other has
 * tested nothing. */
static bb_status refuse_twice(job *j, size_t source, const bb_session *s, bb_error *err) {
    const bb_held held = bb_held_by_data(j->pieces, j->piece_count, s->files);
    if (!held.session) return BB_OK;
    const bb_status status = fail_twice(j, &held, s, BB_ERR_FORMAT, "leave one of the two out", err);
    return leave_out(j, source, status, err);
}

int bb_prepare_pass_on(void *context, int64_t done, int64_t total) {
    const job *j = context;
    (void)total;
    done += j->done;
    return j->progress ? j->progress(j->progress_context, done < j->total ? done : j->total, j->total) : 0;
}

double bb_prepare_channel_hours(const bb_session *s) {
    return bb_recording_get_info(s->recording)->duration_s *
           (double)bb_window_stream_info(s->stream)->channel_count / 3600;
}

static void add_to_report(job *j, const bb_session *s, int64_t left_out, double channel_hours) {
    ++j->report.sessions;
    j->report.left_out += left_out;
    j->report.channel_hours += channel_hours;
    if (left_out > 0)
        remark(j, bb_recording_get_info(s->recording)->path,
               "%lld of %lld windows left out: missing, flat, clipped or across a seam", (long long)left_out,
               (long long)bb_session_work(s));
}

char *bb_prepare_part_path(const job *j, const char *key) {
    enum { DIGITS = 16 };
    char name[DIGITS + 1];
    snprintf(name, sizeof name, "%.*s", DIGITS, key);
    return bb_parts_path(&j->folder, name);
}

bool bb_prepare_open_finished(const job *j, const char *path, const char *key, bb_piece *piece) {
    if (!bb_file_exists(path) || bb_part_open(path, &j->format, true, piece, NULL) != BB_OK) return false;
    const char *own = bb_json_string(piece->description, "key");
    if (own && strcmp(own, key) == 0) return true;
    bb_piece_close(piece);
    return false;
}

/* There may be more parts than a process may have files open. */
static void keep_piece(job *j) { bb_input_close(&j->pieces[j->piece_count++].file); }

/* The session's part, made now unless an earlier call finished it. */
static bb_status take_part(job *j, size_t source, bb_session *s, const char *path, bb_error *err) {
    bb_piece *piece = &j->pieces[j->piece_count];
    if (bb_prepare_open_finished(j, path, s->key, piece)) {
        keep_piece(j);
        ++j->report.reused;
        return BB_OK;
    }
    const double begun = bb_seconds();
    /* Another rank knew the files as they were; we write what they are. */
    if (j->shares) BB_TRY(bb_session_identify(j->options, &j->format, s, bb_prepare_pass_on, j, err));
    const bb_status status = bb_session_write(j->options, &j->format, s, path, bb_prepare_pass_on, j, err);
    if (status == BB_ERR_FORMAT) return leave_out(j, source, status, err);
    BB_TRY(status);
    BB_TRY(bb_part_open(path, &j->format, false, piece, err));
    keep_piece(j);
    j->report.prepare_s += bb_seconds() - begun;
    add_to_report(j, s, s->left_out, bb_prepare_channel_hours(s));
    return BB_OK;
}

/* The part that a rank has made or found, and looked at; false: it has not. */
static bool take_share(job *j, size_t source, const bb_session *s, const char *path) {
    const bb_share *share = j->shares ? &j->shares[source] : NULL;
    if (!share || !share->is_there ||
        bb_part_open(path, &j->format, false, &j->pieces[j->piece_count], NULL) != BB_OK)
        return false;
    keep_piece(j);
    if (share->is_new)
        add_to_report(j, s, share->left_out, share->channel_hours);
    else
        ++j->report.reused;
    return true;
}

static bb_status take_new(job *j, size_t source, bb_session *s, bb_error *err) {
    const bb_recording_info *info = bb_recording_get_info(s->recording);
    for (size_t i = 0; i < info->warning_count; ++i) remark(j, info->path, "%s", info->warnings[i]);
    char *path = bb_prepare_part_path(j, s->key);
    bb_status status = path ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", j->path);
    if (status == BB_OK && !take_share(j, source, s, path)) status = take_part(j, source, s, path, err);
    bb_free(path);
    return status;
}

static bb_status take_session(job *j, size_t source, bb_session *s, bb_error *err) {
    if (j->shares && j->shares[source].identity.files)
        bb_session_hand_on(&j->shares[source].identity, s);
    else
        BB_TRY(bb_session_identify(j->options, &j->format, s, bb_prepare_pass_on, j, err));
    if (bb_held_by_key(j->pieces, j->piece_count, s->key).session) {
        remark(j, bb_recording_get_info(s->recording)->path, "is in the corpus already");
        ++j->report.reused;
        return BB_OK;
    }
    BB_TRY(bb_prepare_check_new(j, s, err));
    BB_TRY(refuse_twice(j, source, s, err));
    return j->usable[source] ? take_new(j, source, s, err) : BB_OK;
}

static bb_status take_sources(job *j, bb_error *err) {
    for (size_t i = 0; i < bb_sources_count(j->sources); ++i) {
        bb_session s;
        bb_error own = {0};
        if (!j->usable[i]) continue;
        bb_status status = bb_prepare_open_session(j, i, &s, &own);
        /* Only what is wrong with the recording itself may be left out, never a full disk. */
        if (status != BB_OK)
            status = leave_out(j, i, status, &own);
        else
            status = take_session(j, i, &s, &own);
        bb_session_close(&s);
        if (!j->shares) j->done += (BB_PREPARE_PASSES - 1) * j->work[i];
        if (status != BB_OK) {
            if (err) *err = own;
            return status;
        }
    }
    return BB_OK;
}

/* ---------------------------------------------------------------- the corpus */

/* What the call asks for, whatever a single recording makes of it. */
static bb_recipe asked_recipe(const bb_prepare_options *o) {
    static const bb_recording_info nothing_stated;
    bb_recipe recipe = o->recipe;
    recipe.signal = bb_signal_recipe_for(&o->recipe.signal, &o->wishes, &nothing_stated);
    return recipe;
}

/* The corpus's description with the sessions of all pieces. */
static cJSON *describe(const job *j) {
    const bb_recipe asked = asked_recipe(j->options);
    cJSON *d = bb_description_of_corpus(&j->format, &asked);
    cJSON *all = cJSON_GetObjectItemCaseSensitive(d, "sessions");
    for (size_t p = 0; p < j->piece_count; ++p) {
        const cJSON *own = j->pieces[p].description;
        const cJSON *sessions = cJSON_GetObjectItemCaseSensitive(own, "sessions");
        if (!sessions) cJSON_AddItemToArray(all, cJSON_Duplicate(own, 1));
        for (const cJSON *s = sessions ? sessions->child : NULL; s; s = s->next)
            cJSON_AddItemToArray(all, cJSON_Duplicate(s, 1));
    }
    bb_description_settle_recipe(d);
    return d;
}

static bb_status join(job *j, bb_error *err) {
    const double begun = bb_seconds();
    for (size_t p = 0; p < j->piece_count; ++p) j->report.windows += j->pieces[p].row_count;
    if (j->piece_count == 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: no recording is left to prepare", j->path);
    if (j->existing && j->piece_count == 1) return BB_OK; /* nothing new */
    if (j->report.windows == 0)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "%s: no window is left: all are missing, flat, clipped or across a seam", j->path);
    cJSON *description = describe(j);
    const bb_status status =
        bb_join(j->pieces, j->piece_count, description, j->path, bb_prepare_pass_on, j, err);
    cJSON_Delete(description);
    j->report.join_s = bb_seconds() - begun;
    return status;
}

/* What no recording can change: said before the first is read. */
static bb_status check_recipe(const job *j, bb_error *err) {
    const bb_recipe *r = &j->options->recipe;
    bb_spectrogram_plan *plan = NULL;
    bb_status status = bb_spectrogram_plan_create(&r->spectrogram, &plan, err);
    if (status == BB_OK && bb_spectrogram_frames(plan, j->format.samples) < 1)
        status = bb_fail(err, BB_ERR_ARGUMENT, "windows of %g s leave no spectrogram frame", r->window_s);
    bb_spectrogram_plan_destroy(plan);
    if (status == BB_OK && !(bb_session_stride(j->options) * r->signal.rate_hz >= 1))
        return bb_fail(err, BB_ERR_ARGUMENT, "expected a stride of at least one sample, found %g s",
                       j->options->stride_s);
    return status;
}

/* Rank 0 holds the folder for all. */
static bb_status open_folder(job *j, bb_error *err) {
    return bb_ranks_me(j->options->ranks) == 0 ? bb_parts_open(j->path, &j->folder, err)
                                               : bb_parts_join(j->path, &j->folder, err);
}

/* Whether all ranks found the same recordings: each deals them for itself. Nobody goes on before rank 0 holds
 * the folder. */
static bb_status check_ranks(const job *j, bb_error *err) {
    const size_t count = bb_sources_count(j->sources);
    uint32_t sum = bb_checksum_add(0, j->work, count * sizeof *j->work);
    for (size_t i = 0; i < count; ++i) {
        const char *path = bb_sources_get(j->sources, i)->path;
        sum = bb_checksum_add(sum, path, strlen(path) + 1);
    }
    if (bb_ranks_same(j->options->ranks, sum)) return BB_OK;
    return bb_fail(err, BB_ERR_IO, "%s: its ranks do not see the same recordings", j->path);
}

static bb_status spread(job *j, bb_error *err) {
    if (bb_ranks_count(j->options->ranks) == 1) return BB_OK;
    const double begun = bb_seconds();
    BB_TRY(bb_prepare_spread(j, err));
    j->report.prepare_s = bb_seconds() - begun;
    return BB_OK;
}

static bb_status run(job *j, bb_error *err) {
    BB_TRY(survey_all(j, err));
    BB_TRY(check_ranks(j, err));
    BB_TRY(open_existing(j, err));
    BB_TRY(spread(j, err));
    if (bb_ranks_me(j->options->ranks) != 0) {
        j->report = (bb_prepare_report){0};
        return BB_OK;
    }
    BB_TRY(take_sources(j, err));
    BB_TRY(join(j, err));
    bb_parts_remove(&j->folder, NULL);
    return BB_OK;
}

bb_status bb_prepare(const bb_sources *sources, const bb_prepare_options *options, const char *path,
                     bb_progress progress, void *progress_context, bb_prepare_report *report, bb_error *err) {
    const bb_recipe *r = &options->recipe;
    const size_t count = bb_sources_count(sources);
    job j = {
        .sources = sources,
        .options = options,
        .path = path,
        .format = {options->encoding, options->compress, (int64_t)(r->window_s * r->signal.rate_hz + 0.5)},
        .folder = {.lock = -1},
        .pieces = bb_calloc(count + 1, sizeof *j.pieces),
        .usable = bb_calloc(count, sizeof *j.usable),
        .work = bb_calloc(count, sizeof *j.work),
        .progress = progress,
        .progress_context = progress_context};
    bb_status status =
        j.pieces && j.usable && j.work ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    if (status == BB_OK) status = check_recipe(&j, err);
    if (status == BB_OK) status = open_folder(&j, err);
    if (status == BB_OK) status = run(&j, err);
    bb_parts_close(&j.folder);
    if (status == BB_OK) bb_ranks_barrier(options->ranks); /* the corpus is there for all */
    for (size_t i = 0; j.shares && i < count; ++i) bb_session_close(&j.shares[i].identity);
    bb_free(j.shares);
    for (size_t p = 0; p < j.piece_count; ++p) bb_piece_close(&j.pieces[p]);
    bb_free(j.pieces);
    bb_free(j.usable);
    bb_free(j.work);
    if (report) *report = j.report;
    return status;
}
