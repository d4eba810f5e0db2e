#include "features/job.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "features/spread.h"
#include "model/pooling.h"

/* ---------------------------------------------------------------- planning */

static bb_status plan_spectrogram(bb_job *j, bb_error *err) {
    bb_feature_spec *s = &j->spec;
    const bb_model_info *m = s->model ? bb_model_get_info(s->model) : NULL;
    if (s->kind == BB_FEATURE_ENCODER && !m)
        return bb_fail(err, BB_ERR_ARGUMENT, "encoder: expected a model, found none");
    if (m && s->recipe.bins == 0) s->recipe = m->recipe.spectrogram;
    if (m && s->recipe.bins != m->config.input_dim)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected spectrograms of the model's %d bins, found %d",
                       m->path, m->config.input_dim, s->recipe.bins);
    BB_TRY(bb_spectra_find(j->spectra, &s->recipe, j->survey, &j->spectrum, err));
    j->frames = j->spectra->list[j->spectrum].frames;
    j->bins = s->recipe.bins;
    if (bb_pooling_segments(&s->pooling) > j->frames)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "a window has %lld frames: expected as many segments at most, found %d",
                       (long long)j->frames, s->pooling.segments);
    j->dim = bb_pooling_size(&s->pooling, j->frames, m ? m->config.hidden_dim : s->recipe.bins);
    return BB_OK;
}

static bb_status plan_voltage(bb_job *j, bb_error *err) {
    const bb_survey *v = j->survey;
    j->samples = j->spec.seconds > 0 ? llround(j->spec.seconds * v->rate_hz) : v->samples;
    if (j->samples < 1 || j->samples > v->samples)
        return bb_fail(err, BB_ERR_ARGUMENT, "voltage: expected at most the window's %g s, found %g s",
                       v->window_s, j->spec.seconds);
    j->first_sample = (v->samples - j->samples) / 2;
    if (bb_pooling_segments(&j->spec.pooling) > j->samples)
        return bb_fail(err, BB_ERR_ARGUMENT, "voltage: expected at most %lld segments, found %d",
                       (long long)j->samples, j->spec.pooling.segments);
    j->dim = bb_pooling_size(&j->spec.pooling, j->samples, 1);
    return BB_OK;
}

static bb_status plan_bands(bb_job *j, bb_error *err) {
    const int segments = bb_pooling_segments(&j->spec.pooling);
    j->dim = (int64_t)segments * BB_BANDS;
    return bb_band_power_create(j->survey->samples, segments, j->survey->rate_hz, &j->bands, err);
}

bb_status bb_job_plan(const bb_feature_spec *spec, const bb_survey *survey, bb_spectra *spectra, bb_job *out,
                      bb_error *err) {
    *out = (bb_job){.spec = *spec, .survey = survey, .spectra = spectra};
    if (spec->kind != BB_FEATURE_ENCODER) out->spec.model = NULL, out->spec.precision = BB_PRECISION_F32;
    BB_TRY(bb_feature_spec_check(spec, err));
    switch (spec->kind) {
    case BB_FEATURE_ENCODER:
    case BB_FEATURE_SPECTROGRAM:
        return plan_spectrogram(out, err);
    case BB_FEATURE_VOLTAGE:
        return plan_voltage(out, err);
    case BB_FEATURE_BAND_POWER:
        return plan_bands(out, err);
    }
    return bb_fail(err, BB_ERR_ARGUMENT, "features: unknown kind %d", (int)spec->kind);
}

/* ---------------------------------------------------------------- at work */

static bb_status take_encoded(void *context, int64_t first, int64_t count, const float *features,
                              bb_error *err) {
    bb_job *j = context;
    const int64_t C = j->survey->channels;
    for (int64_t i = first; i < first + count; ++i, features += j->dim)
        BB_TRY(bb_cache_write(j->writer, i % C, j->survey->row_of[j->first_window + i / C], features, err));
    return j->watch ? j->watch(j->watch_context, count, err) : BB_OK;
}

bb_status bb_job_open(bb_job *j, bb_encoder *encoder, int threads, bb_error *err) {
    const bb_cache_head head = bb_feature_set_head(j->set, j->key);
    BB_TRY(bb_cache_create(j->path, &head, &j->writer, err));
    if (encoder)
        return bb_encode_queue_create(encoder, &j->spec.pooling, j->frames, threads, take_encoded, j,
                                      &j->queue, err);
    j->rows = bb_calloc((size_t)(j->survey->channels * j->dim), sizeof *j->rows);
    if (j->bands) j->scratch = bb_calloc((size_t)threads, bb_band_power_scratch(j->bands));
    return j->rows && (j->scratch || !j->bands)
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for features of %lld channels",
                         (long long)j->survey->channels);
}

static void pool_voltage(const bb_job *j, const double *x, float *out) {
    const bool every = j->spec.pooling.kind == BB_POOL_NONE;
    const int64_t K = every ? j->samples : bb_pooling_segments(&j->spec.pooling);
    x += j->first_sample;
    for (int64_t k = 0; k < K; ++k) {
        const int64_t first = k * j->samples / K, end = (k + 1) * j->samples / K;
        double sum = 0;
        for (int64_t t = first; t < end; ++t) sum += x[t];
        out[k] = (float)(sum / (double)(end - first));
    }
}

static void pool_spectrogram(const bb_job *j, const float *x, float *out) {
    const bb_frame_range range = bb_pooling_range(&j->spec.pooling, j->frames);
    if (j->spec.pooling.kind == BB_POOL_NONE)
        memcpy(out, x, (size_t)j->dim * sizeof *out);
    else
        bb_pool_rows(&j->spec.pooling, x + range.first * j->bins, range.count, j->bins, out);
}

static void make_row(const bb_job *j, const double *window, int64_t channel) {
    float *out = j->rows + channel * j->dim;
    if (j->spec.kind == BB_FEATURE_VOLTAGE) pool_voltage(j, window, out);
    if (j->spec.kind == BB_FEATURE_SPECTROGRAM)
        pool_spectrogram(j, j->spectra->list[j->spectrum].data + channel * j->frames * j->bins, out);
    if (j->bands)
        bb_band_power_compute(
            j->bands, window,
            (char *)j->scratch + (size_t)omp_get_thread_num() * bb_band_power_scratch(j->bands), out);
}

bb_status bb_job_take(bb_job *j, int64_t index, const double *data, int64_t stride,
                      const unsigned char *unsound, int threads, bb_error *err) {
    const int64_t C = j->survey->channels, row = j->survey->row_of[index];
    for (int64_t c = 0; c < C; ++c) bb_cache_mark(j->writer, c, row, unsound[c]);
    if (j->queue) return bb_encode_queue_push(j->queue, j->spectra->list[j->spectrum].data, C, err);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int64_t c = 0; c < C; ++c) make_row(j, data + c * stride, c);
    for (int64_t c = 0; c < C; ++c) BB_TRY(bb_cache_write(j->writer, c, row, j->rows + c * j->dim, err));
    return BB_OK;
}

bb_status bb_job_flush(bb_job *j, bb_error *err) {
    return j->queue ? bb_encode_queue_flush(j->queue, err) : BB_OK;
}

bb_status bb_job_share(bb_job *j, const bb_ranks *ranks, bb_error *err) {
    return bb_rows_spread(ranks, j->survey, j->dim, j->writer, err);
}

bb_status bb_job_finish(bb_job *j, bb_error *err) {
    bb_map map;
    BB_TRY(bb_cache_finish(j->writer, &map, err));
    return bb_feature_set_attach(j->set, map, err);
}

void bb_job_free(bb_job *j) {
    bb_band_power_destroy(j->bands);
    bb_feature_set_destroy(j->set);
    bb_encode_queue_destroy(j->queue);
    bb_cache_destroy(j->writer);
    bb_free(j->path);
    bb_free(j->scratch);
    bb_free(j->rows);
    *j = (bb_job){0};
}
