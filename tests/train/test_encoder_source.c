/* The encoder as a source of features: gradients through head, pooling and encoder against the loss's slopes;
 * the same features as bb_encoder's; nothing reaches the prediction head. */
#include "train/encoder_source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "made_targets.h"

enum { WINDOWS = 5, FRAMES = 23, BINS = 40, CELLS = FRAMES * BINS, DIM = 64 };

typedef struct fixture {
    made_targets made;
    float spectrograms[WINDOWS * CELLS];
    bb_finetune_input input;
    bb_pooling pooling;
    bb_model *model;
    bb_network *network;
    bb_trained_encoder encoder;
    bb_perceptron head;
    bb_objective objective;
    float *features, *d_features, d_outputs[4 * WINDOWS];
} fixture;

static void set_up(fixture *f, const char *pooling, int classes) {
    static const int64_t all[] = {0, 1, 2, 3, 4};
    make_targets(&f->made, 10, classes);
    f->made.targets.train = all;
    f->made.targets.train_count = WINDOWS;
    for (int i = 0; i < WINDOWS * CELLS; ++i) f->spectrograms[i] = (float)bb_random_normal(3, 0, (uint64_t)i);
    f->input = (bb_finetune_input){f->spectrograms, WINDOWS, FRAMES, BINS};
    assert_true(bb_pooling_from_name(pooling, &f->pooling));
    assert_ok(bb_model_open(bb_test_path("golden/tiny"), 0, &f->model, e));
    assert_ok(bb_network_create(&bb_model_get_info(f->model)->config, WINDOWS, FRAMES, 1, BB_FLOAT32,
                                &f->network, e));
    bb_parameters_load_present(&f->network->parameters, f->model, f->network->weights);
    assert_ok(bb_trained_encoder_create(f->network, &f->input, &f->pooling, &f->encoder, e));
    const int64_t dim = bb_trained_encoder_source(&f->encoder).dim;
    f->objective = bb_objective_of(&f->made.targets);
    assert_ok(bb_perceptron_create(dim, NULL, 0, f->objective.outputs, WINDOWS, 1, &f->head, e));
    f->features = calloc((size_t)(WINDOWS * dim), sizeof(float));
    f->d_features = calloc((size_t)(WINDOWS * dim), sizeof(float));
}

static void tear_down(fixture *f) {
    free(f->features);
    free(f->d_features);
    bb_perceptron_free(&f->head);
    bb_trained_encoder_free(&f->encoder);
    bb_network_destroy(f->network);
    bb_model_close(f->model);
}

static const bb_dropout dropout = {.rate = 0.1F, .seed = 1, .step = 5};

static double loss(fixture *f) {
    const bb_learner_source s = bb_trained_encoder_source(&f->encoder);
    assert_ok(s.forward(s.self, f->made.targets.train, WINDOWS, 0, &dropout, f->features, e));
    assert_ok(bb_perceptron_forward(&f->head, f->features, WINDOWS, e));
    return bb_objective_add(&f->objective, f->made.targets.train, WINDOWS, WINDOWS, f->head.outputs[0],
                            f->d_outputs);
}

static void gradients(fixture *f) {
    const bb_learner_source s = bb_trained_encoder_source(&f->encoder);
    loss(f);
    bb_network_clear_gradients(f->network);
    assert_ok(bb_perceptron_backward(&f->head, f->features, WINDOWS, f->d_outputs, f->d_features, e));
    assert_ok(s.backward(s.self, f->d_features, e));
}

/* Along its own gradient a tensor's slope is the gradient's length: central differences leave an error of the
 * step's square, and float32 losses one of 1e-7 by the step. */
static void check_tensor(fixture *f, float *weights, const float *gradient, int64_t count, const char *name) {
    double squares = 0, side[2];
    float *before = malloc((size_t)count * sizeof *before), *g = malloc((size_t)count * sizeof *g);
    memcpy(before, weights, (size_t)count * sizeof *before);
    memcpy(g, gradient, (size_t)count * sizeof *g);
    for (int64_t k = 0; k < count; ++k) squares += (double)g[k] * g[k];
    const double length = sqrt(squares), step = 2e-3 / fmax(length, 0.1);
    for (int s = 0; s < 2; ++s) {
        for (int64_t k = 0; k < count && length > 0; ++k)
            weights[k] = (float)(before[k] + (s ? step : -step) * g[k] / length);
        side[s] = loss(f);
    }
    memcpy(weights, before, (size_t)count * sizeof *before);
    const double slope = (side[1] - side[0]) / (2 * step);
    if (!(fabs(slope - length) <= 0.01 * length + 2e-4))
        fail_msg("%s: the gradient is %g, the loss slopes by %g", name, length, slope);
    free(before);
    free(g);
}

static void check_slopes(const char *pooling, int classes) {
    static fixture f;
    set_up(&f, pooling, classes);
    gradients(&f);
    const bb_parameters *p = &f.network->parameters;
    for (size_t i = 0; i < p->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(&p->config, i);
        const float *g = bb_network_gradient(f.network, i);
        bool moved = false;
        for (int64_t k = 0; k < p->sizes[i]; ++k) moved = moved || g[k] != 0;
        assert_true(moved != spec.optional); /* all of the encoder, and nothing of the prediction head */
        if (!spec.optional) check_tensor(&f, f.network->weights + p->at[i], g, p->sizes[i], spec.name);
    }
    const bb_parameters *h = &f.head.parameters;
    for (size_t i = 0; i < h->count; ++i)
        check_tensor(&f, f.head.weights + h->at[i], f.head.gradients + h->at[i], h->sizes[i], "head");
    tear_down(&f);
}

static void gradients_are_slopes(void **state) {
    (void)state;
    check_slopes("center", 2);
    check_slopes("mean", 3);
    check_slopes("segments:4", 0); /* of 5, 6, 6 and 6 frames */
}

/* What the network pools is what bb_encoder pools, trained or frozen. */
static void features_are_the_encoders(void **state) {
    (void)state;
    static const char *const poolings[] = {"center", "mean", "segments:4"};
    static const bb_dropout none = {0};
    for (size_t i = 0; i < 3; ++i) {
        static fixture f;
        bb_frozen_encoder frozen;
        set_up(&f, poolings[i], 2);
        f.made.targets.validation = f.made.targets.test = f.made.targets.train;
        f.made.targets.validation_count = f.made.targets.test_count = 2;
        const bb_learner_source s = bb_trained_encoder_source(&f.encoder);
        assert_ok(s.forward(s.self, f.made.targets.train, WINDOWS, 0, &none, f.features, e));
        assert_ok(bb_frozen_encoder_create(f.model, &f.input, &f.made.targets, &f.pooling, 1, &frozen, e));
        assert_int_equal(frozen.dim, s.dim);
        /* Numbers of about 1, float32 sums in another order. */
        assert_at_most(bb_max_error_f32(f.features, frozen.features, (size_t)(WINDOWS * s.dim)), 1e-5);
        bb_frozen_encoder_free(&frozen);
        tear_down(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_slopes),
        cmocka_unit_test(features_are_the_encoders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
