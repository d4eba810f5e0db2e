#define BB_VECTOR_BYTES 16
#define BB_TOGETHER 1
#define BB_KERNEL bb_cascade_portable
#include "signal/cascade_kernels.inc.h"
