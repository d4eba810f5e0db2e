#include "recording/variables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/layout_guess.h"

/* What the choosing works on, and comes to. */
typedef struct choice {
    bb_recording *r;
    const bb_variables *all;
    const bb_variable *data;
    double rate_hz, scale;
    const char *unit;
    const bb_variable *names; /* as many neighbours as channels; NULL: none */
    bool rows_are_channels;
} choice;

bool bb_variable_shape(bb_variable *v, const int64_t *shape, size_t dims) {
    int64_t long_ones[2] = {1, 1};
    v->dims = 0;
    v->count = 1;
    for (size_t d = 0; d < dims; ++d) {
        if (shape[d] < 0 || __builtin_mul_overflow(v->count, shape[d], &v->count)) return false;
        if (shape[d] != 1 && v->dims++ < 2) long_ones[v->dims - 1] = shape[d];
    }
    v->rows = v->dims < 2 ? 1 : long_ones[0];
    v->columns = v->dims < 2 ? long_ones[0] : long_ones[1];
    return true;
}

bb_status bb_variables_add(bb_recording *r, bb_variables *all, const bb_variable *variable, bb_error *err) {
    bb_variable v = *variable;
    const bb_variable *last = all->count ? &all->items[all->count - 1] : NULL;
    if (all->count == BB_MAX_VARIABLES)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: more than %d variables", r->info.path, BB_MAX_VARIABLES);
    v.path =
        last && strcmp(last->path, v.path) == 0 ? last->path : bb_recording_keep(r, v.path, BB_VARIABLE_PATH);
    if (v.text) v.text = bb_recording_keep(r, v.text, BB_VARIABLE_TEXT);
    if (!v.path || !v.text != !variable->text ||
        bb_grow((void **)&all->items, &all->capacity, all->count + 1, sizeof v))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for variables", r->info.path);
    all->items[all->count++] = v;
    return BB_OK;
}

void bb_variables_leave_out(bb_variables *all, const bb_error *why) {
    if (all->damaged++ == 0) all->damage = *why;
}

static int compare_variables(const void *a, const void *b) {
    const bb_variable *x = a, *y = b;
    const int order = strcmp(x->path, y->path);
    if (order) return order;
    if (x->source != y->source) return x->source < y->source ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

void bb_variables_sort(bb_variables *all) {
    if (all->count > 1) qsort(all->items, all->count, sizeof *all->items, compare_variables);
}

void bb_variables_free(bb_variables *variables) {
    bb_free(variables->items);
    *variables = (bb_variables){0};
}

static const char *leaf(const bb_variable *v) {
    const char *dot = strrchr(v->path, '.');
    return dot ? dot + 1 : v->path;
}

/* Fields of one structure, or all of them variables. */
static bool same_parent(const bb_variable *a, const bb_variable *b) {
    const size_t n = (size_t)(leaf(a) - a->path);
    return n == (size_t)(leaf(b) - b->path) && memcmp(a->path, b->path, n) == 0;
}

/* How many neighbours from `i` on share its path. */
static size_t group_size(const bb_variables *all, size_t i) {
    size_t n = 1;
    while (i + n < all->count && strcmp(all->items[i + n].path, all->items[i].path) == 0) ++n;
    return n;
}

static const bb_variable *find(const bb_variables *all, const char *path, bool text) {
    for (size_t i = 0; i < all->count; ++i)
        if (!all->items[i].text == !text && strcmp(all->items[i].path, path) == 0) return &all->items[i];
    return NULL;
}

static bb_status fail_unnamed(const choice *c, const char *what, const char *name, bool text, bb_error *err) {
    char found[400] = "none";
    size_t n = 0, shown = 0;
    for (size_t i = 0; i < c->all->count && shown < 12 && n < sizeof found - 64; i += group_size(c->all, i)) {
        const bb_variable *v = &c->all->items[i];
        if (!v->text != !text) continue;
        n += (size_t)snprintf(found + n, sizeof found - n, "%s%.60s", shown++ ? ", " : "", v->path);
    }
    return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected %s in a variable '%.100s', found %s", c->r->info.path,
                   what, name, found);
}

/* EEGLAB may keep the samples in a file of its own, of bare floats, which it names in place of them. */
static bb_status check_outside(const choice *c, bb_error *err) {
    for (size_t i = 0; i < c->all->count; ++i) {
        const bb_variable *v = &c->all->items[i];
        const size_t n = v->text ? strlen(v->text) : 0;
        if (n > 4 && bb_guess_data_rank(leaf(v)) >= 0 && strcasecmp(v->text + n - 4, ".fdt") == 0)
            return bb_fail(
                err, BB_ERR_UNSUPPORTED,
                "%s: %s: expected samples, found the name of a .fdt file: save the set as one file",
                c->r->info.path, v->path);
    }
    return BB_OK;
}

static bb_status guess_data(choice *c, bb_error *err) {
    bb_guess_data guess = {0};
    BB_TRY(check_outside(c, err));
    for (size_t i = 0; i < c->all->count; ++i) {
        const bb_variable *v = &c->all->items[i];
        const bb_guess_array array = {v->path, leaf(v), v->count, v->dims < 2};
        if (!v->text) bb_guess_offer_data(&guess, &array, i);
    }
    if (guess.alike == 0)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: expected a variable with samples, found none of real numbers", c->r->info.path);
    c->data = &c->all->items[guess.index];
    return bb_guess_settle_data(c->r, &guess, err);
}

static bb_status choose_data(choice *c, const bb_recording_options *o, bb_error *err) {
    if (o->data_name && !(c->data = find(c->all, o->data_name, false)))
        return fail_unnamed(c, "samples", o->data_name, false, err);
    if (!o->data_name) BB_TRY(guess_data(c, err));
    const bb_variable *v = c->data;
    size_t pieces = 0;
    for (size_t i = 0; i < c->all->count; ++i)
        pieces += !c->all->items[i].text && strcmp(c->all->items[i].path, v->path) == 0;
    if (v->dims > 2)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: %s: expected samples in [channels, samples], found %zu dimensions",
                       c->r->info.path, v->path, v->dims);
    if (v->count < 1)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected samples, found an empty array", c->r->info.path,
                       v->path);
    if (pieces > 1)
        bb_recording_warn(c->r, "'%s' holds %zu arrays, of which only one is read, of %lld by %lld", v->path,
                          pieces, (long long)v->rows, (long long)v->columns);
    return BB_OK;
}

/* The number that a variable states, as a scalar or as text ("2000", "2000 Hz"); NaN if none. */
static double stated_number(const bb_variable *v) { return v->text ? bb_guess_number(v->text) : v->value; }

static bb_status choose_rate(choice *c, const bb_recording_options *o, bb_error *err) {
    bb_guess_rate guess = {0};
    BB_TRY(bb_recording_stated_rate(o, &c->rate_hz, err));
    if (o->rate_hz != 0) return BB_OK;
    for (size_t i = 0; i < c->all->count; ++i) {
        const bb_variable *v = &c->all->items[i];
        const double value = stated_number(v);
        if (!o->rate_name)
            bb_guess_offer_rate(&guess, leaf(v), same_parent(v, c->data), value);
        else if (!guess.found && strcmp(v->path, o->rate_name) == 0 && value > 0 && isfinite(value))
            guess = (bb_guess_rate){.found = true, .rate_hz = value};
    }
    if (!guess.found && o->rate_name) {
        const bool text = find(c->all, o->rate_name, true) != NULL;
        return fail_unnamed(c, "a positive number of Hz", o->rate_name, text, err);
    }
    c->rate_hz = bb_guess_settle_rate(c->r, &guess);
    return BB_OK;
}

static const bb_variable *find_unit(const choice *c) {
    const bb_variable *unit = NULL;
    for (size_t i = 0; i < c->all->count; i += group_size(c->all, i)) {
        const bb_variable *v = &c->all->items[i];
        if (!v->text || !v->text[0] || !bb_guess_is_unit(leaf(v))) continue;
        const bool beside = same_parent(v, c->data);
        if (bb_guess_unit_is_better(v->text, beside, unit, unit && same_parent(unit, c->data))) unit = v;
    }
    return unit;
}

static bb_status choose_unit(choice *c, const bb_recording_options *o, bb_error *err) {
    const bb_variable *unit = find_unit(c);
    const size_t n = unit ? group_size(c->all, (size_t)(unit - c->all->items)) : 0;
    for (size_t i = 1; i < n && !o->unit; ++i)
        if (unit[i].text && strcmp(unit[i].text, unit->text) != 0) {
            bb_recording_warn(c->r, "'%s' states several units; the first, %s, is taken for all", unit->path,
                              unit->text);
            break;
        }
    return bb_guess_unit(c->r, o, unit ? unit->text : NULL, &c->unit, &c->scale, err);
}

/* A name; "" for an empty array, as MATLAB may keep a missing label; NULL if it is none. */
static const char *name_of(const bb_variable *v) { return v->text ? v->text : v->count == 0 ? "" : NULL; }

static int compare_texts(const void *a, const void *b) {
    return strcmp(name_of(*(const bb_variable *const *)a), name_of(*(const bb_variable *const *)b));
}

/* Labels of segments repeat; names of channels do not, but for a few. */
static bool mostly_distinct(const bb_variable *texts, size_t count) {
    const bb_variable **order = bb_calloc(count, sizeof *order);
    size_t distinct = 1;
    if (!order) return false;
    for (size_t i = 0; i < count; ++i) order[i] = &texts[i];
    qsort(order, count, sizeof *order, compare_texts);
    for (size_t i = 1; i < count; ++i) distinct += compare_texts(&order[i - 1], &order[i]) != 0;
    bb_free(order);
    return 2 * distinct > count;
}

static bool are_names(const choice *c, size_t first, size_t count) {
    size_t texts = 0;
    for (size_t i = 0; i < count; ++i) {
        if (!name_of(&c->all->items[first + i])) return false;
        texts += c->all->items[first + i].text != NULL;
    }
    return texts > 0;
}

/* One for each row or each column. */
static bool fits_channels(const choice *c, size_t count) {
    return (int64_t)count == c->data->rows || (int64_t)count == c->data->columns;
}

/* `path` itself, or its field with the labels: "EEG.chanlocs" stands for "EEG.chanlocs.labels". */
static bool is_named(const bb_variable *v, const char *path) {
    const size_t n = strlen(path);
    return strncmp(v->path, path, n) == 0 &&
           (!v->path[n] ||
            (v->path[n] == '.' && v->path + n + 1 == leaf(v) && bb_guess_channels_rank(leaf(v)) >= 0));
}

static bb_status choose_names(choice *c, const bb_recording_options *o, bb_error *err) {
    int best = -1;
    size_t seen = 0, count = 0;
    const bb_variable *unused = NULL;
    for (size_t i = 0, n; i < c->all->count; i += n) {
        const bb_variable *v = &c->all->items[i];
        const int rank = bb_guess_channels_rank(leaf(v));
        n = group_size(c->all, i);
        if (!are_names(c, i, n) || (o->channels_name ? !is_named(v, o->channels_name) : rank < 0)) continue;
        seen = n;
        if (!fits_channels(c, n)) unused = v;
        if (!fits_channels(c, n) || (!o->channels_name && !mostly_distinct(v, n))) continue;
        if (best >= 0 && rank >= best) continue;
        best = rank < 0 ? 0 : rank;
        c->names = v;
        count = n;
    }
    if (o->channels_name && seen == 0) return fail_unnamed(c, "names", o->channels_name, true, err);
    if (o->channels_name && !c->names)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: %s: expected %lld or %lld names, found %zu",
                       c->r->info.path, o->channels_name, (long long)c->data->rows,
                       (long long)c->data->columns, seen);
    if (!c->names && unused)
        bb_guess_warn_names(c->r, unused->path,
                            (int64_t)group_size(c->all, (size_t)(unused - c->all->items)));
    BB_TRY(bb_guess_orientation(c->r, c->data->path, c->data->rows, c->data->columns, (int64_t)count,
                                &c->rows_are_channels, err));
    if ((int64_t)count != (c->rows_are_channels ? c->data->rows : c->data->columns)) c->names = NULL;
    return BB_OK;
}

static bb_status add_channels(const choice *c, const bb_flat_array *a, bb_error *err) {
    for (int64_t i = 0; i < a->channels; ++i) {
        bb_channel channel = {.name = c->names ? name_of(&c->names[i]) : NULL,
                              .unit = c->unit,
                              .rate_hz = c->rate_hz,
                              .samples = a->samples,
                              .low = c->data->low * c->scale,
                              .high = c->data->high * c->scale};
        BB_TRY(bb_guess_add_channel(c->r, &channel, err));
    }
    return BB_OK;
}

static bb_status choose(choice *c, const bb_recording_options *options, bb_error *err) {
    BB_TRY(choose_data(c, options, err));
    BB_TRY(choose_rate(c, options, err));
    BB_TRY(choose_unit(c, options, err));
    return choose_names(c, options, err);
}

/* The group called `field` of the structure array `event` beside the samples; *count is 0 if there is none.
 */
static const bb_variable *find_events(const choice *c, const char *field, size_t *count) {
    char path[2 * BB_VARIABLE_PATH];
    snprintf(path, sizeof path, "%.*sevent.%s", (int)(leaf(c->data) - c->data->path), c->data->path, field);
    *count = 0;
    for (size_t i = 0; i < c->all->count; ++i)
        if (strcmp(c->all->items[i].path, path) == 0) {
            *count = group_size(c->all, i);
            return &c->all->items[i];
        }
    return NULL;
}

/* EEGLAB's EEG.event: `latency` counts samples from 1, and may lie between two; types are texts or numbers.
 */
static bb_status add_events(const choice *c, bb_error *err) {
    size_t count, types, durations;
    const bb_variable *latency = find_events(c, "latency", &count), *type = find_events(c, "type", &types),
                      *duration = find_events(c, "duration", &durations);
    if (c->r->rate_assumed) return BB_OK; /* a sidecar may change it */
    for (size_t i = 0; i < count; ++i) {
        char number[32] = "";
        const double at = stated_number(&latency[i]) - 1;
        const bb_variable *t = types == count ? &type[i] : NULL;
        if (t && !t->text && isfinite(t->value)) snprintf(number, sizeof number, "%.10g", t->value);
        const char *label = t && t->text ? t->text : number;
        if (strcmp(label, "boundary") == 0 && isfinite(at))
            BB_TRY(bb_recording_add_seam(c->r, ceil(at - 1e-6) / c->rate_hz, err));
        else
            BB_TRY(bb_recording_add_event(c->r, at / c->rate_hz,
                                          durations == count ? stated_number(&duration[i]) / c->rate_hz : 0,
                                          label, SIZE_MAX, err));
    }
    return BB_OK;
}

bb_status bb_variables_choose(bb_recording *r, const bb_recording_options *options,
                              const bb_variables *variables, const bb_variable **data, bb_flat_array *array,
                              bb_error *err) {
    choice c = {.r = r, .all = variables};
    const bb_status status = choose(&c, options, err);
    if (status != BB_OK && variables->damaged > 0)
        return bb_fail(err, variables->damage.status, "%s", variables->damage.message);
    if (status != BB_OK) return status;
    if (variables->damaged > 0)
        bb_recording_warn(r, "%zu variables can't be read and are left out, the first because: %.400s",
                          variables->damaged, variables->damage.message);
    array->element = c.data->element;
    array->scale = c.scale;
    bb_flat_array_shape(array, c.data->rows, c.data->columns, c.data->column_major, c.rows_are_channels);
    *data = c.data;
    BB_TRY(add_channels(&c, array, err));
    return add_events(&c, err);
}
