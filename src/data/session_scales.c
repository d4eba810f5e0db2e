#include "brainbert/session.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

struct bb_session_scales {
    bb_session_scale *list; /* [C] */
    double *numbers;        /* [C, 2, F]: means, standard deviations */
};

typedef struct measurer {
    bb_recording *recording;
    bb_window_options options;
    bb_spectrogram_plan *plan;
    int threads, bins;
    bool pooled; /* the channels are trials of one electrode */
    bb_progress progress;
    void *progress_context;
    bb_window_stream *stream; /* of the pass under way */
    const bb_window_info *info;
    int64_t channels, frames;
    size_t scratch_bytes;
    char *scratch;             /* [threads] */
    float *magnitudes;         /* [threads, T, F] */
    bb_moments *sound, *every; /* [C] voltages of sound windows, of all */
    bb_moments *logs;          /* [C, F] */
    bb_session_scales *scales;
} measurer;

typedef void (*take_window)(measurer *m, int64_t channel, const double *x, bool sound);

/* ---------------------------------------------------------------- the two passes */

static void take_voltage(measurer *m, int64_t c, const double *x, bool sound) {
    const bb_moments window = bb_moments_of(x, m->info->samples);
    bb_moments_add(&m->every[c], &window);
    if (sound) bb_moments_add(&m->sound[c], &window);
}

static void take_logs(measurer *m, int64_t c, const double *x, bool sound) {
    const int thread = omp_get_thread_num();
    float *magnitudes = m->magnitudes + thread * m->frames * m->bins;
    bb_error never;
    if (!sound && m->sound[c].count > 0) return;
    bb_spectrogram_compute(m->plan, x, m->info->samples, NULL, m->scratch + (size_t)thread * m->scratch_bytes,
                           magnitudes, &never);
    bb_session_gather(magnitudes, m->frames, m->bins, m->scales->list[c].floor_uv, m->logs + c * m->bins);
}

/* Each channel's windows are taken in order, by one thread at a time. */
static bb_status take_all(measurer *m, take_window take, int pass, bb_error *err) {
    const int64_t all = m->info->windows * m->channels;
    for (int64_t window = 0;; ++window) {
        const double *data;
        int64_t stride;
        BB_TRY(bb_window_stream_next(m->stream, &data, &stride, err));
        if (!data) return BB_OK;
        const unsigned char *unsound = bb_window_stream_unsound(m->stream);
#pragma omp parallel for num_threads(m->threads) schedule(dynamic)
        for (int64_t c = 0; c < m->channels; ++c) take(m, c, data + c * stride, !unsound[c]);
        if (m->progress &&
            m->progress(m->progress_context, pass * all + (window + 1) * m->channels, 2 * all) != 0)
            return bb_fail(err, BB_ERR_CANCELLED, "stopped");
    }
}

/* ---------------------------------------------------------------- what they need and give */

static bb_status open_stream(measurer *m, bb_error *err) {
    bb_window_stream_destroy(m->stream);
    m->stream = NULL;
    BB_TRY(bb_window_stream_create(m->recording, &m->options, &m->stream, err));
    m->info = bb_window_stream_info(m->stream);
    return BB_OK;
}

static bb_status allocate(measurer *m, bb_error *err) {
    const size_t C = m->info->channel_count, F = (size_t)m->bins;
    m->channels = (int64_t)C;
    m->frames = bb_spectrogram_frames(m->plan, m->info->samples);
    if (m->frames < 1)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: windows of %g s leave no spectrogram frame",
                       bb_recording_get_info(m->recording)->path, m->info->window_s);
    m->scratch_bytes = bb_spectrogram_scratch(m->plan, m->info->samples);
    m->scratch = bb_calloc((size_t)m->threads, m->scratch_bytes);
    m->magnitudes = bb_calloc((size_t)m->threads * (size_t)m->frames * F, sizeof *m->magnitudes);
    m->sound = bb_calloc(C, sizeof *m->sound);
    m->every = bb_calloc(C, sizeof *m->every);
    m->logs = bb_calloc(C * F, sizeof *m->logs);
    m->scales = bb_calloc(1, sizeof *m->scales);
    if (m->scales) m->scales->list = bb_calloc(C, sizeof *m->scales->list);
    if (m->scales) m->scales->numbers = bb_calloc(C * 2 * F, sizeof *m->scales->numbers);
    return m->scratch && m->magnitudes && m->sound && m->every && m->logs && m->scales && m->scales->list &&
                   m->scales->numbers
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for statistics of %zu channels", C);
}

/* moments [C, width]: every channel's become those of all channels. */
static void pool_channels(bb_moments *moments, int64_t channels, int width) {
    for (int64_t c = 1; c < channels; ++c)
        for (int i = 0; i < width; ++i) bb_moments_add(&moments[i], &moments[c * width + i]);
    for (int64_t c = 1; c < channels; ++c)
        memcpy(moments + c * width, moments, (size_t)width * sizeof *moments);
}

static void set_floors(measurer *m) {
    for (int64_t c = 0; c < m->channels; ++c) {
        const bb_moments *v = m->sound[c].count > 0 ? &m->sound[c] : &m->every[c];
        m->scales->list[c].floor_uv = bb_session_floor(v->count > 0 ? sqrt(v->squares / v->count) : 0);
    }
}

static void set_logs(measurer *m) {
    for (int64_t c = 0; c < m->channels; ++c) {
        double *mean = m->scales->numbers + c * 2 * m->bins, *sd = mean + m->bins;
        for (int f = 0; f < m->bins; ++f) {
            mean[f] = m->logs[c * m->bins + f].mean;
            sd[f] = bb_moments_sd(&m->logs[c * m->bins + f]);
        }
        m->scales->list[c].mean = mean;
        m->scales->list[c].sd = sd;
    }
}

static bb_status measure(measurer *m, const bb_spectrogram_recipe *recipe, bb_error *err) {
    bb_spectrogram_recipe plain = *recipe;
    plain.normalization = BB_NORMALIZE_NONE;
    BB_TRY(bb_spectrogram_plan_create(&plain, &m->plan, err));
    BB_TRY(open_stream(m, err));
    BB_TRY(allocate(m, err));
    BB_TRY(take_all(m, take_voltage, 0, err));
    if (m->pooled) {
        pool_channels(m->sound, m->channels, 1);
        pool_channels(m->every, m->channels, 1);
    }
    set_floors(m);
    BB_TRY(open_stream(m, err));
    BB_TRY(take_all(m, take_logs, 1, err));
    if (m->pooled) pool_channels(m->logs, m->channels, m->bins);
    set_logs(m);
    return BB_OK;
}

static bb_status run(measurer m, const bb_spectrogram_recipe *recipe, bb_session_scales **out,
                     bb_error *err) {
    m.threads = m.options.threads > 0 ? m.options.threads : omp_get_num_procs();
    m.bins = recipe->bins;
    m.options.onsets_s = NULL;
    m.options.onset_count = 0;
    m.options.stride_s = 0;
    const bb_status status = measure(&m, recipe, err);
    *out = status == BB_OK ? m.scales : NULL;
    if (status != BB_OK) bb_session_scales_destroy(m.scales);
    bb_window_stream_destroy(m.stream);
    bb_spectrogram_plan_destroy(m.plan);
    bb_free(m.scratch);
    bb_free(m.magnitudes);
    bb_free(m.sound);
    bb_free(m.every);
    bb_free(m.logs);
    return status;
}

bb_status bb_session_measure(bb_recording *recording, const bb_window_options *options,
                             const bb_spectrogram_recipe *recipe, bb_progress progress,
                             void *progress_context, bb_session_scales **out, bb_error *err) {
    return run((measurer){.recording = recording,
                          .options = *options,
                          .progress = progress,
                          .progress_context = progress_context},
               recipe, out, err);
}

bb_status bb_session_measure_pooled(bb_recording *recording, const bb_window_options *options,
                                    const bb_spectrogram_recipe *recipe, bb_progress progress,
                                    void *progress_context, bb_session_scales **out, bb_error *err) {
    return run((measurer){.recording = recording,
                          .options = *options,
                          .pooled = true,
                          .progress = progress,
                          .progress_context = progress_context},
               recipe, out, err);
}

void bb_session_scales_destroy(bb_session_scales *s) {
    if (!s) return;
    bb_free(s->list);
    bb_free(s->numbers);
    bb_free(s);
}

const bb_session_scale *bb_session_scales_get(const bb_session_scales *s) { return s->list; }
