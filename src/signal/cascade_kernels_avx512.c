#if defined(__x86_64__)
#define BB_VECTOR_BYTES 64
#define BB_TOGETHER 3
#define BB_KERNEL bb_cascade_avx512
#include "signal/cascade_kernels.inc.h"
#else
typedef int bb_no_avx512_here; /* an empty file is not C */
#endif
