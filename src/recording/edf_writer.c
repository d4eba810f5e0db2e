/* EDF+C files: 16-bit samples, events in an annotation signal, records that the samples fill where they can.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "recording/edf.h"

enum { MAX_CHANNELS = 9998, MIN_ANNOTATION_BYTES = 32 };

/* What EDF recommends not to exceed, and the most records that its header can count. */
enum { RECORD_BYTES = 61440, MAX_RECORDS = 99999999 };

static const int64_t second_us = 1000000;

/* The record's own time, "+S\x14\x14\0", at its longest: seconds with six decimals. */
enum { TIME_BYTES = 1 + 20 + 3 };

typedef struct scale {
    double step, low; /* value = low + step * (digital + 32768) */
} scale;

struct bb_edf_writer {
    bb_output out;
    size_t channel_count;
    scale *scales;
    int64_t rate, length, filled, records; /* samples per channel: in a record, in the one under way */
    char *record;
    size_t record_bytes, annotation_bytes;
    bb_event *events; /* in order of onset, labels owned */
    size_t event_count, next_event;
};

static void free_writer(bb_edf_writer *w) {
    bb_output_discard(&w->out);
    for (size_t i = 0; w->events && i < w->event_count; ++i) bb_free((void *)w->events[i].label);
    bb_free(w->events);
    bb_free(w->scales);
    bb_free(w->record);
    bb_free(w);
}

void bb_edf_writer_abandon(bb_edf_writer *writer) {
    if (writer) free_writer(writer);
}

/* One event's list into `out`, which may be NULL to learn its length, the terminating zero included. */
static size_t put_event(const bb_event *event, char *out) {
    char text[2 * BB_DECIMAL_ROOM + 4];
    size_t n = 0;
    const int64_t onset = llround(event->onset_s * 1e6), duration = llround(event->duration_s * 1e6);
    if (onset >= 0) text[n++] = '+';
    n += bb_decimal_write(onset, 6, text + n);
    if (duration > 0) {
        text[n++] = '\x15';
        n += bb_decimal_write(duration, 6, text + n);
    }
    text[n++] = '\x14';
    const size_t label = strlen(event->label);
    if (out) {
        memcpy(out, text, n);
        /* Control characters would end the text early. */
        for (size_t i = 0; i < label; ++i)
            out[n + i] = (unsigned char)event->label[i] < 0x20 ? ' ' : event->label[i];
        out[n + label] = '\x14';
        out[n + label + 1] = '\0';
    }
    return n + label + 2;
}

/* ---------------------------------------------------------------- the records' length */

static int64_t common_divisor(int64_t a, int64_t b) {
    while (b) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Whether the duration of `samples`, whole microseconds, fits its field, and readers find the rate again that
 * they compute from it. */
static bool is_duration(int64_t rate_hz, int64_t samples) {
    char text[BB_DECIMAL_ROOM];
    double spelled;
    const size_t n = bb_decimal_write(samples * second_us / rate_hz, 6, text);
    return n <= BB_EDF_NUMBER && bb_decimal_parse(text, n, &spelled) == n &&
           (double)samples / spelled == (double)rate_hz;
}

/* Whether `samples` make a record that may be. Where 1 s exceeds what is recommended, shorter records may
 * exceed it too; and the annotations must not outweigh the samples. */
static bool is_record(size_t channels, int64_t rate_hz, int64_t samples, int64_t all) {
    const int64_t bytes = (int64_t)channels * samples * 2;
    return (bytes + MIN_ANNOTATION_BYTES <= RECORD_BYTES || samples <= rate_hz) &&
           bytes >= MIN_ANNOTATION_BYTES && all / samples <= MAX_RECORDS && is_duration(rate_hz, samples);
}

/* Which of two lengths is nearer to a second, by their ratio to it. */
static int64_t nearer(int64_t rate_hz, int64_t a, int64_t b) {
    return fabs(log((double)a / (double)rate_hz)) <= fabs(log((double)b / (double)rate_hz)) ? a : b;
}

int64_t bb_edf_record_samples(size_t channels, int64_t rate_hz, int64_t samples) {
    /* Durations of whole microseconds, and so in 8 characters, are those of whole grains. */
    const int64_t grain = rate_hz / common_divisor(rate_hz, second_us), grains = samples / grain;
    int64_t best = 0;
    if (samples < 1 || samples % grain != 0) return 0;
    if (samples % rate_hz == 0) return rate_hz;
    for (int64_t k = 1; k <= grains / k; ++k) {
        const int64_t divisors[] = {k, grains / k};
        for (int i = 0; i < 2 && grains % k == 0; ++i) {
            const int64_t length = divisors[i] * grain;
            if (is_record(channels, rate_hz, length, samples))
                best = best ? nearer(rate_hz, best, length) : length;
        }
    }
    return best;
}

/* ---------------------------------------------------------------- events */

/* The record an event is written in: that of its onset. */
static int64_t record_of(const bb_edf_writer *w, const bb_event *event) {
    return event->onset_s > 0 ? (int64_t)(event->onset_s * (double)w->rate / (double)w->length) : 0;
}

/* Copies and orders the events, and finds the bytes that the fullest record needs. */
static bb_status take_events(bb_edf_writer *w, const bb_event *events, size_t count, bb_error *err) {
    w->events = bb_calloc(count, sizeof *w->events);
    if (!w->events) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for events", w->out.path);
    for (size_t i = 0; i < count; ++i) {
        bb_event event = events[i];
        if (!isfinite(event.onset_s) || !isfinite(event.duration_s) || fabs(event.onset_s) > 1e9 ||
            fabs(event.duration_s) > 1e9)
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "%s: event %zu: expected an onset and a duration in s, found %g, %g", w->out.path,
                           i, event.onset_s, event.duration_s);
        event.label = bb_strdup(event.label);
        if (!event.label) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for events", w->out.path);
        w->events[w->event_count++] = event;
    }
    if (count > 1) qsort(w->events, count, sizeof *w->events, bb_event_compare);
    size_t run = 0;
    w->annotation_bytes = MIN_ANNOTATION_BYTES;
    for (size_t i = 0; i < count; ++i) {
        if (i == 0 || record_of(w, &w->events[i]) != record_of(w, &w->events[i - 1])) run = TIME_BYTES;
        run += put_event(&w->events[i], NULL);
        if (run > w->annotation_bytes) w->annotation_bytes = run;
    }
    w->annotation_bytes += w->annotation_bytes % 2;
    return BB_OK;
}

/* ---------------------------------------------------------------- the header */

/* A range limit in at most 8 characters, rounded outwards (direction -1 or 1); the value it spells. */
static double spell_limit(double value, int direction, char *out) {
    for (int decimals = 6;; --decimals) {
        const double unit = pow(10, decimals);
        const double scaled = direction < 0 ? floor(value * unit) : ceil(value * unit);
        const size_t n = bb_decimal_write((int64_t)scaled, decimals, out);
        double spelled;
        if (decimals > 0 && n > BB_EDF_NUMBER) continue;
        bb_decimal_parse(out, n, &spelled);
        return spelled;
    }
}

static void put_text(char *field, const char *text, size_t width) {
    const size_t n = strnlen(text, width);
    memset(field, ' ', width);
    for (size_t i = 0; i < n; ++i) field[i] = text[i] < 0x20 || text[i] > 0x7e ? '_' : text[i];
}

static void put_whole(char *field, int64_t value, size_t width) {
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    put_text(field, text, width);
}

static void put_fixed_header(const bb_edf_writer *w, char *h) {
    const size_t signals = w->channel_count + 1;
    char duration[BB_DECIMAL_ROOM];
    bb_decimal_write(w->length * second_us / w->rate, 6, duration);
    put_text(h, "0", 8);
    put_text(h + 8, "X X X X", 80);
    put_text(h + 88, "Startdate 01-JAN-1985 X X X", 80);
    put_text(h + 168, "01.01.8500.00.00", 16);
    put_whole(h + 184, (int64_t)((signals + 1) * BB_EDF_BLOCK), 8);
    put_text(h + 192, "EDF+C", 44);
    put_whole(h + 236, w->records, 8);
    put_text(h + 244, duration, 8);
    put_whole(h + 252, (int64_t)signals, 4);
}

/* Signal `i` of `signals`; `range` are its physical limits as spelled. */
static void put_signal(char *table, size_t signals, size_t i, const char *label, const char *unit,
                       const char *const range[2], int64_t samples) {
    put_text(table + i * 16, label, 16);
    put_text(table + signals * 96 + i * 8, unit, 8);
    put_text(table + signals * 104 + i * 8, range[0], 8);
    put_text(table + signals * 112 + i * 8, range[1], 8);
    put_text(table + signals * 120 + i * 8, "-32768", 8);
    put_text(table + signals * 128 + i * 8, "32767", 8);
    put_whole(table + signals * 216 + i * 8, samples, 8);
}

static bb_status put_channels(bb_edf_writer *w, const bb_edf_channel *channels, char *table, bb_error *err) {
    const size_t signals = w->channel_count + 1;
    for (size_t i = 0; i < w->channel_count; ++i) {
        const bb_edf_channel *c = &channels[i];
        char low[BB_DECIMAL_ROOM], high[BB_DECIMAL_ROOM];
        /* 7 digits and a sign are what a field holds. */
        if (!(c->physical_max_uv > c->physical_min_uv) || fabs(c->physical_min_uv) > 9999999 ||
            fabs(c->physical_max_uv) > 9999999)
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "%s: channel %s: expected a range within +-9999999 uV, found %g to %g",
                           w->out.path, c->name, c->physical_min_uv, c->physical_max_uv);
        const double min = spell_limit(c->physical_min_uv, -1, low);
        const double max = spell_limit(c->physical_max_uv, 1, high);
        w->scales[i] = (scale){(max - min) / 65535, min};
        put_signal(table, signals, i, c->name, "uV", (const char *const[2]){low, high}, w->length);
    }
    put_signal(table, signals, w->channel_count, "EDF Annotations", "", (const char *const[2]){"-1", "1"},
               (int64_t)(w->annotation_bytes / 2));
    return BB_OK;
}

static bb_status write_header(bb_edf_writer *w, const bb_edf_channel *channels, bb_error *err) {
    const size_t bytes = (w->channel_count + 2) * BB_EDF_BLOCK;
    char *header = bb_calloc(bytes, 1);
    if (!header) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for the header", w->out.path);
    memset(header, ' ', bytes);
    put_fixed_header(w, header);
    bb_status status = put_channels(w, channels, header + BB_EDF_BLOCK, err);
    if (status == BB_OK) status = bb_output_write(&w->out, header, bytes, err);
    bb_free(header);
    return status;
}

static bb_status open_writer(bb_edf_writer *w, const char *path, const bb_edf_channel *channels,
                             const bb_event *events, size_t event_count, bb_error *err) {
    BB_TRY(bb_output_open(path, &w->out, err));
    BB_TRY(take_events(w, events, event_count, err));
    w->scales = bb_calloc(w->channel_count, sizeof *w->scales);
    w->record_bytes = w->channel_count * (size_t)w->length * 2 + w->annotation_bytes;
    w->record = bb_calloc(w->record_bytes, 1);
    if (!w->scales || !w->record)
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for a record of %zu bytes", path, w->record_bytes);
    return write_header(w, channels, err);
}

bb_status bb_edf_writer_open(const char *path, const bb_edf_channel *channels, size_t channel_count,
                             int64_t rate_hz, int64_t samples, const bb_event *events, size_t event_count,
                             bb_edf_writer **out, bb_error *err) {
    *out = NULL;
    if (channel_count < 1 || channel_count > MAX_CHANNELS)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected 1 to %d channels, found %zu", path, MAX_CHANNELS,
                       channel_count);
    if (rate_hz < 1 || rate_hz > 99999999)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected a rate of 1 to 99999999 Hz, found %lld", path,
                       (long long)rate_hz);
    bb_edf_writer *w = bb_calloc(1, sizeof *w);
    if (!w) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    w->out.fd = -1;
    w->channel_count = channel_count;
    w->rate = rate_hz;
    w->length = bb_edf_record_samples(channel_count, rate_hz, samples);
    if (w->length == 0) w->length = rate_hz;
    w->records = -1;
    const bb_status status = open_writer(w, path, channels, events, event_count, err);
    w->records = 0;
    if (status == BB_OK)
        *out = w;
    else
        free_writer(w);
    return status;
}

/* `samples` samples of one channel, `data` apart from the next; NULL: zeros. */
static void put_samples(bb_edf_writer *w, size_t channel, const double *data, int64_t samples) {
    const scale s = w->scales[channel];
    char *at = w->record + 2 * (channel * (size_t)w->length + (size_t)w->filled);
    for (int64_t i = 0; i < samples; ++i, at += 2) {
        const double value = data && !isnan(data[i]) ? data[i] : 0;
        const double step = fmin(fmax(rint((value - s.low) / s.step), 0), 65535);
        const int digital = (int)step - 32768;
        at[0] = (char)(digital & 0xff);
        at[1] = (char)(digital >> 8 & 0xff);
    }
}

/* Writes the full record with its time and its events. */
static bb_status flush_record(bb_edf_writer *w, bb_error *err) {
    char *notes = w->record + w->channel_count * (size_t)w->length * 2, time[BB_DECIMAL_ROOM];
    memset(notes, 0, w->annotation_bytes);
    bb_decimal_write(w->records * (w->length * second_us / w->rate), 6, time);
    size_t n = (size_t)snprintf(notes, w->annotation_bytes, "+%s\x14\x14", time) + 1;
    while (w->next_event < w->event_count && record_of(w, &w->events[w->next_event]) <= w->records)
        n += put_event(&w->events[w->next_event++], notes + n);
    BB_TRY(bb_output_write(&w->out, w->record, w->record_bytes, err));
    ++w->records;
    w->filled = 0;
    return BB_OK;
}

static bb_status append(bb_edf_writer *w, const double *data, int64_t samples, bb_error *err) {
    for (int64_t done = 0; done < samples;) {
        const int64_t room = w->length - w->filled, n = samples - done < room ? samples - done : room;
        for (size_t c = 0; c < w->channel_count; ++c)
            put_samples(w, c, data ? data + (int64_t)c * samples + done : NULL, n);
        w->filled += n;
        done += n;
        if (w->filled == w->length) BB_TRY(flush_record(w, err));
    }
    return BB_OK;
}

bb_status bb_edf_writer_append(bb_edf_writer *writer, const double *data, int64_t samples, bb_error *err) {
    return append(writer, data, samples, err);
}

static bb_status finish(bb_edf_writer *w, bb_error *err) {
    if (w->filled > 0) BB_TRY(append(w, NULL, w->length - w->filled, err));
    if (w->records == 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected samples, found none", w->out.path);
    if (w->next_event < w->event_count)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: event '%s' at %g s lies behind the recording's end at %g s",
                       w->out.path, w->events[w->next_event].label, w->events[w->next_event].onset_s,
                       (double)w->records * (double)w->length / (double)w->rate);
    char header[BB_EDF_BLOCK];
    put_fixed_header(w, header);
    BB_TRY(bb_output_write_at(&w->out, 0, header, sizeof header, err));
    return bb_output_commit(&w->out, err);
}

bb_status bb_edf_writer_close(bb_edf_writer *writer, bb_error *err) {
    const bb_status status = finish(writer, err);
    free_writer(writer);
    return status;
}
