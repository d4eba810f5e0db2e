#include "signal/cascade_kernels.h"

#include "brainbert/cpu.h"

bb_cascade_kernel *bb_cascade_kernel_get(void) {
#if defined(__x86_64__)
    if (bb_cpu_current() >= BB_CPU_AVX512) return bb_cascade_avx512;
    if (bb_cpu_current() >= BB_CPU_AVX2) return bb_cascade_avx2;
#endif
    return bb_cascade_portable;
}
