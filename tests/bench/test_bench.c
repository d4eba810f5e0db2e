#include <math.h>
#include <string.h>

#include "brainbert/bench.h"
#include "made_folder.h"

static bb_model *open_tiny(void) {
    bb_model *model;
    assert_ok(bb_model_open(bb_test_path("golden/tiny"), 0, &model, e));
    return model;
}

static const bb_bench_stage *find(const bb_bench *b, const char *name, int precision, int threads) {
    for (int i = 0; i < b->stage_count; ++i) {
        const bb_bench_stage *s = &b->stages[i];
        if (strcmp(s->name, name) == 0 && s->precision == precision && s->threads == threads) return s;
    }
    return NULL;
}

static void check_stage(const bb_bench_stage *s) {
    assert_true(s->ms > 0 && s->ms_least > 0 && s->ms_least <= s->ms && s->ms <= s->ms_most);
    assert_true(s->flop >= 0 && s->peak >= 0 && s->window_s > 0);
    /* What is not the encoder's is held against float32. */
    if (s->precision <= BB_PRECISION_F32 && s->flop > 0) assert_true(s->peak > 0);
}

static void check_pipeline(const bb_bench_pipeline *p) {
    assert_int_equal(p->channels, 16);
    assert_true(p->windows > 0 && p->windows % 16 == 0);
    assert_true(p->seconds > 0 && p->encoder_busy > 0);
    /* Rounding of one division. */
    assert_at_most(fabs(p->windows_per_s * p->seconds / (double)p->windows - 1), 1e-12);
    assert_at_most(fabs(p->real_time * p->seconds / (p->recording_s * 16) - 1), 1e-12);
}

static int go_on(void *context, int64_t done, int64_t total) {
    double *last = context;
    assert_true(done > 0 && done <= total);
    assert_true((double)done / (double)total > *last); /* it only goes forward, to the end */
    *last = (double)done / (double)total;
    return 0;
}

static void every_stage_peak_and_pipeline_is_there(void **state) {
    (void)state;
    static const char *const encoder_stages[] = {"encode_batch_1", "encode_batch_16", "pooled_batch_1",
                                                 "pooled_batch_16"};
    bb_model *model = open_tiny();
    bb_bench bench;
    double progress = 0;
    const bb_bench_options options = {
        .model = model, .folder = make_folder(), .threads = 2, .rounds = 2, .pipeline_s = 0.2};
    assert_ok(bb_bench_measure(&options, go_on, &progress, &bench, e));
    assert_true(progress == 1);
    assert_int_equal(bench.threads, 2);
    for (int p = BB_PEAK_F32; p < BB_PEAKS; p += BB_PEAK_READ - BB_PEAK_F32)
        assert_true(bench.peaks[p].per_s > 0);
    assert_true(bench.peaks[BB_PEAK_F32].one_thread_per_s > 0);
    for (int i = 0; i < bench.stage_count; ++i) check_stage(&bench.stages[i]);
    assert_non_null(find(&bench, "signal", -1, 2));
    assert_true(find(&bench, "superlet", -1, 2)->peak == 2 * find(&bench, "stft", -1, 2)->peak);
    for (int k = 0; k < 4; ++k) assert_non_null(find(&bench, encoder_stages[k], BB_PRECISION_F32, 2));
    assert_true(find(&bench, "pooled_batch_1", 0, 2)->flop < find(&bench, "encode_batch_1", 0, 2)->flop);
    assert_non_null(find(&bench, "encode_batch_16", BB_PRECISION_F32, 1));
    assert_true(bb_bench_speedup(&bench, "encode_batch_16", BB_PRECISION_F32) > 0);
    assert_true(bb_bench_speedup(&bench, "pooled_batch_16", BB_PRECISION_F32) == 0);
    assert_true(bench.pipeline_count >= 1 && bench.pipelines[0].precision == BB_PRECISION_F32);
    for (int i = 0; i < bench.pipeline_count; ++i) check_pipeline(&bench.pipelines[i]);
    assert_empty(options.folder);
    bb_model_close(model);
}

/* Stops at the first call that is beyond the share *context of the work. */
static int stop_beyond(void *context, int64_t done, int64_t total) {
    return (double)done / (double)total > *(double *)context;
}

static void it_stops_when_asked_and_leaves_nothing(void **state) {
    (void)state;
    double shares[] = {0, 0.5, 0.99}; /* in the first peaks, among the stages, at the last pipeline */
    bb_model *model = open_tiny();
    bb_bench bench;
    const bb_bench_options options = {
        .model = model, .folder = make_folder(), .threads = 1, .rounds = 1, .pipeline_s = 0.2};
    for (int i = 0; i < 3; ++i) {
        assert_fails(bb_bench_measure(&options, stop_beyond, &shares[i], &bench, e), BB_ERR_CANCELLED,
                     "stopped");
        assert_empty(options.folder);
    }
    bb_model_close(model);
}

static void what_it_cannot_do_it_says(void **state) {
    (void)state;
    bb_model *model = open_tiny();
    bb_bench bench;
    const bb_bench_options rounds = {.model = model, .folder = make_folder(), .threads = 1, .rounds = 100},
                           folder = {.model = model,
                                     .folder = bb_temp_path("none"),
                                     .threads = 1,
                                     .rounds = 1,
                                     .pipeline_s = 0.2};
    assert_fails(bb_bench_measure(&rounds, NULL, NULL, &bench, e), BB_ERR_ARGUMENT,
                 "expected 1 to 99 rounds, found 100");
    assert_fails(bb_bench_measure(&folder, NULL, NULL, &bench, e), BB_ERR_IO, "none");
    bb_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stage_peak_and_pipeline_is_there),
        cmocka_unit_test(it_stops_when_asked_and_leaves_nothing),
        cmocka_unit_test(what_it_cannot_do_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
