#include "brainbert/cpu.h"

#include <string.h>

static bb_cpu_level limit = BB_CPU_AVX512_BF16;

bb_cpu_level bb_cpu_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    const bool vnni = avx512 && __builtin_cpu_supports("avx512vnni");
    if (vnni && __builtin_cpu_supports("avx512bf16")) return BB_CPU_AVX512_BF16;
    if (vnni) return BB_CPU_AVX512_VNNI;
    if (avx512) return BB_CPU_AVX512;
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
    case BB_CPU_AVX512_VNNI:
        return "avx512-vnni";
    case BB_CPU_AVX512_BF16:
        return "avx512-bf16";
    }
    return "unknown";
}

bool bb_cpu_level_from_name(const char *name, bb_cpu_level *out) {
    for (int level = BB_CPU_PORTABLE; level <= BB_CPU_AVX512_BF16; ++level)
        if (strcmp(name, bb_cpu_level_name((bb_cpu_level)level)) == 0)
            return *out = (bb_cpu_level)level, true;
    return false;
}
