#if defined(__x86_64__)
#define BB_DFT bb_dft_avx512
#define BB_VECTOR_BYTES 64
#define BB_DFT_TILE 8
#include "spectrogram/dft_kernels.inc.h"
#else
typedef int bb_no_avx512_here; /* an empty file is not C */
#endif
