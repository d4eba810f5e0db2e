/* What a fine-tuning leaves in its run folder: models that open and score the same, an encoder that stays
 * frozen, two rates; a run that was killed goes on and ends with the same bytes. */
#include "train/finetune_run.h"

#include <math.h>
#include <sys/wait.h>
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
        cmocka_unit_test(no_prediction_head_is_needed),  cmocka_unit_test(two_rates),
        cmocka_unit_test(frozen_encoders_stay),          cmocka_unit_test(saved_models_score_the_same),
        cmocka_unit_test(interrupted_runs_end_the_same), cmocka_unit_test(runs_of_other_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
