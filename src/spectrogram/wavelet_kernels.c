#include "spectrogram/wavelet_kernels.h"

#include "brainbert/cpu.h"

bb_wavelet_kernel *bb_wavelet_kernel_get(void) {
#if defined(__x86_64__)
    switch (bb_cpu_current()) {
    case BB_CPU_AVX512:
        return bb_wavelets_avx512;
    case BB_CPU_AVX2:
        return bb_wavelets_avx2;
    case BB_CPU_PORTABLE:
        break;
    }
#endif
    return bb_wavelets_portable;
}
