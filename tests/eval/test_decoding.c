#include "brainbert/decoding.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "brainbert/metrics.h"
#include "eval/plan.h"
#include "support.h"

enum { TRIALS = 60, EACH = 2, N = TRIALS * EACH, D = 24, ELECTRODES = 6 };

/* Trials of two windows 10 s apart; electrode e's features tell the class with d' = effects[e]. */
typedef struct world {
    double start_s[N];
    int64_t trial[N];
    int labels[N], recording[N];
    double values[N];
    float features[ELECTRODES][N * D];
    bb_decoding_features electrodes[ELECTRODES];
    bb_decoding_task task;
} world;

enum { MIXED = 1 }; /* each trial has a window of either class */

static world *make(const double *effects, int flags, uint64_t seed) {
    world *w = calloc(1, sizeof *w);
    for (int i = 0; i < N; ++i) {
        const int trial = i / EACH;
        w->start_s[i] = 10 * trial + 3 * (i % EACH);
        w->trial[i] = trial;
        w->recording[i] = trial / (TRIALS / 2);
        w->labels[i] = flags & MIXED ? i % 2 : (int)(bb_random_bits(seed, 9, (uint64_t)trial) & 1);
        w->values[i] = bb_random_normal(seed, 8, (uint64_t)i);
    }
    for (int e = 0; e < ELECTRODES; ++e) {
        for (int i = 0; i < N; ++i)
            for (int j = 0; j < D; ++j) {
                const double noise = bb_random_normal(seed, 100 + (uint64_t)e, (uint64_t)(i * D + j));
                const double signal = j > 0 ? 0 : w->labels[i] == 0 ? effects[e] : 0;
                w->features[e][i * D + j] =
                    (float)(noise + signal + (j == 1 ? effects[e] * w->values[i] : 0));
            }
        w->electrodes[e] = (bb_decoding_features){{w->features[e], N, D, D}, NULL, NULL};
    }
    w->task = (bb_decoding_task){.items = {.count = N,
                                           .start_s = w->start_s,
                                           .window_s = 2,
                                           .recording = w->recording,
                                           .group = w->trial,
                                           .label = w->labels},
                                 .trial = w->trial,
                                 .targets = {BB_LOGISTIC, 2, w->labels, NULL}};
    return w;
}

static bb_decoding_options options(void) {
    bb_decoding_options o = bb_decoding_options_default();
    o.split.kind = BB_SPLIT_GROUPED;
    o.controls = 10;
    o.draws = 100;
    return o;
}

static void decode(const world *w, const bb_decoding_options *o, bb_decoding *out) {
    bb_decoding_plan *plan;
    assert_ok(bb_decoding_plan_create(&w->task, o, &plan, e));
    assert_ok(bb_decode(plan, w->electrodes, ELECTRODES, NULL, NULL, out, e));
    bb_decoding_plan_destroy(plan);
}

static void discard(bb_decoding *d) {
    for (int e = 0; e < ELECTRODES; ++e) bb_decoding_free(&d[e]);
}

/* With one informative feature of 24 a decoder gets near the ideal observer's Phi(d' / sqrt 2), and not above
 * it by more than 120 windows' chance (sd 0.05). */
static void scores_follow_the_effect(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {0, 0.5, 1, 2, 3, 8};
    world *w = make(effects, 0, 3);
    const bb_decoding_options o = options();
    bb_decoding d[ELECTRODES];
    decode(w, &o, d);
    for (int e = 0; e < ELECTRODES; ++e) {
        const double ideal = 0.5 * erfc(-effects[e] / 2);
        assert_true(d[e].score < ideal + 0.1);
        assert_true(d[e].score >
                    0.5 + 0.4 * (ideal - 0.5) - 0.1); /* 96 windows teach 24 weights only so much */
        assert_true(d[e].interval.low <= d[e].score && d[e].score <= d[e].interval.high);
        assert_true(fabs(d[e].control_mean - 0.5) < 0.08); /* 10 controls of sd 0.06 */
        assert_int_equal(d[e].windows, N);
    }
    assert_true(d[5].score > 0.99 && d[5].f1 > 0.95 && d[5].accuracy > 0.95);
    assert_true(d[5].score > d[5].control.high);
    discard(d);
    free(w);
}

static void same_bytes_for_any_threads(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {0, 1, 1, 1, 1, 1};
    world *w = make(effects, MIXED, 4);
    bb_decoding_options o = options();
    bb_decoding one[ELECTRODES], three[ELECTRODES];
    o.threads = 1;
    decode(w, &o, one);
    o.threads = 3;
    decode(w, &o, three);
    for (int e = 0; e < ELECTRODES; ++e) {
        assert_memory_equal(one[e].scores, three[e].scores, N * sizeof(double));
        assert_memory_equal(one[e].controls, three[e].controls, 10 * sizeof(double));
        assert_memory_equal(one[e].draws, three[e].draws, 100 * sizeof(double));
    }
    discard(one);
    discard(three);
    free(w);
}

/* The score is that of pairs within folds, counted here one by one. */
static void score_is_of_pairs_within_folds(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {0, 0, 0, 0, 0, 1};
    world *w = make(effects, 0, 5);
    const bb_decoding_options o = options();
    bb_decoding_plan *plan;
    bb_decoding d;
    assert_ok(bb_decoding_plan_create(&w->task, &o, &plan, e));
    assert_ok(bb_decode(plan, &w->electrodes[5], 1, NULL, NULL, &d, e));
    double right = 0, all = 0;
    int fold_of[N];
    for (int k = 0; k < plan->folds; ++k)
        for (int64_t i = 0; i < plan->fold[k].test_count; ++i) fold_of[plan->fold[k].test[i]] = k;
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j)
            if (fold_of[i] == fold_of[j] && w->labels[i] == 0 && w->labels[j] == 1) {
                right += d.scores[i] > d.scores[j] ? 1 : d.scores[i] == d.scores[j] ? 0.5 : 0;
                ++all;
            }
    assert_at_most(fabs(d.score - right / all), 1e-12); /* rounding of sums of 700 */
    double curve[101], area = 0;
    assert_ok(bb_decoding_roc(plan, &d, 101, curve, e));
    for (int i = 0; i < 100; ++i) area += 0.005 * (curve[i] + curve[i + 1]);
    assert_at_most(fabs(area - d.score), 0.02); /* steps of 1/12 drawn at 101 places */
    assert_true(curve[100] == 1);
    bb_decoding_free(&d);
    bb_decoding_plan_destroy(plan);
    free(w);
}

static void numbers_and_several_classes(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {0, 0, 0, 0, 0, 3};
    world *w = make(effects, 0, 6);
    const bb_decoding_options o = options();
    bb_decoding d[ELECTRODES];
    w->task.targets = (bb_decoder_targets){BB_SQUARES, 0, NULL, w->values};
    w->task.items.label = NULL;
    decode(w, &o, d);
    assert_true(d[5].score > 0.9 && d[5].r_squared > 0.7 && isnan(d[5].f1) && isnan(d[5].accuracy));
    assert_true(fabs(d[0].score) < 0.35 && d[0].control.low < 0 && d[0].control.high > 0);
    discard(d);
    for (int i = 0; i < N; ++i) w->labels[i] = w->values[i] < -0.5 ? 0 : w->values[i] < 0.5 ? 1 : 2;
    w->task.targets = (bb_decoder_targets){BB_SOFTMAX, 3, w->labels, NULL};
    w->task.items.label = w->labels;
    decode(w, &o, d);
    assert_true(d[5].score > 0.75 && d[5].accuracy > 0.5); /* the middle class is hard to a linear decoder */
    assert_true(d[0].score < 0.65);
    discard(d);
    free(w);
}

/* Shuffles keep what they must: counts, and which windows stand for the same. */
static void shuffles(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {0};
    world *w = make(effects, 0, 7);
    int out[N], moved = 0, counts[2][2] = {{0}};
    assert_ok(bb_shuffle(&w->task, 1, 1, w->labels, sizeof *out, out, e));
    for (int i = 0; i < N; i += EACH) {
        assert_int_equal(out[i], out[i + 1]);
        moved += out[i] != w->labels[i];
        ++counts[i / (N / 2)][w->labels[i]];
        --counts[i / (N / 2)][out[i]];
    }
    assert_true(moved > 10 && counts[0][0] == 0 && counts[1][0] == 0);
    free(w);
    w = make(effects, MIXED, 7);
    moved = 0;
    assert_ok(bb_shuffle(&w->task, 1, 1, w->labels, sizeof *out, out, e));
    for (int i = 0; i < N; i += EACH) {
        assert_int_equal(out[i] + out[i + 1], 1);
        moved += out[i] != w->labels[i];
    }
    assert_true(moved > 15 && moved < 45);
    /* One trial of both classes among others of one each: these are exchanged all the same. */
    for (int i = 0; i < N; ++i)
        w->labels[i] = i == 1 ? 1 - w->labels[0] : i > 1 ? i / EACH % 2 : w->labels[0];
    moved = 0;
    assert_ok(bb_shuffle(&w->task, 1, 1, w->labels, sizeof *out, out, e));
    assert_int_equal(out[0] + out[1], 1);
    for (int i = EACH; i < N; i += EACH) {
        assert_int_equal(out[i], out[i + 1]);
        moved += out[i] != w->labels[i];
    }
    assert_true(moved > 15 && moved < 45); /* of 59 about a half */
    /* One class in each recording: trials are then exchanged over recordings, or no shuffle would change a
     * thing. */
    for (int i = 0; i < N; ++i) w->labels[i] = w->recording[i];
    moved = 0;
    assert_ok(bb_shuffle(&w->task, 1, 1, w->labels, sizeof *out, out, e));
    for (int i = 0; i < N; i += EACH) moved += out[i] != w->labels[i];
    assert_true(moved > 10);
    free(w);
}

/* Folds dealt three times: the mean of what three plans of one deal each give, draws and controls too. */
static void repeats(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {0, 0.5, 1, 1, 2, 3};
    world *w = make(effects, 0, 12);
    bb_decoding_options o = options();
    bb_decoding all[ELECTRODES], one[ELECTRODES];
    double score[ELECTRODES] = {0}, control = 0;
    o.repeats = 3;
    decode(w, &o, all);
    o.repeats = 1;
    for (int r = 0; r < 3; ++r, ++o.split.seed) {
        decode(w, &o, one);
        for (int e = 0; e < ELECTRODES; ++e) score[e] += one[e].score / 3;
        control += one[2].controls[4] / 3;
        discard(one);
    }
    for (int e = 0; e < ELECTRODES; ++e) {
        assert_at_most(fabs(all[e].score - score[e]),
                       2e-3); /* deals differ a little in how many pairs they compare */
        assert_int_equal(all[e].windows, N);
    }
    assert_at_most(fabs(all[2].controls[4] - control), 1e-2); /* shuffled labels are not dealt evenly */
    discard(all);
    free(w);
}

static void few_shots(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {0};
    world *w = make(effects, 0, 8);
    int64_t rows[N], count = N, ones = 0, all_ones = 0;
    for (int i = 0; i < N; ++i) rows[i] = i;
    assert_ok(bb_few_shots(&w->task, 1, 30, rows, &count, e));
    assert_int_equal(count, 30);
    for (int i = 0; i < N; ++i) all_ones += w->labels[i];
    for (int i = 0; i < count; ++i) ones += w->labels[rows[i]];
    assert_true(llabs(ones - (30 * all_ones + N / 2) / N) <= 1);
    count = N;
    assert_ok(bb_few_shots(&w->task, 1, 500, rows, &count, e));
    assert_int_equal(count, N);
    free(w);
}

/* Windows of an electrode that are marked take no part. */
static void spoilt_windows(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {0, 0, 0, 0, 0, 8};
    world *w = make(effects, 0, 9);
    const bb_decoding_options o = options();
    bb_decoding d[ELECTRODES];
    unsigned char spoilt[N] = {0};
    for (int i = 0; i < 20; ++i) {
        spoilt[i] = 1;
        for (int j = 0; j < D; ++j)
            w->features[5][i * D + j] = 1e6f * (float)(1 - 2 * w->labels[i]) * (j == 0 ? -1 : 1);
    }
    w->electrodes[5].spoilt = spoilt;
    decode(w, &o, d);
    assert_int_equal(d[5].windows, N - 20);
    assert_true(isnan(d[5].scores[0]) && !isnan(d[5].scores[20]) && d[5].score > 0.95);
    discard(d);
    free(w);
}

/* One decoder for several electrodes, scored by electrode. */
static void parts(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {3, 3, 3, 3, 3, 3};
    world *w = make(effects, 0, 10);
    bb_decoding_options o = options();
    bb_decoding d[2];
    bb_decoding_plan *plan;
    int part[N];
    for (int i = 0; i < N; ++i) {
        part[i] = i % 2;
        if (part[i]) w->features[0][i * D] = (float)bb_random_normal(1, 1, (uint64_t)i); /* knows nothing */
    }
    w->task.part = part;
    w->task.parts = 2;
    assert_ok(bb_decoding_plan_create(&w->task, &o, &plan, e));
    assert_ok(bb_decode(plan, w->electrodes, 1, NULL, NULL, d, e));
    assert_true(d[0].score > 0.9 && d[1].score < 0.75 && d[0].windows == N / 2 && d[1].windows == N / 2);
    /* A part keeps the scores of its own windows, and its curve is of those. */
    double curve[1001], area = 0, right = 0, all = 0;
    int fold_of[N];
    for (int k = 0; k < plan->folds; ++k)
        for (int64_t i = 0; i < plan->fold[k].test_count; ++i) fold_of[plan->fold[k].test[i]] = k;
    for (int i = 1; i < N; i += 2)
        for (int j = 1; j < N; j += 2)
            if (fold_of[i] == fold_of[j] && w->labels[i] == 0 && w->labels[j] == 1) {
                right += d[1].scores[i / 2] > d[1].scores[j / 2];
                ++all;
            }
    assert_at_most(fabs(d[1].score - right / all), 1e-12); /* as of pairs, above */
    assert_ok(bb_decoding_roc(plan, &d[1], 1001, curve, e));
    for (int i = 1; i < 1001; ++i) area += (curve[i] + curve[i - 1]) / 2000;
    assert_at_most(fabs(area - d[1].score), 2e-3); /* a curve in steps, through 1001 points */
    bb_decoding_free(&d[0]);
    bb_decoding_free(&d[1]);
    bb_decoding_plan_destroy(plan);
    free(w);
}

/* Says stop when it is asked for the fifth time. */
static int stop_at_five(void *context, int64_t done, int64_t total) {
    assert_true(done < total);
    return ++*(int *)context >= 5;
}

/* A training is ended between its steps, not behind all of them. */
static void trainings_are_stopped(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {0};
    world *w = make(effects, 0, 13);
    bb_decoding_options o = options();
    bb_decoding d;
    bb_decoding_plan *plan;
    int asked = 0;
    o.decoder = BB_DECODER_UNIT;
    o.threads = 1;
    o.steps = 1000000;
    assert_ok(bb_decoding_plan_create(&w->task, &o, &plan, e));
    assert_fails(bb_decode(plan, w->electrodes, 1, stop_at_five, &asked, &d, e), BB_ERR_CANCELLED, "");
    assert_int_equal(asked, 5);
    assert_null(d.scores);
    bb_decoding_plan_destroy(plan);
    free(w);
}

static void wrong_plans_are_refused(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {0};
    world *w = make(effects, 0, 14);
    bb_decoding_options o = options();
    bb_decoding_plan *plan;
    o.decoder = BB_DECODER_FINETUNED; /* without a model */
    assert_fails(bb_decoding_plan_create(&w->task, &o, &plan, e), BB_ERR_ARGUMENT, "model");
    o = options();
    o.controls = INT_MAX;
    assert_fails(bb_decoding_plan_create(&w->task, &o, &plan, e), BB_ERR_ARGUMENT, "controls");
    free(w);
}

static void means(void **state) {
    (void)state;
    const double effects[ELECTRODES] = {1, 1, 1, 1, 1, 1};
    world *w = make(effects, 0, 11);
    const bb_decoding_options o = options();
    bb_decoding d[ELECTRODES];
    bb_decoding_mean m;
    decode(w, &o, d);
    assert_ok(bb_decoding_average(d, ELECTRODES, o.draws, o.controls, &m, e));
    double mean = 0, widest = 0;
    for (int e = 0; e < ELECTRODES; ++e) {
        mean += d[e].score / ELECTRODES;
        widest = fmax(widest, d[e].interval.high - d[e].interval.low);
    }
    assert_at_most(fabs(m.score - mean), 1e-12);
    assert_true(m.interval.high - m.interval.low < widest && m.sd > 0 && m.electrodes == ELECTRODES);
    assert_true(m.control.high < 0.65 && m.control.low > 0.35);
    /* An electrode without a score counts for nothing; without any there is no mean. */
    bb_decoding_mean rest, none;
    d[0].score = NAN;
    assert_ok(bb_decoding_average(d, ELECTRODES, o.draws, o.controls, &m, e));
    assert_ok(bb_decoding_average(d + 1, ELECTRODES - 1, o.draws, o.controls, &rest, e));
    assert_memory_equal(&m, &rest, sizeof m);
    assert_ok(bb_decoding_average(d, 1, o.draws, o.controls, &none, e));
    assert_true(isnan(none.score) && isnan(none.sd) && isnan(none.interval.low) && isnan(none.control_mean));
    assert_int_equal(none.electrodes, 0);
    discard(d);
    free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_follow_the_effect),
        cmocka_unit_test(same_bytes_for_any_threads),
        cmocka_unit_test(score_is_of_pairs_within_folds),
        cmocka_unit_test(numbers_and_several_classes),
        cmocka_unit_test(shuffles),
        cmocka_unit_test(repeats),
        cmocka_unit_test(few_shots),
        cmocka_unit_test(spoilt_windows),
        cmocka_unit_test(parts),
        cmocka_unit_test(trainings_are_stopped),
        cmocka_unit_test(wrong_plans_are_refused),
        cmocka_unit_test(means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
