/* The two loops of the STFT: blocks of samples times tables of cosines or sines, and sums of rotated blocks.
 * One body (dft_kernels.inc.h) is compiled for each instruction set. */
#ifndef BB_SPECTROGRAM_DFT_KERNELS_H
#define BB_SPECTROGRAM_DFT_KERNELS_H

#include <stdint.h>

/* Blocks and bins are worked off in tiles of this size. */
enum { BB_DFT_BLOCKS = 8, BB_DFT_BINS = 8 };

typedef struct bb_dft_kernels {
    /* out[block * bins + bin] = sum over n < depth of x[n * BB_DFT_BLOCKS + block] * table[n * bins + bin],
     * for BB_DFT_BLOCKS blocks; bins is a multiple of BB_DFT_BINS. */
    void (*product)(const double *x, const double *table, int64_t depth, int64_t bins, double *out);
    /* The complex out[bin] = sum over b < blocks of turn[b * bins + bin] * part[b * bins + bin]; real parts
     * and imaginary ones stand apart. */
    void (*rotate)(const double *turn_re, const double *turn_im, const double *part_re, const double *part_im,
                   int64_t blocks, int64_t bins, double *out_re, double *out_im);
} bb_dft_kernels;

extern const bb_dft_kernels bb_dft_portable, bb_dft_avx2, bb_dft_avx512;

const bb_dft_kernels *bb_dft_kernels_get(void);

#endif
