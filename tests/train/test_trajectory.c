/* The tiny model's first 30 steps against PyTorch's: losses, gradient norms, first gradients, final weights
 * (tests/golden/train_*). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "brainbert/cpu.h"
#include "brainbert/weights.h"
#include "support.h"
#include "train/loss.h"
#include "train/network.h"
#include "train/optimizer.h"
#include "train/schedule.h"

enum { STEPS = 30, OF_STEPS = 200, WINDOWS = 4, FRAMES = 186, BINS = 40, CELLS = FRAMES * BINS };

static const bb_dropout no_dropout = {0};
static const bb_loss_recipe published_loss = {2, 1};

/* What the golden run began with. */
typedef struct fixture {
    bb_array input, target, mask_values;
    uint8_t mask[WINDOWS * CELLS];
    bb_network *network;
} fixture;

static void set_up(fixture *f, int64_t part, int threads, bb_arithmetic arithmetic) {
    bb_model *model;
    f->input = bb_golden("train_masked_input.npy");
    f->target = bb_golden("train_target.npy");
    f->mask_values = bb_golden("train_mask.npy");
    for (int i = 0; i < WINDOWS * CELLS; ++i) f->mask[i] = f->mask_values.data[i] != 0;
    assert_ok(bb_model_open(bb_test_path("golden/tiny"), 0, &model, e));
    assert_ok(bb_network_create(&bb_model_get_info(model)->config, part, FRAMES, threads, arithmetic,
                                &f->network, e));
    assert_ok(bb_parameters_load(&f->network->parameters, model, f->network->weights, e));
    bb_model_close(model);
}

static void tear_down(fixture *f) {
    bb_network_destroy(f->network);
    bb_array_free(&f->input);
    bb_array_free(&f->target);
    bb_array_free(&f->mask_values);
}

/* All windows forward and backward, `part` at a time. */
static bb_loss gradients(fixture *f, int64_t part, const bb_dropout *dropout) {
    bb_loss_counts counts = {0};
    bb_loss loss = {0};
    float *d = calloc((size_t)(part * CELLS), sizeof *d);
    bb_loss_count(&published_loss, f->target.data, f->mask, WINDOWS * CELLS, &counts);
    bb_network_clear_gradients(f->network);
    for (int64_t w = 0; w < WINDOWS; w += part) {
        assert_ok(bb_network_forward(f->network, f->input.data + w * CELLS, part, w, dropout, e));
        bb_loss_add(&published_loss, &counts, f->network->prediction, f->target.data + w * CELLS,
                    f->mask + w * CELLS, part * CELLS, &loss, d);
        assert_ok(bb_network_backward(f->network, d, e));
    }
    free(d);
    return loss;
}

/* |found - expected| / |expected| */
static double apart(const float *found, const float *expected, int64_t count) {
    double difference = 0, size = 0;
    for (int64_t i = 0; i < count; ++i) {
        difference += ((double)found[i] - expected[i]) * ((double)found[i] - expected[i]);
        size += (double)expected[i] * expected[i];
    }
    return sqrt(difference / size);
}

static double apart_from_tensor(const float *found, const bb_tensor *expected, int64_t count) {
    float *values = malloc((size_t)count * sizeof *values);
    bb_tensor_to_f32(expected, values);
    const double result = apart(found, values, count);
    free(values);
    return result;
}

static double worst_tensor(const bb_parameters *p, const float *block, const char *golden) {
    bb_weights *expected;
    double worst = 0;
    assert_ok(bb_weights_open(bb_test_path(golden), &expected, e));
    for (size_t i = 0; i < p->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(&p->config, i);
        const bb_tensor *tensor = bb_weights_find(expected, spec.name);
        assert_non_null(tensor);
        worst = fmax(worst, apart_from_tensor(block + p->at[i], tensor, p->sizes[i]));
    }
    bb_weights_close(expected);
    return worst;
}

static double relative(double found, double expected) { return fabs(found / expected - 1); }

/* How far 30 steps may be from the golden ones, relative: losses, gradients' lengths, each tensor of the
 * first gradients and of the final weights. */
typedef struct bars {
    double loss, norm, gradient, weights;
} bars;

static void check_thirty_steps(bb_arithmetic arithmetic, const bars *most) {
    fixture f;
    bb_array_f64 rows = bb_golden_f64("train_rows.npy");
    set_up(&f, WINDOWS, 2, arithmetic);
    const bb_parameters *p = &f.network->parameters;
    const bb_optimizer_recipe lamb = bb_optimizer_recipe_for(BB_OPTIMIZER_LAMB);
    float *moments = bb_parameters_block(p), *squares = bb_parameters_block(p);
    bars found = {0};
    bb_stretches all;
    assert_ok(bb_stretches_of_all(p, &all, e));
    for (int step = 0; step < STEPS; ++step) {
        const double *row = rows.data + 5 * step;
        const bb_loss loss = gradients(&f, WINDOWS, &no_dropout);
        const double norm = bb_gradient_norm(&all, f.network->gradients);
        const double rate = bb_learning_rate(1e-2, 0.1, step, OF_STEPS);
        found.loss = fmax(found.loss, relative(loss.total, row[0]));
        found.loss = fmax(found.loss, relative(loss.l1, row[1]));
        found.loss = fmax(found.loss, relative(loss.content, row[2]));
        found.norm = fmax(found.norm, relative(norm, row[3]));
        assert_at_most(fabs(rate - row[4]), 1e-15);
        if (step == 0)
            found.gradient =
                worst_tensor(p, f.network->gradients, "golden/train_first_gradients.safetensors");
        bb_optimizer_step(&lamb, &all, step, rate, fmin(1, 1 / (norm + 1e-6)), f.network->gradients, moments,
                          squares, f.network->weights);
    }
    found.weights = worst_tensor(p, f.network->weights, "golden/train_final_weights.safetensors");
    print_message("apart from the golden run: losses %.2g, norms %.2g, first gradients %.2g, final weights "
                  "%.2g\n",
                  found.loss, found.norm, found.gradient, found.weights);
    assert_at_most(found.loss, most->loss);
    assert_at_most(found.norm, most->norm);
    assert_at_most(found.gradient, most->gradient);
    assert_at_most(found.weights, most->weights);
    bb_stretches_free(&all);
    bb_free(moments);
    bb_free(squares);
    bb_array_f64_free(&rows);
    tear_down(&f);
}

/* The bars of the golden run: float32 sums in another order. */
static void thirty_steps_are_the_golden_ones(void **state) {
    (void)state;
    const bars most = {.loss = 2e-4, .norm = 2e-4, .gradient = 1e-4, .weights = 1e-4};
    check_thirty_steps(BB_FLOAT32, &most);
}

typedef void check(bb_arithmetic arithmetic);

/* Portably always, in bf16 wherever oneDNN offers it. */
static void in_both_ways(check *one) {
    one(BB_BF16_PORTABLE);
    if (bb_bf16_offered())
        one(BB_BF16_UNITS);
    else
        print_message("skipped in bf16: oneDNN has no such products on this processor\n");
}

/* Rounding puts predictions some 1e-3 off, and where that is more than what they are off the target, the
 * slope of |Y - Yhat| takes the other sign: the first gradients turn by 2 to 3 % of their length (which the
 * next test tells from rounding itself), in another direction each step. Bars are twice what is measured;
 * that of the lengths is the gradients' own, by which a length can change at most. */
static void check_bf16_steps(bb_arithmetic arithmetic) {
    const bars most = {.loss = 3e-3, .norm = 6e-2, .gradient = 6e-2, .weights = 8e-3};
    check_thirty_steps(arithmetic, &most);
}

static void thirty_steps_of_bf16_stay_near(void **state) { (void)state, in_both_ways(check_bf16_steps); }

/* The gradients of one and the same d loss / d prediction: each of the some 20 products on the way there and
 * back rounds its operands by up to 2^-9, 1.1e-3 in the mean. */
static void check_bf16_gradients(bb_arithmetic arithmetic) {
    fixture exact, f;
    double worst = 0;
    float *d = calloc(WINDOWS * CELLS, sizeof *d);
    set_up(&exact, WINDOWS, 2, BB_FLOAT32);
    set_up(&f, WINDOWS, 2, arithmetic);
    const bb_parameters *p = &f.network->parameters;
    for (int i = 0; i < WINDOWS * CELLS; ++i)
        d[i] = f.mask[i] ? (float)bb_random_normal(9, 0, (uint64_t)i) : 0;
    for (int i = 0; i < 2; ++i) {
        bb_network *n = i ? f.network : exact.network;
        bb_network_clear_gradients(n);
        assert_ok(bb_network_forward(n, f.input.data, WINDOWS, 0, &no_dropout, e));
        assert_ok(bb_network_backward(n, d, e));
    }
    for (size_t i = 0; i < p->count; ++i)
        worst = fmax(
            worst, apart(f.network->gradients + p->at[i], exact.network->gradients + p->at[i], p->sizes[i]));
    print_message("gradients of bf16 products: %.2g apart from float32's\n", worst);
    assert_at_most(worst, 1e-2);
    assert_true(worst > 1e-4); /* something is rounded */
    free(d);
    tear_down(&exact);
    tear_down(&f);
}

static void gradients_of_bf16_are_float32s_rounded(void **state) {
    (void)state, in_both_ways(check_bf16_gradients);
}

/* Parts and threads change the order of float32 sums, and with dropout nothing else; in bf16 an operand
 * half-way between two numbers may round to the other one after such a sum, 2^-8 of it. */
static void check_parts(bb_arithmetic arithmetic) {
    const bb_dropout dropout = {.rate = 0.1f, .seed = 3, .step = 17};
    fixture whole, parts;
    set_up(&whole, WINDOWS, 2, arithmetic);
    set_up(&parts, 1, 1, arithmetic);
    const bb_loss a = gradients(&whole, WINDOWS, &dropout), b = gradients(&parts, 1, &dropout);
    const bool exact = arithmetic == BB_FLOAT32;
    assert_at_most(relative(a.total, b.total), exact ? 1e-6 : 1e-5);
    const int64_t size = whole.network->parameters.at[whole.network->parameters.count];
    assert_at_most(apart(whole.network->gradients, parts.network->gradients, size), exact ? 1e-5 : 1e-4);
    const bb_loss none = gradients(&whole, WINDOWS, &no_dropout);
    assert_true(relative(a.total, none.total) > 1e-3); /* it does drop */
    tear_down(&whole);
    tear_down(&parts);
}

static void parts_and_threads_do_not_matter(void **state) {
    (void)state;
    check_parts(BB_FLOAT32);
    in_both_ways(check_parts);
}

/* Every tensor's gradient along a random direction against the loss's own slope, with dropout on: the mean of
 * steps forward and back leaves an error of the step's square, float32 losses one of 1e-7 by the step. */
static void gradients_are_slopes(void **state) {
    (void)state;
    const bb_dropout dropout = {.rate = 0.1f, .seed = 1, .step = 5};
    fixture f;
    set_up(&f, WINDOWS, 2, BB_FLOAT32);
    const bb_parameters *p = &f.network->parameters;
    gradients(&f, WINDOWS, &dropout);
    float *gradient = bb_parameters_block(p), *weights = bb_parameters_block(p);
    const size_t bytes = (size_t)p->at[p->count] * sizeof *gradient;
    memcpy(gradient, f.network->gradients, bytes);
    memcpy(weights, f.network->weights, bytes);
    for (size_t i = 0; i < p->count; ++i) {
        float *w = f.network->weights + p->at[i];
        const float *g = gradient + p->at[i];
        double squares = 0, slope[2];
        for (int64_t k = 0; k < p->sizes[i]; ++k) squares += (double)g[k] * g[k];
        const double length = sqrt(squares), step = 2e-3 / fmax(length, 1e-3);
        for (int side = 0; side < 2; ++side) {
            for (int64_t k = 0; k < p->sizes[i]; ++k)
                w[k] = (float)(weights[p->at[i] + k] + (side ? step : -step) * g[k] / length);
            slope[side] = gradients(&f, WINDOWS, &dropout).total;
        }
        memcpy(f.network->weights, weights, bytes);
        /* Along its own gradient a tensor's slope is the gradient's length; |Y - Yhat| has kinks. */
        assert_at_most(fabs((slope[1] - slope[0]) / (2 * step) - length), 0.03 * length + 2e-4);
    }
    bb_free(gradient);
    bb_free(weights);
    tear_down(&f);
}

static void rates_are_the_golden_ones(void **state) {
    (void)state;
    bb_array_f64 expected = bb_golden_f64("lr_40000_steps.npy");
    for (int64_t i = 0; i < expected.shape[0]; ++i)
        assert_at_most(fabs(bb_learning_rate(1e-4, 0.025, 10 * i, 40000) - expected.data[i]),
                       1e-12 * expected.data[i]);
    bb_array_f64_free(&expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thirty_steps_are_the_golden_ones),
        cmocka_unit_test(thirty_steps_of_bf16_stay_near),
        cmocka_unit_test(gradients_of_bf16_are_float32s_rounded),
        cmocka_unit_test(parts_and_threads_do_not_matter),
        cmocka_unit_test(gradients_are_slopes),
        cmocka_unit_test(rates_are_the_golden_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
