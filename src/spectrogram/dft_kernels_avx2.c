#if defined(__x86_64__)
#define BB_DFT bb_dft_avx2
#define BB_VECTOR_BYTES 32
#define BB_DFT_TILE 4
#include "spectrogram/dft_kernels.inc.h"
#else
typedef int bb_no_avx2_here; /* an empty file is not C */
#endif
