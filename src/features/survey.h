/* What is known of the windows before any sample is read. */
#ifndef BB_FEATURES_SURVEY_H
#define BB_FEATURES_SURVEY_H

#include "brainbert/features.h"

typedef struct bb_survey {
    int64_t rows;    /* of the features: onsets, or windows where there are none */
    int64_t windows; /* that the recording holds, in order of time */
    int64_t channels, samples;
    double rate_hz, window_s;
    char **names;    /* [channels] */
    size_t *sources; /* [channels] */
    double *start_s; /* [rows]; NaN: the window leaves the recording */
    int64_t *row_of; /* [windows] */
} bb_survey;

bb_status bb_survey_take(bb_recording *recording, const bb_window_options *options, bb_survey *out,
                         bb_error *err);
void bb_survey_free(bb_survey *survey);

#endif
