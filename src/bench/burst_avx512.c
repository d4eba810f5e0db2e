#if defined(__x86_64__)
#define BB_VECTOR_BYTES 64
#define BB_BURST bb_burst_f32_avx512
#include "bench/burst.inc.h"
#else
typedef int bb_no_avx512_here; /* an empty file is not C */
#endif
