/* Evaluation: trivial predictors' losses against the formula over the same masks; which windows are looked
 * at; what it refuses. */
#include <math.h>

#include "../data/made_recording.h"
#include "brainbert/pretrain.h"
#include "model/model.h"
#include "train/batches.h"
#include "train/interpolate.h"
#include "train/masks.h"

/* Two subjects with two channels that have neighbours on either side: 20 windows of 1 s and 24, more than are
 * worked off at a time. */
enum { FIRST = 20, SECOND = 24, ALL = FIRST + SECOND };

static bb_corpus *made_corpus(void) {
    static const char *const names[] = {"LA1", "LA2", "LA3", "LA4"};
    const char *paths[] = {"sub-01_ieeg.edf", "sub-02_ieeg.edf"};
    bb_prepare_options o = bb_prepare_options_default();
    bb_prepare_report report;
    bb_sources *sources;
    bb_corpus *corpus;
    const char *path = bb_temp_path("corpus.h5");
    remove(path);
    for (int i = 0; i < 2; ++i) {
        bb_recording_close(made_recording(paths[i], names, 4, 2048, i ? SECOND / 2 : FIRST / 2));
        paths[i] = bb_temp_path(paths[i]);
    }
    o.recipe.window_s = 1;
    o.threads = 1;
    assert_ok(bb_sources_find(paths, 2, NULL, &sources, e));
    assert_ok(bb_prepare(sources, &o, path, NULL, NULL, &report, e));
    bb_sources_destroy(sources);
    assert_ok(bb_corpus_open(path, &corpus, e));
    assert_int_equal(bb_corpus_get_info(corpus)->windows, ALL);
    return corpus;
}

/* One thread: others may be busy with other tests. */
static bb_evaluate_options defaults(void) {
    bb_evaluate_options o = bb_evaluate_options_default();
    o.threads = 1;
    return o;
}

static bb_evaluation evaluated(const bb_corpus *corpus, const bb_evaluate_options *o) {
    bb_model *model;
    bb_evaluation out;
    assert_ok(bb_model_open(bb_test_path("golden/tiny"), 0, &model, e));
    assert_ok(bb_pretrain_evaluate(corpus, model, o, NULL, NULL, &out, e));
    bb_model_close(model);
    return out;
}

/* Sums of |Y - Yhat| over masked cells, and over those with |Y| > 1. */
typedef struct sums {
    double l1, content;
    int64_t masked, hot;
} sums;

static void add(sums *s, const float *target, const float *guess, const uint8_t *mask, int64_t cells) {
    for (int64_t i = 0; i < cells; ++i) {
        if (!mask[i]) continue;
        const double apart = fabs((double)target[i] - (guess ? guess[i] : 0));
        ++s->masked;
        s->l1 += apart;
        if (fabsf(target[i]) <= 1) continue;
        ++s->hot;
        s->content += apart;
    }
}

static void compare(const bb_evaluation *found, bb_predictor predictor, const sums *s) {
    const bb_prediction_loss *loss = &found->losses[predictor];
    const double l1 = s->l1 / (double)s->masked, content = s->content / (double)s->hot;
    assert_int_equal(found->masked, s->masked);
    assert_int_equal(found->content, s->hot);
    /* sums of some 10,000 doubles in another order */
    assert_at_most(fabs(loss->l1 / l1 - 1), 1e-12);
    assert_at_most(fabs(loss->content / content - 1), 1e-12);
    assert_at_most(fabs(loss->total / (l1 + 2 * content) - 1), 1e-12);
}

/* All windows at once, one after the other; the masks are those of a training's validation with this seed. */
static void losses_are_the_formula(void **state) {
    (void)state;
    bb_corpus *corpus = made_corpus();
    bb_batches b;
    bb_evaluate_options o = defaults();
    o.seed = 5;
    const bb_evaluation found = evaluated(corpus, &o);
    assert_ok(bb_batches_create(corpus, BB_NORMALIZE_WINDOW, 0, NULL, 0, ALL, 1, &b, e));
    const bb_mask_recipe recipe = bb_mask_recipe_for(BB_MASK_STATIC);
    const int64_t cells = b.frames * b.bins;
    float *targets = calloc((size_t)(ALL * cells), sizeof *targets),
          *masked = calloc((size_t)cells, sizeof *masked), *guess = calloc((size_t)cells, sizeof *guess);
    uint8_t *mask = calloc((size_t)cells, 1), scratch[256];
    bb_interval intervals[256];
    sums zeros = {0}, frequency = {0}, time_blind = {0};
    assert_ok(bb_batches_load(&b, b.train, ALL, targets, e));
    for (int64_t w = 0; w < ALL; ++w) {
        const float *target = targets + w * cells;
        uint8_t *zeroed = calloc((size_t)cells, 1);
        bb_dice dice = {.seed = 6, .stream = (uint64_t)w};
        bb_mask_draw(&recipe, &dice, target, b.frames, b.bins, intervals, masked, mask);
        add(&zeros, target, NULL, mask, cells);
        bb_interpolate(BB_AXIS_FREQUENCY, masked, mask, b.frames, b.bins, scratch, guess);
        add(&frequency, target, guess, mask, cells);
        for (int64_t i = 0; i < cells; ++i) zeroed[i] = masked[i] == 0;
        bb_interpolate(BB_AXIS_TIME, masked, zeroed, b.frames, b.bins, scratch, guess);
        add(&time_blind, target, guess, mask, cells);
        free(zeroed);
    }
    assert_int_equal(found.windows, ALL);
    assert_int_equal(found.cells, ALL * cells);
    compare(&found, BB_PREDICTOR_ZEROS, &zeros);
    compare(&found, BB_PREDICTOR_FREQUENCY, &frequency);
    compare(&found, BB_PREDICTOR_TIME_BLIND, &time_blind);
    free(targets), free(masked), free(guess), free(mask);
    bb_batches_free(&b);
    bb_corpus_close(corpus);
}

static void the_same_seed_gives_the_same_numbers(void **state) {
    (void)state;
    bb_corpus *corpus = made_corpus();
    bb_evaluate_options o = defaults();
    const bb_evaluation once = evaluated(corpus, &o), again = evaluated(corpus, &o);
    assert_memory_equal(&once, &again, sizeof once);
    o.threads = 2;
    const bb_evaluation threads = evaluated(corpus, &o);
    for (int p = 0; p < BB_PREDICTORS; ++p) /* oneDNN may cut a product differently: float32's rounding */
        assert_at_most(fabs(threads.losses[p].total / once.losses[p].total - 1), 1e-5);
    o.seed = 1;
    const bb_evaluation other = evaluated(corpus, &o);
    for (int p = 0; p < BB_PREDICTORS; ++p)
        assert_true(other.losses[p].total > 0 && other.losses[p].total != once.losses[p].total);
    bb_corpus_close(corpus);
}

static void windows_are_those_asked_for(void **state) {
    (void)state;
    bb_corpus *corpus = made_corpus();
    bb_evaluate_options o = defaults();
    o.only = "sub-02";
    bb_evaluation found = evaluated(corpus, &o);
    assert_int_equal(found.windows, SECOND);
    o.windows = 7;
    found = evaluated(corpus, &o);
    assert_int_equal(found.windows, 7);
    assert_int_equal(found.of_windows, SECOND);
    o = (bb_evaluate_options){.threads = 1,
                              .validation = 0.25}; /* the last 2.5 of 10 s, the last 3 of 12 s */
    found = evaluated(corpus, &o);
    assert_int_equal(found.windows, 2 * 2 + 2 * 3);
    bb_corpus_close(corpus);
}

static int stop(void *context, int64_t done, int64_t total) {
    assert_int_equal(total, ALL);
    *(int64_t *)context = done;
    return 1;
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    bb_corpus *corpus = made_corpus();
    bb_evaluate_options o = defaults();
    bb_evaluation out;
    bb_model *model;
    const bb_model_config wide = {.hidden_dim = 8, .feed_forward_dim = 8, .heads = 2, .layers = 1, 41};
    int64_t done = 0;
    assert_ok(bb_model_create(&wide, 0, &model, e));
    assert_fails(bb_pretrain_evaluate(corpus, model, &o, NULL, NULL, &out, e), BB_ERR_ARGUMENT, "41 bins");
    bb_model_close(model);
    assert_ok(bb_model_open(bb_test_path("golden/tiny"), 0, &model, e));
    assert_fails(bb_pretrain_evaluate(corpus, model, &o, stop, &done, &out, e), BB_ERR_CANCELLED, "stopped");
    assert_true(done > 0 && done < ALL);
    o.mask = "round";
    assert_fails(bb_pretrain_evaluate(corpus, model, &o, NULL, NULL, &out, e), BB_ERR_ARGUMENT, "round");
    o = (bb_evaluate_options){.only = "9"};
    assert_fails(bb_pretrain_evaluate(corpus, model, &o, NULL, NULL, &out, e), BB_ERR_ARGUMENT, "9");
    o = (bb_evaluate_options){.threads = 1, .validation = 1};
    assert_fails(bb_pretrain_evaluate(corpus, model, &o, NULL, NULL, &out, e), BB_ERR_ARGUMENT, "shares");
    o = defaults();
    model->info.recipe_stated = true;
    model->info.recipe.spectrogram.method = BB_SPECTROGRAM_SUPERLET;
    assert_fails(bb_pretrain_evaluate(corpus, model, &o, NULL, NULL, &out, e), BB_ERR_ARGUMENT, "superlet");
    model->info.has_prediction_head = false;
    assert_fails(bb_pretrain_evaluate(corpus, model, &o, NULL, NULL, &out, e), BB_ERR_UNSUPPORTED, "head");
    bb_model_close(model);
    bb_corpus_close(corpus);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_are_the_formula),
        cmocka_unit_test(the_same_seed_gives_the_same_numbers),
        cmocka_unit_test(windows_are_those_asked_for),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
