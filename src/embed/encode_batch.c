#include "embed/encode_batch.h"

#include "base/error.h"

bb_status bb_encode_check(const bb_pooling *pooling, int64_t frames, bb_error *err) {
    if (pooling->kind != BB_POOL_SEGMENTS || (pooling->segments >= 1 && pooling->segments <= frames))
        return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "a window has %lld frames: expected 1 to as many segments, found %d",
                   (long long)frames, pooling->segments);
}
