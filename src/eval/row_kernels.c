#include "eval/row_kernels.h"

const bb_row_kernels *bb_row_kernels_get(void) {
#if defined(__x86_64__)
    switch (bb_cpu_current()) {
    case BB_CPU_AVX512:
        return &bb_row_kernels_avx512;
    case BB_CPU_AVX2:
        return &bb_row_kernels_avx2;
    case BB_CPU_PORTABLE:
        break;
    }
#endif
    return &bb_row_kernels_portable;
}
