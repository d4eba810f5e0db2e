#include "brainbert/cpu.h"

static bb_cpu_level limit = BB_CPU_AVX512;

bb_cpu_level bb_cpu_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return BB_CPU_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return BB_CPU_AVX2;
#endif
    return BB_CPU_PORTABLE;
}

bb_cpu_level bb_cpu_current(void) {
    const bb_cpu_level best = bb_cpu_best();
    return best < limit ? best : limit;
}

void bb_cpu_limit(bb_cpu_level level) { limit = level; }

const char *bb_cpu_level_name(bb_cpu_level level) {
    switch (level) {
    case BB_CPU_PORTABLE:
        return "portable";
    case BB_CPU_AVX2:
        return "avx2";
    case BB_CPU_AVX512:
        return "avx512";
    }
    return "unknown";
}
