#include "train/dropout.h"

#include "base/random.h"
#include "nn/train_kernels.h"

void bb_dropout_apply(const bb_dropout *d, int64_t window, int site, int64_t count, float *x) {
    if (d->rate <= 0) return;
    const uint64_t stream = bb_random_bits(d->step, (uint64_t)window, (uint64_t)site);
    bb_train_kernels_get()->dropout(bb_random_bits(d->seed, stream, 0), (uint32_t)(d->rate * 0x1p32),
                                    1 / (1 - d->rate), count, x);
}
