#define BB_DFT bb_dft_portable
#define BB_VECTOR_BYTES 16
#define BB_DFT_TILE 2
#include "spectrogram/dft_kernels.inc.h"
