#include "eval/trained.h"

#include "base/error.h"

bb_status bb_trained_unit(const bb_decoding_plan *plan, const bb_decoding_features *features, int fold,
                          double *scores, bb_error *err) {
    (void)plan, (void)features, (void)fold, (void)scores;
    return bb_fail(err, BB_ERR_UNSUPPORTED, "not there yet");
}
