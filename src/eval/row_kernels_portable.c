#define BB_VECTOR_BYTES 16
#define BB_KERNELS bb_row_kernels_portable
#include "eval/row_kernels.inc.h"
