/* Fine-tuning on made spectrograms whose classes differ in one bin's power: it learns, an encoder stays
 * frozen, the best validation loss is what comes back, a run that was killed goes on, and what it refuses. */
#include "brainbert/finetune.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "brainbert/weights.h"
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

static void set_up(fixture *f, int classes) {
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

static void into(fixture *f, const char *name) {
    snprintf(f->run, sizeof f->run, "%s", bb_temp_path(name));
    f->options.run = f->run;
}

static void tear_down(fixture *f) {
    free(f->spectrograms);
    bb_model_close(f->model);
}

static bb_fit_result tuned(const fixture *f, bb_fit_listener listener, void *context) {
    bb_fit_result r;
    assert_ok(bb_finetune(f->model, &f->input, &f->made.targets, &f->options, listener, context, &r, e));
    return r;
}

static bool same_scores(const fixture *f, const bb_fit_result *a, const bb_fit_result *b) {
    return a->outputs == b->outputs && a->best_step == b->best_step && a->check_count == b->check_count &&
           memcmp(a->checks, b->checks, a->check_count * sizeof *a->checks) == 0 &&
           memcmp(a->scores, b->scores,
                  (size_t)(f->made.targets.test_count * a->outputs) * sizeof *a->scores) == 0;
}

/* ---------------------------------------------------------------- learning */

static void check_learns(int classes, const char *pooling) {
    fixture f;
    set_up(&f, classes);
    assert_true(bb_pooling_from_name(pooling, &f.options.pooling));
    bb_fit_result r = tuned(&f, NULL, NULL);
    assert_int_equal(r.outputs, classes > 2 ? classes : 1);
    assert_int_equal(r.check_count, 20);
    assert_int_equal(r.checks[19].step, 40);
    /* The classes are two sd apart in each of a window's 10 or 24 frames: hardly any cannot be told. */
    assert_true(told(&f.made, &r) > 0.9);
    bb_fit_result_free(&r);
    tear_down(&f);
}

static void it_learns_classes(void **state) {
    (void)state;
    check_learns(2, "center");
    check_learns(3, "mean");
    check_learns(2, "segments:5");
}

static void it_learns_numbers(void **state) {
    (void)state;
    fixture f;
    double error = 0, spread = 0;
    set_up(&f, 0);
    for (int i = 0; i < WINDOWS; ++i) f.made.numbers[i] = 1000 + 50 * f.made.numbers[i]; /* any unit */
    f.options.steps = 80;
    bb_fit_result r = tuned(&f, NULL, NULL);
    for (int64_t i = 0; i < f.made.targets.test_count; ++i) {
        const double number = f.made.numbers[f.made.lists[2][i]];
        error += (r.scores[i] - number) * (r.scores[i] - number);
        spread += (number - 1000) * (number - 1000);
    }
    assert_true(error < 0.5 * spread);
    bb_fit_result_free(&r);
    tear_down(&f);
}

/* A model without a prediction head: the same scores, as it plays no part. */
static void no_prediction_head_is_needed(void **state) {
    (void)state;
    fixture f;
    bb_weights *all;
    bb_tensor kept[64];
    size_t count = 0;
    set_up(&f, 2);
    bb_fit_result with = tuned(&f, NULL, NULL);
    assert_ok(bb_weights_open(bb_test_path("golden/tiny/model.safetensors"), &all, e));
    for (size_t i = 0; i < bb_weights_count(all); ++i)
        if (!strstr(bb_weights_at(all, i)->name, "spec_prediction_head"))
            kept[count++] = *bb_weights_at(all, i);
    assert_ok(bb_safetensors_write(bb_temp_path("headless.safetensors"), kept, count, NULL, e));
    bb_weights_close(all);
    bb_model_close(f.model);
    assert_ok(bb_model_open(bb_temp_path("headless.safetensors"), 4, &f.model, e));
    assert_false(bb_model_get_info(f.model)->has_prediction_head);
    into(&f, "headless");
    bb_fit_result without = tuned(&f, NULL, NULL);
    assert_true(same_scores(&f, &with, &without));
    bb_model *saved;
    assert_ok(bb_model_open(bb_temp_path("headless/best"), 0, &saved, e));
    assert_false(bb_model_get_info(saved)->has_prediction_head);
    bb_model_close(saved);
    bb_fit_result_free(&with);
    bb_fit_result_free(&without);
    tear_down(&f);
}

/* ---------------------------------------------------------------- the best, and rates */

typedef struct seen {
    int64_t steps, stop_after, kill_after; /* 0: never */
    double rates[2][256], losses[256];
} seen;

static int watch(void *context, const bb_fit_step *s) {
    seen *all = context;
    all->steps = s->step;
    all->rates[0][s->step - 1] = s->head_rate;
    all->rates[1][s->step - 1] = s->encoder_rate;
    all->losses[s->step - 1] = s->loss;
    if (all->kill_after == s->step) raise(SIGKILL);
    return all->stop_after == s->step;
}

/* What comes back is what a run of as many steps as the best one's ends with: labels that mean nothing are
 * soon learned by heart, and the validation loss rises. */
static void the_best_comes_back(void **state) {
    (void)state;
    fixture f;
    set_up(&f, 2);
    for (int i = 0; i < WINDOWS; ++i) f.made.labels[i] = bb_random_uniform(8, 0, (uint64_t)i) < 0.5;
    f.options.check_every = 4;
    f.options.head_rate = f.options.encoder_rate = 3e-3;
    f.options.patience = 0;
    bb_fit_result r = tuned(&f, NULL, NULL);
    size_t best = 0;
    for (size_t i = 0; i < r.check_count; ++i)
        if (r.checks[i].loss < r.checks[best].loss) best = i;
    assert_int_equal(r.best_step, r.checks[best].step);
    assert_true(r.best_validation == r.checks[best].loss);
    assert_true(r.best_step < f.options.steps);
    f.options.steps = r.best_step;
    bb_fit_result shorter = tuned(&f, NULL, NULL);
    assert_memory_equal(r.scores, shorter.scores, (size_t)f.made.targets.test_count * sizeof *r.scores);
    bb_fit_result_free(&r);
    bb_fit_result_free(&shorter);
    tear_down(&f);
}

/* Nothing can get better at a rate that changes nothing: every `patience` steps both rates fall. */
static void rates_fall_on_a_plateau(void **state) {
    (void)state;
    fixture f;
    seen s = {0};
    set_up(&f, 2);
    f.options.freeze = false;
    f.options.weight_decay = 0;
    f.options.head_rate = 2e-30;
    f.options.encoder_rate = 1e-30;
    f.options.check_every = 5;
    f.options.patience = 10;
    f.options.steps = 32;
    bb_fit_result r = tuned(&f, watch, &s);
    assert_int_equal(r.best_step, 5); /* the first look */
    for (int i = 0; i < 32; ++i) {
        const double fallen = pow(0.1, i < 15 ? 0 : i < 25 ? 1 : 2);
        assert_at_most(fabs(s.rates[0][i] / (2e-30 * fallen) - 1), 1e-12);
        assert_at_most(fabs(s.rates[1][i] / (1e-30 * fallen) - 1), 1e-12);
    }
    bb_fit_result_free(&r);
    tear_down(&f);
}

/* ---------------------------------------------------------------- what a run leaves */

/* The largest change of a named tensor between two files. */
static double change(const char *a, const char *b, const char *name) {
    bb_weights *files[2];
    float *x[2];
    double most = 0;
    int64_t count = 1;
    for (int i = 0; i < 2; ++i) {
        assert_ok(bb_weights_open(i ? b : a, &files[i], e));
        const bb_tensor *t = bb_weights_find(files[i], name);
        assert_non_null(t);
        count = 1;
        for (size_t d = 0; d < t->dims; ++d) count *= t->shape[d];
        x[i] = malloc((size_t)count * sizeof **x);
        bb_tensor_to_f32(t, x[i]);
        bb_weights_close(files[i]);
    }
    for (int64_t k = 0; k < count; ++k) most = fmax(most, fabs((double)x[0][k] - x[1][k]));
    free(x[0]);
    free(x[1]);
    return most;
}

/* One AdamW step moves each number that has a gradient by its rate: ten times as far in the head as in the
 * encoder, and not at all in the prediction head. (A little less where a gradient is not large beside
 * epsilon, and a little more by weight decay, 0.01 of the rate.) */
static void two_rates(void **state) {
    (void)state;
    static const char *const layer = "transformer.layers.0.linear1.weight",
                             *const prediction = "spec_prediction_head.hidden_layer.weight";
    const char *before = bb_test_path("golden/tiny/model.safetensors");
    fixture f;
    set_up(&f, 2);
    f.options.dropout = 0;
    char heads[2][256];
    for (int steps = 1; steps <= 2; ++steps) {
        char name[32];
        snprintf(name, sizeof name, "rates%d", steps);
        into(&f, name);
        f.options.steps = steps;
        bb_fit_result r = tuned(&f, NULL, NULL);
        bb_fit_result_free(&r);
        snprintf(heads[steps - 1], sizeof *heads, "%s/last/head.safetensors", f.options.run);
    }
    const double encoder = change(before, bb_temp_path("rates1/last/model.safetensors"), layer);
    assert_at_most(fabs(encoder / 1e-4 - 1), 0.05);
    const double head = change(heads[0], heads[1], "head.weight"); /* the second step's: up to its rate */
    assert_true(head > 0.5e-3 && head < 1.05e-3);
    assert_true(change(before, bb_temp_path("rates2/last/model.safetensors"), prediction) == 0);
    tear_down(&f);
}

static void frozen_encoders_stay(void **state) {
    (void)state;
    fixture f;
    bb_model *saved;
    set_up(&f, 2);
    f.options.freeze = true;
    f.options.steps = 400;
    f.options.head_rate = 1e-2;
    into(&f, "frozen");
    bb_fit_result r = tuned(&f, NULL, NULL);
    assert_true(told(&f.made, &r) > 0.8);
    assert_ok(bb_model_open(bb_temp_path("frozen/best"), 0, &saved, e));
    bb_weights *a, *b;
    assert_ok(bb_weights_open(bb_test_path("golden/tiny/model.safetensors"), &a, e));
    assert_ok(bb_weights_open(bb_temp_path("frozen/best/model.safetensors"), &b, e));
    assert_int_equal(bb_weights_count(b), bb_weights_count(a)); /* the prediction head among them */
    for (size_t i = 0; i < bb_weights_count(b); ++i)
        assert_true(change(bb_test_path("golden/tiny/model.safetensors"),
                           bb_temp_path("frozen/best/model.safetensors"), bb_weights_at(b, i)->name) == 0);
    bb_weights_close(a);
    bb_weights_close(b);
    bb_model_close(saved);
    bb_fit_result_free(&r);
    tear_down(&f);
}

/* The saved model and head give the scores again: encoder, pooling, linear unit. */
static void saved_models_score_the_same(void **state) {
    (void)state;
    fixture f;
    bb_model *saved;
    bb_encoder *encoder;
    bb_weights *head;
    float pooled[64], weight[64], bias;
    set_up(&f, 2);
    into(&f, "saved");
    bb_fit_result r = tuned(&f, NULL, NULL);
    assert_ok(bb_model_open(bb_temp_path("saved/best"), 0, &saved, e));
    assert_true(strstr(bb_model_get_info(saved)->provenance, "fine-tuning") != NULL);
    assert_ok(bb_encoder_create(saved, 1, &encoder, e));
    assert_ok(bb_weights_open(bb_temp_path("saved/best/head.safetensors"), &head, e));
    bb_tensor_to_f32(bb_weights_find(head, "head.weight"), weight);
    bb_tensor_to_f32(bb_weights_find(head, "head.bias"), &bias);
    for (int64_t i = 0; i < f.made.targets.test_count; ++i) {
        const bb_batch one = {f.spectrograms + f.made.lists[2][i] * CELLS, 1, FRAMES, NULL};
        double score = bias;
        assert_ok(bb_encoder_pool(encoder, &one, &f.options.pooling, pooled, e));
        for (int k = 0; k < 64; ++k) score += (double)weight[k] * pooled[k];
        assert_at_most(fabs(score - r.scores[i]), 1e-4); /* float32 sums in another order */
    }
    bb_weights_close(head);
    bb_encoder_destroy(encoder);
    bb_model_close(saved);
    bb_fit_result_free(&r);
    tear_down(&f);
}

static void check_same_file(const char *name) {
    char paths[2][256];
    size_t sizes[2];
    snprintf(paths[0], sizeof *paths, "%s/%s", bb_temp_path("whole"), name);
    snprintf(paths[1], sizeof *paths, "%s/%s", bb_temp_path("cut"), name);
    unsigned char *a = bb_slurp(paths[0], &sizes[0]), *b = bb_slurp(paths[1], &sizes[1]);
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(a, b, sizes[0]);
    free(a);
    free(b);
}

/* Killed in the middle, stopped by its listener, and stopped where there is no checkpoint to be due. */
static void interrupted_runs_end_the_same(void **state) {
    (void)state;
    static const char *const files[] = {"model.safetensors", "head.safetensors", "training.safetensors",
                                        "state.json", "config.json"};
    fixture f;
    set_up(&f, 2);
    f.options.check_every = 6;
    f.options.encoder_rate = f.options.head_rate = 2e-3; /* so that the best is not always the last */
    f.options.patience = 6;
    into(&f, "whole");
    bb_fit_result whole = tuned(&f, NULL, NULL);
    into(&f, "cut");
    f.options.resume = true; /* begins where there is nothing */
    for (int i = 0; i < 4; ++i) {
        seen s = {.kill_after = (int64_t[]){3, 11, 17, 25}[i]};
        const pid_t child = fork();
        if (child == 0) {
            bb_fit_result lost;
            bb_finetune(f.model, &f.input, &f.made.targets, &f.options, watch, &s, &lost, NULL);
            _exit(1);
        }
        int how;
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    }
    seen s = {.stop_after = 27};
    bb_fit_result none;
    assert_fails(bb_finetune(f.model, &f.input, &f.made.targets, &f.options, watch, &s, &none, e),
                 BB_ERR_CANCELLED, "step 27 of 40");
    bb_fit_result cut = tuned(&f, NULL, NULL);
    assert_true(same_scores(&f, &whole, &cut));
    for (size_t i = 0; i < sizeof files / sizeof *files; ++i)
        for (int best = 0; best < 2; ++best) {
            char name[64];
            snprintf(name, sizeof name, "%s/%s", best ? "best" : "last", files[i]);
            check_same_file(name);
        }
    bb_fit_result again = tuned(&f, NULL, NULL); /* it is done already */
    assert_true(same_scores(&f, &whole, &again));
    bb_fit_result_free(&whole);
    bb_fit_result_free(&cut);
    bb_fit_result_free(&again);
    tear_down(&f);
}

static void parts_and_runs_do_not_matter(void **state) {
    (void)state;
    fixture f;
    set_up(&f, 2);
    f.options.steps = 10;
    bb_fit_result whole = tuned(&f, NULL, NULL);
    f.options.memory = 1; /* a window at a time */
    bb_fit_result parts = tuned(&f, NULL, NULL);
    for (int64_t i = 0; i < f.made.targets.test_count; ++i) /* sums in another order, over ten steps */
        assert_at_most(fabs(whole.scores[i] - parts.scores[i]), 1e-3);
    bb_fit_result_free(&whole);
    bb_fit_result_free(&parts);
    tear_down(&f);
}

/* ---------------------------------------------------------------- what it refuses */

static void check_refuses(fixture *f, const char *part) {
    bb_fit_result none;
    assert_fails(bb_finetune(f->model, &f->input, &f->made.targets, &f->options, NULL, NULL, &none, e),
                 BB_ERR_ARGUMENT, part);
    tear_down(f);
    set_up(f, 2);
}

static void wrong_calls(void **state) {
    (void)state;
    fixture f;
    set_up(&f, 2);
    f.input.bins = 39, check_refuses(&f, "40 bins");
    f.input.frames = 5001, check_refuses(&f, "5000 frames");
    f.input.windows = 79, check_refuses(&f, "those of 79 windows");
    f.made.targets.validation_count = 0, check_refuses(&f, "1 validation window or more");
    f.made.targets.test_count = 0, check_refuses(&f, "1 test window or more");
    f.made.lists[0][3] = WINDOWS, check_refuses(&f, "training window 3: expected one from 0 to 79, found 80");
    f.made.lists[2][0] = f.made.lists[0][0], check_refuses(&f, "window 0: expected it in one list");
    f.made.labels[f.made.lists[1][2]] = 2, check_refuses(&f, "a label from 0 to 1, found 2");
    memset(f.made.labels, 0, sizeof f.made.labels), check_refuses(&f, "found class 0 alone");
    f.made.targets.classes = 1, check_refuses(&f, "2 to 65536 classes");
    f.spectrograms[5] = NAN, check_refuses(&f, "window 0: expected finite numbers");
    f.options.pooling = (bb_pooling){BB_POOL_SEGMENTS, 25}, check_refuses(&f, "up to 24 segments");
    f.options.pooling = (bb_pooling){BB_POOL_NONE, 1}, check_refuses(&f, "a pooling over frames");
    f.options.steps = 0, check_refuses(&f, "1 to 1e9 steps");
    f.options.encoder_rate = 0, check_refuses(&f, "rates above 0");
    f.options.head_rate = f.options.encoder_rate = 1e3, f.options.clip = 0, check_refuses(&f, "come apart");
    tear_down(&f);
}

static void runs_of_other_calls(void **state) {
    (void)state;
    fixture f;
    set_up(&f, 2);
    f.options.steps = 2;
    into(&f, "other");
    bb_fit_result r = tuned(&f, NULL, NULL);
    bb_fit_result_free(&r);
    bb_fit_result none;
#define AGAIN bb_finetune(f.model, &f.input, &f.made.targets, &f.options, NULL, NULL, &none, e)
    assert_fails(AGAIN, BB_ERR_ARGUMENT, "holds a run already");
    f.options.resume = true;
    f.options.seed = 5;
    assert_fails(AGAIN, BB_ERR_ARGUMENT, "expected \"seed\" to be 4, found 5");
    f.options.seed = 4;
    f.spectrograms[0] += 1;
    assert_fails(AGAIN, BB_ERR_ARGUMENT, "spectrograms_digest");
    f.spectrograms[0] -= 1;
    f.made.labels[0] = !f.made.labels[0];
    assert_fails(AGAIN, BB_ERR_ARGUMENT, "targets_digest");
#undef AGAIN
    tear_down(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_learns_classes),
        cmocka_unit_test(it_learns_numbers),
        cmocka_unit_test(no_prediction_head_is_needed),
        cmocka_unit_test(the_best_comes_back),
        cmocka_unit_test(rates_fall_on_a_plateau),
        cmocka_unit_test(two_rates),
        cmocka_unit_test(frozen_encoders_stay),
        cmocka_unit_test(saved_models_score_the_same),
        cmocka_unit_test(interrupted_runs_end_the_same),
        cmocka_unit_test(parts_and_runs_do_not_matter),
        cmocka_unit_test(wrong_calls),
        cmocka_unit_test(runs_of_other_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
