#if defined(__x86_64__)
#define BB_VECTOR_BYTES 32
#define BB_BURST bb_burst_f32_avx2
#include "bench/burst.inc.h"
#else
typedef int bb_no_avx2_here; /* an empty file is not C */
#endif
