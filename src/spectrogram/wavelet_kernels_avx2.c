#if defined(__x86_64__)
#define BB_VECTOR_BYTES 32
#define BB_TILE 6
#define BB_WAVELETS bb_wavelets_avx2
#include "spectrogram/wavelet_kernels.inc.h"
#else
typedef int bb_no_avx2_here; /* an empty file is not C */
#endif
