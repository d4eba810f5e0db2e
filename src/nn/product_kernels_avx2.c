#if defined(__x86_64__)
#include <immintrin.h>
#define BB_VECTOR_BYTES 32
#define BB_TILE_ROWS_HERE 6
#define BB_TILE_VECTORS 2
#define BB_KERNELS bb_product_kernels_avx2
/* Pairs of 16 bits: what multiplies bytes alone (vpmaddubsw) may overflow. */
#define BB_PAIRS(x, w) ((vi)_mm256_madd_epi16((__m256i)(x), (__m256i)(w)))
#include "nn/product_kernels.inc.h"
#else
typedef int bb_no_avx2_here; /* an empty file is not C */
#endif
