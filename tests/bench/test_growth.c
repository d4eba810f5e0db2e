#include <math.h>

#include "bench/statistics.h"
#include "brainbert/bench.h"
#include "made_folder.h"

static int go_on(void *context, int64_t done, int64_t total) {
    double *last = context;
    assert_true(done >= 0 && done <= total);
    assert_true((double)done / (double)total >= *last); /* it only goes forward, to the end */
    *last = (double)done / (double)total;
    return 0;
}

static void check_points(const bb_growth_series *s) {
    double size[BB_GROWTH_POINTS], seconds[BB_GROWTH_POINTS], logs = 0;
    for (int i = 0; i < s->count; ++i) {
        const bb_growth_point *p = &s->points[i];
        assert_true(p->windows > 0 && p->flop > 0 && p->seconds > 0 && p->peak_bytes > 0);
        assert_true(i == 0 || p->size > s->points[i - 1].size);
        size[i] = p->size;
        seconds[i] = p->seconds;
        logs += log(p->counted_s / p->seconds);
    }
    /* The count's line lies in the middle of what was measured. Roundings of some ten logarithms. */
    assert_at_most(fabs(logs), 1e-12);
    assert_true(s->time_exponent == bb_log_slope(size, seconds, s->count));
}

static void every_kind_grows_by_its_count(void **state) {
    (void)state;
    bb_growth g;
    double progress = 0;
    const bb_growth_options options = {.model = bb_test_path("golden/tiny"),
                                       .folder = make_folder(),
                                       .hours = 0.08,
                                       .threads = 2,
                                       .rounds = 1};
    assert_ok(bb_growth_measure(&options, go_on, &progress, &g, e));
    assert_true(progress == 1 && g.threads == 2 && g.rounds == 1);
    assert_empty(options.folder);
    for (int k = 0; k < BB_GROWTH_KINDS; ++k) check_points(&g.series[k]);
    const bb_growth_series *hours = &g.series[BB_GROWTH_HOURS], *channels = &g.series[BB_GROWTH_CHANNELS],
                           *window = &g.series[BB_GROWTH_WINDOW], *models = &g.series[BB_GROWTH_MODEL];
    /* 36, 72, .. 288 s of windows of 5 s. */
    assert_int_equal(hours->points[0].windows, 7);
    assert_int_equal(hours->points[3].windows, 58);
    for (int i = 0; i < channels->count; ++i)
        assert_int_equal(channels->points[i].windows, channels->points[0].windows << i);
    /* Products grow with the frames, attention with their square. */
    assert_true(fabs(channels->counted_exponent - 1) < 1e-12); /* logarithms of powers of two */
    assert_true(window->counted_exponent > 1 && window->counted_exponent < 2);
    for (int i = 0; i < window->count; ++i)
        assert_int_equal(window->points[i].windows, window->points[0].windows);
    /* docs/model.md */
    assert_int_equal(models->count, 3);
    assert_at_most(fabs(models->points[0].size - 4.72876), 1e-9); /* rounding of a product */
    assert_true(models->points[2].peak_bytes > models->points[0].peak_bytes);
    assert_true(models->counted_exponent > 0);
}

static int stop(void *context, int64_t done, int64_t total) {
    (void)context, (void)done, (void)total;
    return 1;
}

static void it_stops_and_says_what_it_cannot_do(void **state) {
    (void)state;
    bb_growth g;
    bb_growth_options o = {.model = bb_test_path("golden/tiny"),
                           .folder = make_folder(),
                           .hours = 0.02,
                           .threads = 1,
                           .rounds = 1};
    assert_fails(bb_growth_measure(&o, stop, NULL, &g, e), BB_ERR_CANCELLED, "stopped");
    o.hours = 0.01;
    assert_fails(bb_growth_measure(&o, NULL, NULL, &g, e), BB_ERR_ARGUMENT, "0.02 to 24 hours, found 0.01");
    o.hours = NAN;
    assert_fails(bb_growth_measure(&o, NULL, NULL, &g, e), BB_ERR_ARGUMENT, "hours");
    o.hours = 0.02;
    o.rounds = 0;
    assert_fails(bb_growth_measure(&o, NULL, NULL, &g, e), BB_ERR_ARGUMENT, "1 to 99 rounds, found 0");
    o.rounds = 1;
    o.model = "nowhere";
    assert_fails(bb_growth_measure(&o, NULL, NULL, &g, e), BB_ERR_IO, "nowhere");
    assert_empty(o.folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_grows_by_its_count),
        cmocka_unit_test(it_stops_and_says_what_it_cannot_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
