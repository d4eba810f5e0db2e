#if defined(__x86_64__)
#include <immintrin.h>
#define BB_VECTOR_BYTES 64
#define BB_TILE_ROWS_HERE 14
#define BB_TILE_VECTORS 2
#define BB_KERNELS bb_product_kernels_avx512_bf16
#define BB_DOT_BF16(sum, x, w) ((vf)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(x), (__m512bh)(w)))
#define BB_TO_BF16(v) ((vh)_mm512_cvtneps_pbh((__m512)(v)))
#define BB_DOT_INT8(sum, x, w) ((vi)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(x), (__m512i)(w)))
#include "nn/product_kernels.inc.h"
#else
typedef int bb_no_avx512_bf16_here; /* an empty file is not C */
#endif
