#if defined(__x86_64__)
#define BB_VECTOR_BYTES 64
#define BB_TILE 13
#define BB_WAVELETS bb_wavelets_avx512
#include "spectrogram/wavelet_kernels.inc.h"
#else
typedef int bb_no_avx512_here; /* an empty file is not C */
#endif
