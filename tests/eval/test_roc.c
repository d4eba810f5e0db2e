#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/random.h"
#include "brainbert/metrics.h"
#include "support.h"

enum { N = 400 };

/* Scores of few values, so that there are ties, whose chance to be positive grows with the score. */
static void make_scores(double scores[N], int labels[N], double weights[N]) {
    for (int i = 0; i < N; ++i) {
        scores[i] = floor(12 * bb_random_uniform(4, 0, (uint64_t)i));
        labels[i] = bb_random_uniform(4, 1, (uint64_t)i) < scores[i] / 12;
        weights[i] = floor(4 * bb_random_uniform(4, 2, (uint64_t)i)); /* whole, some 0 */
    }
}

static double auc_of(const double *scores, const int *labels, const double *weights, int64_t n) {
    double auc;
    assert_ok(bb_roc_auc(scores, labels, weights, n, &auc, e));
    return auc;
}

/* The definition, pair by pair. */
static double auc_by_pairs(const double *scores, const int *labels, const double *weights) {
    double wins = 0, pairs = 0;
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j) {
            if (labels[i] != 1 || labels[j] == 1) continue;
            const double w = weights ? weights[i] * weights[j] : 1;
            wins += w * (scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0);
            pairs += w;
        }
    return wins / pairs;
}

static void agrees_with_scikit_learn(void **state) {
    (void)state;
    cJSON *json;
    assert_ok(bb_json_read(bb_test_path("golden/metrics.json"), &json, e));
    const cJSON *scores = cJSON_GetObjectItem(json, "scores"), *labels = cJSON_GetObjectItem(json, "labels");
    const int n = cJSON_GetArraySize(scores);
    assert_int_equal(n, 500);
    double *s = calloc((size_t)n, sizeof *s);
    int *l = calloc((size_t)n, sizeof *l), *predicted = calloc((size_t)n, sizeof *predicted), i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, scores) s[i++] = item->valuedouble;
    i = 0;
    cJSON_ArrayForEach(item, labels) l[i++] = item->valueint;
    /* Both are quotients of whole numbers and halves, exact but for one rounding. */
    assert_at_most(fabs(auc_of(s, l, NULL, n) - cJSON_GetObjectItem(json, "roc_auc")->valuedouble), 1e-12);
    for (i = 0; i < n; ++i) predicted[i] = (int)nearbyint(s[i]); /* half to even, as NumPy rounds */
    assert_at_most(fabs(bb_f1_score(predicted, l, NULL, n) - cJSON_GetObjectItem(json, "f1")->valuedouble),
                   1e-12);
    free(s);
    free(l);
    free(predicted);
    cJSON_Delete(json);
}

static void is_the_share_of_pairs_in_order(void **state) {
    (void)state;
    double scores[N], weights[N];
    int labels[N];
    make_scores(scores, labels, weights);
    /* Sums of whole numbers and halves are exact; one division rounds. */
    assert_at_most(fabs(auc_of(scores, labels, NULL, N) - auc_by_pairs(scores, labels, NULL)), 1e-15);
    assert_at_most(fabs(auc_of(scores, labels, weights, N) - auc_by_pairs(scores, labels, weights)), 1e-15);
}

/* A weight of 3 is the item three times. */
static void weights_are_repetitions(void **state) {
    (void)state;
    double scores[N], weights[N], many[4 * N];
    int labels[N], many_labels[4 * N], count = 0;
    make_scores(scores, labels, weights);
    for (int i = 0; i < N; ++i)
        for (int k = 0; k < (int)weights[i]; ++k) {
            many[count] = scores[i];
            many_labels[count++] = labels[i];
        }
    assert_true(auc_of(scores, labels, weights, N) == auc_of(many, many_labels, NULL, count));
}

static void does_not_look_at_the_scale(void **state) {
    (void)state;
    double scores[N], weights[N], other[N];
    int labels[N];
    make_scores(scores, labels, weights);
    for (int i = 0; i < N; ++i) other[i] = exp(scores[i]) - 7;
    assert_true(auc_of(scores, labels, NULL, N) == auc_of(other, labels, NULL, N));
    for (int i = 0; i < N; ++i) other[i] = -scores[i];
    assert_at_most(fabs(auc_of(scores, labels, NULL, N) + auc_of(other, labels, NULL, N) - 1), 1e-15);
}

static void one_order_serves_many_weights(void **state) {
    (void)state;
    double scores[N], weights[N];
    int labels[N];
    int64_t order[N];
    make_scores(scores, labels, weights);
    assert_ok(bb_score_order(scores, N, order, e));
    for (int i = 1; i < N; ++i) {
        assert_true(scores[order[i - 1]] >= scores[order[i]]);
        if (scores[order[i - 1]] == scores[order[i]]) assert_true(order[i - 1] < order[i]);
    }
    assert_true(bb_roc_auc_ordered(scores, labels, weights, order, N) == auc_of(scores, labels, weights, N));
}

static void ends_are_one_half_and_nothing(void **state) {
    (void)state;
    const double scores[4] = {1, 2, 3, 4}, same[4] = {2, 2, 2, 2}, odd[4] = {1, NAN, 2, 3},
                 wide[4] = {-INFINITY, 0, 5, INFINITY}, none[4] = {1, 1, 0, 0};
    const int up[4] = {0, 0, 1, 1}, ones[4] = {1, 1, 1, 1};
    double auc;
    assert_true(auc_of(scores, up, NULL, 4) == 1);
    assert_true(auc_of(wide, up, NULL, 4) == 1);
    assert_true(auc_of(same, up, NULL, 4) == 0.5);
    assert_true(isnan(auc_of(scores, ones, NULL, 4)));
    assert_true(isnan(auc_of(scores, up, none, 4)));
    assert_true(isnan(auc_of(scores, up, NULL, 0)));
    assert_fails(bb_roc_auc(odd, up, NULL, 4, &auc, e), BB_ERR_ARGUMENT, "score 1 of 4");
}

static void the_area_under_the_curve_is_the_area(void **state) {
    (void)state;
    double scores[N], weights[N], area = 0;
    int labels[N];
    bb_roc_point points[N + 1];
    int64_t count;
    make_scores(scores, labels, weights);
    assert_ok(bb_roc_curve(scores, labels, weights, N, points, &count, e));
    assert_int_equal(count, 13); /* 12 different scores and the beginning */
    assert_true(isinf(points[0].threshold) && points[0].true_positive_rate == 0);
    assert_true(points[count - 1].true_positive_rate == 1 && points[count - 1].false_positive_rate == 1);
    for (int i = 1; i < count; ++i) {
        const bb_roc_point *p = &points[i - 1], *q = &points[i];
        assert_true(p->threshold > q->threshold);
        area += (q->false_positive_rate - p->false_positive_rate) *
                (p->true_positive_rate + q->true_positive_rate) / 2;
    }
    /* Twelve trapezia of numbers below 1. */
    assert_at_most(fabs(area - auc_of(scores, labels, weights, N)), 1e-14);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scikit_learn),
        cmocka_unit_test(is_the_share_of_pairs_in_order),
        cmocka_unit_test(weights_are_repetitions),
        cmocka_unit_test(does_not_look_at_the_scale),
        cmocka_unit_test(one_order_serves_many_weights),
        cmocka_unit_test(ends_are_one_half_and_nothing),
        cmocka_unit_test(the_area_under_the_curve_is_the_area),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
