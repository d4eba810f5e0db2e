#include "embed/spread_key.h"

#include <sys/stat.h>

#include "base/error.h"
#include "base/key.h"
#include "brainbert/cpu.h"
#include "embed/chunk_plan.h"
#include "embed/feature_file.h"
#include "model/model.h"

/* The layout of the text and of chunks; another number makes every key another one. */
enum { KEY_VERSION = 1 };

static bb_status write_file(bb_key_text *text, const char *path, bb_error *err) {
    struct stat st;
    if (stat(path, &st) != 0) return bb_fail_errno(err, "%s: cannot look at it", path);
    bb_key_word(text, "file", path);
    fprintf(text->lines, "%lld bytes of %lld.%09ld\n", (long long)st.st_size, (long long)st.st_mtim.tv_sec,
            st.st_mtim.tv_nsec);
    return BB_OK;
}

bb_status bb_embed_identify(const bb_embed_source *source, bb_embed_identity *out, bb_error *err) {
    const bb_recording_info *r = bb_recording_get_info(source->recording);
    const bb_window_info *w = bb_window_stream_info(source->stream);
    bb_key_text text;
    bb_status status = BB_OK;
    BB_TRY(bb_key_begin(&text, err));
    bb_key_word(&text, "recording", r->path);
    for (size_t i = 0; i < r->file_count && status == BB_OK; ++i)
        status = write_file(&text, r->files[i], err);
    fprintf(text.lines, "%.17g Hz\n", r->rate_hz);
    for (size_t c = 0; c < w->channel_count; ++c) bb_key_word(&text, "channel", w->channels[c]);
    fprintf(text.lines, "%lld windows of %lld samples\n", (long long)w->windows, (long long)w->samples);
    for (int64_t i = 0; i < w->windows; ++i) fprintf(text.lines, "%.17g\n", w->start_s[i]);
    out->windows = w->windows;
    return bb_key_digest(&text, status, out->digest, err);
}

bb_status bb_embed_key(const bb_embed_job *job, const bb_feature_layout *layout,
                       const bb_embed_identity *recordings, char out[BB_SHA256_TEXT], bb_error *err) {
    char model[BB_SHA256_TEXT];
    bb_key_text text;
    BB_TRY(bb_model_digest(job->model, model, err));
    BB_TRY(bb_key_begin(&text, err));
    fprintf(text.lines, "brainbert chunks %d of program %s, %d each\nmodel %s\n", KEY_VERSION, bb_version(),
            BB_CHUNK_PAIRS, model);
    bb_key_word(&text, "recipe", layout->recipe_json);
    bb_key_word(&text, "asked", job->asked);
    fprintf(text.lines, "pooling %d %d\nprecision %s on %s\n%lld floats a window\n", (int)job->pooling.kind,
            job->pooling.segments, bb_precision_name(bb_encoder_precision(job->encoder)),
            bb_cpu_level_name(bb_cpu_current()), (long long)bb_layout_window_floats(layout));
    for (size_t i = 0; i < job->recordings; ++i) fprintf(text.lines, "recording %s\n", recordings[i].digest);
    return bb_key_digest(&text, BB_OK, out, err);
}
