/* The different spectrograms of a call, each computed once per window however many specs look at it. */
#ifndef BB_FEATURES_SPECTRA_H
#define BB_FEATURES_SPECTRA_H

#include "brainbert/session.h"
#include "features/survey.h"

typedef struct bb_spectrum {
    bb_spectrogram_recipe recipe;
    bb_spectrogram_plan *plan;
    int64_t frames;            /* T */
    bool wanted;               /* by a spec that is not in the cache */
    bb_session_scales *scales; /* where the recipe normalises by session */
    void *scratch;             /* [threads] */
    float *data;               /* [channels, T, F] of the latest window */
} bb_spectrum;

typedef struct bb_spectra {
    bb_spectrum *list; /* of which the specs keep the places, as it may move */
    size_t count, room;
} bb_spectra;

/* The place of the recipe's spectrogram, which is added where it is new. BB_ERR_ARGUMENT where the recipe
 * does not fit the windows. */
bb_status bb_spectra_find(bb_spectra *spectra, const bb_spectrogram_recipe *recipe, const bb_survey *survey,
                          size_t *place, bb_error *err);

/* How many sessions have to be measured for those that are wanted. */
size_t bb_spectra_sessions(const bb_spectra *spectra);

/* Memory for those that are wanted. */
bb_status bb_spectra_prepare(bb_spectra *spectra, const bb_survey *survey, int threads, bb_error *err);

/* The latest window of all channels into those that are wanted. */
bb_status bb_spectra_compute(bb_spectra *spectra, const bb_survey *survey, const double *window,
                             int64_t stride, int threads, bb_error *err);
void bb_spectra_free(bb_spectra *spectra);

#endif
