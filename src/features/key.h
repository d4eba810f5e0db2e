/* Keys: the SHA-256 of a text that says all that features depend on. */
#ifndef BB_FEATURES_KEY_H
#define BB_FEATURES_KEY_H

#include "base/checksum.h"
#include "features/survey.h"

/* What all features of a call have in common: the program, the recording's files and some of its samples (the
 * same files may be read in other ways), the signal chain, the channels and windows. Free with free(). */
bb_status bb_key_of_call(bb_recording *recording, const bb_feature_options *options, const bb_survey *survey,
                         char **out, bb_error *err);

/* `model` is the digest of the spec's model, or NULL; `recipe` the spectrogram that is followed. */
bb_status bb_key_of_spec(const char *call, const bb_feature_spec *spec, const bb_spectrogram_recipe *recipe,
                         const char *model, bool one_electrode, char out[BB_SHA256_TEXT], bb_error *err);

#endif
