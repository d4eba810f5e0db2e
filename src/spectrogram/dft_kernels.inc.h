/* The body of the DFT product, included once per instruction set with BB_DFT (the function to define),
 * BB_VECTOR_BYTES, the bytes of one register, and BB_DFT_TILE, frames per register tile: their accumulators
 * of BB_DFT_BINS doubles must fit the registers. (A vector type wider than the registers would go through
 * memory.) */
#include "spectrogram/dft_kernels.h"

enum { DFT_LANES = BB_VECTOR_BYTES / sizeof(double), DFT_PARTS = BB_DFT_BINS / DFT_LANES };

typedef double lanes __attribute__((vector_size(BB_VECTOR_BYTES)));
typedef double lanes_unaligned __attribute__((vector_size(BB_VECTOR_BYTES), aligned(8), may_alias));

void BB_DFT(const double *folded, const double *table, int64_t depth, int64_t bins, double *out) {
    for (int64_t bin = 0; bin < bins; bin += BB_DFT_BINS)
        for (int frame = 0; frame < BB_DFT_FRAMES; frame += BB_DFT_TILE) {
            lanes sum[BB_DFT_TILE][DFT_PARTS] = {{{0}}};
            for (int64_t n = 0; n < depth; ++n) {
                const lanes_unaligned *row = (const lanes_unaligned *)(table + n * bins + bin);
                const double *x = folded + n * BB_DFT_FRAMES + frame;
#pragma GCC unroll 8
                for (int i = 0; i < BB_DFT_TILE; ++i)
#pragma GCC unroll 4
                    for (int part = 0; part < DFT_PARTS; ++part) sum[i][part] += x[i] * row[part];
            }
            for (int i = 0; i < BB_DFT_TILE; ++i)
                for (int part = 0; part < DFT_PARTS; ++part)
                    ((lanes_unaligned *)(out + (frame + i) * bins + bin))[part] = sum[i][part];
        }
}
