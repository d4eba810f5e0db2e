#include "model/pooling.h"

#include <math.h>

#include "support.h"

static bb_pooling named(const char *name) {
    bb_pooling p;
    if (!bb_pooling_from_name(name, &p)) fail_msg("'%s' is not known", name);
    return p;
}

static void names_are_understood(void **state) {
    (void)state;
    assert_int_equal(named("center").kind, BB_POOL_CENTER);
    assert_int_equal(named("mean").kind, BB_POOL_MEAN);
    assert_int_equal(named("none").kind, BB_POOL_NONE);
    assert_int_equal(named("segments:4").kind, BB_POOL_SEGMENTS);
    assert_int_equal(named("segments:4").segments, 4);
    assert_int_equal(named("segments:1").segments, 1);
    assert_int_equal(named("segments:4096").segments, 4096);
    const char *const wrong[] = {
        "",           "Center",      "centre",       "segments",
        "segments:",  "segments:0",  "segments:-1",  "segments:4097",
        "segments:x", "segments:4x", "segments:4.5", "segments:99999999999999999999"};
    bb_pooling p;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i)
        if (bb_pooling_from_name(wrong[i], &p)) fail_msg("'%s' is accepted", wrong[i]);
}

static void sizes_follow_the_kind(void **state) {
    (void)state;
    const bb_pooling center = named("center"), mean = named("mean"), none = named("none"),
                     segments = named("segments:4");
    assert_int_equal(bb_pooling_size(&center, 186, 768), 768);
    assert_int_equal(bb_pooling_size(&mean, 186, 768), 768);
    assert_int_equal(bb_pooling_size(&segments, 186, 768), 4 * 768);
    assert_int_equal(bb_pooling_size(&none, 186, 768), 186 * 768);
}

static void assert_range(const char *name, int64_t frames, int64_t first, int64_t count) {
    const bb_pooling p = named(name);
    const bb_frame_range r = bb_pooling_range(&p, frames);
    assert_int_equal(r.first, first);
    assert_int_equal(r.count, count);
}

static void the_centre_is_ten_frames_or_what_there_is(void **state) {
    (void)state;
    assert_range("center", 186, 88, 10);
    assert_range("center", 185, 87, 10);
    assert_range("center", 10, 0, 10);
    assert_range("center", 9, 0, 9);
    assert_range("center", 11, 0, 10);
    assert_range("center", 2, 0, 2);
    assert_range("center", 1, 0, 1);
    assert_range("mean", 186, 0, 186);
    assert_range("segments:4", 186, 0, 186);
}

/* Rows 0, 1, 2 .. : a mean is half the sum of the first and the last. */
static void rows_are_averaged_by_stretch(void **state) {
    (void)state;
    float x[7][3], out[3 * 3];
    for (int t = 0; t < 7; ++t)
        for (int d = 0; d < 3; ++d) x[t][d] = (float)(t + 100 * d);
    const bb_pooling mean = named("mean"), three = named("segments:3"), seven = named("segments:7");
    bb_pool_rows(&mean, &x[0][0], 7, 3, out);
    /* Float32 of values up to 206. */
    for (int d = 0; d < 3; ++d) assert_at_most(fabs((double)out[d] - (3 + 100 * d)), 1e-4);
    bb_pool_rows(&three, &x[0][0], 7, 3, out);
    const double middle[3] = {0.5, 2.5, 5}; /* frames 0 1, 2 3, 4 5 6 */
    for (int k = 0; k < 3; ++k)
        for (int d = 0; d < 3; ++d)
            assert_at_most(fabs((double)out[k * 3 + d] - (middle[k] + 100 * d)), 1e-4);
    float all[7][3];
    bb_pool_rows(&seven, &x[0][0], 7, 3, &all[0][0]);
    assert_memory_equal(all, x, sizeof x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_understood),
        cmocka_unit_test(sizes_follow_the_kind),
        cmocka_unit_test(the_centre_is_ten_frames_or_what_there_is),
        cmocka_unit_test(rows_are_averaged_by_stretch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
