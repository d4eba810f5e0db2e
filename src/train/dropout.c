#include "train/dropout.h"

#include "base/random.h"

enum { DRAWS = 4, DRAW_BITS = 16 }; /* a draw of 64 bits serves four numbers */

void bb_dropout_apply(const bb_dropout *d, int64_t window, int site, int64_t count, float *x) {
    if (d->rate <= 0) return;
    const uint32_t dropped = (uint32_t)(d->rate * (1 << DRAW_BITS) + 0.5f);
    const float scale = 1 / (1 - d->rate);
    const uint64_t stream = bb_random_bits(d->step, (uint64_t)window, (uint64_t)site);
    for (int64_t i = 0; i < count; i += DRAWS) {
        uint64_t bits = bb_random_bits(d->seed, stream, (uint64_t)(i / DRAWS));
        for (int64_t j = i; j < i + DRAWS && j < count; ++j, bits >>= DRAW_BITS)
            x[j] *= (bits & ((1 << DRAW_BITS) - 1)) < dropped ? 0 : scale;
    }
}
