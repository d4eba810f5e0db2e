#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/cpu.h"
#include "brainbert/model.h"
#include "formula.h"
#include "support.h"

/* The bar. The golden arrays were computed in float64; ours in float32, where 6 layers of sums over
 * up to 3072 products leave an error of some 1e-6 of values up to about 4. */
static const double bar = 2e-5;

static bb_encoder *open_encoder(const char *path, int threads) {
    bb_model *model;
    bb_encoder *encoder;
    assert_ok(bb_model_open(path, 0, &model, e));
    assert_ok(bb_encoder_create(model, BB_PRECISION_F32, threads, &encoder, e));
    bb_model_close(model); /* an encoder stands by itself */
    return encoder;
}

/* Rows of padding are not part of the comparison; `width` floats per frame. */
static double unpadded_error(const float *a, const float *b, const int64_t *lengths, int64_t windows,
                             int64_t frames, int64_t width) {
    double worst = 0;
    for (int64_t w = 0; w < windows; ++w) {
        const int64_t at = w * frames * width;
        worst = fmax(worst, bb_max_error_f32(a + at, b + at, (size_t)(lengths[w] * width)));
    }
    return worst;
}

/* Encoder, prediction and pooled output of a batch of two, the second window padded from frame 120 on. */
static void check_golden(const char *path, const char *name, double tolerance) {
    char file[64];
    const int64_t lengths[2] = {186, 120};
#define GOLDEN(what) (snprintf(file, sizeof file, "%s_%s.npy", name, what), bb_golden(file))
    bb_array input = GOLDEN("input"), encoded = GOLDEN("encoded"), predicted = GOLDEN("predicted"),
             pooled = GOLDEN("pooled");
#undef GOLDEN
    const int64_t D = encoded.shape[2];
    const bb_batch batch = {.spectrograms = input.data, .windows = 2, .frames = 186, .lengths = lengths};
    bb_encoder *encoder = open_encoder(path, 2);
    float *out = malloc((size_t)(2 * 186 * D) * sizeof *out);
    assert_ok(bb_encoder_encode(encoder, &batch, out, e));
    assert_at_most(unpadded_error(out, encoded.data, lengths, 2, 186, D), tolerance);
    for (int64_t i = (186 + 120) * D; i < 2 * 186 * D; ++i) assert_true(out[i] == 0);
    assert_ok(bb_encoder_predict(encoder, &batch, out, e));
    assert_at_most(unpadded_error(out, predicted.data, lengths, 2, 186, 40), tolerance);
    const bb_pooling center = {.kind = BB_POOL_CENTER};
    assert_ok(bb_encoder_pool(encoder, &batch, &center, out, e));
    assert_at_most(bb_max_error_f32(out, pooled.data, (size_t)D), tolerance);
    free(out);
    bb_encoder_destroy(encoder);
    bb_array_free(&input);
    bb_array_free(&encoded);
    bb_array_free(&predicted);
    bb_array_free(&pooled);
}

static void tiny_agrees_with_golden_in_every_container(void **state) {
    (void)state;
    check_golden(bb_test_path("golden/tiny"), "tiny", bar);
    check_golden(bb_test_path("golden/tiny.pth"), "tiny", bar);
    check_golden(bb_test_path("golden/tiny_legacy.pth"), "tiny", bar);
    /* Half keeps 11 bits: 5e-4 of each weight, some of which add up. */
    check_golden(bb_test_path("golden/tiny_half.pth"), "tiny", 5e-3);
}

static void tiny_agrees_with_golden_at_every_level(void **state) {
    (void)state;
    for (bb_cpu_level level = BB_CPU_PORTABLE; level <= bb_cpu_best(); ++level) {
        bb_cpu_limit(level);
        check_golden(bb_test_path("golden/tiny"), "tiny", bar);
    }
    bb_cpu_limit(bb_cpu_best());
}

static void large_agrees_with_golden(void **state) {
    (void)state;
    bb_model_config config;
    assert_true(bb_model_config_from_name("large", &config));
    check_golden(bb_formula_model("large", &config, 1), "large", bar);
}

static float *random_spectrograms(int64_t count) {
    float *x = malloc((size_t)count * sizeof *x);
    uint32_t bits = 1;
    for (int64_t i = 0; i < count; ++i) {
        bits = bits * 1664525u + 1013904223u;
        x[i] = (float)(bits >> 8) / 8388608.0f - 1.0f;
    }
    return x;
}

/* A configuration that fits no vector or tile: 5 heads of 7, 3 layers. */
static const bb_model_config odd = {
    .hidden_dim = 35, .feed_forward_dim = 81, .heads = 5, .layers = 3, .input_dim = 23};

/* More windows than one chunk holds, of different lengths, equal each window encoded alone. */
static void a_mixed_batch_equals_its_windows(void **state) {
    (void)state;
    enum { WINDOWS = 9, FRAMES = 200, D = 35, F = 23 };
    const int64_t lengths[WINDOWS] = {200, 1, 186, 31, 200, 77, 199, 2, 150};
    float *x = random_spectrograms(WINDOWS * FRAMES * F), *all = malloc(sizeof(float) * WINDOWS * FRAMES * D),
          *one = malloc(sizeof(float) * FRAMES * D);
    bb_encoder *encoder = open_encoder(bb_formula_model("odd", &odd, 3), 2);
    assert_ok(bb_encoder_encode(encoder, &(bb_batch){x, WINDOWS, FRAMES, lengths}, all, e));
    for (int w = 0; w < WINDOWS; ++w) {
        assert_ok(bb_encoder_encode(encoder, &(bb_batch){x + w * FRAMES * F, 1, lengths[w], NULL}, one, e));
        /* The products may sum in another order for another number of rows. */
        assert_at_most(bb_max_error_f32(one, all + w * FRAMES * D, (size_t)(lengths[w] * D)), 1e-5);
    }
    bb_encoder_destroy(encoder);
    free(x);
    free(all);
    free(one);
}

/* What the pooling keeps from the last layer is what pooling all frames by hand gives. */
static void pooling_equals_pooling_by_hand(void **state) {
    (void)state;
    enum { WINDOWS = 3, FRAMES = 61, D = 35, F = 23 };
    const int64_t lengths[WINDOWS] = {61, 7, 30};
    float *x = random_spectrograms(WINDOWS * FRAMES * F),
          *frames = malloc(sizeof(float) * WINDOWS * FRAMES * D), pooled[WINDOWS * 4 * D];
    bb_encoder *encoder = open_encoder(bb_formula_model("odd", &odd, 3), 1);
    const bb_batch batch = {x, WINDOWS, FRAMES, lengths};
    assert_ok(bb_encoder_encode(encoder, &batch, frames, e));
    const char *const names[] = {"center", "mean", "segments:4"};
    for (int p = 0; p < 3; ++p) {
        bb_pooling pooling;
        assert_true(bb_pooling_from_name(names[p], &pooling));
        const int K = pooling.segments;
        assert_ok(bb_encoder_pool(encoder, &batch, &pooling, pooled, e));
        for (int w = 0; w < WINDOWS; ++w)
            for (int k = 0; k < K; ++k)
                for (int d = 0; d < D; ++d) {
                    int64_t first = k * lengths[w] / K, end = (k + 1) * lengths[w] / K;
                    if (p == 0)
                        first = lengths[w] / 2 > 5 ? lengths[w] / 2 - 5 : 0,
                        end = lengths[w] / 2 + 5 < lengths[w] ? lengths[w] / 2 + 5 : lengths[w];
                    double sum = 0;
                    for (int64_t t = first; t < end; ++t) sum += (double)frames[(w * FRAMES + t) * D + d];
                    /* float32 sums of up to 61 values around 1. */
                    assert_at_most(fabs(sum / (double)(end - first) - (double)pooled[(w * K + k) * D + d]),
                                   1e-5);
                }
    }
    bb_encoder_destroy(encoder);
    free(x);
    free(frames);
}

static void threads_agree_to_rounding_and_runs_agree_exactly(void **state) {
    (void)state;
    bb_array input = bb_golden("tiny_input.npy");
    const bb_batch batch = {input.data, 2, 186, NULL};
    float a[2 * 64], b[2 * 64];
    const bb_pooling center = {.kind = BB_POOL_CENTER};
    for (int threads = 1; threads <= 4; ++threads) {
        bb_encoder *encoder = open_encoder(bb_test_path("golden/tiny"), threads);
        assert_ok(bb_encoder_pool(encoder, &batch, &center, b, e));
        if (threads == 1) memcpy(a, b, sizeof a);
        assert_at_most(bb_max_error_f32(a, b, 2 * 64), 1e-5);
        assert_ok(bb_encoder_pool(encoder, &batch, &center, a, e));
        assert_memory_equal(a, b, sizeof a);
        bb_encoder_destroy(encoder);
    }
    bb_array_free(&input);
}

static void batches_that_make_no_sense_are_refused(void **state) {
    (void)state;
    const int64_t lengths[1] = {6};
    float x[5 * 40] = {0}, out[5 * 64];
    const bb_pooling segments = {.kind = BB_POOL_SEGMENTS, .segments = 6};
    bb_encoder *encoder = open_encoder(bb_test_path("golden/tiny"), 1);
    assert_fails(bb_encoder_encode(encoder, &(bb_batch){x, 1, 5, lengths}, out, e), BB_ERR_ARGUMENT,
                 "length of 1 to 5");
    assert_fails(bb_encoder_encode(encoder, &(bb_batch){x, 1, 0, NULL}, out, e), BB_ERR_ARGUMENT,
                 "at least one frame");
    assert_fails(bb_encoder_pool(encoder, &(bb_batch){x, 1, 5, NULL}, &segments, out, e), BB_ERR_ARGUMENT,
                 "segments");
    bb_encoder_destroy(encoder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiny_agrees_with_golden_in_every_container),
        cmocka_unit_test(tiny_agrees_with_golden_at_every_level),
        cmocka_unit_test(large_agrees_with_golden),
        cmocka_unit_test(a_mixed_batch_equals_its_windows),
        cmocka_unit_test(pooling_equals_pooling_by_hand),
        cmocka_unit_test(threads_agree_to_rounding_and_runs_agree_exactly),
        cmocka_unit_test(batches_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
