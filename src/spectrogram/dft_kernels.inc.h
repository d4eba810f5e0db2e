/* The body of the DFT product, included once per instruction set with BB_DFT (the function to define) and
 * BB_DFT_TILE (frames per register tile: their accumulators of BB_DFT_BINS doubles must fit the registers).
 */
#include "spectrogram/dft_kernels.h"

typedef double bins8 __attribute__((vector_size(BB_DFT_BINS * sizeof(double))));
typedef double bins8_unaligned
    __attribute__((vector_size(BB_DFT_BINS * sizeof(double)), aligned(8), may_alias));

void BB_DFT(const double *folded, const double *table, int64_t depth, int64_t bins, double *out) {
    for (int64_t bin = 0; bin < bins; bin += BB_DFT_BINS)
        for (int frame = 0; frame < BB_DFT_FRAMES; frame += BB_DFT_TILE) {
            bins8 sum[BB_DFT_TILE] = {{0}};
            for (int64_t n = 0; n < depth; ++n) {
                const bins8 row = *(const bins8_unaligned *)(table + n * bins + bin);
                const double *x = folded + n * BB_DFT_FRAMES + frame;
#pragma GCC unroll 8
                for (int i = 0; i < BB_DFT_TILE; ++i) sum[i] += x[i] * row;
            }
            for (int i = 0; i < BB_DFT_TILE; ++i)
                *(bins8_unaligned *)(out + (frame + i) * bins + bin) = sum[i];
        }
}
