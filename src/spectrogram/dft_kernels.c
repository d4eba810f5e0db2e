#include "spectrogram/dft_kernels.h"

#include "brainbert/cpu.h"

const bb_dft_kernels *bb_dft_kernels_get(void) {
#if defined(__x86_64__)
    if (bb_cpu_current() >= BB_CPU_AVX512) return &bb_dft_avx512;
    if (bb_cpu_current() >= BB_CPU_AVX2) return &bb_dft_avx2;
#endif
    return &bb_dft_portable;
}
