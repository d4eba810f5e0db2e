#include "eval/split.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/groups.h"

enum { NOTE_ROOM = 512, NOTED = 5 };

struct bb_split {
    int folds;
    bb_fold *list;     /* [folds] */
    int64_t **indices; /* [folds] of each: training, validation, test, one behind the other */
    char note[NOTE_ROOM];
};

/* A split under way. */
typedef struct maker {
    const bb_split_items *items;
    const int64_t *subset;
    int64_t count;
    double gap_s;
    int *test;             /* [count] fold in which subset[i] is tested */
    int *fold_of;          /* [items->count]; NOWHERE: not of the subset */
    int64_t *order;        /* [count] in time; with a gap */
    unsigned char *marked; /* [items->count] */
    unsigned char *near;   /* [count], of order */
    int64_t *ids;          /* of groups */
} maker;

enum { NOWHERE = -1, NOT_YET = -2 };

static const char *const kinds[] = {"blocked", "grouped", "leave-group-out", "published"};

const char *bb_split_kind_name(bb_split_kind kind) {
    return (unsigned)kind < sizeof kinds / sizeof *kinds ? kinds[kind] : "?";
}

int bb_split_kind_from_name(const char *name, bb_split_kind *out) {
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; ++k)
        if (strcmp(name, kinds[k]) == 0) return *out = (bb_split_kind)k, 1;
    return 0;
}

bb_split_options bb_split_options_default(void) {
    return (bb_split_options){.kind = BB_SPLIT_BLOCKED, .folds = 5, .gap_s = NAN};
}

static bb_status no_memory(const maker *m, bb_error *err) {
    return bb_fail(err, BB_ERR_MEMORY, "no memory to split %lld windows", (long long)m->count);
}

/* ---------------------------------------------------------------- which fold tests what */

static bb_status check_options(const bb_split_options *o, int64_t count, bb_error *err) {
    const bool counted = o->kind == BB_SPLIT_BLOCKED || o->kind == BB_SPLIT_GROUPED;
    if ((unsigned)o->kind >= sizeof kinds / sizeof *kinds)
        return bb_fail(err, BB_ERR_ARGUMENT, "split: no kind has number %d", (int)o->kind);
    if (counted && (o->folds < 2 || o->folds > BB_SPLIT_FOLDS_MOST))
        return bb_fail(err, BB_ERR_ARGUMENT, "split: expected 2 to %d folds, found %d", BB_SPLIT_FOLDS_MOST,
                       o->folds);
    const int least = counted ? o->folds : o->kind == BB_SPLIT_PUBLISHED ? 6 : 2;
    if (count < least)
        return bb_fail(err, BB_ERR_ARGUMENT, "split: expected %d windows or more, found %lld", least,
                       (long long)count);
    if (isinf(o->gap_s) || o->gap_s < 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "split: expected a gap of 0 s or more, found %g", o->gap_s);
    return BB_OK;
}

static bb_status place_subset(maker *m, bb_error *err) {
    for (int64_t i = 0; i < m->items->count; ++i) m->fold_of[i] = NOWHERE;
    for (int64_t i = 0; i < m->count; ++i) {
        const int64_t item = m->subset[i];
        if (item < 0 || item >= m->items->count || m->fold_of[item] != NOWHERE)
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "split: index %lld of a subset of %lld windows is there twice or no window",
                           (long long)item, (long long)m->items->count);
        m->fold_of[item] = NOT_YET;
    }
    return BB_OK;
}

static bb_status choose_tests(maker *m, const bb_split_options *o, int *folds, bb_error *err) {
    *folds = o->folds;
    if (o->kind == BB_SPLIT_BLOCKED)
        BB_TRY(bb_split_by_blocks(m->items, m->subset, m->count, o->folds, m->test, err));
    else if (o->kind == BB_SPLIT_GROUPED)
        BB_TRY(bb_split_by_groups(m->items, m->subset, m->count, o, m->test, err));
    else
        BB_TRY(bb_split_each_group(m->items, m->subset, m->count, m->test, folds, m->ids, err));
    for (int64_t i = 0; i < m->count; ++i) m->fold_of[m->subset[i]] = m->test[i];
    return m->gap_s > 0 ? bb_split_in_time(m->items, m->subset, m->count, m->order, err) : BB_OK;
}

/* ---------------------------------------------------------------- folds */

/* Marks what lies too near to the fold's test windows to be trained on. */
static void mark_near(maker *m, int fold) {
    for (int64_t i = 0; i < m->items->count; ++i) m->marked[i] = m->fold_of[i] == fold;
    if (m->gap_s > 0) bb_split_near(m->items, m->order, m->count, m->marked, m->gap_s, m->near);
    memset(m->marked, 0, (size_t)m->items->count);
    for (int64_t i = 0; i < m->count && m->gap_s > 0; ++i) m->marked[m->order[i]] = m->near[i];
}

static bb_status fill_fold(maker *m, bb_split *s, int fold, bb_error *err) {
    int64_t *indices = s->indices[fold] = bb_calloc((size_t)m->count, sizeof *indices);
    if (!indices) return no_memory(m, err);
    mark_near(m, fold);
    int64_t train = 0, used = 0;
    for (int64_t i = 0; i < m->items->count; ++i)
        if (m->fold_of[i] >= 0 && m->fold_of[i] != fold && !m->marked[i]) indices[train++] = i;
    used = train;
    for (int64_t i = 0; i < m->items->count; ++i)
        if (m->fold_of[i] == fold) indices[used++] = i;
    s->list[fold] = (bb_fold){.train = indices,
                              .validation = indices + train,
                              .test = indices + train,
                              .train_count = train,
                              .test_count = used - train,
                              .left_out = m->count - used,
                              .group = m->ids[fold]};
    if (train > 0) return BB_OK;
    return bb_fail(
        err, BB_ERR_ARGUMENT,
        "split: fold %d of %d has nothing to train on: every window starts less than %g s from one "
        "that is tested",
        fold + 1, s->folds, m->gap_s);
}

static bb_status fill_published(const maker *m, bb_split *s, bb_error *err) {
    int64_t *indices = s->indices[0] = bb_calloc((size_t)m->count, sizeof *indices), parts[3];
    if (!indices) return no_memory(m, err);
    bb_split_published(m->count, indices, parts);
    const int64_t used = parts[0] + parts[1] + parts[2];
    for (int64_t i = 0; i < used; ++i) indices[i] = m->subset[indices[i]];
    s->list[0] = (bb_fold){.train = indices,
                           .validation = indices + parts[0],
                           .test = indices + parts[0] + parts[1],
                           .train_count = parts[0],
                           .validation_count = parts[1],
                           .test_count = parts[2],
                           .left_out = m->count - used};
    return BB_OK;
}

/* ---------------------------------------------------------------- notes */

/* Whether the items hold fewer than `classes` different classes. */
static bool lacks_class(const int64_t *items, int64_t count, const int64_t *class, int64_t classes,
                        unsigned char *seen) {
    memset(seen, 0, (size_t)classes);
    int64_t found = 0;
    for (int64_t i = 0; i < count; ++i) {
        found += !seen[class[items[i]]];
        seen[class[items[i]]] = 1;
    }
    return found < classes;
}

static void note_folds(bb_split *s, const char *part, bool test, const int64_t *class, int64_t classes,
                       unsigned char *seen) {
    int noted = 0;
    size_t used = strlen(s->note);
    for (int f = 0; f < s->folds && noted <= NOTED; ++f) {
        const bb_fold *fold = &s->list[f];
        if (!(test ? lacks_class(fold->test, fold->test_count, class, classes, seen)
                   : lacks_class(fold->train, fold->train_count, class, classes, seen)))
            continue;
        if (noted++ == 0)
            used += (size_t)snprintf(s->note + used, NOTE_ROOM - used, "%snot every class is %s fold",
                                     used ? ", and " : "", part);
        used += (size_t)(noted > NOTED ? snprintf(s->note + used, NOTE_ROOM - used, ", ...")
                                       : snprintf(s->note + used, NOTE_ROOM - used, "%s %d",
                                                  noted > 1 ? "," : "", f + 1));
    }
}

static bb_status write_note(const maker *m, bb_split *s, bb_error *err) {
    if (!m->items->label) return BB_OK;
    const size_t n = (size_t)m->items->count;
    int64_t *ids = bb_calloc(n, sizeof *ids), *class = bb_calloc(n, sizeof *class), classes = 0;
    unsigned char *seen = bb_calloc(n, 1);
    bb_status status = ids && class && seen ? BB_OK : no_memory(m, err);
    /* What is not of the subset takes the label of one that is, and adds no class. */
    for (size_t i = 0; i < n && status == BB_OK; ++i)
        ids[i] = m->items->label[m->fold_of[i] == NOWHERE ? m->subset[0] : (int64_t)i];
    if (status == BB_OK) status = bb_rank_ids(ids, (int64_t)n, class, &classes, err);
    if (status == BB_OK) {
        note_folds(s, "tested in", true, class, classes, seen);
        note_folds(s, "trained on in", false, class, classes, seen);
    }
    bb_free(ids);
    bb_free(class);
    bb_free(seen);
    return status;
}

/* ---------------------------------------------------------------- the whole */

static bb_status make(maker *m, const bb_split_options *o, bb_split *s, bb_error *err) {
    const size_t n = (size_t)m->items->count, count = (size_t)m->count;
    m->test = bb_calloc(count, sizeof *m->test);
    m->fold_of = bb_calloc(n, sizeof *m->fold_of);
    m->order = bb_calloc(count, sizeof *m->order);
    m->marked = bb_calloc(n, 1);
    m->near = bb_calloc(count, 1);
    m->ids = bb_calloc(BB_SPLIT_FOLDS_MOST, sizeof *m->ids);
    if (!m->test || !m->fold_of || !m->order || !m->marked || !m->near || !m->ids) return no_memory(m, err);
    BB_TRY(place_subset(m, err));
    s->folds = 1;
    if (o->kind != BB_SPLIT_PUBLISHED) BB_TRY(choose_tests(m, o, &s->folds, err));
    s->list = bb_calloc((size_t)s->folds, sizeof *s->list);
    s->indices = bb_calloc((size_t)s->folds, sizeof *s->indices);
    if (!s->list || !s->indices) return no_memory(m, err);
    if (o->kind == BB_SPLIT_PUBLISHED)
        BB_TRY(fill_published(m, s, err));
    else
        for (int f = 0; f < s->folds; ++f) BB_TRY(fill_fold(m, s, f, err));
    return write_note(m, s, err);
}

bb_status bb_split_create_subset(const bb_split_items *items, const int64_t *subset, int64_t count,
                                 const bb_split_options *options, bb_split **out, bb_error *err) {
    *out = NULL;
    BB_TRY(check_options(options, count, err));
    const double unsaid = options->kind == BB_SPLIT_BLOCKED ? items->window_s : 0;
    maker m = {.items = items, .subset = subset, .count = count};
    m.gap_s = isnan(options->gap_s) ? unsaid : options->gap_s;
    bb_split *s = bb_calloc(1, sizeof *s);
    const bb_status status = s ? make(&m, options, s, err) : no_memory(&m, err);
    bb_free(m.test);
    bb_free(m.fold_of);
    bb_free(m.order);
    bb_free(m.marked);
    bb_free(m.near);
    bb_free(m.ids);
    if (status == BB_OK)
        *out = s;
    else
        bb_split_destroy(s);
    return status;
}

bb_status bb_split_create(const bb_split_items *items, const bb_split_options *options, bb_split **out,
                          bb_error *err) {
    int64_t *all = bb_calloc((size_t)(items->count > 0 ? items->count : 0), sizeof *all);
    *out = NULL;
    if (!all) return bb_fail(err, BB_ERR_MEMORY, "no memory to split %lld windows", (long long)items->count);
    for (int64_t i = 0; i < items->count; ++i) all[i] = i;
    const bb_status status = bb_split_create_subset(items, all, items->count, options, out, err);
    bb_free(all);
    return status;
}

void bb_split_destroy(bb_split *split) {
    if (!split) return;
    for (int f = 0; split->indices && f < split->folds; ++f) bb_free(split->indices[f]);
    bb_free(split->indices);
    bb_free(split->list);
    bb_free(split);
}

int bb_split_folds(const bb_split *split) { return split->folds; }
const bb_fold *bb_split_fold(const bb_split *split, int fold) { return &split->list[fold]; }
const char *bb_split_note(const bb_split *split) { return *split->note ? split->note : NULL; }
