#include "brainbert/dimension.h"

#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Spectrograms given to the encoder at once, as bb_embed does. */
enum { BATCH = 16 };

/* The windows of one electrode: rows of each kind, one behind the other. */
typedef struct electrode {
    float *rows[BB_DIMENSIONS];
    size_t room[BB_DIMENSIONS]; /* floats */
    int64_t windows;
    bool measured;
} electrode;

struct bb_dimensions {
    bb_dimension_options options;
    int64_t frames, size[BB_DIMENSIONS]; /* floats a row; 0: not kept */
    electrode *list;
    size_t count, room;
};

bb_dimension_options bb_dimension_options_default(void) {
    return (bb_dimension_options){.windows = 500, .share = 0.95};
}

bb_status bb_dimensions_create(int64_t frames, int bins, int hidden_dim, const bb_dimension_options *options,
                               bb_dimensions **out, bb_error *err) {
    *out = NULL;
    if (frames < 1 || bins < 1 || hidden_dim < 1)
        return bb_fail(err, BB_ERR_ARGUMENT, "dimension: a window of %lld frames, %d bins and %d features",
                       (long long)frames, bins, hidden_dim);
    if (options->windows < 2 || options->windows > BB_DIMENSION_WINDOWS_MOST)
        return bb_fail(err, BB_ERR_ARGUMENT, "dimension: expected 2 to %d windows, found %lld",
                       BB_DIMENSION_WINDOWS_MOST, (long long)options->windows);
    if (!(options->share > 0 && options->share < 1))
        return bb_fail(err, BB_ERR_ARGUMENT, "dimension: expected a share between 0 and 1, found %g",
                       options->share);
    bb_dimensions *d = bb_calloc(1, sizeof *d);
    if (!d) return bb_fail(err, BB_ERR_MEMORY, "no memory");
    d->options = *options;
    if (d->options.threads <= 0) d->options.threads = omp_get_num_procs();
    d->frames = frames;
    d->size[BB_DIMENSION_EMBEDDINGS] = hidden_dim;
    d->size[BB_DIMENSION_SPECTROGRAM] = bins;
    d->size[BB_DIMENSION_FRAMES] = options->frames ? frames * bins : 0;
    *out = d;
    return BB_OK;
}

static void forget_windows(electrode *one) {
    for (int k = 0; k < BB_DIMENSIONS; ++k) {
        bb_free(one->rows[k]);
        one->rows[k] = NULL;
        one->room[k] = 0;
    }
    one->windows = 0;
}

void bb_dimensions_destroy(bb_dimensions *dimensions) {
    if (!dimensions) return;
    for (size_t i = 0; i < dimensions->count; ++i) forget_windows(&dimensions->list[i]);
    bb_free(dimensions->list);
    bb_free(dimensions);
}

bb_status bb_dimensions_add_electrode(bb_dimensions *dimensions, size_t *electrode_index, bb_error *err) {
    bb_dimensions *d = dimensions;
    if (bb_grow((void **)&d->list, &d->room, d->count + 1, sizeof *d->list) != 0)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %zu electrodes", d->count + 1);
    *electrode_index = d->count++;
    return BB_OK;
}

int64_t bb_dimensions_wanted(const bb_dimensions *dimensions, size_t electrode_index) {
    const electrode *one = &dimensions->list[electrode_index];
    return one->measured ? 0 : dimensions->options.windows - one->windows;
}

/* The mean over frames of [T,F]. */
static void average_frames(const float *spectrogram, int64_t frames, int64_t bins, float *out) {
    for (int64_t f = 0; f < bins; ++f) {
        double sum = 0;
        for (int64_t t = 0; t < frames; ++t) sum += (double)spectrogram[t * bins + f];
        out[f] = (float)(sum / (double)frames);
    }
}

bb_status bb_dimensions_add_window(bb_dimensions *dimensions, size_t electrode_index, const float *embedding,
                                   const float *spectrogram, bb_error *err) {
    const bb_dimensions *d = dimensions;
    electrode *one = &d->list[electrode_index];
    if (bb_dimensions_wanted(d, electrode_index) <= 0) return BB_OK;
    for (int k = 0; k < BB_DIMENSIONS; ++k)
        if (bb_grow((void **)&one->rows[k], &one->room[k], (size_t)((one->windows + 1) * d->size[k]),
                    sizeof *one->rows[k]) != 0)
            return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld windows of an electrode",
                           (long long)one->windows + 1);
    float *next[BB_DIMENSIONS];
    for (int k = 0; k < BB_DIMENSIONS; ++k)
        next[k] = d->size[k] > 0 ? one->rows[k] + one->windows * d->size[k] : NULL;
    const int64_t bins = d->size[BB_DIMENSION_SPECTROGRAM];
    memcpy(next[BB_DIMENSION_EMBEDDINGS], embedding,
           (size_t)d->size[BB_DIMENSION_EMBEDDINGS] * sizeof *embedding);
    average_frames(spectrogram, d->frames, bins, next[BB_DIMENSION_SPECTROGRAM]);
    if (next[BB_DIMENSION_FRAMES])
        memcpy(next[BB_DIMENSION_FRAMES], spectrogram, (size_t)(d->frames * bins) * sizeof *spectrogram);
    ++one->windows;
    return BB_OK;
}

/* ---------------------------------------------------------------- gathering */

typedef struct gatherer {
    bb_dimensions *d;
    const size_t *electrodes;
    bb_encoder *encoder;
    int64_t channels;
    float *spectrograms; /* [channels,T,F] */
    float *embeddings;   /* [BATCH,D] */
    size_t *chosen;      /* [channels] of this window */
    int64_t *left_out;
} gatherer;

/* Windows still wanted by the channel that wants most. */
static int64_t most_wanted(const gatherer *g) {
    int64_t most = 0;
    for (int64_t c = 0; c < g->channels; ++c) {
        const int64_t wanted = bb_dimensions_wanted(g->d, g->electrodes[c]);
        most = wanted > most ? wanted : most;
    }
    return most;
}

/* The channels whose window is sound and wanted, their spectrograms moved to the front. */
static int64_t choose(gatherer *g, const unsigned char *unsound) {
    const int64_t size = g->d->frames * g->d->size[BB_DIMENSION_SPECTROGRAM];
    int64_t count = 0;
    for (int64_t c = 0; c < g->channels; ++c) {
        if (bb_dimensions_wanted(g->d, g->electrodes[c]) <= 0) continue;
        if (unsound[c]) {
            ++*g->left_out;
            continue;
        }
        if (count < c)
            memcpy(g->spectrograms + count * size, g->spectrograms + c * size, (size_t)size * sizeof(float));
        g->chosen[count++] = g->electrodes[c];
    }
    return count;
}

static bb_status encode(gatherer *g, int64_t count, bb_error *err) {
    static const bb_pooling mean = {.kind = BB_POOL_MEAN};
    const int64_t D = g->d->size[BB_DIMENSION_EMBEDDINGS],
                  size = g->d->frames * g->d->size[BB_DIMENSION_SPECTROGRAM];
    for (int64_t c = 0; c < count; c += BATCH) {
        const bb_batch batch = {.spectrograms = g->spectrograms + c * size,
                                .windows = count - c < BATCH ? count - c : BATCH,
                                .frames = g->d->frames};
        BB_TRY(bb_encoder_pool(g->encoder, &batch, &mean, g->embeddings, err));
        for (int64_t i = 0; i < batch.windows; ++i)
            BB_TRY(bb_dimensions_add_window(g->d, g->chosen[c + i], g->embeddings + i * D,
                                            batch.spectrograms + i * size, err));
    }
    return BB_OK;
}

static bb_status gather(gatherer *g, bb_window_stream *stream, const bb_spectrogram_plan *plan,
                        const bb_session_scale *sessions, void *scratch, bb_progress progress, void *context,
                        bb_error *err) {
    const bb_window_info *info = bb_window_stream_info(stream);
    const int64_t wanted = most_wanted(g), expected = wanted < info->windows ? wanted : info->windows;
    for (int64_t window = 0; most_wanted(g) > 0; ++window) {
        const double *data;
        int64_t stride;
        BB_TRY(bb_window_stream_next(stream, &data, &stride, err));
        if (!data) return BB_OK;
        BB_TRY(bb_spectrogram_compute_many(plan, data, stride, g->channels, info->samples, sessions,
                                           g->d->options.threads, scratch, g->spectrograms, err));
        BB_TRY(encode(g, choose(g, bb_window_stream_unsound(stream)), err));
        const int64_t done = window + 1 < expected ? window + 1 : expected;
        if (progress && progress(context, done * g->channels, expected * g->channels))
            return bb_fail(err, BB_ERR_CANCELLED, "stopped");
    }
    return BB_OK;
}

static bb_status check_shapes(const bb_dimensions *d, const bb_window_info *info,
                              const bb_spectrogram_plan *plan, const bb_encoder *encoder, bb_error *err) {
    const int64_t frames = bb_spectrogram_frames(plan, info->samples);
    const int bins = bb_spectrogram_plan_recipe(plan)->bins, D = bb_encoder_config(encoder)->hidden_dim;
    if (frames == d->frames && bins == d->size[BB_DIMENSION_SPECTROGRAM] &&
        bins == bb_encoder_config(encoder)->input_dim && D == d->size[BB_DIMENSION_EMBEDDINGS])
        return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "dimension: expected windows of %lld frames, %lld bins and %lld features, found %lld, %d "
                   "(the encoder takes %d) and %d",
                   (long long)d->frames, (long long)d->size[BB_DIMENSION_SPECTROGRAM],
                   (long long)d->size[BB_DIMENSION_EMBEDDINGS], (long long)frames, bins,
                   bb_encoder_config(encoder)->input_dim, D);
}

bb_status bb_dimensions_gather(bb_dimensions *dimensions, bb_window_stream *stream, const size_t *electrodes,
                               const bb_spectrogram_plan *plan, const bb_session_scale *sessions,
                               bb_encoder *encoder, int64_t *left_out, bb_progress progress,
                               void *progress_context, bb_error *err) {
    bb_dimensions *d = dimensions;
    const bb_window_info *info = bb_window_stream_info(stream);
    BB_TRY(check_shapes(d, info, plan, encoder, err));
    const size_t C = info->channel_count, size = (size_t)(d->frames * d->size[BB_DIMENSION_SPECTROGRAM]);
    gatherer g = {d, electrodes, encoder, (int64_t)C, NULL, NULL, NULL, left_out};
    g.spectrograms = bb_calloc(C * size, sizeof *g.spectrograms);
    g.embeddings = bb_calloc((size_t)(BATCH * d->size[BB_DIMENSION_EMBEDDINGS]), sizeof *g.embeddings);
    g.chosen = bb_calloc(C, sizeof *g.chosen);
    void *scratch = bb_calloc((size_t)d->options.threads, bb_spectrogram_scratch(plan, info->samples));
    *left_out = 0;
    const bb_status status =
        g.spectrograms && g.embeddings && g.chosen && scratch
            ? gather(&g, stream, plan, sessions, scratch, progress, progress_context, err)
            : bb_fail(err, BB_ERR_MEMORY, "no memory for %zu channels", C);
    bb_free(g.spectrograms);
    bb_free(g.embeddings);
    bb_free(g.chosen);
    bb_free(scratch);
    return status;
}

/* ---------------------------------------------------------------- measuring */

void bb_dimension_free(bb_dimension *dimension) {
    for (int k = 0; k < BB_DIMENSIONS; ++k) bb_free(dimension->ratios[k]);
    *dimension = (bb_dimension){0};
}

static bb_status measure_kind(const bb_dimensions *d, const electrode *one, int kind, bb_dimension *out,
                              bb_error *err) {
    const int64_t count = one->windows < d->size[kind] ? one->windows : d->size[kind];
    if (one->windows < 2 || count < 1) return BB_OK;
    out->ratios[kind] = bb_calloc((size_t)count, sizeof *out->ratios[kind]);
    if (!out->ratios[kind]) return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld ratios", (long long)count);
    BB_TRY(bb_pca_ratios_f32(one->rows[kind], one->windows, d->size[kind], d->options.threads,
                             out->ratios[kind], err));
    out->count[kind] = count;
    out->value[kind] = bb_intrinsic_dimension(out->ratios[kind], count, d->options.share);
    return BB_OK;
}

bb_status bb_dimensions_measure(bb_dimensions *dimensions, size_t electrode_index, bb_dimension *out,
                                bb_error *err) {
    electrode *one = &dimensions->list[electrode_index];
    *out = (bb_dimension){.windows = one->windows};
    bb_status status = BB_OK;
    for (int k = 0; k < BB_DIMENSIONS && status == BB_OK; ++k)
        status = measure_kind(dimensions, one, k, out, err);
    if (status != BB_OK) {
        bb_dimension_free(out);
        return status;
    }
    forget_windows(one);
    one->measured = true;
    return BB_OK;
}
