/* Fine-tuning: it learns, step by step as PyTorch does; the best validation loss is what comes back; rates;
 * what it refuses. */
#include "brainbert/finetune.h"

#include <math.h>

#include "made_finetune.h"

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

/* Ten steps against PyTorch's (tests/support/finetune_torch.py): float32 sums in another order, which AdamW's
 * first steps, each of about its rate wherever the gradient is not nothing, make a little more of. */
static void ten_steps_are_pytorchs(void **state) {
    (void)state;
    static const int labels[] = {0, 1, 1, 0, 0, 0, 0, 0};
    static const int64_t windows[] = {0, 1, 2, 3, 4, 5};
    enum { CLIP = 186 * BINS };
    bb_array train = bb_golden("train_target.npy"), other = bb_golden("train_masked_input.npy");
    bb_array_f64 rows = bb_golden_f64("finetune_rows.npy"), scores = bb_golden_f64("finetune_scores.npy");
    float *x = malloc(8 * (size_t)CLIP * sizeof *x);
    memcpy(x, train.data, 4 * (size_t)CLIP * sizeof *x);
    memcpy(x + 4 * CLIP, other.data, 4 * (size_t)CLIP * sizeof *x);
    fixture f;
    seen s = {0};
    bb_fit_result r;
    set_up(&f, 2);
    const bb_targets t = {8, 2, labels, NULL, windows, (const int64_t[]){6, 7}, windows + 4, 4, 2, 2};
    const bb_finetune_input input = {x, 8, 186, BINS};
    f.options.steps = f.options.check_every = 10;
    f.options.batch = 4;
    f.options.dropout = 0;
    f.options.seed = 9;
    assert_ok(bb_finetune(f.model, &input, &t, &f.options, watch, &s, &r, e));
    for (int i = 0; i < 10; ++i) {
        assert_at_most(fabs(s.losses[i] / rows.data[2 * i] - 1), 1e-5);
        assert_at_most(fabs(s.norms[i] / rows.data[2 * i + 1] - 1), 1e-4);
    }
    assert_at_most(bb_max_error_f64(r.scores, scores.data, 2), 1e-5);
    bb_fit_result_free(&r);
    free(x);
    bb_array_free(&train);
    bb_array_free(&other);
    bb_array_f64_free(&rows);
    bb_array_f64_free(&scores);
    tear_down(&f);
}

/* ---------------------------------------------------------------- the best, and rates */

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

static void parts_do_not_matter(void **state) {
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_learns_classes),
        cmocka_unit_test(it_learns_numbers),
        cmocka_unit_test(ten_steps_are_pytorchs),
        cmocka_unit_test(the_best_comes_back),
        cmocka_unit_test(rates_fall_on_a_plateau),
        cmocka_unit_test(parts_do_not_matter),
        cmocka_unit_test(wrong_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
