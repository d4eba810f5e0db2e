#define BB_VECTOR_BYTES 16
#define BB_TILE_ROWS_HERE 4
#define BB_TILE_VECTORS 2
#define BB_KERNELS bb_product_kernels_portable
#include "nn/product_kernels.inc.h"
