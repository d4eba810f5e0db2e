#include "nn/product_kernels.h"

const bb_product_kernels *bb_product_kernels_get(void) {
#if defined(__x86_64__)
    switch (bb_cpu_current()) {
    case BB_CPU_AVX512_BF16:
        return &bb_product_kernels_avx512_bf16;
    case BB_CPU_AVX512_VNNI:
        return &bb_product_kernels_avx512_vnni;
    case BB_CPU_AVX512:
        return &bb_product_kernels_avx512;
    case BB_CPU_AVX2:
        return &bb_product_kernels_avx2;
    case BB_CPU_PORTABLE:
        break;
    }
#endif
    return &bb_product_kernels_portable;
}
