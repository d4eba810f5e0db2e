#if defined(__x86_64__)
#define BB_VECTOR_BYTES 32
#define BB_TOGETHER 2
#define BB_KERNEL bb_cascade_avx2
#include "signal/cascade_kernels.inc.h"
#else
typedef int bb_no_avx2_here; /* an empty file is not C */
#endif
