#include "embed/spread_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "brainbert/cpu.h"
#include "embed/chunk_plan.h"
#include "embed/feature_file.h"
#include "model/model.h"

/* The layout of the text and of chunks; another number makes every key another one. */
enum { KEY_VERSION = 1 };

/* A word of any bytes: its length tells where it ends. */
static void write_word(FILE *text, const char *what, const char *word) {
    if (word)
        fprintf(text, "%s %zu %s\n", what, strlen(word), word);
    else
        fprintf(text, "%s none\n", what);
}

/* Closes the text; its digest, if all went well so far. */
static bb_status digest_text(FILE *stream, char **text, bb_status status, char out[BB_SHA256_TEXT],
                             bb_error *err) {
    const bool whole = fclose(stream) == 0 && *text;
    if (status == BB_OK && (!whole || !bb_sha256_of_text(*text, out)))
        status = bb_fail(err, BB_ERR_MEMORY, "no memory for a key of features");
    free(*text);
    return status;
}

static bb_status write_file(FILE *text, const char *path, bb_error *err) {
    struct stat st;
    if (stat(path, &st) != 0) return bb_fail_errno(err, "%s: cannot look at it", path);
    write_word(text, "file", path);
    fprintf(text, "%lld bytes of %lld.%09ld\n", (long long)st.st_size, (long long)st.st_mtim.tv_sec,
            st.st_mtim.tv_nsec);
    return BB_OK;
}

bb_status bb_embed_identify(const bb_embed_source *source, bb_embed_identity *out, bb_error *err) {
    const bb_recording_info *r = bb_recording_get_info(source->recording);
    const bb_window_info *w = bb_window_stream_info(source->stream);
    char *lines = NULL;
    size_t size;
    FILE *text = open_memstream(&lines, &size);
    bb_status status = BB_OK;
    if (!text) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->path);
    write_word(text, "recording", r->path);
    for (size_t i = 0; i < r->file_count && status == BB_OK; ++i) status = write_file(text, r->files[i], err);
    fprintf(text, "%.17g Hz\n", r->rate_hz);
    for (size_t c = 0; c < w->channel_count; ++c) write_word(text, "channel", w->channels[c]);
    fprintf(text, "%lld windows of %lld samples\n", (long long)w->windows, (long long)w->samples);
    for (int64_t i = 0; i < w->windows; ++i) fprintf(text, "%.17g\n", w->start_s[i]);
    out->windows = w->windows;
    return digest_text(text, &lines, status, out->digest, err);
}

bb_status bb_embed_key(const bb_embed_job *job, const bb_feature_layout *layout,
                       const bb_embed_identity *recordings, char out[BB_SHA256_TEXT], bb_error *err) {
    char *lines = NULL, model[BB_SHA256_TEXT];
    size_t size;
    BB_TRY(bb_model_digest(job->model, model, err));
    FILE *text = open_memstream(&lines, &size);
    if (!text) return bb_fail(err, BB_ERR_MEMORY, "no memory for a key of features");
    fprintf(text, "brainbert chunks %d of program %s, %d each\nmodel %s\n", KEY_VERSION, bb_version(),
            BB_CHUNK_PAIRS, model);
    write_word(text, "recipe", layout->recipe_json);
    write_word(text, "asked", job->asked);
    fprintf(text, "pooling %d %d\nprecision %s on %s\n%lld floats a window\n", (int)job->pooling.kind,
            job->pooling.segments, bb_precision_name(bb_encoder_precision(job->encoder)),
            bb_cpu_level_name(bb_cpu_current()), (long long)bb_layout_window_floats(layout));
    for (size_t i = 0; i < job->recordings; ++i) fprintf(text, "recording %s\n", recordings[i].digest);
    return digest_text(text, &lines, BB_OK, out, err);
}
