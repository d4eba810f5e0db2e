#include "train/masks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { FRAMES = 186, BINS = 40, DRAWS = 10000 };

/* |found - expected| in standard deviations of a count of `trials` with probability p. */
static double deviations(double found, double trials, double p) {
    return fabs(found - trials * p) / sqrt(trials * p * (1 - p));
}

/* How many intervals there are on average: one starts at a place with probability p unless one before it
 * reaches up to it or ends right in front of it. */
static double expected_starts(double p, int most, int places) {
    double expected = 0;
    double *start = calloc((size_t)places, sizeof *start);
    for (int i = 0; i < places; ++i) {
        double blocked = 0;
        for (int w = 1; w <= most; ++w) /* a start at i - d blocks up to its end i - d + w, inclusive */
            for (int d = 1; d <= w && d <= i; ++d) blocked += start[i - d] / most;
        start[i] = p * (1 - blocked);
        expected += start[i];
    }
    free(start);
    return expected;
}

static void static_intervals_follow_their_statistics(void **state) {
    (void)state;
    const bb_mask_recipe r = bb_mask_recipe_for(BB_MASK_STATIC);
    bb_interval intervals[FRAMES];
    const struct { int length, most; } axes[] = {{FRAMES, 5}, {BINS, 2}};
    for (int axis = 0; axis < 2; ++axis) {
        const int length = axes[axis].length, most = axes[axis].most;
        double starts = 0, widths[6] = {0};
        for (int draw = 0; draw < DRAWS; ++draw) {
            bb_dice dice = {.seed = 1, .stream = (uint64_t)draw};
            const int64_t count = axis ? bb_mask_frequency_intervals(&r, length, &dice, intervals)
                                       : bb_mask_time_intervals(&r, length, &dice, intervals);
            starts += (double)count;
            for (int64_t i = 0; i < count; ++i) {
                const int64_t width = intervals[i].end - intervals[i].first;
                assert_true(width >= 1 && width <= most);
                assert_true(intervals[i].first >= 0 && intervals[i].first <= length - most - 1);
                assert_true(i == 0 || intervals[i].first > intervals[i - 1].end);
                widths[width] += 1;
            }
        }
        for (int w = 1; w <= most; ++w) assert_at_most(deviations(widths[w], starts, 1.0 / most), 5);
        const double expected = expected_starts(r.time_p, most, length - most) * DRAWS;
        assert_at_most(fabs(starts / expected - 1),
                       0.01); /* five deviations of some 70,000 starts and more */
    }
}

static void adaptive_intervals_follow_theirs(void **state) {
    (void)state;
    const bb_mask_recipe r = bb_mask_recipe_for(BB_MASK_ADAPTIVE);
    bb_interval intervals[FRAMES];
    double bins_masked = 0, centres = 0;
    for (int draw = 0; draw < DRAWS; ++draw) {
        bb_dice dice = {.seed = 2, .stream = (uint64_t)draw};
        int64_t count = bb_mask_time_intervals(&r, FRAMES, &dice, intervals);
        centres += (double)count;
        for (int64_t i = 0; i < count; ++i) {
            assert_true(intervals[i].first >= 7 && intervals[i].first < FRAMES - 7);
            assert_true(i == 0 || intervals[i].first - intervals[i - 1].first > 15);
        }
        count = bb_mask_frequency_intervals(&r, BINS, &dice, intervals);
        bins_masked += (double)count;
        for (int64_t i = 0; i < count; ++i) {
            const double f = 0.01 + (250 - 0.01) * (double)intervals[i].first / (BINS - 1);
            assert_int_equal(intervals[i].end - intervals[i].first, (int)fmax(1, floor(4.9 * f / 250)));
        }
    }
    assert_at_most(deviations(bins_masked, DRAWS * (BINS - 4.0), 0.10), 5);
    /* One centre, then 15 places without, then 1 / p places on average to the next: 172 / (15 + 10) and the
     * edge. */
    assert_true(centres / DRAWS > 6.8 && centres / DRAWS < 7.6);
    assert_int_equal(bb_mask_half_width(0, BINS, 1), 7);
    assert_int_equal(bb_mask_half_width(BINS - 1, BINS, 1), 1);
    assert_int_equal(bb_mask_half_width(BINS - 1, BINS, 2), 2);
}

/* Time intervals alone, of a window whose cells are all different: what became of each. */
static void one_in_ten_is_left_and_one_replaced(void **state) {
    (void)state;
    static float source[FRAMES * BINS], masked[FRAMES * BINS];
    static uint8_t mask[FRAMES * BINS];
    bb_interval intervals[FRAMES];
    for (int i = 0; i < FRAMES * BINS; ++i) source[i] = (float)(i + 1);
    for (int kind = BB_MASK_STATIC; kind <= BB_MASK_ADAPTIVE; ++kind) {
        bb_mask_recipe r = bb_mask_recipe_for((bb_mask_kind)kind);
        double left = 0, zeroed = 0, all = 0;
        r.frequency_p = 0;
        for (int draw = 0; draw < DRAWS / 4; ++draw) {
            bb_dice dice = {.seed = 3, .stream = (uint64_t)draw}, again = dice;
            bb_mask_draw(&r, &dice, source, FRAMES, BINS, intervals, masked, mask);
            if (kind == BB_MASK_ADAPTIVE) again.next = 1; /* the least width comes first */
            const int64_t count = bb_mask_time_intervals(&r, FRAMES, &again, intervals);
            for (int64_t i = 0; i < count; ++i) {
                const int64_t at = intervals[i].first * BINS;
                assert_int_equal(mask[at], 1);
                all += 1;
                zeroed += masked[at] == 0;
                left += masked[at] == source[at];
            }
            for (int i = 0; i < FRAMES * BINS; ++i) assert_true(mask[i] || masked[i] == source[i]);
        }
        assert_at_most(deviations(zeroed, all, 0.8), 5);
        /* A stretch replaced by itself looks left: one in 180 of the tenth. */
        assert_at_most(fabs(left / all - 0.1), 0.006 + 5 * sqrt(0.09 / all));
    }
}

static void the_published_loss_mask_has_rows_as_columns(void **state) {
    (void)state;
    static float source[FRAMES * BINS], masked[FRAMES * BINS];
    static uint8_t ours[FRAMES * BINS], published[FRAMES * BINS];
    bb_interval intervals[FRAMES];
    bb_mask_recipe r = bb_mask_recipe_for(BB_MASK_STATIC);
    for (int i = 0; i < FRAMES * BINS; ++i) source[i] = (float)(i + 1);
    for (uint64_t draw = 0; draw < 50; ++draw) {
        bb_dice a = {.seed = 4, .stream = draw}, b = a, again = a;
        bb_mask_draw(&r, &a, source, FRAMES, BINS, intervals, masked, ours);
        r.published = true;
        bb_mask_draw(&r, &b, source, FRAMES, BINS, intervals, masked, published);
        const int64_t count = bb_mask_time_intervals(&r, FRAMES, &again, intervals);
        r.published = false;
        for (int t = 0; t < FRAMES; ++t)
            for (int f = 0; f < BINS; ++f) {
                bool row = false, column = false;
                for (int64_t i = 0; i < count; ++i) {
                    row |= t >= intervals[i].first && t < intervals[i].end;
                    column |= f >= intervals[i].first && f < intervals[i].end;
                }
                assert_int_equal(published[t * BINS + f], row || column);
                assert_true(!row || ours[t * BINS + f]);
            }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_intervals_follow_their_statistics),
        cmocka_unit_test(adaptive_intervals_follow_theirs),
        cmocka_unit_test(one_in_ten_is_left_and_one_replaced),
        cmocka_unit_test(the_published_loss_mask_has_rows_as_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
