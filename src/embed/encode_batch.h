/* How many spectrograms the encoder is given at once. */
#ifndef BB_EMBED_ENCODE_BATCH_H
#define BB_EMBED_ENCODE_BATCH_H

#include "brainbert/model.h"

/* Enough for full rate, few enough for a quick first window; of many threads, two for each. */
static inline int64_t bb_encode_batch(int threads) { return threads > 8 ? 2 * (int64_t)threads : 16; }

/* BB_ERR_ARGUMENT where a window of so many frames cannot be pooled. */
bb_status bb_encode_check(const bb_pooling *pooling, int64_t frames, bb_error *err);

#endif
