#include <math.h>

#include "stream.h"

static const double pi = 3.14159265358979323846;
static const double rates[] = {999.412, 3051.76, 173.61, 30000, 512, 1000, 2000, 2047.9, 44100.7, 128, 4096};
enum { RATES = sizeof rates / sizeof *rates };

static bb_signal_recipe resample_only(void) {
    return (bb_signal_recipe){.rate_hz = 2048, .reference = BB_REFERENCE_NONE};
}

static stream resample(const double *x, double rate_hz, int64_t samples, int64_t block) {
    const bb_signal_recipe r = resample_only();
    return run_chain(shaft_chain(&r, rate_hz, 1, 1), x, 1, samples, block);
}

static double *sine(double f_hz, double rate_hz, int64_t samples) {
    double *x = malloc((size_t)samples * sizeof *x);
    for (int64_t t = 0; t < samples; ++t) x[t] = sin(2 * pi * f_hz * (double)t / rate_hz + 0.3);
    return x;
}

/* Away from the edges, where the filter sees the silence before and after the signal: its length is under
 * 1000 samples at the lower of the two rates. */
static int64_t edge(double rate_hz) { return (int64_t)ceil(1000 * fmax(1, 2048 / rate_hz)); }

/* max |y[t] - amplitude sin(2 pi f t / 2048 + 0.3)| away from the edges. */
static double sine_error(const stream *s, double f_hz, double amplitude, double rate_hz) {
    double worst = 0;
    assert_true(s->samples > 3 * edge(rate_hz));
    for (int64_t t = edge(rate_hz); t < s->samples - edge(rate_hz); ++t)
        worst = fmax(worst, fabs(s->data[t] - amplitude * sin(2 * pi * f_hz * (double)t / 2048 + 0.3)));
    return worst;
}

/* The resampler works to 28 bits: 2^-28 is 3.7e-9, and the ripples of its stages add up. */
static const double resampling_error = 1e-8;

static void a_sine_comes_out_as_the_same_sine(void **state) {
    (void)state;
    for (int i = 0; i < RATES; ++i)
        for (int k = 1; k <= 3; ++k) {
            const double f = 0.3 * k * fmin(rates[i], 2048) / 2; /* up to 0.9 of the lower Nyquist */
            const int64_t n = (int64_t)(rates[i] * 2) + 3000;
            double *x = sine(f, rates[i], n);
            stream s = resample(x, rates[i], n, 1000);
            assert_at_most(sine_error(&s, f, 1, rates[i]), resampling_error);
            stream_free(&s);
            free(x);
        }
}

static void a_sine_above_the_output_nyquist_is_gone(void **state) {
    (void)state;
    for (int i = 0; i < RATES; ++i)
        for (double f = 1025; f < rates[i] / 2; f *= 1.3) {
            const int64_t n = (int64_t)(rates[i] * 2);
            double *x = sine(f, rates[i], n);
            stream s = resample(x, rates[i], n, 1000);
            assert_at_most(sine_error(&s, f, 0, rates[i]), resampling_error); /* -160 dB */
            stream_free(&s);
            free(x);
        }
}

/* A sweep from one frequency to another over the whole signal, and its value at any time. */
typedef struct sweep {
    double from_hz, to_hz, length_s;
} sweep;

static double sweep_at(const sweep *s, double time_s) {
    const double slope = (s->to_hz - s->from_hz) / s->length_s;
    return sin(2 * pi * (s->from_hz + slope * time_s / 2) * time_s);
}

/* max |y[t] - amplitude * sweep| away from the edges. */
static double sweep_error(const sweep *s, double amplitude, double rate_hz) {
    const int64_t n = (int64_t)(rate_hz * s->length_s);
    double *x = malloc((size_t)n * sizeof *x), worst = 0;
    for (int64_t t = 0; t < n; ++t) x[t] = sweep_at(s, (double)t / rate_hz);
    stream y = resample(x, rate_hz, n, 1000);
    for (int64_t t = edge(rate_hz); t < y.samples - edge(rate_hz); ++t)
        worst = fmax(worst, fabs(y.data[t] - amplitude * sweep_at(s, (double)t / 2048)));
    stream_free(&y);
    free(x);
    return worst;
}

/* The bars that another resampler would have to meet: -60 dB in the pass band up to 0.9 of the lower Nyquist
 * frequency, aliases below -80 dB. Ours are 100 dB below them. */
static void sweeps_meet_the_bars_at_every_pair_of_rates(void **state) {
    (void)state;
    static const double pairs[] = {512, 1000, 2000, 4096, 3051.76, 999.41};
    for (int i = 0; i < 6; ++i) {
        const double nyquist = fmin(pairs[i], 2048) / 2;
        const sweep pass = {0.01 * nyquist, 0.9 * nyquist, 20};
        assert_at_most(sweep_error(&pass, 1, pairs[i]), resampling_error);
        if (pairs[i] < 2048) continue;
        const sweep stop = {1026, 0.99 * pairs[i] / 2, 20};
        assert_at_most(sweep_error(&stop, 0, pairs[i]), resampling_error);
    }
}

/* Half an hour at a rate that is no ratio of small numbers: the last second is still in phase. */
static void long_recordings_do_not_drift(void **state) {
    (void)state;
    const double rate = 999.412;
    const int64_t n = (int64_t)(rate * 1800);
    double *x = sine(100, rate, n);
    stream s = resample(x, rate, n, 100000);
    assert_at_most(sine_error(&s, 100, 1, rate), resampling_error);
    stream_free(&s);
    free(x);
}

/* An impulse at time 0.5 s of the input is a symmetric pulse about 0.5 s of the output. */
static void an_impulse_stays_where_it_was(void **state) {
    (void)state;
    enum { N = 1024, AT = 500 };
    for (int i = 0; i < RATES; ++i) {
        double x[N] = {0};
        x[AT] = 1;
        stream s = resample(x, rates[i], N, 100);
        int64_t peak = 0;
        for (int64_t t = 0; t < s.samples; ++t)
            if (fabs(s.data[t]) > fabs(s.data[peak])) peak = t;
        assert_int_equal(peak, llround(AT * 2048 / rates[i]));
        stream_free(&s);
    }
    double x[N] = {0};
    x[AT] = 1;
    stream s = resample(x, 512, N, 100);
    for (int64_t t = 1; t < 1900; ++t)
        assert_at_most(fabs(s.data[4 * AT + t] - s.data[4 * AT - t]), resampling_error);
    stream_free(&s);
}

/* run_chain fails unless exactly the promised number comes out; here that number, and the same bytes for
 * every way of cutting the input. */
static void lengths_are_exact_and_blocks_change_no_bit(void **state) {
    (void)state;
    static const int64_t lengths[] = {0, 1, 2, 13, 1000, 4567}, blocks[] = {1, 7, 1000, RANDOM_BLOCKS};
    double x[4567];
    for (int t = 0; t < 4567; ++t) x[t] = bb_random_normal(5, 0, (uint64_t)t);
    for (int i = 0; i < RATES; ++i)
        for (int k = 0; k < 6; ++k) {
            stream whole = resample(x, rates[i], lengths[k], WHOLE);
            assert_int_equal(whole.samples, llround((double)lengths[k] * 2048 / rates[i]));
            for (int b = 0; b < 4; ++b) {
                stream cut = resample(x, rates[i], lengths[k], blocks[b]);
                assert_memory_equal(whole.data, cut.data, (size_t)whole.samples * sizeof(double));
                stream_free(&cut);
            }
            stream_free(&whole);
        }
}

/* The golden array was made by a filter of 81 taps, which is 7 % down at 230 Hz and lets half of what lies at
 * 256 Hz through: the two differ by the noise between 200 and 310 Hz, 0.7 % of this signal's size. */
static void agrees_with_another_filter(void **state) {
    (void)state;
    enum { CHANNELS = 8, RAW = 8192, N = 8192, EDGE = 500 };
    bb_array_f64 raw = bb_golden_f64("shaft_raw.npy"), other = bb_golden_f64("shaft_resampled_from_512.npy");
    double difference = 0, size = 0;
    for (int c = 0; c < CHANNELS; ++c) {
        stream s = resample(raw.data + c * RAW, 512, N / 4, 100);
        for (int t = EDGE; t < N - EDGE; ++t) {
            const double y = other.data[c * N + t], d = s.data[t] - y;
            difference += d * d;
            size += y * y;
        }
        stream_free(&s);
    }
    assert_at_most(sqrt(difference / size), 0.01);
    bb_array_f64_free(&raw);
    bb_array_f64_free(&other);
}

static void rates_that_agree_are_not_resampled(void **state) {
    (void)state;
    const double x[3] = {1, 2, 3};
    stream s = resample(x, 2048 * (1 + 1e-10), 3, WHOLE); /* how a rate looks after a division */
    assert_memory_equal(s.data, x, sizeof x);
    stream_free(&s);
}

static void a_flush_needs_room(void **state) {
    (void)state;
    const bb_signal_recipe r = resample_only();
    bb_chain *chain = shaft_chain(&r, 1000, 1, 1);
    double x[10] = {0}, y[8000];
    int64_t produced, total;
    assert_ok(bb_chain_push(chain, x, 10, y, 8000, &total, e));
    assert_fails(bb_chain_flush(chain, y, 0, &produced, e), BB_ERR_ARGUMENT, "room for 1");
    for (produced = 1; produced > 0; total += produced) assert_ok(bb_chain_flush(chain, y, 3, &produced, e));
    assert_int_equal(total, 20);
    bb_chain_destroy(chain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sine_comes_out_as_the_same_sine),
        cmocka_unit_test(a_sine_above_the_output_nyquist_is_gone),
        cmocka_unit_test(sweeps_meet_the_bars_at_every_pair_of_rates),
        cmocka_unit_test(long_recordings_do_not_drift),
        cmocka_unit_test(an_impulse_stays_where_it_was),
        cmocka_unit_test(lengths_are_exact_and_blocks_change_no_bit),
        cmocka_unit_test(agrees_with_another_filter),
        cmocka_unit_test(rates_that_agree_are_not_resampled),
        cmocka_unit_test(a_flush_needs_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
