/* Which options go with which; each message begins with the option's word. */
#include "made_info.h"

static void usual_options_pass(void **state) {
    (void)state;
    bb_task_options o = bb_task_options_default();
    assert_ok(bb_task_check(&o, e));
    assert_true(o.window_s == 5 && isnan(o.offset_s) && !o.balance && o.seed == 0);
    o.classes = "a,*";
    o.every_s = 1;
    o.balance = true;
    assert_ok(bb_task_check(&o, e));
    o.classes = "a+b";
    o.rest_s = 2;
    assert_ok(bb_task_check(&o, e));
    o = bb_task_options_default();
    o.times = "a=x.txt";
    o.baseline_s = -2;
    assert_ok(bb_task_check(&o, e));
}

static void contradictions_are_told(void **state) {
    (void)state;
    const bb_task_options d = bb_task_options_default();
    static const char both[] = "a=x,b=y";
    const struct {
        bb_task_options o;
        const char *part;
    } cases[] = {
        {{.window_s = NAN}, "window: expected"},
        {{.window_s = 0}, "window: expected"},
        {{.window_s = 1, .offset_s = INFINITY}, "offset: expected"},
        {{.window_s = 1, .baseline_s = 1e7}, "baseline: expected"},
        {{.window_s = 1, .baseline_s = NAN, .rest_s = 0}, "rest: expected"},
        {{.window_s = 1, .baseline_s = NAN, .rest_s = NAN, .every_s = 0}, "every: expected"},
#define WITH(...)                                                                                            \
    {.window_s = 5, .offset_s = NAN, .baseline_s = NAN, .rest_s = NAN, .every_s = NAN, __VA_ARGS__}
        {WITH(.cut = "sd"), "cut: belongs to a number"},
        {WITH(.value = "x", .cut = "quarter"), "cut: expected none, median, sd or a share"},
        {WITH(.value = "x", .label = "y"), "label: chooses events together with classes"},
        {WITH(.value = "x", .cut = "0"), "found '0'"},
        {WITH(.value = "x", .cut = "0.51"), "found '0.51'"},
        {WITH(.value = "x", .balance = true), "balance: belongs to classes"},
        {WITH(.times = both, .events = "e.tsv"), "times: stand instead of events"},
        {WITH(.times = both, .label = "x"), "label: is a column"},
        {WITH(.times = both, .value = "x"), "value: is a column"},
        {WITH(.times = "x"), "times: expected CLASS=FILE"},
        {WITH(.times = "a=x"), "times: expected a second class"},
        {WITH(.classes = "a"), "classes: expected a second one (or \"a,*\""},
        {WITH(.classes = "a,a"), "classes: expected each"},
        {WITH(.name = "loudness"),
         "task: expected pitch, volume, brightness, sentence_onset, speech, word_position or part_of_speech, "
         "found 'loudness'"},
        {WITH(.name = "pitch", .times = both), "times: a named task"},
        {WITH(.name = "speech", .value = "x"), "value: the task speech goes by labels"},
        {WITH(.name = "pitch", .label = "x"), "label: the task pitch goes by a number"},
    };
#undef WITH
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
        assert_fails(bb_task_check(&cases[i].o, e), BB_ERR_ARGUMENT, cases[i].part);
    bb_task *task = NULL;
    assert_fails(bb_task_create(&cases[0].o, &task, e), BB_ERR_ARGUMENT, "window");
    assert_null(task);
    assert_ok(bb_task_create(&d, &task, e));
    assert_fails(bb_task_finish(task, e), BB_ERR_ARGUMENT, "when it has recordings");
    bb_task_destroy(task);
    bb_task_destroy(NULL);
}

static void second_classes_stand_alone(void **state) {
    (void)state;
    bb_task_options o = bb_task_options_default();
    o.baseline_s = -1;
    o.rest_s = 1;
    assert_fails(bb_task_check(&o, e), BB_ERR_ARGUMENT, "baseline: is one second class and rest another");
    o.rest_s = NAN;
    o.every_s = 1;
    assert_fails(bb_task_check(&o, e), BB_ERR_ARGUMENT, "baseline: is one window an event");
    o.every_s = NAN;
    o.value = "x";
    assert_fails(bb_task_check(&o, e), BB_ERR_ARGUMENT, "baseline: is a second class, found a value");
    o.value = NULL;
    o.classes = "a,b";
    assert_fails(bb_task_check(&o, e), BB_ERR_ARGUMENT, "classes: expected one against baseline");
    o.classes = "baseline=a";
    assert_fails(bb_task_check(&o, e), BB_ERR_ARGUMENT, "classes: expected another name");
    o.classes = NULL;
    o.times = "baseline=x";
    assert_fails(bb_task_check(&o, e), BB_ERR_ARGUMENT, "times: expected another name");
    o = bb_task_options_default();
    o.name = "pitch";
    o.baseline_s = -1;
    assert_fails(bb_task_check(&o, e), BB_ERR_ARGUMENT, "baseline: a named task");
    o.baseline_s = NAN;
    o.rest_s = 1;
    assert_fails(bb_task_check(&o, e), BB_ERR_ARGUMENT, "rest: the task pitch has two classes");
    o.name = NULL;
    o.value = "x";
    assert_fails(bb_task_check(&o, e), BB_ERR_ARGUMENT, "rest: is a second class, found a value");
    o.value = NULL;
    o.times = "a=x";
    assert_fails(bb_task_check(&o, e), BB_ERR_ARGUMENT, "rest: lies between events that last");
    o.rest_s = NAN;
    o.every_s = 1;
    assert_fails(bb_task_check(&o, e), BB_ERR_ARGUMENT, "every: goes by how long events last");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_options_pass),
        cmocka_unit_test(contradictions_are_told),
        cmocka_unit_test(second_classes_stand_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
