#include "brainbert/windows.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "data/selection.h"
#include "data/soundness.h"

/* How much of the recording is read at a time: bounds the memory, and amortises the start of the threads. */
static const double block_s = 1.0;

struct bb_window_stream {
    bb_window_info info;
    bb_recording *recording;
    bb_chain *chain;
    size_t *inputs, *outputs; /* channel indices of the recording; output indices of the chain */
    size_t input_count;
    int threads;
    const char **names;
    size_t *sources;
    double *start_s;
    int64_t *starts; /* [windows], samples after resampling */
    size_t *onset_index;
    int64_t next, end;           /* windows to give out */
    int64_t input_samples, read; /* of the recording */
    double *block;               /* [inputs, block_samples] */
    int64_t block_samples;
    double *chunk; /* [chain outputs, chunk_capacity]: what one push gives */
    int64_t chunk_capacity;
    double *held; /* [channels, capacity]: samples first .. first + length */
    int64_t capacity, first, length;
    bb_soundness *soundness; /* of the blocks as they were read */
};

bb_window_options bb_window_options_default(void) {
    return (bb_window_options){.signal = bb_signal_recipe_default(), .default_window_s = 5};
}

/* ---------------------------------------------------------------- where the windows are */

typedef struct placed {
    int64_t start;
    size_t onset;
} placed;

static int compare_placed(const void *a, const void *b) {
    const placed *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return x->onset < y->onset ? -1 : x->onset > y->onset;
}

static bb_status reserve_windows(bb_window_stream *s, int64_t windows, bool onsets, bb_error *err) {
    s->starts = bb_calloc((size_t)windows, sizeof *s->starts);
    s->start_s = bb_calloc((size_t)windows, sizeof *s->start_s);
    s->onset_index = onsets ? bb_calloc((size_t)windows, sizeof *s->onset_index) : NULL;
    if (s->starts && s->start_s && (s->onset_index || !onsets)) return BB_OK;
    return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld windows", (long long)windows);
}

static bb_status place_by_onset(bb_window_stream *s, const bb_window_options *o, int64_t total,
                                bb_error *err) {
    BB_TRY(reserve_windows(s, (int64_t)o->onset_count, true, err));
    placed *all = bb_calloc(o->onset_count, sizeof *all);
    if (!all) return bb_fail(err, BB_ERR_MEMORY, "no memory for %zu onsets", o->onset_count);
    size_t n = 0;
    for (size_t i = 0; i < o->onset_count; ++i) {
        const double start = (o->onsets_s[i] + o->offset_s) * s->info.rate_hz;
        /* Half a sample of slack: a window that starts at 0 may be stated as -1e-9 s. */
        if (start > -0.5 && start < (double)total && llround(start) + s->info.samples <= total)
            all[n++] = (placed){llround(start), i};
    }
    s->info.dropped_onsets = o->onset_count - n;
    qsort(all, n, sizeof *all, compare_placed);
    for (size_t i = 0; i < n; ++i) {
        s->starts[i] = all[i].start;
        s->onset_index[i] = all[i].onset;
    }
    bb_free(all);
    s->info.windows = (int64_t)n;
    return BB_OK;
}

static bb_status place_by_stride(bb_window_stream *s, const bb_window_options *o, int64_t total,
                                 bb_error *err) {
    const double stride = (o->stride_s > 0 ? o->stride_s : s->info.window_s) * s->info.rate_hz;
    if (!(stride >= 1 && stride < 1e18))
        return bb_fail(err, BB_ERR_ARGUMENT, "expected a stride of at least one sample, found %g s",
                       o->stride_s);
    const int64_t windows = (int64_t)floor((double)(total - s->info.samples) / stride + 1e-9) + 1;
    BB_TRY(reserve_windows(s, windows, false, err));
    for (int64_t i = 0; i < windows; ++i) {
        const int64_t start = llround((double)i * stride);
        if (start + s->info.samples <= total) s->starts[s->info.windows++] = start;
    }
    return BB_OK;
}

static bb_status place_windows(bb_window_stream *s, const bb_window_options *o, bb_error *err) {
    const bb_recording_info *r = bb_recording_get_info(s->recording);
    const int64_t total = bb_chain_output_length(s->chain, s->input_samples);
    const double seconds = o->window_s > 0 ? o->window_s : o->default_window_s;
    s->info.rate_hz = o->signal.rate_hz;
    if (!(seconds > 0 && seconds < 1e9 && fabs(o->offset_s) < 1e9))
        return bb_fail(err, BB_ERR_ARGUMENT, "expected a window of more than 0 s, found %g s", seconds);
    s->info.samples = llround(seconds * s->info.rate_hz);
    if (o->window_s <= 0 && s->info.samples > total && !o->onsets_s) {
        s->info.whole_recording = true;
        s->info.samples = total;
    }
    if (s->info.samples < 1 || s->info.samples > total)
        return bb_fail(err, s->info.samples < 1 ? BB_ERR_ARGUMENT : BB_ERR_UNSUPPORTED,
                       "%s: expected a window of at most the recording's %g s, found %g s", r->path,
                       r->duration_s, seconds);
    s->info.window_s = (double)s->info.samples / s->info.rate_hz;
    BB_TRY(o->onsets_s ? place_by_onset(s, o, total, err) : place_by_stride(s, o, total, err));
    for (int64_t i = 0; i < s->info.windows; ++i) s->start_s[i] = (double)s->starts[i] / s->info.rate_hz;
    s->info.start_s = s->start_s;
    s->info.onset_index = s->onset_index;
    s->end = s->info.windows;
    return BB_OK;
}

/* ---------------------------------------------------------------- making */

static bb_status make_chain(bb_window_stream *s, const bb_window_options *o, bb_error *err) {
    const bb_recording_info *r = bb_recording_get_info(s->recording);
    bb_chain_channel *channels = NULL;
    bb_status status = bb_select_inputs(r, o->signal.reference, o->channels, o->bads, o->pass_absent,
                                        &s->inputs, &channels, &s->input_count, err);
    if (status == BB_OK) {
        status =
            bb_chain_create(&o->signal, r->rate_hz, channels, s->input_count, s->threads, &s->chain, err);
        if (status != BB_OK) bb_fail_prefix(err, status, r->path);
    }
    if (status == BB_OK)
        status = bb_select_outputs(s->chain, channels, s->input_count, o->channels, r->path, o->pass_absent,
                                   &s->outputs, &s->info.channel_count, err);
    bb_free(channels);
    if (status != BB_OK) return status;
    s->names = bb_calloc(s->info.channel_count, sizeof *s->names);
    s->sources = bb_calloc(s->info.channel_count, sizeof *s->sources);
    if (!s->names || !s->sources)
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for the channels' names", r->path);
    for (size_t i = 0; i < s->info.channel_count; ++i) {
        s->names[i] = bb_chain_output_name(s->chain, s->outputs[i]);
        s->sources[i] = s->inputs[bb_chain_output_source(s->chain, s->outputs[i])];
    }
    s->info.channels = s->names;
    s->info.sources = s->sources;
    s->soundness = bb_soundness_create(s->recording, s->chain, s->inputs, s->input_count, s->outputs,
                                       s->info.channel_count);
    if (!s->soundness) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for unsound stretches", r->path);
    s->input_samples = r->channels[s->inputs[0]].samples;
    for (size_t i = 1; i < s->input_count; ++i)
        if (r->channels[s->inputs[i]].samples < s->input_samples)
            s->input_samples = r->channels[s->inputs[i]].samples;
    return BB_OK;
}

static bb_status make_buffers(bb_window_stream *s, bb_error *err) {
    const bb_recording_info *r = bb_recording_get_info(s->recording);
    s->block_samples = (int64_t)ceil(block_s * r->rate_hz);
    if (s->block_samples > s->input_samples) s->block_samples = s->input_samples;
    s->chunk_capacity = bb_chain_capacity(s->chain, s->block_samples);
    s->capacity = s->info.samples + s->chunk_capacity;
    s->block = bb_calloc(s->input_count * (size_t)s->block_samples, sizeof *s->block);
    s->chunk = bb_calloc(bb_chain_output_count(s->chain) * (size_t)s->chunk_capacity, sizeof *s->chunk);
    s->held = bb_calloc(s->info.channel_count * (size_t)s->capacity, sizeof *s->held);
    if (s->block && s->chunk && s->held) return BB_OK;
    return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for windows of %lld samples of %zu channels", r->path,
                   (long long)s->info.samples, s->info.channel_count);
}

bb_status bb_window_stream_create(bb_recording *recording, const bb_window_options *options,
                                  bb_window_stream **out, bb_error *err) {
    *out = NULL;
    bb_window_stream *s = bb_calloc(1, sizeof *s);
    if (!s) return bb_fail(err, BB_ERR_MEMORY, "no memory for a window stream");
    s->recording = recording;
    s->threads = options->threads > 0 ? options->threads : omp_get_num_procs();
    bb_status status = make_chain(s, options, err);
    if (status == BB_OK) status = place_windows(s, options, err);
    if (status == BB_OK) status = make_buffers(s, err);
    if (status == BB_OK)
        *out = s;
    else
        bb_window_stream_destroy(s);
    return status;
}

void bb_window_stream_destroy(bb_window_stream *s) {
    if (!s) return;
    bb_chain_destroy(s->chain);
    bb_free(s->inputs);
    bb_free(s->outputs);
    bb_free(s->names);
    bb_free(s->sources);
    bb_free(s->starts);
    bb_free(s->start_s);
    bb_free(s->onset_index);
    bb_free(s->block);
    bb_free(s->chunk);
    bb_free(s->held);
    bb_soundness_destroy(s->soundness);
    bb_free(s);
}

const bb_window_info *bb_window_stream_info(const bb_window_stream *s) { return &s->info; }

int64_t bb_window_stream_repaired(const bb_window_stream *s) { return bb_chain_repaired(s->chain); }

const unsigned char *bb_window_stream_unsound(const bb_window_stream *s) {
    return bb_soundness_window(s->soundness);
}

const bb_unsound_seconds *bb_window_stream_unsound_seconds(bb_window_stream *s, size_t *count) {
    *count = s->input_count;
    return bb_soundness_seconds(s->soundness);
}

/* ---------------------------------------------------------------- streaming */

/* Drops what lies before sample `start`. */
static void forget(bb_window_stream *s, int64_t start) {
    bb_soundness_forget(s->soundness, (double)start / s->info.rate_hz);
    int64_t gone = start - s->first;
    if (gone <= 0) return;
    if (gone > s->length) gone = s->length;
    s->length -= gone;
    s->first += gone;
    for (size_t c = 0; c < s->info.channel_count; ++c)
        memmove(s->held + (int64_t)c * s->capacity, s->held + (int64_t)c * s->capacity + gone,
                (size_t)s->length * sizeof *s->held);
}

static void hold(bb_window_stream *s, int64_t produced) {
    for (size_t c = 0; c < s->info.channel_count; ++c)
        memcpy(s->held + (int64_t)c * s->capacity + s->length,
               s->chunk + (int64_t)s->outputs[c] * s->chunk_capacity, (size_t)produced * sizeof *s->held);
    s->length += produced;
}

/* Reads one block more, or what the chain still holds after the last. */
static bb_status advance(bb_window_stream *s, bb_error *err) {
    int64_t produced = 0;
    if (s->read < s->input_samples) {
        const int64_t left = s->input_samples - s->read,
                      count = left < s->block_samples ? left : s->block_samples;
        BB_TRY(bb_recording_read(s->recording, s->inputs, s->input_count, s->read, count, s->block, err));
        BB_TRY(bb_soundness_push(s->soundness, s->block, count, s->threads, err));
        BB_TRY(bb_chain_push(s->chain, s->block, count, s->chunk, s->chunk_capacity, &produced, err));
        s->read += count;
    } else {
        BB_TRY(bb_chain_flush(s->chain, s->chunk, s->chunk_capacity, &produced, err));
        if (produced == 0)
            return bb_fail(err, BB_ERR_FORMAT, "the signal chain ended before its last window");
    }
    hold(s, produced);
    return BB_OK;
}

void bb_window_stream_pass_to(bb_window_stream *s, int64_t first, int64_t end) {
    if (first > s->next) s->next = first < s->info.windows ? first : s->info.windows;
    s->end = end < s->info.windows ? end : s->info.windows;
    if (s->end < s->next) s->end = s->next;
}

bb_status bb_window_stream_next(bb_window_stream *s, const double **data, int64_t *stride, bb_error *err) {
    *data = NULL;
    *stride = s->capacity;
    if (s->next == s->end) return BB_OK;
    const int64_t start = s->starts[s->next], end = start + s->info.samples;
    forget(s, start);
    while (s->first + s->length < end) {
        BB_TRY(advance(s, err));
        forget(s, start);
    }
    ++s->next;
    /* The resampler gives no sample before it has seen some hundred more than lie before that one's time, so
     * all that was recorded during the window has been looked at. */
    bb_soundness_judge(s->soundness, (double)start / s->info.rate_hz, (double)end / s->info.rate_hz);
    *data = s->held + (start - s->first);
    return BB_OK;
}
