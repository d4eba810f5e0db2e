#include "eval/row_kernels.h"

const bb_row_kernels *bb_row_kernels_get(void) {
#if defined(__x86_64__)
    if (bb_cpu_current() >= BB_CPU_AVX512) return &bb_row_kernels_avx512;
    if (bb_cpu_current() >= BB_CPU_AVX2) return &bb_row_kernels_avx2;
#endif
    return &bb_row_kernels_portable;
}
