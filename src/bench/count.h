/* What an embedding costs by count. */
#ifndef BB_BENCH_COUNT_H
#define BB_BENCH_COUNT_H

#include "model/pooling.h"

/* Operations of the encoder for one window of `frames` frames, pooled at its centre. */
static inline double bb_center_flop(const bb_model_config *config, int64_t frames) {
    const bb_pooling center = {.kind = BB_POOL_CENTER};
    return bb_encoder_pooled_flop(config, frames, bb_pooling_range(&center, frames).count);
}

#endif
