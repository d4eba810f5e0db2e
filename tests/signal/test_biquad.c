#include <complex.h>
#include <math.h>

#include "brainbert/signal.h"
#include "support.h"

static void same_section(bb_biquad a, bb_biquad b, double bound) {
    const double worst = bb_max_error_f64(&a.b0, &b.b0, 5);
    assert_at_most(worst, bound);
}

/* Coefficients printed by SciPy 1.10. 1e-15 is a few units in the last place of numbers up to 2. */
static void designs_match_scipy(void **state) {
    (void)state;
    same_section(bb_design_notch(60, 30, 2048),
                 (bb_biquad){0.9969414124570759, -1.960197146467958, 0.9969414124570759, -1.960197146467958,
                             0.9938828249141518},
                 1e-15);
    same_section(bb_design_notch(50, 35, 999.412),
                 (bb_biquad){0.9955294156934719, -1.893495720365498, 0.9955294156934719, -1.893495720365498,
                             0.9910588313869437},
                 1e-15);
    bb_biquad s[4];
    assert_int_equal(bb_design_highpass(4, 0.5, 2048, s), 2);
    same_section(s[0],
                 (bb_biquad){0.9979977644367628, -1.9959955288735256, 0.9979977644367628, -1.9971672357386776,
                             0.9971695855051543},
                 1e-15);
    same_section(s[1], (bb_biquad){1.0, -2.0, 1.0, -1.9988242794794786, 0.9988266311955498}, 1e-15);
    assert_int_equal(bb_design_highpass(3, 100, 1000, s), 2);
    same_section(s[0], (bb_biquad){0.5276243825019432, -0.5276243825019432, 0.0, -0.5095254494944288, 0.0},
                 1e-15);
    same_section(s[1], (bb_biquad){1.0, -2.0, 1.0, -1.2505164308487402, 0.5457233155094579}, 1e-15);
}

/* |H| of a cascade at f. */
static double gain_at(const bb_biquad *s, size_t count, double f_hz, double rate_hz) {
    const double complex z1 = cexp(-I * 2 * 3.14159265358979323846 * f_hz / rate_hz), z2 = z1 * z1;
    double gain = 1;
    for (size_t i = 0; i < count; ++i)
        gain *= cabs((s[i].b0 + s[i].b1 * z1 + s[i].b2 * z2) / (1 + s[i].a1 * z1 + s[i].a2 * z2));
    return gain;
}

static void a_notch_is_as_wide_as_its_q_says(void **state) {
    (void)state;
    const bb_biquad s = bb_design_notch(60, 30, 2048);
    assert_at_most(gain_at(&s, 1, 60, 2048), 1e-12);
    assert_at_most(fabs(gain_at(&s, 1, 0, 2048) - 1), 1e-12);
    /* Half power at the edges of the 2 Hz band, which the bilinear transform shifts by less than 0.02 Hz: at
     * a slope of 0.35 per Hz that is 0.007. */
    assert_at_most(fabs(gain_at(&s, 1, 59, 2048) - sqrt(0.5)), 0.007);
    assert_at_most(fabs(gain_at(&s, 1, 61, 2048) - sqrt(0.5)), 0.007);
}

/* A Butterworth high-pass of order N at the warped frequency w: |H|^2 = 1 / (1 + (wc / w)^2N). */
static void high_passes_are_butterworth(void **state) {
    (void)state;
    const double pi = 3.14159265358979323846;
    for (int order = 1; order <= 8; ++order) {
        bb_biquad s[4];
        const size_t count = bb_design_highpass(order, 40, 1000, s);
        assert_int_equal(count, (order + 1) / 2);
        for (double f = 1; f < 500; f += 7) {
            const double ratio = tan(pi * 40 / 1000) / tan(pi * f / 1000);
            /* Cancellation near the zeros at z = 1 leaves about 1e-13. */
            assert_at_most(fabs(gain_at(s, count, f, 1000) - 1 / sqrt(1 + pow(ratio, 2 * order))), 1e-12);
        }
        assert_at_most(gain_at(s, count, 0, 1000), 1e-15);
    }
    bb_biquad s[4];
    assert_int_equal(bb_design_highpass(0, 40, 1000, s), 0);
    assert_int_equal(bb_design_highpass(9, 40, 1000, s), 0);
}

static void band_passes_match_scipy(void **state) {
    (void)state;
    static const bb_biquad high_gamma[5] = {
        {0.0007367907173967623, 0.0014735814347935246, 0.0007367907173967623, -1.2218908123935863,
         0.5273600589711789},
        {1.0, 2.0, 1.0, -1.4285101206814408, 0.5584159480927129},
        {1.0, 0.0, -1.0, -1.7071355887734054, 0.7662659026562354},
        {1.0, -2.0, 1.0, -1.297769777111996, 0.7799003790609592},
        {1.0, -2.0, 1.0, -1.8785723555535323, 0.9244920913437837},
    };
    static const bb_biquad alpha[4] = {
        {3.392987560290777e-07, 6.785975120581554e-07, 3.392987560290777e-07, -1.9357885497382619,
         0.9522791963736936},
        {1.0, 2.0, 1.0, -1.947070291092731, 0.9591173491992915},
        {1.0, -2.0, 1.0, -1.9572635192340475, 0.9780137530850563},
        {1.0, -2.0, 1.0, -1.9750019296556331, 0.9848252960972472},
    };
    bb_biquad s[8];
    assert_int_equal(bb_design_bandpass(5, 70, 250, 2048, s), 5);
    /* The square root of a difference and a division for each pole: some ten roundings of numbers up to 2. */
    for (int k = 0; k < 5; ++k) same_section(s[k], high_gamma[k], 4e-15);
    assert_int_equal(bb_design_bandpass(4, 8, 12, 512.5, s), 4);
    for (int k = 0; k < 4; ++k) same_section(s[k], alpha[k], 4e-15);
}

/* A Butterworth band-pass at the warped frequency w: |H|^2 = 1 / (1 + ((w^2 - w0^2) / (B w))^2N). Bands so
 * wide that real poles stay real, and narrow ones. */
static void band_passes_are_butterworth(void **state) {
    (void)state;
    const double pi = 3.14159265358979323846;
    static const double bands[][2] = {{1, 400}, {70, 250}, {100, 110}, {0.5, 499}};
    for (int order = 1; order <= 8; ++order)
        for (int b = 0; b < 4; ++b) {
            bb_biquad s[8];
            assert_int_equal(bb_design_bandpass(order, bands[b][0], bands[b][1], 1000, s), order);
            const double low = tan(pi * bands[b][0] / 1000), high = tan(pi * bands[b][1] / 1000);
            for (double f = 0.3; f < 500; f += 3.7) {
                const double w = tan(pi * f / 1000), x = (w * w - low * high) / ((high - low) * w);
                /* Poles lie as near as 3e-4 to the unit circle, which enlarges roundings of 1e-16. */
                assert_at_most(fabs(gain_at(s, (size_t)order, f, 1000) - 1 / sqrt(1 + pow(x, 2 * order))),
                               1e-9);
            }
            assert_at_most(gain_at(s, (size_t)order, 0, 1000), 1e-15);
            /* e^(-i pi) is 1e-16 off -1, which a pole at 499 Hz enlarges. */
            assert_at_most(gain_at(s, (size_t)order, 500, 1000), 1e-12);
        }
    bb_biquad s[8];
    assert_int_equal(bb_design_bandpass(0, 70, 250, 1000, s), 0);
    assert_int_equal(bb_design_bandpass(9, 70, 250, 1000, s), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(designs_match_scipy),         cmocka_unit_test(a_notch_is_as_wide_as_its_q_says),
        cmocka_unit_test(high_passes_are_butterworth), cmocka_unit_test(band_passes_match_scipy),
        cmocka_unit_test(band_passes_are_butterworth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
