#include "model/pooling.h"

#include <stdlib.h>
#include <string.h>

#include "nn/vector_kernels.h"

enum { CENTER_HALF = 5, MAX_SEGMENTS = 4096 };

bb_frame_range bb_pooling_range(const bb_pooling *pooling, int64_t frames) {
    if (pooling->kind != BB_POOL_CENTER) return (bb_frame_range){0, frames};
    const int64_t middle = frames / 2;
    const int64_t first = middle > CENTER_HALF ? middle - CENTER_HALF : 0;
    const int64_t end = middle + CENTER_HALF < frames ? middle + CENTER_HALF : frames;
    return (bb_frame_range){first, end - first};
}

void bb_pool_rows(const bb_pooling *pooling, const float *x, int64_t rows, int64_t dim, float *out) {
    const bb_vector_kernels *kernels = bb_vector_kernels_get();
    const int64_t K = pooling->kind == BB_POOL_SEGMENTS ? pooling->segments : 1;
    for (int64_t k = 0; k < K; ++k) {
        const int64_t first = k * rows / K, end = (k + 1) * rows / K;
        kernels->mean_rows(x + first * dim, end - first, dim, out + k * dim);
    }
}

int64_t bb_pooling_size(const bb_pooling *pooling, int64_t frames, int hidden_dim) {
    switch (pooling->kind) {
    case BB_POOL_CENTER:
    case BB_POOL_MEAN:
        return hidden_dim;
    case BB_POOL_SEGMENTS:
        return (int64_t)pooling->segments * hidden_dim;
    case BB_POOL_NONE:
        return frames * hidden_dim;
    }
    return 0;
}

bool bb_pooling_from_name(const char *name, bb_pooling *out) {
    *out = (bb_pooling){.segments = 1};
    if (strcmp(name, "center") == 0) return out->kind = BB_POOL_CENTER, true;
    if (strcmp(name, "mean") == 0) return out->kind = BB_POOL_MEAN, true;
    if (strcmp(name, "none") == 0) return out->kind = BB_POOL_NONE, true;
    if (strncmp(name, "segments:", 9) != 0) return false;
    char *end;
    const long n = strtol(name + 9, &end, 10);
    if (end == name + 9 || *end || n < 1 || n > MAX_SEGMENTS) return false;
    out->kind = BB_POOL_SEGMENTS;
    out->segments = (int)n;
    return true;
}
