#include "signal/cascade_kernels.h"

#include "brainbert/cpu.h"

bb_cascade_kernel *bb_cascade_kernel_get(void) {
#if defined(__x86_64__)
    switch (bb_cpu_current()) {
    case BB_CPU_AVX512:
        return bb_cascade_avx512;
    case BB_CPU_AVX2:
        return bb_cascade_avx2;
    case BB_CPU_PORTABLE:
        break;
    }
#endif
    return bb_cascade_portable;
}
