#include "nn/strassen.h"

#include <string.h>

static void put(uint32_t *to, float x) { memcpy(to, &x, sizeof x); }

void bb_strassen_columns(const float *v, const float *w, int64_t half, int64_t begin, int64_t end,
                         uint32_t *to, int64_t stride) {
    const int64_t part = (end - begin) * stride;
    for (int64_t k = begin; k < end; ++k, to += stride) {
        const float v1 = v[k], v2 = v[half + k], w1 = w[k], w2 = w[half + k];
        put(to, v1 + w2);
        put(to + part, v1);
        put(to + 2 * part, w1 - w2);
        put(to + 3 * part, v2 - v1);
        put(to + 4 * part, w2);
        put(to + 5 * part, v1 + w1);
        put(to + 6 * part, v2 + w2);
    }
}

void bb_strassen_tile(const bb_product_kernels *k, const uint32_t *x, int64_t x_stride, int64_t half,
                      int64_t begin, int64_t end, int pairs, const uint32_t *panel, const uint32_t *ahead,
                      uint32_t *room, uint32_t *sums[BB_STRASSEN_PRODUCTS]) {
    for (int f = 0; f < BB_STRASSEN_PRODUCTS; ++f) {
        sums[f] = room + f * BB_TILE_ROWS * BB_TILE_COLUMNS;
        k->multiply[BB_FORMAT_F32](x + f * half + begin, x_stride, pairs,
                                   panel + f * (end - begin) * k->columns, end - begin,
                                   ahead + f * (end - begin) * BB_LINE_WORDS, sums[f], k->columns);
    }
    k->recombine(sums, pairs);
}
