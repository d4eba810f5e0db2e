#include "features/survey.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static bb_status copy_channels(const bb_window_info *w, bb_survey *s, bb_error *err) {
    bool complete = true;
    s->channels = (int64_t)w->channel_count;
    s->names = bb_calloc(w->channel_count, sizeof *s->names);
    s->sources = bb_calloc(w->channel_count, sizeof *s->sources);
    for (size_t c = 0; s->names && complete && c < w->channel_count; ++c)
        complete = (s->names[c] = bb_strdup(w->channels[c])) != NULL;
    if (!s->names || !s->sources || !complete)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for the names of %zu channels", w->channel_count);
    memcpy(s->sources, w->sources, w->channel_count * sizeof *s->sources);
    return BB_OK;
}

static bb_status copy_windows(const bb_window_info *w, size_t onsets, bb_survey *s, bb_error *err) {
    s->windows = w->windows;
    s->rows = w->onset_index ? (int64_t)onsets : w->windows;
    s->start_s = bb_calloc((size_t)s->rows, sizeof *s->start_s);
    s->row_of = bb_calloc((size_t)s->windows, sizeof *s->row_of);
    if (!s->start_s || !s->row_of)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld windows", (long long)s->rows);
    for (int64_t row = 0; row < s->rows; ++row) s->start_s[row] = NAN;
    for (int64_t i = 0; i < s->windows; ++i) {
        s->row_of[i] = w->onset_index ? (int64_t)w->onset_index[i] : i;
        s->start_s[s->row_of[i]] = w->start_s[i];
    }
    return BB_OK;
}

bb_status bb_survey_take(bb_recording *recording, const bb_window_options *options, bb_survey *out,
                         bb_error *err) {
    *out = (bb_survey){0};
    bb_window_stream *stream;
    BB_TRY(bb_window_stream_create(recording, options, &stream, err));
    const bb_window_info *w = bb_window_stream_info(stream);
    out->samples = w->samples;
    out->rate_hz = w->rate_hz;
    out->window_s = w->window_s;
    bb_status status = copy_channels(w, out, err);
    if (status == BB_OK) status = copy_windows(w, options->onset_count, out, err);
    bb_window_stream_destroy(stream);
    if (status != BB_OK) bb_survey_free(out);
    return status;
}

void bb_survey_free(bb_survey *s) {
    for (int64_t c = 0; s->names && c < s->channels; ++c) bb_free(s->names[c]);
    bb_free(s->names);
    bb_free(s->sources);
    bb_free(s->start_s);
    bb_free(s->row_of);
    *s = (bb_survey){0};
}
