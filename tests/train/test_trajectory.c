/* The tiny model's first 30 steps against PyTorch's: losses, gradient norms, first gradients, final weights
 * (tests/golden/train_*). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
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

static void set_up(fixture *f, int64_t part, int threads) {
    bb_model *model;
    f->input = bb_golden("train_masked_input.npy");
    f->target = bb_golden("train_target.npy");
    f->mask_values = bb_golden("train_mask.npy");
    for (int i = 0; i < WINDOWS * CELLS; ++i) f->mask[i] = f->mask_values.data[i] != 0;
    assert_ok(bb_model_open(bb_test_path("golden/tiny"), 0, &model, e));
    assert_ok(bb_network_create(&bb_model_get_info(model)->config, part, FRAMES, threads, &f->network, e));
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

/* |found - expected| / |expected| over one tensor. */
static double apart(const float *found, const bb_tensor *expected, int64_t count) {
    float *values = malloc((size_t)count * sizeof *values);
    bb_tensor_to_f32(expected, values);
    double difference = 0, size = 0;
    for (int64_t i = 0; i < count; ++i) {
        difference += ((double)found[i] - values[i]) * ((double)found[i] - values[i]);
        size += (double)values[i] * values[i];
    }
    free(values);
    return sqrt(difference / size);
}

static double worst_tensor(const bb_parameters *p, const float *block, const char *golden) {
    bb_weights *expected;
    double worst = 0;
    assert_ok(bb_weights_open(bb_test_path(golden), &expected, e));
    for (size_t i = 0; i < p->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(&p->config, i);
        const bb_tensor *tensor = bb_weights_find(expected, spec.name);
        assert_non_null(tensor);
        worst = fmax(worst, apart(block + p->at[i], tensor, p->sizes[i]));
    }
    bb_weights_close(expected);
    return worst;
}

static double relative(double found, double expected) { return fabs(found / expected - 1); }

static void thirty_steps_are_the_golden_ones(void **state) {
    (void)state;
    fixture f;
    bb_array_f64 rows = bb_golden_f64("train_rows.npy");
    set_up(&f, WINDOWS, 2);
    const bb_parameters *p = &f.network->parameters;
    const bb_optimizer_recipe lamb = bb_optimizer_recipe_for(BB_OPTIMIZER_LAMB);
    float *moments = bb_parameters_block(p), *squares = bb_parameters_block(p);
    for (int step = 0; step < STEPS; ++step) {
        const double *row = rows.data + 5 * step;
        const bb_loss loss = gradients(&f, WINDOWS, &no_dropout);
        const double norm = bb_gradient_norm(p, f.network->gradients);
        const double rate = bb_learning_rate(1e-2, 0.1, step, OF_STEPS);
        /* The bars of the golden run, float32 sums in another order: 2e-4 of each figure, 1e-4 of a tensor's
         * norm. */
        assert_at_most(relative(loss.total, row[0]), 2e-4);
        assert_at_most(relative(loss.l1, row[1]), 2e-4);
        assert_at_most(relative(loss.content, row[2]), 2e-4);
        assert_at_most(relative(norm, row[3]), 2e-4);
        assert_at_most(fabs(rate - row[4]), 1e-15);
        if (step == 0)
            assert_at_most(worst_tensor(p, f.network->gradients, "golden/train_first_gradients.safetensors"),
                           1e-4);
        bb_optimizer_step(&lamb, p, step, rate, fmin(1, 1 / (norm + 1e-6)), f.network->gradients, moments,
                          squares, f.network->weights);
    }
    assert_at_most(worst_tensor(p, f.network->weights, "golden/train_final_weights.safetensors"), 1e-4);
    bb_free(moments);
    bb_free(squares);
    bb_array_f64_free(&rows);
    tear_down(&f);
}

/* Parts and threads change the order of float32 sums, and with dropout nothing else. */
static void parts_and_threads_do_not_matter(void **state) {
    (void)state;
    const bb_dropout dropout = {.rate = 0.1f, .seed = 3, .step = 17};
    fixture whole, parts;
    set_up(&whole, WINDOWS, 2);
    set_up(&parts, 1, 1);
    const bb_loss a = gradients(&whole, WINDOWS, &dropout), b = gradients(&parts, 1, &dropout);
    assert_at_most(relative(a.total, b.total), 1e-6);
    const int64_t size = whole.network->parameters.at[whole.network->parameters.count];
    double difference = 0, length = 0;
    for (int64_t i = 0; i < size; ++i) {
        const double x = whole.network->gradients[i], y = parts.network->gradients[i];
        difference += (x - y) * (x - y);
        length += y * y;
    }
    assert_at_most(sqrt(difference / length), 1e-5);
    const bb_loss none = gradients(&whole, WINDOWS, &no_dropout);
    assert_true(relative(a.total, none.total) > 1e-3); /* it does drop */
    tear_down(&whole);
    tear_down(&parts);
}

/* Every tensor's gradient along a random direction against the loss's own slope, with dropout on: the mean of
 * steps forward and back leaves an error of the step's square, float32 losses one of 1e-7 by the step. */
static void gradients_are_slopes(void **state) {
    (void)state;
    const bb_dropout dropout = {.rate = 0.1f, .seed = 1, .step = 5};
    fixture f;
    set_up(&f, WINDOWS, 2);
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
        cmocka_unit_test(parts_and_threads_do_not_matter),
        cmocka_unit_test(gradients_are_slopes),
        cmocka_unit_test(rates_are_the_golden_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
