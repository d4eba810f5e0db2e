#include "signal/cascade.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "signal/cascade_kernels.h"

/* Channels are filtered in lanes of eight: one instruction works on the same sample of several channels, as a
 * recursion over time leaves nothing else to do side by side. */
enum { LANES = BB_LANES, BLOCK = 256 };

/* Below this a state is silence: it is set to zero before it can become a denormal number, on which
 * processors are many times slower and on which a flat channel would stay for ever. */
static const double silence = 1e-150;

struct bb_cascade {
    bb_cascade_kernel *kernel;
    size_t section_count;
    bb_biquad sections[BB_MAX_SECTIONS];
    size_t channels;
    double *state;    /* [groups, sections, 2, LANES] */
    int64_t position; /* samples filtered so far */
};

bb_cascade *bb_cascade_create(const bb_biquad *sections, size_t count, size_t channels) {
    bb_cascade *cascade = bb_calloc(1, sizeof *cascade);
    if (!cascade) return NULL;
    cascade->kernel = bb_cascade_kernel_get();
    cascade->section_count = count;
    memcpy(cascade->sections, sections, count * sizeof *sections);
    cascade->channels = channels;
    cascade->state = bb_calloc((channels + LANES - 1) / LANES, count * 2 * LANES * sizeof(double));
    if (cascade->state) return cascade;
    bb_cascade_destroy(cascade);
    return NULL;
}

void bb_cascade_destroy(bb_cascade *cascade) {
    if (!cascade) return;
    bb_free(cascade->state);
    bb_free(cascade);
}

static void silence_small(double *state, size_t count) {
    for (size_t i = 0; i < count; ++i)
        if (fabs(state[i]) < silence) state[i] = 0;
}

/* One group of up to LANES rows. Blocks end at multiples of BLOCK counted from the stream's start, so that
 * the silencing does not depend on how the stream was cut. */
static void run_group(const bb_cascade *cascade, double *state, double *rows, int64_t stride, size_t lanes,
                      int64_t samples) {
    _Alignas(BB_ALIGNMENT) double x[BLOCK * LANES] = {0};
    for (int64_t done = 0; done < samples;) {
        const int64_t into = (cascade->position + done) % BLOCK;
        const int64_t n = samples - done < BLOCK - into ? samples - done : BLOCK - into;
        for (size_t l = 0; l < lanes; ++l)
            for (int64_t t = 0; t < n; ++t) x[t * LANES + (int64_t)l] = rows[(int64_t)l * stride + done + t];
        cascade->kernel(cascade->sections, cascade->section_count, state, x, n);
        for (size_t l = 0; l < lanes; ++l)
            for (int64_t t = 0; t < n; ++t) rows[(int64_t)l * stride + done + t] = x[t * LANES + (int64_t)l];
        if (into + n == BLOCK) silence_small(state, cascade->section_count * 2 * LANES);
        done += n;
    }
}

void bb_cascade_run(bb_cascade *cascade, double *rows, int64_t stride, int64_t samples) {
    const int64_t groups = (int64_t)((cascade->channels + LANES - 1) / LANES);
    const size_t group_state = cascade->section_count * 2 * LANES;
#pragma omp for schedule(static)
    for (int64_t g = 0; g < groups; ++g) {
        const size_t first = (size_t)g * LANES, rest = cascade->channels - first;
        run_group(cascade, cascade->state + (size_t)g * group_state, rows + (int64_t)first * stride, stride,
                  rest < LANES ? rest : LANES, samples);
    }
#pragma omp single
    cascade->position += samples;
}
