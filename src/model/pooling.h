/* Which frames a pooling looks at, and what it makes of them. */
#ifndef BB_MODEL_POOLING_H
#define BB_MODEL_POOLING_H

#include "brainbert/model.h"

typedef struct bb_frame_range {
    int64_t first, count;
} bb_frame_range;

/* Of a window of `frames` frames. */
bb_frame_range bb_pooling_range(const bb_pooling *pooling, int64_t frames);

/* The rows of that range [rows, D] -> out [D] or [K D]; not for BB_POOL_NONE. */
void bb_pool_rows(const bb_pooling *pooling, const float *x, int64_t rows, int64_t dim, float *out);

#endif
