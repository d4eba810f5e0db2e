#include <stdlib.h>

#include "brainbert/report.h"
#include "made_run.h"

static const cJSON *at(const cJSON *item, const char *key) {
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(item, key);
    if (!found) fail_msg("no '%s'", key);
    return found;
}

static const cJSON *task_of(const bb_probe_run *run) { return cJSON_GetArrayItem(at(run->json, "tasks"), 0); }

static void end(bb_probe_run *run) {
    cJSON_Delete(run->json);
    cJSON_Delete(run->warnings);
}

static void what_is_no_number_is_null(void **state) {
    (void)state;
    cJSON *object = cJSON_CreateObject();
    bb_json_add_score(object, "a", 0.25);
    bb_json_add_score(object, "b", NAN);
    bb_json_add_score(object, "c", INFINITY);
    char *text = cJSON_PrintUnformatted(object);
    assert_string_equal(text, "{\"a\":0.25,\"b\":null,\"c\":null}");
    free(text);
    cJSON_Delete(object);
}

/* Beside its model, where there is one. */
static void a_precision_is_told(void **state) {
    (void)state;
    const bb_model_config config = {
        .hidden_dim = 16, .feed_forward_dim = 16, .heads = 2, .layers = 1, .input_dim = 40};
    made_run m;
    bb_model *model;
    assert_ok(bb_model_create(&config, 1, &model, e));
    for (int with_model = 0; with_model < 2; ++with_model) {
        make_run(&m, "blocked");
        m.o.precision = BB_PRECISION_BF16;
        m.o.model = with_model ? model : NULL;
        assert_ok(bb_results_begin(&m.run, e));
        if (with_model)
            assert_string_equal(at(m.run.json, "precision")->valuestring, "bf16");
        else
            assert_null(cJSON_GetObjectItemCaseSensitive(m.run.json, "precision"));
        end(&m.run);
    }
    bb_model_close(model);
}

static void a_run_is_described(void **state) {
    (void)state;
    made_run m;
    bb_views views = {.count = 1};
    bb_view v;
    make_run(&m, "blocked");
    const bb_decoding_options o = bb_probe_decoding(&m.run);
    assert_int_equal(o.split.kind, BB_SPLIT_BLOCKED);
    assert_ok(bb_view_create(&m.run, 0, &v, e));
    assert_ok(bb_decoding_plan_create(&v.task, &o, &v.plan, e));
    views.list = &v;
    assert_ok(bb_results_begin(&m.run, e));
    assert_ok(bb_results_describe(&m.run, &views, e));
    const cJSON *task = task_of(&m.run), *split = at(task, "split");
    assert_string_equal(at(task, "name")->valuestring, "loud against soft");
    assert_string_equal(at(task, "measure")->valuestring, "roc_auc");
    assert_string_equal(at(task, "decoder")->valuestring, "logistic regression");
    assert_true(cJSON_IsNull(at(task, "offset_s"))); /* left to the task */
    assert_true(at(task, "windows")->valuedouble == MADE_TRIALS);
    assert_string_equal(at(split, "kind")->valuestring, "blocked");
    assert_true(at(split, "folds")->valuedouble == 2 && at(split, "gap_s")->valuedouble == 1);
    assert_int_equal(cJSON_GetArraySize(at(task, "classes")), 2);
    assert_int_equal(cJSON_GetArraySize(m.run.warnings), 2); /* each class has fewer than ten windows */
    bb_view_free(&v);
    end(&m.run);
}

static void every_word_of_a_split_is_one(void **state) {
    (void)state;
    const struct {
        const char *word;
        bb_split_kind kind;
    } splits[] = {{"blocked", BB_SPLIT_BLOCKED},
                  {"trial", BB_SPLIT_GROUPED},
                  {"session", BB_SPLIT_LEAVE_GROUP_OUT},
                  {"subject", BB_SPLIT_LEAVE_GROUP_OUT},
                  {"published", BB_SPLIT_PUBLISHED}};
    for (size_t i = 0; i < sizeof splits / sizeof *splits; ++i) {
        made_run m;
        make_run(&m, splits[i].word);
        assert_int_equal(bb_probe_decoding(&m.run).split.kind, splits[i].kind);
    }
}

static void curves_go_by_features(void **state) {
    (void)state;
    made_run m;
    make_run(&m, "blocked");
    strcpy(m.run.specs[0].name, "encoder");
    strcpy(m.run.specs[1].name, "stft");
    assert_ok(bb_results_begin(&m.run, e));
    bb_results_add_point(&m.run, 0, 10, 0.5, 0.1, (bb_interval){0.4, 0.6});
    bb_results_add_point(&m.run, 1, 10, NAN, 0, (bb_interval){NAN, NAN});
    bb_results_add_point(&m.run, 0, 20, 0.75, 0, (bb_interval){0.7, 0.8});
    bb_results_warn(&m.run, "%d %s", 3, "\"words\"");
    const cJSON *curves = at(task_of(&m.run), "few_shot"), *first = cJSON_GetArrayItem(curves, 0);
    assert_int_equal(cJSON_GetArraySize(curves), 2);
    assert_string_equal(at(first, "features")->valuestring, "encoder");
    assert_int_equal(cJSON_GetArraySize(at(first, "points")), 2);
    assert_true(at(cJSON_GetArrayItem(at(first, "points"), 1), "mean")->valuedouble == 0.75);
    const cJSON *unknown = cJSON_GetArrayItem(at(cJSON_GetArrayItem(curves, 1), "points"), 0);
    assert_true(cJSON_IsNull(at(unknown, "mean")) && cJSON_IsNull(at(unknown, "low")));
    assert_string_equal(cJSON_GetArrayItem(m.run.warnings, 0)->valuestring, "3 \"words\"");
    end(&m.run);
}

/* An electrode that was never tested has no score and no curve, and the page of such results is made. */
static void what_was_not_tested_is_no_failure(void **state) {
    (void)state;
    made_run m;
    bb_view v;
    make_run(&m, "blocked");
    const bb_decoding_options o = bb_probe_decoding(&m.run);
    assert_ok(bb_view_create(&m.run, 0, &v, e));
    assert_ok(bb_decoding_plan_create(&v.task, &o, &v.plan, e));
    const bb_views views = {.list = &v, .count = 1};
    bb_decoding d[2];
    float data[MADE_TRIALS] = {0};
    unsigned char spoilt[MADE_TRIALS];
    memset(spoilt, 1, sizeof spoilt);
    const bb_decoding_features silent = {{data, v.rows, 1, 1}, spoilt, NULL};
    const bb_decoding_features both[2] = {silent, silent};
    assert_int_equal(bb_views_decodings(&views), 2);
    assert_ok(bb_decode(v.plan, both, 2, NULL, NULL, d, e));
    assert_ok(bb_results_begin(&m.run, e));
    assert_ok(bb_results_describe(&m.run, &views, e));
    assert_ok(bb_results_add(&m.run, &views, 0, d, e));
    const cJSON *result = cJSON_GetArrayItem(at(task_of(&m.run), "results"), 0);
    assert_true(cJSON_IsNull(at(result, "roc_auc")));
    assert_null(cJSON_GetObjectItemCaseSensitive(result, "roc_curve"));
    char *text = cJSON_PrintUnformatted(m.run.json);
    assert_ok(bb_report_write(text, bb_temp_path("silent.html"), e));
    free(text);
    for (int i = 0; i < 2; ++i) bb_decoding_free(&d[i]);
    bb_view_free(&v);
    end(&m.run);
}

/* What one subject of several is warned of says whose it is. */
static void warnings_say_whose_they_are(void **state) {
    (void)state;
    made_run m;
    bb_view v[2];
    make_run(&m, "blocked");
    for (int i = 0; i < MADE_TRIALS; ++i) m.trials[i].label = i % MADE_EACH >= MADE_EACH / 2;
    const bb_decoding_options o = bb_probe_decoding(&m.run);
    for (int s = 0; s < 2; ++s) {
        assert_ok(bb_view_create(&m.run, s, &v[s], e));
        assert_ok(bb_decoding_plan_create(&v[s].task, &o, &v[s].plan, e));
    }
    const bb_views views = {.list = v, .count = 2};
    assert_ok(bb_results_begin(&m.run, e));
    assert_ok(bb_results_describe(&m.run, &views, e));
    const cJSON *warning;
    int of_b = 0;
    cJSON_ArrayForEach(warning, m.run.warnings) of_b +=
        strstr(warning->valuestring, "subject B: not every class") == warning->valuestring;
    assert_int_equal(of_b, 1); /* one half of its recording is of one class */
    for (int s = 0; s < 2; ++s) bb_view_free(&v[s]);
    end(&m.run);
}

static void numbers_have_their_own_measure(void **state) {
    (void)state;
    made_run m;
    make_run(&m, "blocked");
    assert_string_equal(bb_probe_measure(&m.run), "roc_auc");
    m.info.kind = BB_TASK_NUMBER;
    assert_string_equal(bb_probe_measure(&m.run), "pearson_r");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_number_is_null),      cmocka_unit_test(a_run_is_described),
        cmocka_unit_test(every_word_of_a_split_is_one),   cmocka_unit_test(curves_go_by_features),
        cmocka_unit_test(numbers_have_their_own_measure), cmocka_unit_test(what_was_not_tested_is_no_failure),
        cmocka_unit_test(warnings_say_whose_they_are),    cmocka_unit_test(a_precision_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
