/* A fine-tuning of the tiny model on made spectrograms whose classes (or numbers) differ in one bin's power.
 */
#ifndef BB_TESTS_MADE_FINETUNE_H
#define BB_TESTS_MADE_FINETUNE_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_targets.h"

enum { WINDOWS = 80, FRAMES = 24, BINS = 40, CELLS = FRAMES * BINS };

typedef struct fixture {
    made_targets made;
    float *spectrograms;
    bb_finetune_input input;
    bb_finetune_options options;
    char run[256];
    bb_model *model;
} fixture;

static inline void set_up(fixture *f, int classes) {
    make_targets(&f->made, WINDOWS, classes);
    f->spectrograms = calloc((size_t)WINDOWS * CELLS, sizeof *f->spectrograms);
    for (int64_t i = 0; i < (int64_t)WINDOWS * CELLS; ++i) {
        const int64_t w = i / CELLS;
        const double told = classes ? f->made.labels[w] : f->made.numbers[w];
        f->spectrograms[i] =
            (float)(bb_random_normal(11, 0, (uint64_t)i) + (i % BINS == 7 ? 2 * (told - 0.5) : 0));
    }
    f->input = (bb_finetune_input){f->spectrograms, WINDOWS, FRAMES, BINS};
    f->options = bb_finetune_options_default();
    f->options.steps = 40;
    f->options.batch = 16;
    f->options.threads = 1; /* others may be busy with other tests */
    f->options.seed = 4;
    assert_ok(bb_model_open(bb_test_path("golden/tiny"), 0, &f->model, e));
}

static inline void into(fixture *f, const char *name) {
    snprintf(f->run, sizeof f->run, "%s", bb_temp_path(name));
    f->options.run = f->run;
}

static inline void tear_down(fixture *f) {
    free(f->spectrograms);
    bb_model_close(f->model);
}

static inline bb_fit_result tuned(const fixture *f, bb_fit_listener listener, void *context) {
    bb_fit_result r;
    assert_ok(bb_finetune(f->model, &f->input, &f->made.targets, &f->options, listener, context, &r, e));
    return r;
}

static inline bool same_scores(const fixture *f, const bb_fit_result *a, const bb_fit_result *b) {
    return a->outputs == b->outputs && a->best_step == b->best_step && a->check_count == b->check_count &&
           memcmp(a->checks, b->checks, a->check_count * sizeof *a->checks) == 0 &&
           memcmp(a->scores, b->scores,
                  (size_t)(f->made.targets.test_count * a->outputs) * sizeof *a->scores) == 0;
}

typedef struct seen {
    int64_t steps, stop_after, kill_after; /* 0: never */
    double rates[2][256], losses[256], norms[256];
} seen;

static inline int watch(void *context, const bb_fit_step *s) {
    seen *all = context;
    all->steps = s->step;
    all->rates[0][s->step - 1] = s->head_rate;
    all->rates[1][s->step - 1] = s->encoder_rate;
    all->losses[s->step - 1] = s->loss;
    all->norms[s->step - 1] = s->gradient_norm;
    if (all->kill_after == s->step) raise(SIGKILL);
    return all->stop_after == s->step;
}

#endif
