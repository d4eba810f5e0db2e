#define BB_VECTOR_BYTES 16
#define BB_KERNELS bb_vector_kernels_portable
#include "nn/vector_kernels.inc.h"
