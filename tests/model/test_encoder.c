#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/cpu.h"
#include "brainbert/model.h"
#include "formula.h"
#include "model/layout.h"
#include "model/model.h"
#include "rounding.h"
#include "support.h"

/* The bar. The golden arrays were computed in float64; ours in float32, where 6 layers of sums over
 * up to 3072 products leave an error of some 1e-6 of values up to about 4. */
static const double bar = 2e-5;

static const bb_precision precisions[] = {BB_PRECISION_F32, BB_PRECISION_BF16, BB_PRECISION_INT8};
enum { PRECISIONS = sizeof precisions / sizeof *precisions };

static bb_encoder *open_encoder(const char *path, bb_precision precision, int threads) {
    bb_model *model;
    bb_encoder *encoder;
    assert_ok(bb_model_open(path, 0, &model, e));
    assert_ok(bb_encoder_create(model, precision, threads, &encoder, e));
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
    bb_encoder *encoder = open_encoder(path, BB_PRECISION_F32, 2);
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

/* The bars are the but for int8's relative one, three times what the large model shows (1.0e-2): a
 * cosine does not see a frame's length. */
static void check_rounding(const char *path, const char *name, bb_precision precision) {
    const bool half = precision == BB_PRECISION_BF16;
    const int64_t lengths[2] = {186, 120};
    char file[64];
    snprintf(file, sizeof file, "%s_input.npy", name);
    bb_array input = bb_golden(file);
    snprintf(file, sizeof file, "%s_encoded.npy", name);
    bb_array encoded = bb_golden(file);
    const int64_t D = encoded.shape[2];
    float *out = malloc((size_t)(2 * 186 * D) * sizeof *out);
    bb_encoder *encoder = open_encoder(path, precision, 2);
    assert_ok(bb_encoder_encode(encoder, &(bb_batch){input.data, 2, 186, lengths}, out, e));
    bb_rounding found = {.cosine = 1};
    for (int64_t w = 0; w < 2; ++w)
        bb_rounding_add(&found, out + w * 186 * D, (const float *)encoded.data + w * 186 * D, lengths[w], D);
    print_message("%s, %s, %s: relative %.1e, least cosine %.6f\n", name, bb_precision_name(precision),
                  bb_cpu_level_name(bb_cpu_current()), bb_rounding_relative(&found), found.cosine);
    assert_at_most(bb_rounding_relative(&found), half ? 6e-3 : 3e-2);
    assert_at_most(1 - found.cosine, half ? 1e-4 : 1e-3);
    bb_encoder_destroy(encoder);
    free(out);
    bb_array_free(&input);
    bb_array_free(&encoded);
}

static void tiny_rounded_stays_near_golden_at_every_level(void **state) {
    (void)state;
    for (bb_cpu_level level = BB_CPU_PORTABLE; level <= bb_cpu_best(); ++level) {
        bb_cpu_limit(level);
        check_rounding(bb_test_path("golden/tiny"), "tiny", BB_PRECISION_BF16);
        check_rounding(bb_test_path("golden/tiny"), "tiny", BB_PRECISION_INT8);
    }
    bb_cpu_limit(bb_cpu_best());
}

static void large_agrees_with_golden(void **state) {
    (void)state;
    bb_model_config config;
    assert_true(bb_model_config_from_name("large", &config));
    char path[512]; /* the one that is returned does not last */
    snprintf(path, sizeof path, "%s", bb_formula_model("large", &config, 1));
    check_golden(path, "large", bar);
    check_rounding(path, "large", BB_PRECISION_BF16);
    check_rounding(path, "large", BB_PRECISION_INT8);
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
/* Nor does this; its even widths have float32 products in pairs of rows, and heads in bf16. */
static const bb_model_config even = {
    .hidden_dim = 36, .feed_forward_dim = 82, .heads = 6, .layers = 3, .input_dim = 23};
static const struct {
    const char *name;
    const bb_model_config *config;
} ragged[] = {{"odd", &odd}, {"even", &even}};
enum { RAGGED = sizeof ragged / sizeof *ragged };

enum { MIXED = 9, MIXED_FRAMES = 200 };
static const int64_t mixed_lengths[MIXED] = {200, 1, 186, 31, 7, 77, 199, 2, 150};

/* More windows than one chunk holds, of different lengths: each is what it is alone. One thread has all of
 * them, two have windows of their own, three share chunks. */
static void check_mixed_batch(const char *path, bb_precision precision, const float *x) {
    bb_encoder *alone = open_encoder(path, precision, 1);
    const int64_t D = bb_encoder_config(alone)->hidden_dim, F = bb_encoder_config(alone)->input_dim;
    const bb_pooling center = {.kind = BB_POOL_CENTER};
    float *all = malloc(sizeof(float) * (size_t)(MIXED * MIXED_FRAMES * D)),
          *pooled = malloc(sizeof(float) * (size_t)(MIXED * D)),
          *one = malloc(sizeof(float) * (size_t)(MIXED_FRAMES * D));
    for (int threads = 1; threads <= 3; ++threads) {
        bb_encoder *encoder = open_encoder(path, precision, threads);
        const bb_batch batch = {x, MIXED, MIXED_FRAMES, mixed_lengths};
        assert_ok(bb_encoder_encode(encoder, &batch, all, e));
        assert_ok(bb_encoder_pool(encoder, &batch, &center, pooled, e));
        for (int w = 0; w < MIXED; ++w) {
            const int64_t length = mixed_lengths[w];
            const bb_batch window = {x + w * MIXED_FRAMES * F, 1, length, NULL};
            assert_ok(bb_encoder_encode(alone, &window, one, e));
            assert_memory_equal(one, all + w * MIXED_FRAMES * D, (size_t)(length * D) * sizeof(float));
            assert_ok(bb_encoder_pool(alone, &window, &center, one, e));
            assert_memory_equal(one, pooled + w * D, (size_t)D * sizeof(float));
        }
        bb_encoder_destroy(encoder);
    }
    bb_encoder_destroy(alone);
    free(all);
    free(pooled);
    free(one);
}

static void a_mixed_batch_is_its_windows_on_any_threads(void **state) {
    (void)state;
    float *x = random_spectrograms(MIXED * MIXED_FRAMES * odd.input_dim);
    for (int m = 0; m < RAGGED; ++m) {
        const char *path = bb_formula_model(ragged[m].name, ragged[m].config, 3);
        for (bb_cpu_level level = BB_CPU_PORTABLE; level <= bb_cpu_best(); ++level) {
            bb_cpu_limit(level);
            for (int p = 0; p < PRECISIONS; ++p) check_mixed_batch(path, precisions[p], x);
        }
    }
    bb_cpu_limit(bb_cpu_best());
    free(x);
}

/* Frames [first, end) that segment `k` of a pooling of `length` frames is the mean of. */
static void frames_of(const bb_pooling *pooling, int64_t length, int k, int64_t *first, int64_t *end) {
    *first = k * length / pooling->segments;
    *end = (k + 1) * length / pooling->segments;
    if (pooling->kind != BB_POOL_CENTER) return;
    *first = length / 2 > 5 ? length / 2 - 5 : 0;
    *end = length / 2 + 5 < length ? length / 2 + 5 : length;
}

/* What the pooling keeps from the last layer is what pooling all frames by hand gives. */
static void check_pooling(bb_encoder *encoder, const bb_batch *batch, const char *name) {
    enum { MOST = 3 * 4 * 36 };
    const int64_t D = bb_encoder_config(encoder)->hidden_dim;
    float *frames = malloc(sizeof(float) * (size_t)(batch->windows * batch->frames * D)), pooled[MOST];
    bb_pooling pooling;
    assert_true(bb_pooling_from_name(name, &pooling));
    assert_ok(bb_encoder_encode(encoder, batch, frames, e));
    assert_ok(bb_encoder_pool(encoder, batch, &pooling, pooled, e));
    for (int64_t w = 0; w < batch->windows; ++w)
        for (int k = 0; k < pooling.segments; ++k)
            for (int d = 0; d < D; ++d) {
                int64_t first, end;
                double sum = 0;
                frames_of(&pooling, batch->lengths[w], k, &first, &end);
                for (int64_t t = first; t < end; ++t) sum += (double)frames[(w * batch->frames + t) * D + d];
                /* Float32 sums of up to 61 values around 1, of frames that are the same bytes; of float32
                 * in pairs, which are others among the kept frames, the same to rounding. */
                assert_at_most(
                    fabs(sum / (double)(end - first) - (double)pooled[(w * pooling.segments + k) * D + d]),
                    1e-5);
            }
    free(frames);
}

static void pooling_equals_pooling_by_hand(void **state) {
    (void)state;
    enum { WINDOWS = 3, FRAMES = 61 };
    const int64_t lengths[WINDOWS] = {61, 7, 30};
    float *x = random_spectrograms(WINDOWS * FRAMES * odd.input_dim);
    const bb_batch batch = {x, WINDOWS, FRAMES, lengths};
    for (int p = 0; p < RAGGED * PRECISIONS; ++p) {
        const int m = p / PRECISIONS;
        const char *path = bb_formula_model(ragged[m].name, ragged[m].config, 3);
        bb_encoder *encoder = open_encoder(path, precisions[p % PRECISIONS], 1);
        check_pooling(encoder, &batch, "center");
        check_pooling(encoder, &batch, "mean");
        check_pooling(encoder, &batch, "segments:4");
        bb_encoder_destroy(encoder);
    }
    free(x);
}

/* A head of 16 numbers: attention of bf16, which odd heads do not have. */
static void threads_and_runs_agree_byte_for_byte(void **state) {
    (void)state;
    bb_array input = bb_golden("tiny_input.npy");
    const bb_batch batch = {input.data, 2, 186, NULL};
    float a[2 * 64], b[2 * 64];
    const bb_pooling center = {.kind = BB_POOL_CENTER};
    for (int p = 0; p < PRECISIONS; ++p)
        for (int threads = 1; threads <= 4; ++threads) {
            bb_encoder *encoder = open_encoder(bb_test_path("golden/tiny"), precisions[p], threads);
            assert_ok(bb_encoder_pool(encoder, &batch, &center, b, e));
            if (threads == 1) memcpy(a, b, sizeof a);
            assert_memory_equal(a, b, sizeof a);
            assert_ok(bb_encoder_pool(encoder, &batch, &center, b, e));
            assert_memory_equal(a, b, sizeof a);
            bb_encoder_destroy(encoder);
        }
    bb_array_free(&input);
}

/* ---------------------------------------------------------------- auto */

static bb_precision chosen(const bb_model *model) {
    bb_encoder *encoder;
    assert_ok(bb_encoder_create(model, BB_PRECISION_AUTO, 1, &encoder, e));
    const bb_precision precision = bb_encoder_precision(encoder);
    bb_encoder_destroy(encoder);
    return precision;
}

static void auto_takes_the_fastest_that_has_units(void **state) {
    (void)state;
    bb_model *model;
    assert_ok(bb_model_open(bb_test_path("golden/tiny"), 0, &model, e));
    for (bb_cpu_level level = BB_CPU_PORTABLE; level <= bb_cpu_best(); ++level) {
        bb_cpu_limit(level);
        assert_true(bb_precision_has_units(BB_PRECISION_F32));
        assert_int_equal(bb_precision_has_units(BB_PRECISION_INT8), level >= BB_CPU_AVX512_VNNI);
        assert_int_equal(bb_precision_has_units(BB_PRECISION_BF16), level >= BB_CPU_AVX512_BF16);
        assert_int_equal(chosen(model), level < BB_CPU_AVX512_VNNI ? BB_PRECISION_F32 : BB_PRECISION_INT8);
    }
    bb_cpu_limit(bb_cpu_best());
    bb_model_close(model);
}

/* Its first number behind GELU counts for nothing: what follows multiplies it by 0. */
static bb_model *model_that_ignores_a_number(void) {
    const bb_model_config config = {
        .hidden_dim = 64, .feed_forward_dim = 128, .heads = 4, .layers = 2, .input_dim = 40};
    const int64_t weights = config.hidden_dim * config.feed_forward_dim;
    bb_model *model;
    assert_ok(bb_model_create(&config, 5, &model, e));
    float *up = model->made[bb_layout_layer(0, BB_UP_WEIGHT)],
          *down = model->made[bb_layout_layer(0, BB_DOWN_WEIGHT)];
    for (int64_t i = 0; i < weights; ++i) up[i] *= 10, down[i] *= 10; /* for the others to count */
    for (int row = 0; row < config.hidden_dim; ++row) down[row * config.feed_forward_dim] = 0;
    return model;
}

/* Beside a number a thousand times as large all others become the same byte; as floats they stay. */
static void auto_refuses_what_the_model_does_not_bear(void **state) {
    (void)state;
    bb_model *model = model_that_ignores_a_number();
    float *ignored = &model->made[bb_layout_layer(0, BB_UP_BIAS)][0];
    for (bb_cpu_level level = BB_CPU_PORTABLE; level <= bb_cpu_best(); ++level) {
        bb_cpu_limit(level);
        *ignored = 0;
        assert_int_equal(chosen(model), level < BB_CPU_AVX512_VNNI ? BB_PRECISION_F32 : BB_PRECISION_INT8);
        *ignored = 1000;
        assert_int_equal(chosen(model), level < BB_CPU_AVX512_BF16 ? BB_PRECISION_F32 : BB_PRECISION_BF16);
    }
    bb_cpu_limit(bb_cpu_best());
    /* Nothing passes where nothing is finite. */
    model->made[BB_IN_BIAS][0] = NAN;
    assert_int_equal(chosen(model), BB_PRECISION_F32);
    bb_model_close(model);
}

static void batches_that_make_no_sense_are_refused(void **state) {
    (void)state;
    const int64_t lengths[1] = {6};
    float x[5 * 40] = {0}, out[5 * 64];
    const bb_pooling segments = {.kind = BB_POOL_SEGMENTS, .segments = 6};
    bb_encoder *encoder = open_encoder(bb_test_path("golden/tiny"), BB_PRECISION_F32, 1);
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
        cmocka_unit_test(tiny_rounded_stays_near_golden_at_every_level),
        cmocka_unit_test(large_agrees_with_golden),
        cmocka_unit_test(a_mixed_batch_is_its_windows_on_any_threads),
        cmocka_unit_test(pooling_equals_pooling_by_hand),
        cmocka_unit_test(threads_and_runs_agree_byte_for_byte),
        cmocka_unit_test(auto_takes_the_fastest_that_has_units),
        cmocka_unit_test(auto_refuses_what_the_model_does_not_bear),
        cmocka_unit_test(batches_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
