/* Filling a bb_recording: strings, channels, events, warnings, and what follows from them. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "recording/recording.h"

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
    bb_input_close(&r->file);
    for (struct bb_text_block *block = r->texts, *next; block; block = next) {
        next = block->next;
        bb_free(block);
    }
    bb_free(r->channels);
    bb_free(r->events);
    bb_free(r->warnings);
    bb_free(r->files);
    bb_free(r->seams);
    bb_free(r->scales);
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
    if (channel->group) copy.group = bb_recording_keep(r, channel->group, SIZE_MAX);
    if (channel->region) copy.region = bb_recording_keep(r, channel->region, SIZE_MAX);
    if (channel->remark) copy.remark = bb_recording_keep(r, channel->remark, SIZE_MAX);
    if (!copy.name || !copy.unit ||
        bb_grow((void **)&r->channels, &r->channel_capacity, r->channel_count + 1, sizeof *r->channels))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for channels", r->info.path);
    r->channels[r->channel_count++] = copy;
    return BB_OK;
}

static bb_status add_event(bb_recording *r, bb_event event, size_t length, bb_error *err) {
    if (!isfinite(event.onset_s) || r->event_count == BB_MAX_EVENTS) return BB_OK;
    if (!isfinite(event.duration_s) || event.duration_s < 0) event.duration_s = 0;
    if (r->event_count == BB_MAX_EVENTS - 1)
        bb_recording_warn(r, "more than %d events; the rest are left out", BB_MAX_EVENTS);
    event.label = bb_recording_keep(r, event.label, length);
    if (!event.label ||
        bb_grow((void **)&r->events, &r->event_capacity, r->event_count + 1, sizeof *r->events))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for events", r->info.path);
    r->events[r->event_count++] = event;
    return BB_OK;
}

bb_status bb_recording_add_event(bb_recording *r, double onset_s, double duration_s, const char *label,
                                 size_t length, bb_error *err) {
    const bb_event event = {.onset_s = onset_s, .duration_s = duration_s, .label = label};
    return add_event(r, event, length, err);
}

bb_status bb_recording_add_row(bb_recording *r, const bb_event *event, bb_error *err) {
    return add_event(r, *event, SIZE_MAX, err);
}

void bb_recording_name_events(bb_recording *r, const char *path) {
    for (size_t i = 0; i < r->file_count; ++i)
        if (strcmp(r->files[i], path) == 0) r->info.events_path = r->files[i];
}

bb_status bb_recording_add_seam(bb_recording *r, double second, bb_error *err) {
    r->info.has_gaps = true;
    if (r->seam_count == BB_MAX_EVENTS) return BB_OK;
    if (r->seam_count == BB_MAX_EVENTS - 1)
        bb_recording_warn(r, "more than %d gaps; it is not known where the rest are", BB_MAX_EVENTS);
    if (bb_grow((void **)&r->seams, &r->seam_capacity, r->seam_count + 1, sizeof *r->seams))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its gaps", r->info.path);
    r->seams[r->seam_count++] = second;
    return BB_OK;
}

bb_status bb_recording_add_file(bb_recording *r, const char *path, bb_error *err) {
    const size_t bytes = strlen(path) + 1;
    for (size_t i = 0; i < r->file_count; ++i)
        if (strcmp(r->files[i], path) == 0) return BB_OK;
    char *kept = take_room(r, bytes);
    if (!kept || bb_grow((void **)&r->files, &r->file_capacity, r->file_count + 1, sizeof *r->files))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    r->files[r->file_count++] = memcpy(kept, path, bytes);
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
    const int order = strcmp(x->label, y->label);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int compare_names(const void *a, const void *b) {
    const bb_channel *x = *(const bb_channel *const *)a, *y = *(const bb_channel *const *)b;
    const int order = strcmp(x->name, y->name);
    return order ? order : x < y ? -1 : x > y;
}

static int compare_words(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "NAME-2", or the next number that no channel has in its file (`words`, sorted). Two made-up names can't be
 * the same: what stands before the last hyphen is the name they are made of. */
static const char *free_name(bb_recording *r, const char *const *words, const char *name, size_t *number) {
    const size_t room = strlen(name) + 24;
    char *text = take_room(r, room);
    if (!text) return NULL;
    do {
        snprintf(text, room, "%s-%zu", name, ++*number);
    } while (bsearch(&(const char *){text}, words, r->channel_count, sizeof *words, compare_words));
    return text;
}

/* `order`: the channels sorted by name; `words`: their names in that order. */
static bb_status number_names(bb_recording *r, bb_channel **order, const char *const *words, bb_error *err) {
    size_t renamed = 0, number = 1;
    const char *shown = NULL, *given = NULL;
    for (size_t i = 1; i < r->channel_count; ++i) {
        if (strcmp(words[i], words[i - 1]) != 0) {
            number = 1;
            continue;
        }
        const char *name = free_name(r, words, words[i], &number);
        if (!name) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
        order[i]->name = name;
        if (renamed++ == 0) shown = words[i], given = name;
    }
    if (renamed > 0)
        bb_recording_warn(r, "%zu channels repeat the name of another and got a number (%s: %s)", renamed,
                          shown, given);
    return BB_OK;
}

static bb_status make_names_unique(bb_recording *r, bb_error *err) {
    bb_channel **order = bb_calloc(r->channel_count, sizeof(bb_channel *));
    const char **words = bb_calloc(r->channel_count, sizeof(const char *));
    bb_status status = BB_ERR_MEMORY;
    if (order && words) {
        for (size_t i = 0; i < r->channel_count; ++i) order[i] = &r->channels[i];
        qsort(order, r->channel_count, sizeof *order, compare_names);
        for (size_t i = 0; i < r->channel_count; ++i) words[i] = order[i]->name;
        status = number_names(r, order, words, err);
    } else {
        bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    }
    bb_free(order);
    bb_free(words);
    return status;
}

static int compare_numbers(const void *a, const void *b) {
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
    qsort(rates, count, sizeof *rates, compare_numbers);
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

/* In order, each once, and none at either end, where nothing is joined. */
static void order_seams(bb_recording *r) {
    size_t kept = 0;
    if (r->seam_count > 1) qsort(r->seams, r->seam_count, sizeof *r->seams, compare_numbers);
    for (size_t i = 0; i < r->seam_count; ++i)
        if (r->seams[i] > (kept ? r->seams[kept - 1] : 0) && r->seams[i] < r->info.duration_s)
            r->seams[kept++] = r->seams[i];
    r->info.seam_count = kept;
    r->info.seams_s = r->seams;
}

bb_status bb_recording_finish(bb_recording *r, bb_error *err) {
    if (r->event_count > 1) qsort(r->events, r->event_count, sizeof *r->events, bb_event_compare);
    BB_TRY(make_names_unique(r, err));
    BB_TRY(find_rate(r, err));
    for (size_t i = 0; i < r->channel_count && r->info.duration_s == 0; ++i)
        if (r->channels[i].rate_hz == r->info.rate_hz)
            r->info.duration_s = (double)r->channels[i].samples / r->info.rate_hz;
    order_seams(r);
    r->info.file_count = r->file_count;
    r->info.files = r->files;
    r->info.channel_count = r->channel_count;
    r->info.channels = r->channels;
    r->info.event_count = r->event_count;
    r->info.events = r->events;
    r->info.warning_count = r->warning_count;
    r->info.warnings = r->warnings;
    return BB_OK;
}
