/* What the options mean together: the named tasks, and which options go with which. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/table.h"
#include "tasks/task.h"

/* The words of a movie, as Wang et al. (ICLR 2023) decode them, and two more of Zahorodnii et al.
 * (Neuroprobe, 2025); columns as the published transcripts of the Brain Treebank name them. */
static const struct {
    const char *name, *label, *classes, *value, *cut;
    double rest_s;
} named_tasks[] = {
    {"pitch", NULL, NULL, "pitch", "sd", NAN},
    {"volume", NULL, NULL, "rms", "sd", NAN},
    {"brightness", NULL, NULL, "mean_pixel_brightness", "sd", NAN},
    {"sentence_onset", "is_onset", "sentence_onset=1", NULL, NULL, 1},
    {"speech", NULL, "speech=*", NULL, NULL, 1},
    {"word_position", "idx_in_sentence", "first=0,other=*", NULL, NULL, NAN},
    {"part_of_speech", "pos", "verb=VERB,other=*", NULL, NULL, NAN},
};
enum { NAMED_TASKS = sizeof named_tasks / sizeof *named_tasks };

bb_task_options bb_task_options_default(void) {
    return (bb_task_options){
        .window_s = 5, .offset_s = NAN, .baseline_s = NAN, .rest_s = NAN, .every_s = NAN};
}

static bb_status wrong(bb_error *err, const char *message) {
    return bb_fail(err, BB_ERR_ARGUMENT, "%s", message);
}

/* What a named task does not have is not to be added to it: it would be another task. */
static bb_status fill_in(bb_task_options *o, size_t task, bb_error *err) {
    if (o->times) return wrong(err, "times: a named task goes by the columns of a table");
    if (!isnan(o->baseline_s)) return wrong(err, "baseline: a named task has two classes already");
    if (o->value && !named_tasks[task].value)
        return bb_fail(err, BB_ERR_ARGUMENT, "value: the task %s goes by labels", o->name);
    if (o->label && named_tasks[task].value)
        return bb_fail(err, BB_ERR_ARGUMENT, "label: the task %s goes by a number", o->name);
    if (!isnan(o->rest_s) && isnan(named_tasks[task].rest_s))
        return bb_fail(err, BB_ERR_ARGUMENT, "rest: the task %s has two classes already", o->name);
    if (!o->label) o->label = named_tasks[task].label;
    if (!o->classes) o->classes = named_tasks[task].classes;
    if (!o->value) o->value = named_tasks[task].value;
    if (!o->cut) o->cut = named_tasks[task].cut;
    if (isnan(o->rest_s)) o->rest_s = named_tasks[task].rest_s;
    o->balance = o->balance || !bb_task_is_number(o);
    return BB_OK;
}

bb_status bb_task_resolve(const bb_task_options *options, bb_task_options *out, bb_error *err) {
    char list[256] = "";
    *out = *options;
    if (!options->name) return BB_OK;
    for (size_t i = 0; i < NAMED_TASKS; ++i) {
        if (strcmp(options->name, named_tasks[i].name) == 0) return fill_in(out, i, err);
        if (i > 0) strcat(list, i + 1 < NAMED_TASKS ? ", " : " or ");
        strcat(list, named_tasks[i].name);
    }
    return bb_fail(err, BB_ERR_ARGUMENT, "task: expected %s, found '%.64s'", list, options->name);
}

bool bb_task_has_contrast(const bb_task_options *o) { return !isnan(o->baseline_s) || !isnan(o->rest_s); }

bool bb_task_is_number(const bb_task_options *o) {
    return o->value && (!o->cut || strcmp(o->cut, "none") == 0);
}

/* ---------------------------------------------------------------- checks */

static bb_status check_range(double seconds, double least, double most, const char *option, bb_error *err) {
    if (isnan(seconds) || (seconds >= least && seconds <= most)) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected from %g to %g s, found %g", option, least, most,
                   seconds);
}

static bb_status check_seconds(const bb_task_options *o, bb_error *err) {
    if (isnan(o->window_s)) return wrong(err, "window: expected a length in seconds, found none");
    BB_TRY(check_range(o->window_s, 1e-3, 1e5, "window", err));
    BB_TRY(check_range(o->offset_s, -1e6, 1e6, "offset", err));
    BB_TRY(check_range(o->baseline_s, -1e6, 1e6, "baseline", err));
    BB_TRY(check_range(o->rest_s, 1e-3, 1e6, "rest", err));
    return check_range(o->every_s, 1e-3, 1e6, "every", err);
}

static bb_status check_cut(const bb_task_options *o, bb_error *err) {
    static const char *const words[] = {"none", "median", "sd"};
    double share;
    if (!o->cut) return BB_OK;
    if (!o->value) return wrong(err, "cut: belongs to a number, found no value");
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
        if (strcmp(o->cut, words[i]) == 0) return BB_OK;
    if (bb_table_number(o->cut, &share) && share > 0 && share <= 0.5) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "cut: expected none, median, sd or a share of up to 0.5, found '%.64s'", o->cut);
}

static bb_status check_times(const bb_task_options *o, bb_error *err) {
    bb_times times = {0};
    if (!o->times) return BB_OK;
    BB_TRY(bb_times_parse(o->times, &times, err));
    const size_t count = times.count;
    const bool taken = count == 1 && !o->classes && strcmp(times.files[0].name, "baseline") == 0;
    bb_times_free(&times);
    if (o->events) return wrong(err, "times: stand instead of events, found both");
    if (o->label) return wrong(err, "label: is a column of a table, found times");
    if (o->value) return wrong(err, "value: is a column of a table, found times");
    if (!isnan(o->rest_s)) return wrong(err, "rest: lies between events that last, found times");
    if (!isnan(o->every_s)) return wrong(err, "every: goes by how long events last, found times");
    if (taken) return wrong(err, "times: expected another name than the second class's, baseline");
    if (count == 1 && !bb_task_has_contrast(o))
        return wrong(err, "times: expected a second class: another file, or a baseline");
    return BB_OK;
}

static bb_status check_classes(const bb_task_options *o, bb_error *err) {
    bb_classes classes = {0};
    if (o->label && o->value && !o->classes)
        return wrong(err, "label: chooses events together with classes, found a value alone");
    if (!o->classes) return BB_OK;
    BB_TRY(bb_classes_parse(o->classes, &classes, err));
    const size_t count = classes.count;
    const bool taken = strcmp(classes.items[0].name, isnan(o->rest_s) ? "baseline" : "rest") == 0;
    bb_classes_free(&classes);
    const bool contrast = bb_task_has_contrast(o);
    if (contrast && count > 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "classes: expected one against %s (a+b joins values), found '%.64s'",
                       isnan(o->rest_s) ? "baseline" : "rest", o->classes);
    if (contrast && taken)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "classes: expected another name than the second class's, found '%.64s'", o->classes);
    if (!contrast && count == 1 && !o->value)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "classes: expected a second one (or \"%s,*\", a baseline or rest), found '%.64s'",
                       o->classes, o->classes);
    return BB_OK;
}

static bb_status check_contrast(const bb_task_options *o, bb_error *err) {
    const bool baseline = !isnan(o->baseline_s), rest = !isnan(o->rest_s);
    if (baseline && rest) return wrong(err, "baseline: is one second class and rest another, found both");
    if (baseline && o->value) return wrong(err, "baseline: is a second class, found a value");
    if (rest && o->value) return wrong(err, "rest: is a second class, found a value");
    if (baseline && !isnan(o->every_s))
        return wrong(err, "baseline: is one window an event, found every: rest goes with it");
    return BB_OK;
}

static bb_status check_all(const bb_task_options *o, bb_error *err) {
    BB_TRY(check_seconds(o, err));
    BB_TRY(check_cut(o, err));
    BB_TRY(check_times(o, err));
    BB_TRY(check_contrast(o, err));
    BB_TRY(check_classes(o, err));
    if (o->balance && bb_task_is_number(o))
        return wrong(err, "balance: belongs to classes, found a number without a cut");
    return BB_OK;
}

bb_status bb_task_check(const bb_task_options *options, bb_error *err) {
    bb_task_options o;
    BB_TRY(bb_task_resolve(options, &o, err));
    return check_all(&o, err);
}
