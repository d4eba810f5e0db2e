/* Filling a bb_recording: strings, channels, events, warnings, and what follows from them. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "io/recording.h"
#include "io/utf8.h"

enum { TEXT_BLOCK = 16384, MAX_WARNINGS = 64 };

/* Strings live in blocks that are never moved, so that pointers to them stay good. */
struct bb_text_block {
    struct bb_text_block *next;
    size_t used, room;
    char bytes[];
};

void bb_recording_close(bb_recording *r) {
    if (!r) return;
    if (r->reader) r->reader->close(r);
    if (r->fd >= 0) close(r->fd);
    for (struct bb_text_block *block = r->texts, *next; block; block = next) {
        next = block->next;
        bb_free(block);
    }
    bb_free(r->channels);
    bb_free(r->events);
    bb_free(r->warnings);
    bb_free((void *)r->info.path);
    bb_free(r);
}

static char *take_room(bb_recording *r, size_t bytes) {
    struct bb_text_block *block = r->texts;
    if (!block || block->room - block->used < bytes) {
        const size_t room = bytes > TEXT_BLOCK ? bytes : TEXT_BLOCK;
        block = bb_calloc(1, sizeof *block + room);
        if (!block) return NULL;
        block->room = room;
        block->next = r->texts;
        r->texts = block;
    }
    char *at = block->bytes + block->used;
    block->used += bytes;
    return at;
}

/* Control characters would reach terminals: U+0000 to U+001F, U+007F, and U+0080 to U+009F. */
static size_t put_character(char *out, const unsigned char *at, size_t n) {
    if (at[0] < 0x20 || at[0] == 0x7f || (n == 2 && at[0] == 0xc2 && at[1] < 0xa0)) {
        *out = '?';
        return 1;
    }
    memcpy(out, at, n);
    return n;
}

const char *bb_recording_keep(bb_recording *r, const char *text, size_t length) {
    const unsigned char *bytes = (const unsigned char *)text;
    length = strnlen(text, length);
    while (length > 0 && bytes[length - 1] == ' ') --length;
    for (; length > 0 && bytes[0] == ' '; --length) ++bytes;
    const bool utf8 = bb_utf8_valid(bytes, length);
    char *kept = take_room(r, 2 * length + 1), *out = kept;
    if (!kept) return NULL;
    for (size_t at = 0, n = 1; at < length; at += n) {
        const unsigned char wide[2] = {(unsigned char)(0xc0 | bytes[at] >> 6), 0x80 | (bytes[at] & 0x3f)};
        if (utf8) n = bb_utf8_length(bytes + at, length - at);
        out += utf8 || bytes[at] < 0x80 ? put_character(out, bytes + at, n) : put_character(out, wide, 2);
    }
    *out = '\0';
    return kept;
}

bb_status bb_recording_add_channel(bb_recording *r, const bb_channel *channel, bb_error *err) {
    if (r->channel_count >= BB_MAX_CHANNELS)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected at most %d channels", r->info.path, BB_MAX_CHANNELS);
    bb_channel copy = *channel;
    copy.name = bb_recording_keep(r, channel->name, SIZE_MAX);
    copy.unit = bb_recording_keep(r, channel->unit, SIZE_MAX);
    if (!copy.name || !copy.unit ||
        bb_grow((void **)&r->channels, &r->channel_capacity, r->channel_count + 1, sizeof *r->channels))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for channels", r->info.path);
    r->channels[r->channel_count++] = copy;
    return BB_OK;
}

bb_status bb_recording_add_event(bb_recording *r, double onset_s, double duration_s, const char *label,
                                 size_t length, bb_error *err) {
    if (r->event_count == BB_MAX_EVENTS) return BB_OK;
    if (r->event_count == BB_MAX_EVENTS - 1)
        bb_recording_warn(r, "more than %d events; the rest are left out", BB_MAX_EVENTS);
    const bb_event event = {onset_s, duration_s, bb_recording_keep(r, label, length)};
    if (!event.label ||
        bb_grow((void **)&r->events, &r->event_capacity, r->event_count + 1, sizeof *r->events))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for events", r->info.path);
    r->events[r->event_count++] = event;
    return BB_OK;
}

void bb_recording_warn(bb_recording *r, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (r->warning_count == MAX_WARNINGS) return;
    const char *kept = bb_recording_keep(r, text, sizeof text);
    if (!kept || bb_grow((void **)&r->warnings, &r->warning_capacity, r->warning_count + 1, sizeof kept))
        return;
    r->warnings[r->warning_count++] = kept;
}

int bb_event_compare(const void *a, const void *b) {
    const bb_event *x = a, *y = b;
    if (x->onset_s != y->onset_s) return x->onset_s < y->onset_s ? -1 : 1;
    if (x->duration_s != y->duration_s) return x->duration_s < y->duration_s ? -1 : 1;
    return strcmp(x->label, y->label);
}

static int compare_names(const void *a, const void *b) {
    const bb_channel *x = *(const bb_channel *const *)a, *y = *(const bb_channel *const *)b;
    const int order = strcmp(x->name, y->name);
    return order ? order : x < y ? -1 : x > y;
}

static bool name_is_taken(const bb_recording *r, const char *name) {
    for (size_t i = 0; i < r->channel_count; ++i)
        if (strcmp(r->channels[i].name, name) == 0) return true;
    return false;
}

/* "NAME-2", or the next number that is free. */
static const char *free_name(bb_recording *r, const char *name, size_t *number) {
    const size_t room = strlen(name) + 24;
    char *text = take_room(r, room);
    if (!text) return NULL;
    do { snprintf(text, room, "%s-%zu", name, ++*number); } while (name_is_taken(r, text));
    return text;
}

static bb_status make_names_unique(bb_recording *r, bb_error *err) {
    bb_channel **order = bb_calloc(r->channel_count, sizeof(bb_channel *));
    if (!order) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    for (size_t i = 0; i < r->channel_count; ++i) order[i] = &r->channels[i];
    qsort(order, r->channel_count, sizeof *order, compare_names);
    size_t renamed = 0, number = 1;
    const char *run = NULL, *shown = NULL, *given = NULL;
    bb_status status = BB_OK;
    for (size_t i = 0; i < r->channel_count && status == BB_OK; ++i) {
        if (!run || strcmp(order[i]->name, run) != 0) {
            run = order[i]->name;
            number = 1;
            continue;
        }
        const char *name = free_name(r, run, &number);
        if (!name) {
            status = bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
        } else {
            order[i]->name = name;
            if (renamed++ == 0) shown = run, given = name;
        }
    }
    bb_free(order);
    if (renamed > 0)
        bb_recording_warn(r, "%zu channels repeat the name of another and got a number (%s: %s)", renamed,
                          shown, given);
    return status;
}

static int compare_rates(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The commonest rate among the brain channels, among all if there are none; the higher of two as common. */
static bb_status find_rate(bb_recording *r, bb_error *err) {
    size_t count = 0, brain = 0, run = 0, longest = 0;
    double *rates = bb_calloc(r->channel_count, sizeof *rates);
    if (!rates) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    for (size_t i = 0; i < r->channel_count; ++i) brain += bb_channel_is_brain(r->channels[i].type);
    for (size_t i = 0; i < r->channel_count; ++i)
        if (brain == 0 || bb_channel_is_brain(r->channels[i].type)) rates[count++] = r->channels[i].rate_hz;
    qsort(rates, count, sizeof *rates, compare_rates);
    for (size_t i = 0; i < count; ++i) {
        run = i > 0 && rates[i] == rates[i - 1] ? run + 1 : 1;
        if (run >= longest) {
            longest = run;
            r->info.rate_hz = rates[i];
        }
    }
    bb_free(rates);
    return BB_OK;
}

bb_status bb_recording_finish(bb_recording *r, bb_error *err) {
    if (r->event_count > 1) qsort(r->events, r->event_count, sizeof *r->events, bb_event_compare);
    BB_TRY(make_names_unique(r, err));
    BB_TRY(find_rate(r, err));
    for (size_t i = 0; i < r->channel_count && r->info.duration_s == 0; ++i)
        if (r->channels[i].rate_hz == r->info.rate_hz)
            r->info.duration_s = (double)r->channels[i].samples / r->info.rate_hz;
    r->info.channel_count = r->channel_count;
    r->info.channels = r->channels;
    r->info.event_count = r->event_count;
    r->info.events = r->events;
    r->info.warning_count = r->warning_count;
    r->info.warnings = r->warnings;
    return BB_OK;
}
