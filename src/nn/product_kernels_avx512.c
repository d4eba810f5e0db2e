#if defined(__x86_64__)
#include <immintrin.h>
#define BB_VECTOR_BYTES 64
#define BB_TILE_ROWS_HERE 14
#define BB_TILE_VECTORS 2
#define BB_KERNELS bb_product_kernels_avx512
#define BB_PAIRS(x, w) ((vi)_mm512_madd_epi16((__m512i)(x), (__m512i)(w)))
#include "nn/product_kernels.inc.h"
#else
typedef int bb_no_avx512_here; /* an empty file is not C */
#endif
