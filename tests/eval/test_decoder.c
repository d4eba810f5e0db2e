/* A strictly convex objective has one minimum, so a fit is checked against the objective itself, written out
 * here in plain double: with the penalty's curvature of 1 the weights are off by at most the gradient's
 * length. */
#include "brainbert/decoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "brainbert/cpu.h"
#include "support.h"

typedef struct problem {
    bb_rows x;
    float *data;
    int *labels;
    double *values;
} problem;

/* Features that go together, as those of an encoder do, around `centre`; labels that depend on them. */
static problem make(int64_t n, int64_t D, int classes, double centre) {
    enum { FACTORS = 12 };
    problem p = {.data = malloc((size_t)(n * D) * sizeof *p.data),
                 .labels = malloc((size_t)n * sizeof *p.labels),
                 .values = malloc((size_t)n * sizeof *p.values)};
    for (int64_t i = 0; i < n; ++i) {
        double best = -INFINITY;
        for (int64_t j = 0; j < D; ++j) {
            double v = centre + 0.1 * bb_random_normal(1, 0, (uint64_t)(i * D + j));
            for (int f = 0; f < FACTORS; ++f)
                v += bb_random_normal(1, 1, (uint64_t)(i * FACTORS + f)) *
                     bb_random_normal(1, 2, (uint64_t)(f * D + j)) * (1.0 + (double)j / (double)D);
            p.data[i * D + j] = (float)v;
        }
        for (int k = 0; k < classes; ++k) {
            const double f = bb_random_normal(1, 1, (uint64_t)(i * FACTORS + k)) +
                             1.5 * bb_random_normal(1, 3, (uint64_t)(i * classes + k));
            if (f > best) p.labels[i] = k;
            best = fmax(best, f);
        }
        p.values[i] =
            bb_random_normal(1, 1, (uint64_t)(i * FACTORS)) + bb_random_normal(1, 4, (uint64_t)i) + 7;
    }
    p.x = (bb_rows){p.data, n, D, D};
    return p;
}

static void discard(problem *p) {
    free(p->data);
    free(p->labels);
    free(p->values);
}

/* d loss / d f of one row, written once more and in another way. */
static void slope(const bb_decoder_targets *t, int64_t i, const double *f, double *out) {
    double sum = 0;
    if (t->kind == BB_SQUARES) {
        out[0] = f[0] - t->values[i];
    } else if (t->kind == BB_LOGISTIC) {
        out[0] = 1 / (1 + exp(-f[0])) - t->labels[i];
    } else {
        for (int k = 0; k < t->classes; ++k) sum += exp(f[k]);
        for (int k = 0; k < t->classes; ++k) out[k] = exp(f[k]) / sum - (k == t->labels[i]);
    }
}

/* The gradient's length over the weights' for features as they are. */
static double left_over(const bb_rows *x, const bb_decoder_targets *t, double strength,
                        const bb_linear_decoder *m) {
    const int K = m->outputs;
    double *g = calloc((size_t)(K * (x->dim + 1)), sizeof *g), f[8], d[8], length = 0, size = 0;
    for (int64_t i = 0; i < x->count; ++i) {
        for (int k = 0; k < K; ++k) {
            f[k] = m->intercepts[k];
            for (int64_t j = 0; j < x->dim; ++j)
                f[k] += m->weights[k * x->dim + j] * x->data[i * x->stride + j];
        }
        slope(t, i, f, d);
        for (int k = 0; k < K; ++k) {
            for (int64_t j = 0; j < x->dim; ++j)
                g[k * (x->dim + 1) + j] += strength * d[k] * x->data[i * x->stride + j];
            g[k * (x->dim + 1) + x->dim] += strength * d[k];
        }
    }
    for (int k = 0; k < K; ++k) {
        for (int64_t j = 0; j < x->dim; ++j) {
            const double w = m->weights[k * x->dim + j], v = g[k * (x->dim + 1) + j] + w;
            length += v * v;
            size += w * w;
        }
        length += g[k * (x->dim + 1) + x->dim] * g[k * (x->dim + 1) + x->dim];
    }
    free(g);
    return sqrt(length / size);
}

static void check(int64_t n, int64_t D, bb_loss_kind kind, double strength, double tolerance) {
    const int classes = kind == BB_SOFTMAX ? 4 : 2;
    problem p = make(n, D, classes, 0);
    const bb_decoder_targets t = {kind, classes, p.labels, p.values};
    bb_fit_options o = bb_fit_options_default();
    bb_linear_decoder m;
    o.strength = strength;
    assert_ok(bb_decoder_fit(&p.x, NULL, n, &t, &o, &m, e));
    const double left = left_over(&p.x, &t, strength, &m);
    if (left > tolerance)
        fail_msg("%ld x %ld, kind %d, C %g: %g left", (long)n, (long)D, kind, strength, left);
    bb_decoder_free(&m);
    discard(&p);
}

/* The bound for coefficients is 1e-4 relative. A gradient's length over-estimates their error by up
 * to the largest curvature, which grows with the strength; float32 coordinates (fewer rows than features) add
 * 1e-7 of it. */
static void more_rows_than_features(void **state) {
    (void)state;
    check(400, 30, BB_LOGISTIC, 1e-2, 1e-4);
    check(400, 30, BB_LOGISTIC, 1, 1e-4);
    check(400, 30, BB_SOFTMAX, 0.1, 1e-4);
    check(400, 30, BB_SQUARES, 0.1, 1e-4);
    check(3000, 100, BB_LOGISTIC, 0.1, 1e-4); /* the metric is of a part of the rows */
}

/* Curvatures reach some 50 here, so that a gradient of 1e-3 is an error of the weights well below 1e-4. */
static void fewer_rows_than_features(void **state) {
    (void)state;
    check(60, 500, BB_LOGISTIC, 1e-3, 1e-3);
    check(60, 500, BB_LOGISTIC, 0.1, 1e-3);
    check(61, 500, BB_SOFTMAX, 1e-2, 1e-3);
    check(59, 503, BB_SQUARES, 1e-3, 1e-3);
}

/* Both ways to the same minimum: with a row more the problem has as many rows as features. */
static void coordinates_change_nothing(void **state) {
    (void)state;
    problem p = make(80, 80, 2, 3), q = p;
    const bb_decoder_targets t = {BB_LOGISTIC, 2, p.labels, NULL};
    bb_fit_options o = bb_fit_options_default();
    bb_linear_decoder direct, spanned;
    /* A feature that is always 0 makes the rows fewer than the features, and no other difference. */
    q.data = calloc(80 * 81, sizeof *q.data);
    q.x = (bb_rows){q.data, 80, 81, 81};
    for (int i = 0; i < 80; ++i) memcpy(q.data + i * 81, p.data + i * 80, 80 * sizeof *q.data);
    for (int standardize = 0; standardize < 2; ++standardize) {
        o.standardize = standardize;
        o.strength = standardize ? 0.05 : 0.01;
        assert_ok(bb_decoder_fit(&p.x, NULL, 80, &t, &o, &direct, e));
        assert_ok(bb_decoder_fit(&q.x, NULL, 80, &t, &o, &spanned, e));
        double size = 0, off = 0;
        for (int j = 0; j < 80; ++j) {
            size += direct.weights[j] * direct.weights[j];
            off += pow(direct.weights[j] - spanned.weights[j], 2);
        }
        assert_true(sqrt(off / size) < 1e-4); /* two fits, each to 1e-6, and float32 coordinates */
        assert_true(fabs(direct.intercepts[0] - spanned.intercepts[0]) < 1e-3);
        bb_decoder_free(&direct);
        bb_decoder_free(&spanned);
    }
    free(q.data);
    discard(&p);
}

/* An offset of all features moves the intercept alone, even a large one. */
static void offsets_are_harmless(void **state) {
    (void)state;
    problem near = make(300, 20, 2, 0), far = make(300, 20, 2, 1000);
    const bb_decoder_targets t = {BB_LOGISTIC, 2, near.labels, NULL};
    const bb_fit_options o = bb_fit_options_default();
    bb_linear_decoder a, b;
    assert_ok(bb_decoder_fit(&near.x, NULL, 300, &t, &o, &a, e));
    assert_ok(bb_decoder_fit(&far.x, NULL, 300, &t, &o, &b, e));
    for (int j = 0; j < 20; ++j) /* 1000 + x in float32 keeps x to 6e-5, whose features go together */
        assert_true(fabs(a.weights[j] - b.weights[j]) < 2e-2 * (1 + fabs(a.weights[j])));
    bb_decoder_free(&a);
    bb_decoder_free(&b);
    discard(&near);
    discard(&far);
}

static void same_bytes_for_any_threads(void **state) {
    (void)state;
    problem p = make(2000, 60, 2, 0);
    const bb_decoder_targets t = {BB_LOGISTIC, 2, p.labels, NULL};
    bb_fit_options o = bb_fit_options_default();
    bb_linear_decoder a, b;
    o.threads = 1;
    assert_ok(bb_decoder_fit(&p.x, NULL, 2000, &t, &o, &a, e));
    o.threads = 3;
    assert_ok(bb_decoder_fit(&p.x, NULL, 2000, &t, &o, &b, e));
    /* oneDNN may cut the metric's product otherwise on other threads; the minimum is the same to the
     * tolerance. */
    for (int j = 0; j < 60; ++j)
        assert_true(fabs(a.weights[j] - b.weights[j]) < 1e-5 * (1 + fabs(a.weights[j])));
    bb_decoder_free(&b);
    assert_ok(bb_decoder_fit(&p.x, NULL, 2000, &t, &o, &b, e));
    o.threads = 3;
    bb_linear_decoder c;
    assert_ok(bb_decoder_fit(&p.x, NULL, 2000, &t, &o, &c, e));
    assert_memory_equal(b.weights, c.weights, 60 * sizeof *b.weights);
    bb_decoder_free(&a);
    bb_decoder_free(&b);
    bb_decoder_free(&c);
    discard(&p);
}

static void every_level_agrees(void **state) {
    (void)state;
    problem p = make(90, 203, 2, 0);
    const bb_decoder_targets t = {BB_LOGISTIC, 2, p.labels, NULL};
    bb_fit_options o = bb_fit_options_default();
    bb_linear_decoder first = {0}, m;
    o.strength = 0.01;
    for (int level = BB_CPU_PORTABLE; level <= (int)bb_cpu_best(); ++level) {
        bb_cpu_limit((bb_cpu_level)level);
        assert_ok(bb_decoder_fit(&p.x, NULL, 90, &t, &o, &m, e));
        if (!first.weights) {
            first = m;
            continue;
        }
        for (int j = 0; j < 203; ++j) /* the tolerance of either fit, and float32 coordinates */
            assert_true(fabs(first.weights[j] - m.weights[j]) < 1e-4 * (1e-3 + fabs(first.weights[j])));
        bb_decoder_free(&m);
    }
    bb_decoder_free(&first);
    discard(&p);
}

static void some_rows(void **state) {
    (void)state;
    problem p = make(200, 10, 2, 0);
    const bb_decoder_targets t = {BB_LOGISTIC, 2, p.labels, NULL};
    const bb_fit_options o = bb_fit_options_default();
    bb_linear_decoder a, b;
    int64_t which[100];
    double f[2];
    for (int i = 0; i < 100; ++i) which[i] = 99 - i;
    const bb_rows front = {p.data, 100, 10, 10};
    assert_ok(bb_decoder_fit(&p.x, which, 100, &t, &o, &a, e));
    assert_ok(bb_decoder_fit(&front, NULL, 100, &t, &o, &b, e));
    for (int j = 0; j < 10; ++j) assert_true(fabs(a.weights[j] - b.weights[j]) < 1e-5);
    bb_decoder_score(&a, &p.x, (const int64_t[]){5, 150}, 2, f);
    double by_hand = a.intercepts[0];
    for (int j = 0; j < 10; ++j) by_hand += a.weights[j] * p.data[150 * 10 + j];
    assert_true(fabs(f[1] - by_hand) < 1e-12 * (1 + fabs(by_hand)));
    bb_decoder_free(&a);
    bb_decoder_free(&b);
    discard(&p);
}

static void refusals(void **state) {
    (void)state;
    problem p = make(20, 3, 2, 0);
    bb_decoder_targets t = {BB_LOGISTIC, 2, p.labels, p.values};
    bb_fit_options o = bb_fit_options_default();
    bb_linear_decoder m;
    p.labels[7] = 2;
    assert_fails(bb_decoder_fit(&p.x, NULL, 20, &t, &o, &m, e), BB_ERR_ARGUMENT, "row 7");
    for (int i = 0; i < 20; ++i) p.labels[i] = 1;
    assert_fails(bb_decoder_fit(&p.x, NULL, 20, &t, &o, &m, e), BB_ERR_ARGUMENT, "two classes");
    t.kind = BB_SQUARES;
    p.values[3] = NAN;
    assert_fails(bb_decoder_fit(&p.x, NULL, 20, &t, &o, &m, e), BB_ERR_ARGUMENT, "row 3");
    p.values[3] = 0;
    p.data[4] = NAN;
    assert_fails(bb_decoder_fit(&p.x, NULL, 20, &t, &o, &m, e), BB_ERR_ARGUMENT, "");
    o.strength = 0;
    assert_fails(bb_decoder_fit(&p.x, NULL, 20, &t, &o, &m, e), BB_ERR_ARGUMENT, "strength");
    for (int i = 0; i < 60; ++i) p.data[i] = 1;
    o.strength = 1;
    const bb_rows two = {p.data, 2, 3, 3};
    p.labels[0] = 0;
    t.kind = BB_LOGISTIC;
    assert_fails(bb_decoder_fit(&two, NULL, 2, &t, &o, &m, e), BB_ERR_ARGUMENT, "alike");
    discard(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_rows_than_features),
        cmocka_unit_test(fewer_rows_than_features),
        cmocka_unit_test(coordinates_change_nothing),
        cmocka_unit_test(offsets_are_harmless),
        cmocka_unit_test(same_bytes_for_any_threads),
        cmocka_unit_test(every_level_agrees),
        cmocka_unit_test(some_rows),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
