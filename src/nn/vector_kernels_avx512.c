#if defined(__x86_64__)
#define BB_VECTOR_BYTES 64
#define BB_KERNELS bb_vector_kernels_avx512
#include "nn/vector_kernels.inc.h"
#else
typedef int bb_no_avx512_here; /* an empty file is not C */
#endif
