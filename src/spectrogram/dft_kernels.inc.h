/* The body of the DFT kernels, included once per instruction set with BB_DFT (the table to define),
 * BB_VECTOR_BYTES, the bytes of one register, and BB_DFT_TILE, blocks per register tile: their accumulators
 * of BB_DFT_BINS doubles must fit the registers. (A vector type wider than the registers would go through
 * memory.) */
#include "spectrogram/dft_kernels.h"

enum { DFT_LANES = BB_VECTOR_BYTES / sizeof(double), DFT_PARTS = BB_DFT_BINS / DFT_LANES };

typedef double lanes __attribute__((vector_size(BB_VECTOR_BYTES)));
typedef double lanes_unaligned __attribute__((vector_size(BB_VECTOR_BYTES), aligned(8), may_alias));

static inline lanes load_lanes(const double *p) { return *(const lanes_unaligned *)p; }
static inline void store_lanes(double *p, lanes v) { *(lanes_unaligned *)p = v; }

static void product(const double *x, const double *table, int64_t depth, int64_t bins, double *out) {
    for (int64_t bin = 0; bin < bins; bin += BB_DFT_BINS)
        for (int block = 0; block < BB_DFT_BLOCKS; block += BB_DFT_TILE) {
            lanes sum[BB_DFT_TILE][DFT_PARTS] = {{{0}}};
            for (int64_t n = 0; n < depth; ++n) {
                const double *row = table + n * bins + bin, *samples = x + n * BB_DFT_BLOCKS + block;
#pragma GCC unroll 8
                for (int i = 0; i < BB_DFT_TILE; ++i)
#pragma GCC unroll 4
                    for (int part = 0; part < DFT_PARTS; ++part)
                        sum[i][part] += samples[i] * load_lanes(row + part * DFT_LANES);
            }
            for (int i = 0; i < BB_DFT_TILE; ++i)
                for (int part = 0; part < DFT_PARTS; ++part)
                    store_lanes(out + (block + i) * bins + bin + part * DFT_LANES, sum[i][part]);
        }
}

static void rotate(const double *turn_re, const double *turn_im, const double *part_re, const double *part_im,
                   int64_t blocks, int64_t bins, double *out_re, double *out_im) {
    for (int64_t bin = 0; bin < bins; bin += DFT_LANES) {
        lanes re = {0}, im = {0};
        for (int64_t at = bin, end = bin + blocks * bins; at < end; at += bins) {
            const lanes a = load_lanes(turn_re + at), b = load_lanes(turn_im + at);
            const lanes c = load_lanes(part_re + at), d = load_lanes(part_im + at);
            re += a * c;
            im += a * d;
            re -= b * d;
            im += b * c;
        }
        store_lanes(out_re + bin, re);
        store_lanes(out_im + bin, im);
    }
}

const bb_dft_kernels BB_DFT = {.product = product, .rotate = rotate};
