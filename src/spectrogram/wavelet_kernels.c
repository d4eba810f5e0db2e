#include "spectrogram/wavelet_kernels.h"

#include "brainbert/cpu.h"

bb_wavelet_kernel *bb_wavelet_kernel_get(void) {
#if defined(__x86_64__)
    if (bb_cpu_current() >= BB_CPU_AVX512) return bb_wavelets_avx512;
    if (bb_cpu_current() >= BB_CPU_AVX2) return bb_wavelets_avx2;
#endif
    return bb_wavelets_portable;
}
