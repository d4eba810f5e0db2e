/* Which instruction set our own kernels use, chosen at run time. (Training's matrix products go through
 * oneDNN, which chooses for itself.) */
#ifndef BRAINBERT_CPU_H
#define BRAINBERT_CPU_H

#include <stdbool.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum bb_cpu_level {
    BB_CPU_PORTABLE,    /* whatever the compiler's target guarantees */
    BB_CPU_AVX2,        /* with FMA */
    BB_CPU_AVX512,      /* F, DQ, BW, VL */
    BB_CPU_AVX512_VNNI, /* and products of int8: Cascade Lake, Ice Lake */
    BB_CPU_AVX512_BF16  /* and of bf16: Cooper Lake, Sapphire Rapids, Zen 4 */
} bb_cpu_level;

/* The best level this processor and operating system support. */
BB_API bb_cpu_level bb_cpu_best(void);

/* The level in use: the best one unless bb_cpu_limit said less. */
BB_API bb_cpu_level bb_cpu_current(void);

/* Uses no more than `level` from now on; for tests and comparisons. Not to be called while others compute. */
BB_API void bb_cpu_limit(bb_cpu_level level);

/* "portable", "avx2", "avx512", "avx512-vnni", "avx512-bf16". */
BB_API const char *bb_cpu_level_name(bb_cpu_level level);
/* false and *out unchanged for another word. */
BB_API bool bb_cpu_level_from_name(const char *name, bb_cpu_level *out);

#ifdef __cplusplus
}
#endif
#endif
