/* What the tests of all methods do: one spectrogram, and one against a golden array at every processor level.
 */
#ifndef BB_TESTS_SPECTRUM_H
#define BB_TESTS_SPECTRUM_H

#include <stdlib.h>

#include "brainbert/cpu.h"
#include "brainbert/spectrogram.h"
#include "support.h"

/* [T,F], for free(). */
static inline float *compute_spectrum(const bb_spectrogram_recipe *recipe, const double *window,
                                      int64_t samples, int64_t *frames) {
    bb_spectrogram_plan *plan;
    assert_ok(bb_spectrogram_plan_create(recipe, &plan, e));
    *frames = bb_spectrogram_frames(plan, samples);
    assert_true(*frames > 0);
    float *out = malloc((size_t)(*frames * recipe->bins) * sizeof *out);
    void *scratch = aligned_alloc(64, bb_spectrogram_scratch(plan, samples));
    assert_ok(bb_spectrogram_compute(plan, window, samples, NULL, scratch, out, e));
    free(scratch);
    bb_spectrogram_plan_destroy(plan);
    return out;
}

static inline void check_spectrum(const bb_spectrogram_recipe *recipe, const char *wav, const char *golden,
                                  double bound) {
    bb_array_f64 window;
    bb_array expected;
    assert_ok(bb_array_f64_read(wav, &window, e));
    assert_ok(bb_array_read(golden, &expected, e));
    for (bb_cpu_level level = BB_CPU_PORTABLE; level <= bb_cpu_best(); ++level) {
        int64_t frames;
        bb_cpu_limit(level);
        float *found = compute_spectrum(recipe, window.data, window.shape[0], &frames);
        assert_int_equal(frames, expected.shape[0]);
        assert_at_most(bb_max_error_f32(found, expected.data, (size_t)(frames * recipe->bins)), bound);
        free(found);
    }
    bb_cpu_limit(bb_cpu_best());
    bb_array_f64_free(&window);
    bb_array_free(&expected);
}

#endif
