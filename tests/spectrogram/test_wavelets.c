#include <complex.h>
#include <math.h>
#include <string.h>

#include "spectrum.h"

static bb_spectrogram_recipe magnitudes_of(bb_spectrogram_method method) {
    bb_spectrogram_recipe r = bb_spectrogram_recipe_for(method);
    r.normalization = BB_NORMALIZE_NONE;
    return r;
}

/* z-scores of float32 magnitudes that differ by some 2e-6 of their bin's largest, which is up to 10 sd. */
static const double z_bound = 1e-4;

static void z_scores_agree_with_golden(void **state) {
    (void)state;
    const bb_spectrogram_recipe superlet = bb_spectrogram_recipe_for(BB_SPECTROGRAM_SUPERLET),
                                morlet = bb_spectrogram_recipe_for(BB_SPECTROGRAM_MORLET);
    check_spectrum(&superlet, bb_test_path("golden/wav.npy"), bb_test_path("golden/superlet.npy"), z_bound);
    check_spectrum(&morlet, bb_test_path("golden/wav.npy"), bb_test_path("golden/morlet.npy"), z_bound);
}

static void superlets_agree_on_the_real_clip(void **state) {
    (void)state;
    const bb_spectrogram_recipe superlet = bb_spectrogram_recipe_for(BB_SPECTROGRAM_SUPERLET);
    const char *wav = bb_shared_path("data/npz/btb_electrode_5s_2048hz.npy");
    if (wav) check_spectrum(&superlet, wav, bb_shared_path("golden/real/superlet.npy"), z_bound);
}

/* Largest |found - expected| of a bin by the largest expected one; expected is [F, all frames]. */
static double worst_of_bins(const bb_spectrogram_recipe *r, const float *found, int64_t frames,
                            const float *expected, int64_t all) {
    double worst = 0;
    for (int k = 0; k < r->bins; ++k) {
        double largest = 0, apart = 0;
        for (int64_t t = 0; t < all; ++t) largest = fmax(largest, expected[k * all + t]);
        for (int64_t t = 0; t < frames; ++t)
            apart = fmax(apart, fabs((double)found[t * r->bins + k] - expected[k * all + t + r->trim]));
        worst = fmax(worst, apart / largest);
    }
    return worst;
}

static void check_magnitudes(bb_spectrogram_method method, const char *golden) {
    const bb_spectrogram_recipe r = magnitudes_of(method);
    bb_array_f64 wav = bb_golden_f64("wav.npy");
    bb_array expected = bb_golden(golden);
    for (bb_cpu_level level = BB_CPU_PORTABLE; level <= bb_cpu_best(); ++level) {
        int64_t frames;
        bb_cpu_limit(level);
        float *found = compute_spectrum(&r, wav.data, wav.shape[0], &frames);
        assert_int_equal(frames + 2 * r.trim, expected.shape[1]);
        /* Sums of up to 12,000 products in float32, 800 at a time, against double: found 2e-6. The bar is
         * 1e-4. */
        assert_at_most(worst_of_bins(&r, found, frames, expected.data, expected.shape[1]), 1e-5);
        free(found);
    }
    bb_cpu_limit(bb_cpu_best());
    bb_array_f64_free(&wav);
    bb_array_free(&expected);
}

static void magnitudes_agree_with_golden(void **state) {
    (void)state;
    check_magnitudes(BB_SPECTROGRAM_SUPERLET, "superlet_magnitude.npy");
    check_magnitudes(BB_SPECTROGRAM_MORLET, "morlet_magnitude.npy");
}

/* ---- the definitions, in double, one value at a time */

static double complex superlet_wavelet(double rate, double f, double c, double t) {
    const double s = 1 / (2 * M_PI * f), ts = t / s;
    return sqrt(1 / rate) / (4 * M_PI) * 5 / (s * c * pow(2 * M_PI, 1.5)) * cexp(I * ts) *
           exp(-0.5 * pow(5 * ts / (2 * M_PI * c), 2));
}

/* |convolution in numpy's 'same' alignment| with a Morlet of c cycles. */
static double superlet_magnitude(const bb_spectrogram_recipe *r, const double *x, int64_t samples, int64_t at,
                                 double f, double c) {
    const double span = 10 * (1.0 / (2 * M_PI * f)) * c / (1.0 / r->rate_hz);
    const int64_t length = (int64_t)ceil((span + 1) / 2 - (1 - span) / 2);
    double complex sum = 0;
    for (int64_t j = 0; j < length; ++j) {
        const int64_t i = at + (length - 1) / 2 - j;
        if (i < 0 || i >= samples) continue;
        sum += superlet_wavelet(r->rate_hz, f, c, ((1 - span) / 2 + (double)j) / r->rate_hz) * x[i];
    }
    return cabs(sum);
}

/* bbref.superlet's loop over jumps between whole orders, for one frequency. */
static double adaptive(const bb_spectrogram_recipe *r, const double *x, int64_t samples, int64_t at,
                       int bin) {
    double orders[64];
    int jumps[64], jump_count = 0, last = 1;
    for (int k = 0; k < r->bins; ++k) {
        const double f = r->low_hz + k * (r->high_hz - r->low_hz) / (r->bins - 1);
        orders[k] = r->order_min + (r->order_max - r->order_min) * (f - r->low_hz) / (r->high_hz - r->low_hz);
        if (k > 0 && floor(orders[k]) != floor(orders[k - 1])) jumps[jump_count++] = k - 1;
    }
    const double f = r->low_hz + bin * (r->high_hz - r->low_hz) / (r->bins - 1);
    const double exponent = 1 / (orders[bin] - r->order_min + 1),
                 alpha = fmod(orders[bin], floor(orders[bin]));
    double g = pow(superlet_magnitude(r, x, samples, at, f, r->cycles * floor(orders[0])), exponent);
    for (int i = 0; i < jump_count; last = jumps[i++] + 1) {
        if (bin < last) continue;
        const double z = superlet_magnitude(r, x, samples, at, f, r->cycles * floor(orders[jumps[i] + 1]));
        g *= pow(z, bin <= jumps[i] ? alpha * exponent : exponent);
    }
    return g;
}

static double plain(const bb_spectrogram_recipe *r, const double *x, int64_t samples, int64_t at, int bin) {
    const double f = r->bins > 1 ? r->low_hz + bin * (r->high_hz - r->low_hz) / (r->bins - 1) : r->low_hz;
    double g = 1;
    for (int o = (int)r->order_min; o <= (int)r->order_max; ++o)
        g *= pow(superlet_magnitude(r, x, samples, at, f, r->cycles * o),
                 1 / (r->order_max - r->order_min + 1));
    return g;
}

static double morlet(const bb_spectrogram_recipe *r, const double *x, int64_t samples, int64_t at, int bin) {
    const double f = r->low_hz + bin * (r->high_hz - r->low_hz) / (r->bins - 1),
                 sd = r->cycles / (2 * M_PI * f);
    const int64_t side = (int64_t)ceil(5 * sd / (1 / r->rate_hz)) - 1;
    double complex sum = 0;
    double squares = 0;
    for (int64_t j = -side; j <= side; ++j) {
        const double t = (double)j / r->rate_hz, size = exp(-0.5 * t * t / (sd * sd));
        squares += size * size;
        if (at - j >= 0 && at - j < samples) sum += size * cexp(2 * M_PI * I * f * t) * x[at - j];
    }
    return cabs(sum) * sqrt(2 / squares);
}

static double direct(const bb_spectrogram_recipe *r, const double *x, int64_t samples, int64_t at, int bin) {
    if (r->method == BB_SPECTROGRAM_MORLET) return morlet(r, x, samples, at, bin);
    return (r->adaptive ? adaptive : plain)(r, x, samples, at, bin);
}

static void check_definition(const bb_spectrogram_recipe *r, const double *x, int64_t samples) {
    int64_t frames;
    float *found = compute_spectrum(r, x, samples, &frames);
    for (int k = 0; k < r->bins; ++k) {
        double largest = 0, apart = 0;
        for (int64_t t = 0; t < frames; ++t) {
            const double expected = direct(r, x, samples, (t + r->trim) * r->hop, k);
            largest = fmax(largest, expected);
            apart = fmax(apart, fabs(found[t * r->bins + k] - expected));
        }
        /* An offset of 100 beside a signal of 1 costs float32 two digits: found 7e-5, 1e-5 without it. */
        assert_at_most(apart / largest, 1e-4);
    }
    free(found);
}

/* Other orders, cycles, frequencies, hops, trims, rates and lengths: more orders than frequencies and fewer,
 * a fractional lowest order, a window shorter than most wavelets. */
static void other_recipes_agree_with_their_definition(void **state) {
    (void)state;
    const struct {
        bb_spectrogram_method method;
        double rate, low, high, cycles, order_min, order_max;
        int bins, hop, trim, adaptive;
        int64_t samples;
    } cases[] = {
        {BB_SPECTROGRAM_SUPERLET, 2048, 0.1, 200, 1, 3, 30, 9, 50, 5, 1, 1033},
        {BB_SPECTROGRAM_SUPERLET, 1000, 2, 100, 3, 1, 5, 12, 17, 0, 1, 700},
        {BB_SPECTROGRAM_SUPERLET, 512, 5, 256, 1.5, 2.5, 7.25, 7, 32, 1, 1, 333},
        {BB_SPECTROGRAM_SUPERLET, 512, 5, 80, 2, 4, 4, 3, 64, 0, 1, 300},
        {BB_SPECTROGRAM_SUPERLET, 2048, 1, 150, 1, 3, 60, 4, 1, 2, 1, 41},
        {BB_SPECTROGRAM_SUPERLET, 1000, 4, 90, 3, 1, 6, 5, 50, 1, 0, 801},
        {BB_SPECTROGRAM_SUPERLET, 1000, 40, 40, 2, 2, 3, 1, 100, 0, 0, 999},
        {BB_SPECTROGRAM_MORLET, 2048, 10, 198, 7, 0, 0, 11, 60, 3, 0, 1500},
        {BB_SPECTROGRAM_MORLET, 300, 1, 150, 2.5, 0, 0, 6, 7, 0, 0, 200},
    };
    double x[1600];
    uint32_t bits = 7;
    for (int i = 0; i < 1600; ++i) { /* a random walk: steep, as recordings are */
        bits = bits * 1664525u + 1013904223u;
        x[i] = (i ? x[i - 1] : 100) + (double)(bits >> 8) / 8388608.0 - 1;
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_spectrogram_recipe r = magnitudes_of(cases[i].method);
        r.rate_hz = cases[i].rate;
        r.low_hz = cases[i].low;
        r.high_hz = cases[i].high;
        r.cycles = cases[i].cycles;
        r.order_min = cases[i].order_min;
        r.order_max = cases[i].order_max;
        r.bins = cases[i].bins;
        r.hop = cases[i].hop;
        r.trim = cases[i].trim;
        r.adaptive = cases[i].adaptive;
        check_definition(&r, x, cases[i].samples);
    }
}

/* The mean is homogeneous: a thousand times the signal, a thousand times the magnitude, from 1e-12 to 1e12.
 */
static void magnitudes_scale_with_the_signal(void **state) {
    (void)state;
    const bb_spectrogram_recipe r = magnitudes_of(BB_SPECTROGRAM_SUPERLET);
    bb_array_f64 wav = bb_golden_f64("wav.npy");
    int64_t frames;
    float *once = compute_spectrum(&r, wav.data, wav.shape[0], &frames);
    const double scales[] = {1e-12, 1e12};
    for (size_t i = 0; i < 2; ++i) {
        for (int64_t t = 0; t < wav.shape[0]; ++t) wav.data[t] *= scales[i];
        float *again = compute_spectrum(&r, wav.data, wav.shape[0], &frames);
        for (int64_t t = 0; t < frames * r.bins; ++t) /* roundings of samples scaled by another number */
            assert_at_most(fabs(again[t] / (once[t] * scales[i]) - 1), 1e-4);
        for (int64_t t = 0; t < wav.shape[0]; ++t) wav.data[t] /= scales[i];
        free(again);
    }
    free(once);
    bb_array_f64_free(&wav);
}

static void silence_and_what_is_no_number_give_zeros(void **state) {
    (void)state;
    static double x[10240];
    for (int method = BB_SPECTROGRAM_SUPERLET; method <= BB_SPECTROGRAM_MORLET; ++method)
        for (int i = 0; i < 2; ++i) {
            const bb_spectrogram_recipe r = bb_spectrogram_recipe_for((bb_spectrogram_method)method);
            int64_t frames;
            x[5000] = i ? NAN : 0;
            float *found = compute_spectrum(&r, x, 10240, &frames);
            for (int64_t t = 0; t < frames * r.bins; ++t) assert_true(found[t] == 0);
            free(found);
        }
}

/* Largest at its own bin; 25 Hz away little is left at any order. */
static void a_sine_stands_at_its_frequency(void **state) {
    (void)state;
    static double x[10240];
    const bb_spectrogram_recipe r = magnitudes_of(BB_SPECTROGRAM_SUPERLET);
    const double step = (200 - 0.1) / 39;
    for (int k = 8; k < 40; k += 5) {
        for (int i = 0; i < 10240; ++i) x[i] = sin(2 * M_PI * (0.1 + k * step) * i / 2048);
        int64_t frames;
        float *found = compute_spectrum(&r, x, 10240, &frames);
        const float *middle = found + frames / 2 * r.bins;
        for (int j = 0; j < r.bins; ++j)
            assert_true(j == k || middle[j] < (abs(j - k) > 4 ? 0.2f : 1) * middle[k]);
        free(found);
    }
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    const bb_spectrogram_recipe r = bb_spectrogram_recipe_for(BB_SPECTROGRAM_SUPERLET);
    enum { COUNT = 5, SAMPLES = 2048, STRIDE = 2000 };
    bb_array_f64 wav = bb_golden_f64("wav.npy");
    bb_spectrogram_plan *plan;
    assert_ok(bb_spectrogram_plan_create(&r, &plan, e));
    const int64_t size = bb_spectrogram_frames(plan, SAMPLES) * r.bins;
    float *out[3];
    for (int threads = 1; threads <= 3; ++threads) {
        void *scratch = aligned_alloc(64, (size_t)threads * bb_spectrogram_scratch(plan, SAMPLES));
        out[threads - 1] = calloc((size_t)(COUNT * size), sizeof(float));
        assert_ok(bb_spectrogram_compute_many(plan, wav.data, STRIDE, COUNT, SAMPLES, NULL, threads, scratch,
                                              out[threads - 1], e));
        assert_memory_equal(out[0], out[threads - 1], (size_t)(COUNT * size) * sizeof(float));
        free(scratch);
    }
    int64_t frames;
    float *alone = compute_spectrum(&r, wav.data + 3 * STRIDE, SAMPLES, &frames);
    assert_memory_equal(alone, out[0] + 3 * size, (size_t)size * sizeof(float));
    free(alone);
    for (int i = 0; i < 3; ++i) free(out[i]);
    bb_spectrogram_plan_destroy(plan);
    bb_array_f64_free(&wav);
}

static void recipes_that_make_no_sense_are_refused(void **state) {
    (void)state;
    const struct {
        double low, high, cycles, order_min, order_max;
        int adaptive;
        const char *part;
    } cases[] = {
        {0, 200, 1, 3, 30, 1, "frequencies from above 0"},
        {-1, 200, 1, 3, 30, 1, "frequencies from above 0"},
        {10, 1025, 1, 3, 30, 1, "at most 1024 Hz"},
        {50, 20, 1, 3, 30, 1, "frequencies"},
        {20, 20, 1, 3, 30, 1, "frequencies"},
        {10, 200, 0, 3, 30, 1, "cycles"},
        {10, 200, 1, 0.5, 30, 1, "orders from 1"},
        {10, 200, 1, 5, 4, 1, "orders from 1"},
        {10, 200, 1, 3, 4.5, 0, "whole orders"},
        {1e-6, 200, 1, 3, 30, 1, "a higher lowest frequency"},
        {NAN, 200, 1, 3, 30, 1, "frequencies"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_spectrogram_recipe r = bb_spectrogram_recipe_for(BB_SPECTROGRAM_SUPERLET);
        bb_spectrogram_plan *plan;
        r.low_hz = cases[i].low;
        r.high_hz = cases[i].high;
        r.cycles = cases[i].cycles;
        r.order_min = cases[i].order_min;
        r.order_max = cases[i].order_max;
        r.adaptive = cases[i].adaptive;
        assert_fails(bb_spectrogram_plan_create(&r, &plan, e), BB_ERR_ARGUMENT, cases[i].part);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(z_scores_agree_with_golden),
        cmocka_unit_test(superlets_agree_on_the_real_clip),
        cmocka_unit_test(magnitudes_agree_with_golden),
        cmocka_unit_test(other_recipes_agree_with_their_definition),
        cmocka_unit_test(magnitudes_scale_with_the_signal),
        cmocka_unit_test(silence_and_what_is_no_number_give_zeros),
        cmocka_unit_test(a_sine_stands_at_its_frequency),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(recipes_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
