#include "eval/minimize.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { MEMORY = 12 }; /* steps remembered */

typedef struct minimizer {
    const bb_objective *objective;
    int64_t size;
    double *block; /* all of the following */
    double *gradient, *direction, *tried, *tried_gradient, *conditioned;
    double *steps[MEMORY], *changes[MEMORY]; /* a ring: newest at (count - 1) % MEMORY */
    double inverse[MEMORY];                  /* 1 / step . change */
    double gauge;                            /* how much wider than P the function is, along the last step */
    int count, evaluations;
} minimizer;

static double dot(const double *a, const double *b, int64_t n) {
    double sums[4] = {0};
    int64_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; ++k) sums[k] += a[i + k] * b[i + k];
    for (; i < n; ++i) sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static void add(double factor, const double *x, int64_t n, double *y) {
    for (int64_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

static bb_status allocate(minimizer *m, bb_error *err) {
    enum { VECTORS = 5 + 2 * MEMORY };
    m->block = bb_calloc((size_t)m->size * VECTORS, sizeof *m->block);
    if (!m->block) return bb_fail(err, BB_ERR_MEMORY, "no memory to fit %lld weights", (long long)m->size);
    double *at = m->block;
    double **const own[] = {&m->gradient, &m->direction, &m->tried, &m->tried_gradient, &m->conditioned};
    for (size_t i = 0; i < sizeof own / sizeof *own; ++i, at += m->size) *own[i] = at;
    for (int i = 0; i < MEMORY; ++i, at += 2 * m->size) {
        m->steps[i] = at;
        m->changes[i] = at + m->size;
    }
    return BB_OK;
}

/* gradient -> direction: the two loops over what is remembered. */
static void choose_direction(minimizer *m) {
    const int first = m->count > MEMORY ? m->count - MEMORY : 0;
    double alpha[MEMORY];
    double *d = m->direction;
    memcpy(d, m->gradient, (size_t)m->size * sizeof *d);
    for (int i = m->count; i-- > first;) {
        const int k = i % MEMORY;
        alpha[k] = m->inverse[k] * dot(m->steps[k], d, m->size);
        add(-alpha[k], m->changes[k], m->size, d);
    }
    m->objective->precondition(m->objective->context, d);
    for (int64_t i = 0; i < m->size; ++i) d[i] *= m->gauge;
    for (int i = first; i < m->count; ++i) {
        const int k = i % MEMORY;
        add(alpha[k] - m->inverse[k] * dot(m->changes[k], d, m->size), m->steps[k], m->size, d);
    }
    for (int64_t i = 0; i < m->size; ++i) d[i] = -d[i];
}

/* Keeps the step from w to `tried`. */
static void remember(minimizer *m, const double *w) {
    const int k = m->count % MEMORY;
    double *s = m->steps[k], *y = m->changes[k];
    for (int64_t i = 0; i < m->size; ++i) {
        s[i] = m->tried[i] - w[i];
        y[i] = m->tried_gradient[i] - m->gradient[i];
    }
    const double curvature = dot(s, y, m->size);
    if (!(curvature > 1e-14 * dot(y, y, m->size))) return; /* rounding is all that is left of it */
    memcpy(m->conditioned, y, (size_t)m->size * sizeof *y);
    m->objective->precondition(m->objective->context, m->conditioned);
    m->gauge = curvature / dot(y, m->conditioned, m->size);
    m->inverse[k] = 1 / curvature;
    ++m->count;
}

/* Steps along the direction until the value falls enough; false where it does not fall at all. */
static bool advance(minimizer *m, double *w, double *value) {
    const double slope = dot(m->gradient, m->direction, m->size);
    double length = 1;
    for (int trial = 0; trial < 30 && slope < 0; ++trial) {
        for (int64_t i = 0; i < m->size; ++i) m->tried[i] = w[i] + length * m->direction[i];
        const double tried = m->objective->evaluate(m->objective->context, m->tried, m->tried_gradient);
        ++m->evaluations;
        if (tried <= *value + 1e-4 * length * slope) {
            remember(m, w);
            memcpy(w, m->tried, (size_t)m->size * sizeof *w);
            memcpy(m->gradient, m->tried_gradient, (size_t)m->size * sizeof *w);
            *value = tried;
            return true;
        }
        /* The lowest point of the parabola through what is known. */
        const double lowest = -0.5 * slope * length * length / (tried - *value - length * slope);
        length = lowest > 0.1 * length && lowest < 0.5 * length ? lowest : 0.3 * length;
    }
    return false;
}

static bool close_enough(minimizer *m, const double *w, double tolerance) {
    memcpy(m->conditioned, m->gradient, (size_t)m->size * sizeof *w);
    m->objective->precondition(m->objective->context, m->conditioned);
    const double left = m->gauge * dot(m->gradient, m->conditioned, m->size);
    return left <= tolerance * tolerance * dot(w, w, m->size);
}

static bb_status run(minimizer *m, double tolerance, int most, double *w, bool *done, bb_error *err) {
    double value = m->objective->evaluate(m->objective->context, w, m->gradient);
    m->evaluations = 1;
    *done = false;
    while (m->evaluations < most && !*done) {
        if (!isfinite(value))
            return bb_fail(err, BB_ERR_ARGUMENT, "a decoder's loss is not finite: are the features?");
        *done = close_enough(m, w, tolerance);
        if (*done) break;
        choose_direction(m);
        *done = !advance(m, w, &value);
    }
    return BB_OK;
}

bb_status bb_minimize(const bb_objective *objective, double tolerance, int most, double *w, int *evaluations,
                      bool *done, bb_error *err) {
    minimizer m = {.objective = objective, .size = objective->size, .gauge = 1};
    bb_status status = allocate(&m, err);
    if (status == BB_OK) status = run(&m, tolerance, most, w, done, err);
    *evaluations += m.evaluations;
    bb_free(m.block);
    return status;
}
