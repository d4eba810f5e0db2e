#define BB_VECTOR_BYTES 16
#define BB_KERNELS bb_train_kernels_portable
#include "nn/train_kernels.inc.h"
