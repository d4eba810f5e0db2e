#include "signal/unsound.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "soundness_by_hand.h"
#include "support.h"

enum { CHANNELS = 4, N = 6000 };
static const double rate = 1000; /* a flat run counts from 100 samples on */
static const bb_unsound_range ranges[CHANNELS] = {{-500, 500}, {-500, 500}, {0, 0}, {-2, 2}};

/* Noise with stretches of every kind and length, some across the ends of chunks and windows. */
static double *made_signal(uint64_t seed) {
    double *x = malloc(CHANNELS * N * sizeof *x);
    for (uint64_t i = 0; i < CHANNELS * N; ++i) x[i] = 100 * bb_random_normal(seed, 0, i);
    static const double values[] = {NAN, INFINITY, -INFINITY, 1e200, 500, -500, 700, 0, -0.0, 17, 17, 3};
    static const int lengths[] = {1, 2, 3, 4, 63, 64, 65, 99, 100, 101, 128, 300};
    for (uint64_t k = 0; k < 25 * CHANNELS; ++k) {
        const int64_t at = (int64_t)(bb_random_bits(seed, 1, k) % N);
        const double value = values[bb_random_bits(seed, 2, k) % 12];
        const int length = lengths[bb_random_bits(seed, 3, k) % 12];
        double *channel = x + k % CHANNELS * N;
        for (int64_t t = at; t < at + length && t < N; ++t) channel[t] = value;
    }
    return x;
}

static int64_t next_block(int64_t block, int64_t left, uint64_t turn) {
    const int64_t n = block > 0 ? block : (int64_t)(bb_random_bits(9, 9, turn) % 700);
    return n < left ? n : left;
}

static void push(bb_unsound *u, const double *x, int64_t at, int64_t n) {
    double *part = malloc(CHANNELS * (size_t)n * sizeof *part + 1);
    for (int c = 0; c < CHANNELS; ++c) memcpy(part + c * n, x + c * N + at, (size_t)n * sizeof *part);
    assert_ok(bb_unsound_push(u, part, n, 2, e));
    free(part);
}

/* Windows that overlap by half, asked for as soon as they have been read, or `ahead` samples later. */
static void check_windows(const double *x, int64_t block, int64_t window, int64_t ahead) {
    bb_unsound *u = bb_unsound_create(rate, ranges, CHANNELS);
    int64_t read = 0, samples[5];
    uint64_t turn = 0;
    assert_non_null(u);
    for (int64_t first = 0; first + window <= N; first += window / 2 + 1) {
        bb_unsound_forget(u, first);
        while (read < N && read < first + window + ahead) {
            const int64_t n = next_block(block, N - read, turn++);
            push(u, x, read, n);
            read += n;
        }
        for (size_t c = 0; c < CHANNELS; ++c)
            assert_int_equal(
                bb_unsound_bits(u, c, first, first + window),
                by_hand_bits(x + c * N + first, window, rate, ranges[c].low, ranges[c].high, NULL));
    }
    for (; read < N; read += 100) push(u, x, read, N - read < 100 ? N - read : 100);
    for (size_t c = 0; c < CHANNELS; ++c) {
        by_hand_bits(x + c * N, N, rate, ranges[c].low, ranges[c].high, samples);
        assert_int_equal(bb_unsound_samples(u, c, BB_MISSING), samples[BB_UNSOUND_MISSING]);
        assert_int_equal(bb_unsound_samples(u, c, BB_FLAT), samples[BB_UNSOUND_FLAT]);
        assert_int_equal(bb_unsound_samples(u, c, BB_CLIPPED), samples[BB_UNSOUND_CLIPPED]);
    }
    bb_unsound_destroy(u);
}

static void stretches_are_found_however_the_stream_is_cut(void **state) {
    (void)state;
    static const int64_t blocks[] = {1, 2, 7, 63, 64, 65, 100, 999, N, -1}, windows[] = {50, 100, 333, 2000};
    for (uint64_t seed = 1; seed <= 3; ++seed) {
        double *x = made_signal(seed);
        for (int b = 0; b < 10; ++b)
            for (int w = 0; w < 4; ++w) check_windows(x, blocks[b], windows[w], w % 2 ? 0 : 1500);
        free(x);
    }
}

/* The bits of the first `n` samples of one channel, and of all of it in *all. */
static unsigned judge(double rate_hz, bb_unsound_range range, const double *x, int64_t n) {
    bb_unsound *u = bb_unsound_create(rate_hz, &range, 1);
    assert_non_null(u);
    assert_ok(bb_unsound_push(u, x, n, 1, e));
    const unsigned bits = bb_unsound_bits(u, 0, 0, n);
    bb_unsound_destroy(u);
    return bits;
}

static void a_short_flat_run_is_nothing(void **state) {
    (void)state;
    static const double rates[] = {2048, 1000, 100, 20, 0.5};
    for (int r = 0; r < 5; ++r) {
        const int64_t enough = (int64_t)fmax(10, ceil(0.1 * rates[r]));
        for (int64_t length = enough - 1; length <= enough; ++length) {
            double x[1000];
            for (int t = 0; t < 1000; ++t) x[t] = t;
            for (int64_t t = 400; t < 400 + length; ++t) x[t] = -7;
            assert_int_equal(judge(rates[r], (bb_unsound_range){0}, x, 1000),
                             length < enough ? 0 : BB_UNSOUND_FLAT);
        }
    }
}

/* Two steps either way, as an amplifier of little gain gives: neighbours are often equal, and the steps at
 * the ends of so small a range are met all the time. */
static void small_counts_are_no_flat_line(void **state) {
    (void)state;
    enum { LENGTH = 200000 };
    double *x = malloc(LENGTH * sizeof *x);
    double level = 0;
    for (uint64_t t = 0; t < LENGTH; ++t) {
        level = 0.98 * level + 0.2 * bb_random_normal(4, 4, t); /* about 1 s.d., 50 samples of memory */
        x[t] = fmax(-2, fmin(2, round(level + 0.3 * bb_random_normal(4, 5, t))));
    }
    assert_int_equal(judge(2048, (bb_unsound_range){-32768, 32767}, x, LENGTH), 0);
    free(x);
}

static void touching_the_range_is_not_clipped(void **state) {
    (void)state;
    double x[100];
    for (int t = 0; t < 100; ++t) x[t] = t % 7;
    x[50] = x[51] = 100;
    assert_int_equal(judge(1000, (bb_unsound_range){-100, 100}, x, 100), 0);
    x[52] = 100 * (1 - 1e-15); /* what a rounding leaves of it */
    assert_int_equal(judge(1000, (bb_unsound_range){-100, 100}, x, 100), BB_UNSOUND_CLIPPED);
    x[52] = 99.9999; /* one step of 24 bits below it */
    assert_int_equal(judge(1000, (bb_unsound_range){-100, 100}, x, 100), 0);
    x[51] = -100, x[52] = 120; /* from one end to the other, and beyond */
    assert_int_equal(judge(1000, (bb_unsound_range){-100, 100}, x, 100), BB_UNSOUND_CLIPPED);
    static const bb_unsound_range none[] = {{0, 0}, {100, -100}, {-INFINITY, INFINITY}, {NAN, 3}, {-3, NAN}};
    for (int i = 0; i < 5; ++i) assert_int_equal(judge(1000, none[i], x, 100), 0);
}

static void what_is_constant_is_flat_from_end_to_end(void **state) {
    (void)state;
    enum { LENGTH = 100000 };
    double *x = calloc(LENGTH, sizeof *x);
    const bb_unsound_range range = {0, 10};
    bb_unsound *u = bb_unsound_create(2048, &range, 1);
    for (int64_t t = 0; t < LENGTH; t += 1000) {
        assert_ok(bb_unsound_push(u, x + t, 1000, 1, e));
        assert_int_equal(bb_unsound_bits(u, 0, t, t + 1000), BB_UNSOUND_FLAT | BB_UNSOUND_CLIPPED);
        bb_unsound_forget(u, t);
    }
    assert_int_equal(bb_unsound_samples(u, 0, BB_FLAT), LENGTH);
    bb_unsound_destroy(u);
    bb_unsound_destroy(NULL);
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stretches_are_found_however_the_stream_is_cut),
        cmocka_unit_test(a_short_flat_run_is_nothing),
        cmocka_unit_test(small_counts_are_no_flat_line),
        cmocka_unit_test(touching_the_range_is_not_clipped),
        cmocka_unit_test(what_is_constant_is_flat_from_end_to_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
