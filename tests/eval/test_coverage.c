/* What is said of an electrode without an effect, tried on many: the interval of shuffled labels holds its
 * score in 95 of 100. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "brainbert/decoding.h"
#include "support.h"

enum { PAIRS = 30, N = 2 * PAIRS, D = 3, WORLDS = 8, EACH = 50 };

/* N windows 2 s apart. Each feature of each electrode is a stationary sequence of normal numbers, of
 * correlation `memory` from window to window; class 0 adds `effect` to the first. */
typedef struct world {
    double start_s[N];
    int labels[N];
    float features[EACH][N * D];
    bb_decoding_features electrodes[EACH];
    bb_decoding_task task;
} world;

static void fill_features(world *w, double memory, double effect, uint64_t seed) {
    for (uint64_t e = 0; e < EACH; ++e) {
        float *x = w->features[e];
        for (int i = 0; i < N; ++i)
            for (int j = 0; j < D; ++j) {
                const double fresh = bb_random_normal(seed, 100 + e, (uint64_t)(i * D + j));
                x[i * D + j] =
                    (float)(i == 0 ? fresh : memory * x[(i - 1) * D + j] + sqrt(1 - memory * memory) * fresh);
            }
        for (int i = 0; i < N; ++i) x[i * D] += (float)(w->labels[i] == 0 ? effect : 0);
        w->electrodes[e] = (bb_decoding_features){{x, N, D, D}, NULL, NULL};
    }
}

/* Labels are tossed for each window; or, in pairs, are one of either class as the simulator has them; or are
 * tossed for four windows at once. */
typedef enum label_order { TOSSED, PAIRED, RUNS } label_order;

static int label_of(label_order order, int i, uint64_t seed) {
    const int toss = order == TOSSED ? i : order == PAIRED ? i / 2 : i / 4;
    return (int)(bb_random_bits(seed, 9, (uint64_t)toss) & 1) ^ (order == PAIRED ? i % 2 : 0);
}

static world *make(label_order order, double memory, double effect, uint64_t seed) {
    world *w = calloc(1, sizeof *w);
    for (int i = 0; i < N; ++i) {
        w->start_s[i] = 2 * i;
        w->labels[i] = label_of(order, i, seed);
    }
    fill_features(w, memory, effect, seed);
    w->task =
        (bb_decoding_task){.items = {.count = N, .start_s = w->start_s, .window_s = 0.5, .label = w->labels},
                           .targets = {BB_LOGISTIC, 2, w->labels, NULL}};
    return w;
}

typedef struct tally {
    int inside, above, draws, warned;
    double score;
} tally;

static void count_world(const world *w, bb_split_kind kind, uint64_t seed, tally *t) {
    bb_decoding_options o = bb_decoding_options_default();
    bb_decoding_plan *plan;
    bb_decoding d[EACH];
    bb_label_order order;
    o.split.kind = kind;
    o.split.folds = 3;
    o.inner_folds = 2;
    o.controls = 12;
    o.draws = 2;
    o.seed = seed;
    assert_ok(bb_decoding_plan_create(&w->task, &o, &plan, e));
    assert_ok(bb_decoding_plan_order(plan, &order, e));
    t->warned += order.likeness > order.range.high;
    assert_ok(bb_decode(plan, w->electrodes, EACH, NULL, NULL, d, e));
    for (int k = 0; k < EACH; ++k) {
        t->inside += d[k].control.low <= d[k].score && d[k].score <= d[k].control.high;
        t->above += d[k].score > d[k].control.high;
        t->score += (d[k].score - t->score) / ++t->draws;
        bb_decoding_free(&d[k]);
    }
    bb_decoding_plan_destroy(plan);
}

static tally count(bb_split_kind kind, label_order order, double memory, double effect, int worlds) {
    tally t = {0};
    for (int seed = 1; seed <= worlds; ++seed) {
        world *w = make(order, memory, effect, (uint64_t)seed);
        count_world(w, kind, (uint64_t)seed, &t);
        free(w);
    }
    print_message("%d draws: %d within the interval, %d above it, mean %.3f, %d warned of\n", t.draws,
                  t.inside, t.above, t.score, t.warned);
    return t;
}

/* The most k for which a binomial count of n lies below k with a probability of at most 1e-6. */
static int least_hits(int n, double p) {
    double below = 0;
    for (int k = 0; k <= n; ++k) {
        below += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p));
        if (below > 1e-6) return k;
    }
    return n;
}

/* Electrodes share nothing but labels, so that each is a draw of its own. An interval that is right fails
 * each of the first three with a probability of 1e-6. The mean of 400 scores of sd 0.09 has an sd of 0.005.
 */
static void assert_right(tally t) {
    assert_true(t.inside >= least_hits(t.draws, 0.95));
    assert_true(t.draws - t.inside >= least_hits(t.draws, 0.05));
    assert_true(t.draws - t.above >= least_hits(t.draws, 0.975));
    assert_true(fabs(t.score - 0.5) < 0.025);
}

static void control_holds_what_has_no_effect(void **state) {
    (void)state;
    assert_int_equal(least_hits(400, 0.95), 356);
    assert_right(count(BB_SPLIT_BLOCKED, PAIRED, 0, 0, WORLDS));
    assert_right(count(BB_SPLIT_GROUPED, PAIRED, 0, 0, WORLDS));
}

/* Slow features do no harm to labels that any order of them could have been. */
static void control_holds_with_slow_features(void **state) {
    (void)state;
    assert_right(count(BB_SPLIT_BLOCKED, TOSSED, 0.8, 0, WORLDS));
    assert_right(count(BB_SPLIT_GROUPED, TOSSED, 0.8, 0, WORLDS));
}

/* Pairs make true labels more even in time than shuffled ones: slow features then score less than these, and
 * no more. A right interval has 2.5 % above it, of which more than 28 of 400 have a probability of 1e-6. */
static void pairs_err_on_the_safe_side(void **state) {
    (void)state;
    const tally blocked = count(BB_SPLIT_BLOCKED, PAIRED, 0.8, 0, WORLDS);
    const tally grouped = count(BB_SPLIT_GROUPED, PAIRED, 0.8, 0, WORLDS);
    assert_true(blocked.draws - blocked.above >= least_hits(blocked.draws, 0.975));
    assert_true(grouped.draws - grouped.above >= least_hits(grouped.draws, 0.975));
}

/* Runs of alike labels and slow features together do harm: a quarter of electrodes without an effect lie
 * above the interval where neighbours may be learned from, fewer with a gap. Only the warning tells. */
static void runs_are_warned_of(void **state) {
    (void)state;
    const tally blocked = count(BB_SPLIT_BLOCKED, RUNS, 0.8, 0, WORLDS);
    const tally grouped = count(BB_SPLIT_GROUPED, RUNS, 0.8, 0, WORLDS);
    assert_true(grouped.draws - grouped.above < least_hits(grouped.draws, 0.975));
    assert_true(blocked.above < grouped.above);
    /* Likeness 0.88 of sd 0.03, beside shuffled 0.5 of sd 0.065 and a range of 3.2 of these: missed in few.
     */
    assert_true(grouped.warned >= WORLDS - 1);
}

/* An effect of d' = 2 (area 0.92) lies 5 sd of both above the middle: at most one in a thousand is missed, of
 * which 5 of 100 have a probability of 1e-7. */
static void control_does_not_hold_an_effect(void **state) {
    (void)state;
    const tally t = count(BB_SPLIT_BLOCKED, PAIRED, 0, 2, 2);
    assert_true(t.above >= 95);
    assert_true(t.score > 0.85 && t.score < 0.95);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_holds_what_has_no_effect),
        cmocka_unit_test(control_holds_with_slow_features),
        cmocka_unit_test(pairs_err_on_the_safe_side),
        cmocka_unit_test(runs_are_warned_of),
        cmocka_unit_test(control_does_not_hold_an_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
