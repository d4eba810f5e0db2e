#define BB_VECTOR_BYTES 16
#define BB_TILE 6
#define BB_WAVELETS bb_wavelets_portable
#include "spectrogram/wavelet_kernels.inc.h"
