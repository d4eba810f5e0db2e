/* Events given to the channels they belong to: one lane of all channels, or one for each trial. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "tasks/task.h"

typedef struct pair {
    size_t channel, event;
} pair;

typedef struct lanes {
    bb_task *task;
    const bb_recording_info *info;
    const bb_task_events *events;
    const bb_channel **names; /* the brain channels, sorted by name */
    size_t channel_count;
    pair *pairs;
    size_t count, room;
} lanes;

static bb_status no_memory(const lanes *l, bb_error *err) {
    return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its trials", l->info->path);
}

static bb_status put_pair(lanes *l, const bb_channel *channel, size_t event, bb_error *err) {
    if (l->count == BB_TASK_MAX_TRIALS)
        return bb_fail(err, BB_ERR_MEMORY, "%s: expected at most %d windows, found %zu trials of %zu events",
                       l->info->path, BB_TASK_MAX_TRIALS, l->channel_count, l->events->count);
    if (bb_grow((void **)&l->pairs, &l->room, l->count + 1, sizeof *l->pairs)) return no_memory(l, err);
    l->pairs[l->count++] = (pair){(size_t)(channel - l->info->channels), event};
    return BB_OK;
}

typedef struct name_key {
    const char *text;
    size_t length;
} name_key;

static int compare_key(const void *key, const void *item) {
    const name_key *k = key;
    const char *name = (*(const bb_channel *const *)item)->name;
    const int order = strncmp(k->text, name, k->length);
    return order ? order : name[k->length] ? -1 : 0;
}

static int compare_names(const void *a, const void *b) {
    return strcmp((*(const bb_channel *const *)a)->name, (*(const bb_channel *const *)b)->name);
}

/* The channels that the event's row names. */
static bb_status pair_named(lanes *l, size_t event, bb_error *err) {
    const bb_task_event *e = &l->events->items[event];
    const char *list = e->channels;
    name_key key;
    while ((key.text = bb_names_next(&list, &key.length))) {
        const bb_channel **found = bsearch(&key, l->names, l->channel_count, sizeof *l->names, compare_key);
        if (!found)
            return bb_fail(
                err, BB_ERR_FORMAT, "%s: line %zu: expected a channel of %s that is a trial, found '%.*s'",
                l->events->path, e->line, l->info->path, (int)(key.length < 64 ? key.length : 64), key.text);
        BB_TRY(put_pair(l, *found, event, err));
    }
    return BB_OK;
}

static bb_status find_pairs(lanes *l, bb_error *err) {
    l->names = bb_calloc(l->info->channel_count, sizeof *l->names);
    if (!l->names) return no_memory(l, err);
    for (size_t i = 0; i < l->info->channel_count; ++i)
        if (bb_channel_is_brain(l->info->channels[i].type))
            l->names[l->channel_count++] = &l->info->channels[i];
    qsort(l->names, l->channel_count, sizeof *l->names, compare_names);
    for (size_t i = 0; i < l->events->count; ++i) {
        if (l->events->items[i].channels)
            BB_TRY(pair_named(l, i, err));
        else
            for (size_t c = 0; c < l->channel_count; ++c) BB_TRY(put_pair(l, l->names[c], i, err));
    }
    return BB_OK;
}

static int compare_pairs(const void *a, const void *b) {
    const pair *x = a, *y = b;
    if (x->channel != y->channel) return x->channel < y->channel ? -1 : 1;
    return (x->event > y->event) - (x->event < y->event);
}

/* `room`: pointers for the events of any one lane. */
static bb_status place_trials(lanes *l, const bb_task_event **room, bb_error *err) {
    if (l->count > 0) qsort(l->pairs, l->count, sizeof *l->pairs, compare_pairs);
    for (size_t first = 0, end; first < l->count; first = end) {
        bb_task_lane lane = {.recording = l->task->info.recording_count,
                             .channel = (int64_t)l->pairs[first].channel,
                             .id = l->task->events++,
                             .info = l->info,
                             .events = room};
        for (end = first; end < l->count && l->pairs[end].channel == l->pairs[first].channel; ++end)
            if (end == first || l->pairs[end].event != l->pairs[end - 1].event) /* named twice */
                room[lane.count++] = &l->events->items[l->pairs[end].event];
        BB_TRY(bb_task_place_lane(l->task, &lane, err));
    }
    return BB_OK;
}

static bb_status place_whole(lanes *l, const bb_task_event **room, bb_error *err) {
    const bb_task_lane lane = {.recording = l->task->info.recording_count,
                               .channel = -1,
                               .id = -1,
                               .info = l->info,
                               .events = room,
                               .count = l->events->count};
    for (size_t i = 0; i < lane.count; ++i) room[i] = &l->events->items[i];
    return bb_task_place_lane(l->task, &lane, err);
}

bb_status bb_task_place(bb_task *task, const bb_recording_info *info, const bb_task_events *events,
                        bb_error *err) {
    lanes l = {.task = task, .info = info, .events = events};
    const bb_task_event **room = bb_calloc(events->count, sizeof *room);
    bb_status status = room ? BB_OK : no_memory(&l, err);
    if (status == BB_OK && task->options.channels_are_trials) {
        status = find_pairs(&l, err);
        if (status == BB_OK) status = place_trials(&l, room, err);
    } else if (status == BB_OK) {
        status = place_whole(&l, room, err);
    }
    bb_free(l.pairs);
    bb_free(l.names);
    bb_free(room);
    return status;
}
