#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "brainbert/decoding.h"
#include "support.h"

enum { N = 120 };

/* Windows 2 s apart, listed backwards: what counts is time. */
typedef struct world {
    double start_s[N], values[N];
    int labels[N], recording[N];
    int64_t trial[N];
    bb_decoding_task task;
} world;

static void lay_out(world *w) {
    for (int i = 0; i < N; ++i) {
        w->start_s[i] = 2 * (N - i);
        w->trial[i] = i;
        w->recording[i] = 0;
    }
    w->task = (bb_decoding_task){.items = {.count = N,
                                           .start_s = w->start_s,
                                           .window_s = 0.5,
                                           .recording = w->recording,
                                           .label = w->labels},
                                 .trial = w->trial,
                                 .targets = {BB_LOGISTIC, 2, w->labels, NULL}};
}

static bb_label_order order_of(const world *w, uint64_t seed) {
    bb_decoding_options o = bb_decoding_options_default();
    bb_decoding_plan *plan;
    bb_label_order out;
    o.draws = 0;
    o.seed = seed;
    assert_ok(bb_decoding_plan_create(&w->task, &o, &plan, e));
    assert_ok(bb_decoding_plan_order(plan, &out, e));
    bb_decoding_plan_destroy(plan);
    return out;
}

/* Labels tossed are above the range in one of 200 draws: more than 12 of 400 have a probability of 2e-7. */
static void tossed_labels_are_in_no_order(void **state) {
    (void)state;
    world w;
    lay_out(&w);
    int above = 0;
    for (uint64_t seed = 1; seed <= 400; ++seed) {
        for (uint64_t i = 0; i < N; ++i) w.labels[i] = (int)(bb_random_bits(seed, 1, i) & 1);
        const bb_label_order o = order_of(&w, seed);
        above += o.likeness > o.range.high;
    }
    assert_true(above <= 12);
}

static void runs_are(void **state) {
    (void)state;
    world w;
    lay_out(&w);
    for (int i = 0; i < N; ++i) w.labels[i] = i / 4 % 2;
    bb_label_order o = order_of(&w, 1);
    assert_at_most(fabs(o.likeness - 90. / 119), 1e-12); /* rounding; 29 of 119 neighbours differ */
    assert_at_most(fabs(o.shuffled - 59. / 119), 0.05);  /* 20 shuffles of sd 0.046 */
    assert_true(o.likeness > o.range.high);
    /* Two recordings of one class each: no two neighbours of theirs differ, however it is shuffled. */
    for (int i = 0; i < N; ++i) w.labels[i] = w.recording[i] = i < N / 2;
    o = order_of(&w, 1);
    assert_true(o.likeness == 1 && o.shuffled < 0.7);
}

/* Windows of one trial are no neighbours: they are shuffled as one, or among each other. */
static void trials_count_as_one(void **state) {
    (void)state;
    world w;
    lay_out(&w);
    for (int i = 0; i < N; ++i) {
        w.trial[i] = i / 4;
        w.labels[i] = (int)(bb_random_bits(7, 1, (uint64_t)(i / 4)) & 1);
    }
    bb_label_order o = order_of(&w, 1);
    assert_true(o.likeness < o.range.high && o.likeness < 0.8);          /* of 29 pairs */
    for (int i = 0; i < N; ++i) w.labels[i] = i % 2, w.trial[i] = i / 2; /* a window and its baseline */
    o = order_of(&w, 1);
    assert_true(o.likeness == 0 && o.shuffled > 0.3);
}

static void numbers_have_a_correlation(void **state) {
    (void)state;
    world w;
    lay_out(&w);
    w.task.items.label = NULL;
    w.task.targets = (bb_decoder_targets){BB_SQUARES, 0, NULL, w.values};
    for (int i = 0; i < N; ++i) w.values[i] = bb_random_normal(3, 1, (uint64_t)i);
    bb_label_order o = order_of(&w, 1);
    assert_true(o.likeness < o.range.high);
    for (int i = 1; i < N; ++i) w.values[i] = 0.8 * w.values[i - 1] + 0.6 * w.values[i];
    o = order_of(&w, 1);
    assert_at_most(fabs(o.likeness - 0.8), 0.2); /* 120 of them tell it to about 0.06 */
    assert_true(o.likeness > o.range.high);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tossed_labels_are_in_no_order),
        cmocka_unit_test(runs_are),
        cmocka_unit_test(trials_count_as_one),
        cmocka_unit_test(numbers_have_a_correlation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
