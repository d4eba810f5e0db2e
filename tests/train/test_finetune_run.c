/* What a fine-tuning leaves in its run folder: models that open and score the same, an encoder that stays
 * frozen, two rates; a run that was killed goes on and ends with the same bytes. */
#include "train/finetune_run.h"

#include <math.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "brainbert/weights.h"
#include "made_finetune.h"

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
    assert_ok(bb_encoder_create(saved, BB_PRECISION_F32, 1, &encoder, e));
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

/* Every file of the run's two checkpoints, beside an uninterrupted one's. */
static void check_same_files(const char *run) {
    static const char *const files[] = {"model.safetensors", "head.safetensors", "training.safetensors",
                                        "state.json", "config.json"};
    for (size_t i = 0; i < 2 * sizeof files / sizeof *files; ++i) {
        char path[512];
        size_t sizes[2];
        const char *name = files[i / 2], *link = i % 2 ? "best" : "last";
        snprintf(path, sizeof path, "%s/%s/%s", bb_temp_path("whole"), link, name);
        unsigned char *a = bb_slurp(path, &sizes[0]);
        snprintf(path, sizeof path, "%s/%s/%s", bb_temp_path(run), link, name);
        unsigned char *b = bb_slurp(path, &sizes[1]);
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(a, b, sizes[0]);
        free(a);
        free(b);
    }
}

/* Rates at which the best is not always the last. */
static bb_fit_result begin_whole(fixture *f) {
    set_up(f, 2);
    f->options.check_every = 6;
    f->options.encoder_rate = f->options.head_rate = 2e-3;
    f->options.patience = 6;
    into(f, "whole");
    f->options.resume = true; /* begins where there is nothing, and is done where all is */
    return tuned(f, NULL, NULL);
}

/* Runs in a process of its own, which is killed by its listener or, after so many microseconds, wherever it
 * is; false: it was done before. */
static bool killed(const fixture *f, int64_t after_step, int64_t after_us) {
    const pid_t child = fork();
    if (child == 0) {
        seen s = {.kill_after = after_step};
        bb_fit_result lost;
        const struct itimerval timer = {.it_value = {after_us / 1000000, after_us % 1000000}};
        signal(SIGALRM, SIG_DFL);
        setitimer(ITIMER_REAL, &timer, NULL); /* 0: none */
        _exit(bb_finetune(f->model, &f->input, &f->made.targets, &f->options, watch, &s, &lost, NULL));
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    if (WIFSIGNALED(how)) return true;
    assert_int_equal(WEXITSTATUS(how), BB_OK); /* what a kill left could be gone on from */
    return false;
}

/* Killed before the first checkpoint and behind some, stopped where none is due. */
static void interrupted_runs_end_the_same(void **state) {
    (void)state;
    fixture f;
    bb_fit_result whole = begin_whole(&f), none;
    into(&f, "cut");
    for (int i = 0; i < 4; ++i) assert_true(killed(&f, (int64_t[]){3, 11, 17, 25}[i], 0));
    seen s = {.stop_after = 27};
    assert_fails(bb_finetune(f.model, &f.input, &f.made.targets, &f.options, watch, &s, &none, e),
                 BB_ERR_CANCELLED, "step 27 of 40");
    bb_fit_result cut = tuned(&f, NULL, NULL);
    assert_true(same_scores(&f, &whole, &cut));
    check_same_files("cut");
    bb_fit_result again = tuned(&f, NULL, NULL); /* it is done already */
    assert_true(same_scores(&f, &whole, &again));
    bb_fit_result_free(&whole);
    bb_fit_result_free(&cut);
    bb_fit_result_free(&again);
    tear_down(&f);
}

/* Wherever the clock says: in steps, in start-up and, as much of the time goes there, in checkpoints. */
static void killed_at_any_moment(void **state) {
    (void)state;
    fixture f;
    struct timespec begun, done;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    bb_fit_result whole = begin_whole(&f);
    clock_gettime(CLOCK_MONOTONIC, &done);
    const double us =
        (double)(done.tv_sec - begun.tv_sec) * 1e6 + (double)(done.tv_nsec - begun.tv_nsec) / 1e3;
    into(&f, "killed");
    int kills = 0;
    for (uint64_t i = 0; i < 20; ++i) {
        const double place = bb_random_uniform((uint64_t)done.tv_nsec, 0, i);
        if (!killed(&f, 0, 1 + (int64_t)(place * us / 4))) break;
        ++kills;
    }
    bb_fit_result cut = tuned(&f, NULL, NULL);
    print_message("killed %d times\n", kills);
    assert_true(same_scores(&f, &whole, &cut));
    check_same_files("killed");
    bb_fit_result_free(&whole);
    bb_fit_result_free(&cut);
    tear_down(&f);
}

/* A kill between the two links: `best` is ahead of `last`. The run goes on and is stopped before it is there
 * again, which must not lose the best checkpoint so far. */
static void best_ahead_of_last(void **state) {
    (void)state;
    fixture f;
    bb_fit_result whole = begin_whole(&f), none;
    const int64_t ahead = whole.best_step;
    assert_true(ahead > 6);
    into(&f, "ahead");
    char copy[1024], best[300], target[64];
    seen first = {.stop_after = ahead - 2}, second = {.stop_after = ahead - 1};
    assert_fails(bb_finetune(f.model, &f.input, &f.made.targets, &f.options, watch, &first, &none, e),
                 BB_ERR_CANCELLED, "stopped");
    snprintf(best, sizeof best, "%s/best", f.run);
    snprintf(target, sizeof target, "checkpoint-%09d", (int)ahead);
    snprintf(copy, sizeof copy, "cp -r %s/best/. %s/%s", bb_temp_path("whole"), f.run, target);
    assert_int_equal(system(copy), 0);
    assert_int_equal(unlink(best), 0);
    assert_int_equal(symlink(target, best), 0);
    assert_fails(bb_finetune(f.model, &f.input, &f.made.targets, &f.options, watch, &second, &none, e),
                 BB_ERR_CANCELLED, "stopped");
    bb_fit_result cut = tuned(&f, NULL, NULL);
    assert_true(same_scores(&f, &whole, &cut));
    check_same_files("ahead");
    bb_fit_result_free(&whole);
    bb_fit_result_free(&cut);
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
        cmocka_unit_test(no_prediction_head_is_needed),
        cmocka_unit_test(two_rates),
        cmocka_unit_test(frozen_encoders_stay),
        cmocka_unit_test(saved_models_score_the_same),
        cmocka_unit_test(interrupted_runs_end_the_same),
        cmocka_unit_test(killed_at_any_moment),
        cmocka_unit_test(best_ahead_of_last),
        cmocka_unit_test(runs_of_other_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
