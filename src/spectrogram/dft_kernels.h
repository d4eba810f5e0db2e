/* The one product of the STFT: windowed, folded frames times tables of cosines or sines. */
#ifndef BB_SPECTROGRAM_DFT_KERNELS_H
#define BB_SPECTROGRAM_DFT_KERNELS_H

#include <stdint.h>

/* Frames and bins are worked off in tiles of this size. */
enum { BB_DFT_FRAMES = 8, BB_DFT_BINS = 8 };

/* out[frame * bins + bin] = sum over n < depth of folded[n * BB_DFT_FRAMES + frame] * table[n * bins + bin],
 * for BB_DFT_FRAMES frames; bins is a multiple of BB_DFT_BINS. */
typedef void bb_dft_kernel(const double *folded, const double *table, int64_t depth, int64_t bins,
                           double *out);

extern bb_dft_kernel bb_dft_portable, bb_dft_avx2, bb_dft_avx512;

bb_dft_kernel *bb_dft_kernel_get(void);

#endif
