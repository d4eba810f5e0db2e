#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "eval/plan.h"

/* Windows in order of their trials: a trial is a run of them. */
typedef struct window {
    int64_t trial, place;
    int recording;
} window;

typedef struct run {
    int64_t first, count; /* among the ordered windows */
    int recording;
} run;

typedef struct shuffler {
    const char *from;
    char *to;
    size_t size;
    window *windows;
    run *runs;
    int64_t count, run_count;
    uint64_t seed, stream, drawn;
} shuffler;

enum { STREAM = 0x5347 }; /* apart from other uses of a seed */

static int compare_windows(const void *a, const void *b) {
    const window *x = a, *y = b;
    if (x->trial != y->trial) return x->trial < y->trial ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static const char *item(const shuffler *s, int64_t at) {
    return s->from + (size_t)s->windows[at].place * s->size;
}

static bool same(const shuffler *s, int64_t a, int64_t b) {
    return memcmp(item(s, a), item(s, b), s->size) == 0;
}

static void put(shuffler *s, int64_t at, const char *value) {
    memcpy(s->to + (size_t)s->windows[at].place * s->size, value, s->size);
}

static int64_t draw(shuffler *s, int64_t below) {
    return (int64_t)(bb_random_uniform(s->seed, s->stream, s->drawn++) * (double)below);
}

/* order [count] in place. (Fisher and Yates; Durstenfeld, 1964) */
static void mix(shuffler *s, int64_t *order, int64_t count) {
    for (int64_t i = count - 1; i > 0; --i) {
        const int64_t j = draw(s, i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

/* Whether all windows of the trial stand for the same. */
static bool is_of_one_kind(const shuffler *s, const run *t) {
    for (int64_t i = 1; i < t->count; ++i)
        if (!same(s, t->first, t->first + i)) return false;
    return true;
}

static bool all_are_of_one_kind(const shuffler *s) {
    for (int64_t r = 0; r < s->run_count; ++r)
        if (!is_of_one_kind(s, &s->runs[r])) return false;
    return true;
}

/* Whether some recording has trials of one kind that differ; runs are in order of recording. */
static bool recordings_differ_within(const shuffler *s) {
    const run *last = NULL;
    for (int64_t r = 0; r < s->run_count; ++r) {
        const run *t = &s->runs[r];
        if (!is_of_one_kind(s, t)) continue;
        if (last && last->recording == t->recording && !same(s, last->first, t->first)) return true;
        last = t;
    }
    return false;
}

static void mix_within_trials(shuffler *s, int64_t *order) {
    for (int64_t r = 0; r < s->run_count; ++r) {
        const run *t = &s->runs[r];
        for (int64_t i = 0; i < t->count; ++i) order[i] = t->first + i;
        mix(s, order, t->count);
        for (int64_t i = 0; i < t->count; ++i) put(s, t->first + i, item(s, order[i]));
    }
}

/* The trials listed in `order`, mixed, give theirs to those in `places`. */
static void exchange(shuffler *s, const int64_t *places, int64_t *order, int64_t count) {
    mix(s, order, count);
    for (int64_t r = 0; r < count; ++r)
        for (int64_t i = 0; i < s->runs[places[r]].count; ++i)
            put(s, s->runs[places[r]].first + i, item(s, s->runs[order[r]].first));
}

/* Those of one kind. */
static void mix_trials(shuffler *s, int64_t *places, int64_t *order) {
    const bool within = recordings_differ_within(s);
    int64_t count = 0;
    for (int64_t r = 0; r < s->run_count; ++r) {
        if (within && r > 0 && s->runs[r].recording != s->runs[r - 1].recording) {
            exchange(s, places, order, count);
            count = 0;
        }
        if (!is_of_one_kind(s, &s->runs[r])) continue;
        places[count] = order[count] = r;
        ++count;
    }
    exchange(s, places, order, count);
}

static int compare_runs(const void *a, const void *b) {
    const run *x = a, *y = b;
    if (x->recording != y->recording) return x->recording < y->recording ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static void find_runs(shuffler *s, const bb_decoding_task *task) {
    for (int64_t i = 0; i < s->count; ++i)
        s->windows[i] = (window){task->trial ? task->trial[i] : i, i,
                                 task->items.recording ? task->items.recording[i] : 0};
    qsort(s->windows, (size_t)s->count, sizeof *s->windows, compare_windows);
    for (int64_t i = 0; i < s->count; ++i) {
        if (i == 0 || s->windows[i].trial != s->windows[i - 1].trial)
            s->runs[s->run_count++] = (run){i, 0, s->windows[i].recording};
        ++s->runs[s->run_count - 1].count;
    }
    qsort(s->runs, (size_t)s->run_count, sizeof *s->runs, compare_runs);
}

bb_status bb_shuffle(const bb_decoding_task *task, uint64_t seed, int shuffle, const void *from, size_t size,
                     void *to, bb_error *err) {
    const int64_t n = task->items.count;
    shuffler s = {.from = from, .to = to, .size = size, .count = n, .seed = seed};
    s.stream = STREAM + (uint64_t)shuffle;
    s.windows = bb_calloc((size_t)n, sizeof *s.windows);
    s.runs = bb_calloc((size_t)n, sizeof *s.runs);
    int64_t *order = bb_calloc((size_t)n, sizeof *order), *places = bb_calloc((size_t)n, sizeof *places);
    bb_status status = s.windows && s.runs && order && places
                           ? BB_OK
                           : bb_fail(err, BB_ERR_MEMORY, "no memory to shuffle %lld labels", (long long)n);
    if (status == BB_OK) {
        find_runs(&s, task);
        if (!all_are_of_one_kind(&s)) mix_within_trials(&s, order);
        mix_trials(&s, places, order);
    }
    bb_free(s.windows);
    bb_free(s.runs);
    bb_free(order);
    bb_free(places);
    return status;
}
