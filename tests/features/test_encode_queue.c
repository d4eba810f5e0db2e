#include "features/encode_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "formula.h"
#include "support.h"

enum { T = 12, F = 9, D = 10, ALL = 53, THREADS = 1, BATCH = 16 };
static const bb_model_config config = {
    .hidden_dim = D, .feed_forward_dim = 20, .heads = 2, .layers = 2, .input_dim = F};

typedef struct seen {
    float features[ALL * D];
    int64_t count, batches, stop;
} seen;

static bb_status take(void *context, int64_t first, int64_t count, const float *features, bb_error *err) {
    seen *s = context;
    assert_int_equal(first, s->count);
    memcpy(s->features + first * D, features, (size_t)(count * D) * sizeof *features);
    s->count += count;
    if (++s->batches != s->stop) return BB_OK;
    strcpy(err->message, "enough");
    return BB_ERR_CANCELLED;
}

static bb_encoder *make_encoder(void) {
    bb_model *model;
    bb_encoder *encoder;
    assert_ok(bb_model_open(bb_formula_model("queue", &config, 3), 0, &model, e));
    assert_ok(bb_encoder_create(model, BB_PRECISION_F32, 1, &encoder, e));
    bb_model_close(model);
    return encoder;
}

static float spectrograms[ALL * T * F];

/* `step` at a time, all of them. */
static bb_status push(bb_encoder *encoder, int64_t step, seen *out, bb_error *err) {
    const bb_pooling mean = {.kind = BB_POOL_MEAN};
    bb_encode_queue *q;
    bb_status status = bb_encode_queue_create(encoder, &mean, T, THREADS, take, out, &q, err);
    for (int64_t at = 0; at < ALL && status == BB_OK; at += step)
        status = bb_encode_queue_push(q, spectrograms + at * T * F, at + step < ALL ? step : ALL - at, err);
    assert_true(status != BB_OK || ALL - out->count < BATCH);
    if (status == BB_OK) status = bb_encode_queue_flush(q, err);
    bb_encode_queue_destroy(q);
    return status;
}

static void batches_are_the_same_however_spectrograms_come(void **state) {
    (void)state;
    static seen whole, other;
    bb_encoder *encoder = make_encoder();
    const bb_pooling mean = {.kind = BB_POOL_MEAN};
    static float expected[BATCH * D];
    for (int i = 0; i < ALL * T * F; ++i) spectrograms[i] = (float)bb_random_normal(1, 0, (uint64_t)i);
    whole = (seen){0};
    assert_ok(push(encoder, ALL, &whole, e));
    assert_true(whole.count == ALL && whole.batches == 4); /* 16, 16, 16, 5 */
    assert_ok(bb_encoder_pool(encoder, &(bb_batch){spectrograms, BATCH, T, NULL}, &mean, expected, e));
    assert_memory_equal(expected, whole.features, sizeof expected);
    for (int64_t step = 1; step < 40; ++step) {
        other = (seen){0};
        assert_ok(push(encoder, step, &other, e));
        assert_memory_equal(&other, &whole, sizeof whole);
    }
    other = (seen){.stop = 2};
    assert_fails(push(encoder, 7, &other, e), BB_ERR_CANCELLED, "enough");
    assert_int_equal(other.count, 32);
    bb_encoder_destroy(encoder);
}

static void more_segments_than_frames_are_refused(void **state) {
    (void)state;
    bb_encoder *encoder = make_encoder();
    const bb_pooling many = {.kind = BB_POOL_SEGMENTS, .segments = T + 1};
    bb_encode_queue *q;
    assert_fails(bb_encode_queue_create(encoder, &many, T, THREADS, take, NULL, &q, e), BB_ERR_ARGUMENT,
                 "found 13");
    assert_null(q);
    bb_encoder_destroy(encoder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_are_the_same_however_spectrograms_come),
        cmocka_unit_test(more_segments_than_frames_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
