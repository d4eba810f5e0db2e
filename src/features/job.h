/* One spec at work: what it needs, what it makes of a window, and the set that comes of it. */
#ifndef BB_FEATURES_JOB_H
#define BB_FEATURES_JOB_H

#include "features/band_power.h"
#include "features/encode_queue.h"
#include "features/feature_set.h"
#include "features/spec.h"
#include "features/spectra.h"

/* Told of every batch that the encoder is through with; not BB_OK to stop. */
typedef bb_status (*bb_job_watch)(void *context, int64_t encoded, bb_error *err);

typedef struct bb_job {
    bb_feature_spec spec;
    const bb_survey *survey;
    bb_spectra *spectra; /* with `spectrum`, the place in it: of an encoder and a spectrogram */
    size_t spectrum;
    int64_t frames, bins;          /* that one's */
    int64_t first_sample, samples; /* of a voltage */
    bb_band_power *bands;          /* of band powers */
    int64_t dim;
    char key[BB_SHA256_TEXT];
    char *path; /* in the cache; NULL: none */
    bb_feature_set *set;
    /* Of one that has to be computed: */
    bb_encode_queue *queue; /* of an encoder */
    bb_cache_writer *writer;
    int64_t first_window; /* of those that it takes */
    void *scratch;        /* [threads], of band powers */
    float *rows;          /* [channels, dim], of all but an encoder */
    bb_job_watch watch;
    void *watch_context;
} bb_job;

/* Takes the spec apart and finds its dimension; nothing is computed yet. The survey and the spectra are kept.
 */
bb_status bb_job_plan(const bb_feature_spec *spec, const bb_survey *survey, bb_spectra *spectra, bb_job *out,
                      bb_error *err);

/* Opens the output and what the work needs. `encoder` is the spec's, NULL for another kind. */
bb_status bb_job_open(bb_job *job, bb_encoder *encoder, int threads, bb_error *err);

/* Window `index` of the stream, one after the other from first_window on: data[channel * stride + t], with
 * its spectrograms in the spectra. */
bb_status bb_job_take(bb_job *job, int64_t index, const double *data, int64_t stride,
                      const unsigned char *unsound, int threads, bb_error *err);

/* Encodes what still waits. */
bb_status bb_job_flush(bb_job *job, bb_error *err);

/* With several ranks: takes in what the others made of their windows. Collective. */
bb_status bb_job_share(bb_job *job, const bb_ranks *ranks, bb_error *err);

/* Puts the file in place and its data into the set. */
bb_status bb_job_finish(bb_job *job, bb_error *err);
void bb_job_free(bb_job *job);

#endif
