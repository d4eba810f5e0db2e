#define BB_VECTOR_BYTES 16
#define BB_BURST bb_burst_f32_portable
#include "bench/burst.inc.h"
