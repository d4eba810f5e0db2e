#include "bench/burst.h"

#include <stddef.h>

#include "brainbert/cpu.h"

bb_burst *bb_burst_get(bb_peak peak) {
#if defined(__x86_64__)
    const bb_cpu_level level = bb_cpu_current();
    if (peak == BB_PEAK_BF16 && level >= BB_CPU_AVX512_BF16) return bb_burst_bf16_avx512_bf16;
    if (peak == BB_PEAK_INT8 && level >= BB_CPU_AVX512_VNNI) return bb_burst_int8_avx512_vnni;
    if (peak == BB_PEAK_F32 && level >= BB_CPU_AVX512) return bb_burst_f32_avx512;
    if (peak == BB_PEAK_F32 && level >= BB_CPU_AVX2) return bb_burst_f32_avx2;
#endif
    return peak == BB_PEAK_F32 ? bb_burst_f32_portable : NULL;
}
