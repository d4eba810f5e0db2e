/* Targets of made windows, for tests of supervised training. */
#ifndef BB_TESTS_MADE_TARGETS_H
#define BB_TESTS_MADE_TARGETS_H

#include "base/random.h"
#include "brainbert/finetune.h"
#include "support.h"

enum { MADE_MOST = 512 };

typedef struct made_targets {
    int labels[MADE_MOST];
    double numbers[MADE_MOST];
    int64_t lists[3][MADE_MOST];
    bb_targets targets;
} made_targets;

/* Labels take turns; of each ten windows of a class six are trained on, two validated on, two tested. */
static inline void make_targets(made_targets *m, int64_t count, int classes) {
    int64_t counts[3] = {0};
    const int turns = classes ? classes : 2;
    for (int64_t i = 0; i < count; ++i) {
        const int64_t place = i / turns % 10;
        const int list = place < 6 ? 0 : place < 8 ? 1 : 2;
        m->labels[i] = (int)(i % turns);
        m->numbers[i] = bb_random_normal(77, 0, (uint64_t)i);
        m->lists[list][counts[list]++] = i;
    }
    m->targets = (bb_targets){.count = count,
                              .classes = classes,
                              .labels = classes ? m->labels : NULL,
                              .numbers = classes ? NULL : m->numbers,
                              .train = m->lists[0],
                              .validation = m->lists[1],
                              .test = m->lists[2],
                              .train_count = counts[0],
                              .validation_count = counts[1],
                              .test_count = counts[2]};
}

/* The share of test windows whose class the scores tell. */
static inline double told(const made_targets *m, const bb_fit_result *r) {
    int64_t right = 0;
    for (int64_t i = 0; i < m->targets.test_count; ++i) {
        const double *s = r->scores + i * r->outputs;
        int64_t guess = r->outputs == 1 ? s[0] > 0 : 0;
        for (int64_t k = 1; k < r->outputs; ++k)
            if (s[k] > s[guess]) guess = k;
        right += guess == m->labels[m->lists[2][i]];
    }
    return (double)right / (double)m->targets.test_count;
}

#endif
