/* A finished set: what its file holds, and what the survey knew. */
#ifndef BB_FEATURES_FEATURE_SET_H
#define BB_FEATURES_FEATURE_SET_H

#include "features/cache.h"
#include "features/survey.h"

/* A set without data yet. `recording` is where the electrodes are. */
bb_status bb_feature_set_create(const bb_survey *survey, const bb_recording_info *recording,
                                const bb_feature_spec *spec, int64_t dim, bb_feature_set **out,
                                bb_error *err);

/* The head of the file that holds it. */
bb_cache_head bb_feature_set_head(const bb_feature_set *set, const char *key);

/* The set's data from the file at `path`, if it is there, whole, and the one that is expected. */
bool bb_feature_set_recall(bb_feature_set *set, const char *path, const char *key);

/* As if it had not been there. */
void bb_feature_set_forget(bb_feature_set *set);

/* The set's data from a map of a finished file, which becomes the set's. */
bb_status bb_feature_set_attach(bb_feature_set *set, bb_map map, bb_error *err);

#endif
