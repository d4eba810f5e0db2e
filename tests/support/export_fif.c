#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "support.h"

enum {
    MEAS = 100,
    MEAS_INFO = 101,
    RAW_DATA = 102,
    DETAILS = 113,
    REFERENCE = 118,
    BADS = 359,
    NOTES = 3810
};
enum { INT = 3, FLOAT = 4, DOUBLE = 5, STRING = 10, CHANNEL = 30, ID = 31 };
enum { SHORT_NAME = 15, START_SECONDS = 1000000000 };

static const double STEP_V = 1.0 / (1 << 24);

typedef struct writer {
    const export_signal *signal;
    const export_fif_options *options;
    unsigned char *bytes;
    size_t size, room;
    int64_t buffers;
} writer;

static unsigned char *take(writer *w, size_t count) {
    while (w->size + count > w->room) {
        w->room = 2 * w->room + 4096;
        w->bytes = realloc(w->bytes, w->room);
        assert_non_null(w->bytes);
    }
    w->size += count;
    return w->bytes + w->size - count;
}

static void put_big(writer *w, uint64_t value, size_t width) {
    unsigned char *at = take(w, width);
    for (size_t i = 0; i < width; ++i) at[i] = (unsigned char)(value >> 8 * (width - 1 - i));
}

static void put_i32(writer *w, int64_t value) { put_big(w, (uint64_t)value & 0xffffffffu, 4); }

static void put_f32(writer *w, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_big(w, bits, 4);
}

static void put_f64(writer *w, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_big(w, bits, 8);
}

static void put_tag(writer *w, int kind, int type, size_t size) {
    put_i32(w, kind);
    put_i32(w, type);
    put_i32(w, (int64_t)size);
    put_i32(w, 0);
}

static void put_int(writer *w, int kind, int64_t value) {
    put_tag(w, kind, INT, 4);
    put_i32(w, value);
}

static void put_float(writer *w, int kind, float value) {
    put_tag(w, kind, FLOAT, 4);
    put_f32(w, value);
}

static void put_text(writer *w, int kind, const char *text, size_t length) {
    put_tag(w, kind, STRING, length);
    memcpy(take(w, length), text, length);
}

static void begin_block(writer *w, int block) { put_int(w, 104, block); }
static void end_block(writer *w, int block) { put_int(w, 105, block); }

static void put_position(writer *w, size_t channel) {
    for (int i = 0; i < 12; ++i)
        put_f32(w, i < 3 && w->options->frame ? (float)channel + 0.25f * (float)(i + 1) : 0);
}

static float step_of(const writer *w) {
    return w->options->type == FLOAT || w->options->type == DOUBLE ? 1 : (float)STEP_V;
}

static void put_channel(writer *w, size_t i) {
    const export_fif_options *o = w->options;
    char name[16] = "";
    snprintf(name, SHORT_NAME + 1, "%s", w->signal->names[i]);
    put_tag(w, 203, CHANNEL, 96);
    put_i32(w, (int64_t)i + 1);
    put_i32(w, (int64_t)i + 1);
    put_i32(w, o->kinds ? o->kinds[i] : 802);
    put_f32(w, 2); /* the calibration is range times calibration */
    put_f32(w, step_of(w) / 2);
    put_i32(w, 1);
    put_position(w, i);
    put_i32(w, o->units ? o->units[i] : 107);
    put_i32(w, 0);
    memcpy(take(w, sizeof name), name, sizeof name);
}

static void put_details(writer *w, size_t i) {
    begin_block(w, DETAILS);
    put_int(w, 252, w->options->kinds ? w->options->kinds[i] : 802);
    put_float(w, 253, 2);
    put_float(w, 254, step_of(w) / 2);
    put_tag(w, 255, FLOAT, 48);
    put_position(w, i);
    put_int(w, 256, w->options->units ? w->options->units[i] : 107);
    put_int(w, 257, 0);
    put_int(w, 350, 1);
    put_int(w, 250, (int64_t)i + 1);
    put_int(w, 251, (int64_t)i + 1);
    put_text(w, 258, w->signal->names[i], strlen(w->signal->names[i]));
    put_int(w, 351, w->options->frame);
    end_block(w, DETAILS);
}

static void put_info(writer *w) {
    const export_signal *s = w->signal;
    bool detailed = w->options->frame != 0;
    begin_block(w, MEAS_INFO);
    if (w->options->bads) {
        begin_block(w, BADS);
        put_text(w, 3507, w->options->bads, strlen(w->options->bads));
        end_block(w, BADS);
    }
    put_int(w, 200, (int64_t)s->channel_count);
    put_float(w, 201, (float)s->rate_hz);
    if (w->options->mains_hz > 0) put_float(w, 235, w->options->mains_hz);
    if (w->options->dated) {
        put_tag(w, 204, INT, 8);
        put_i32(w, START_SECONDS);
        put_i32(w, 500000);
    }
    for (size_t i = 0; i < s->channel_count; ++i) {
        put_channel(w, i);
        detailed |= strlen(s->names[i]) > SHORT_NAME;
    }
    for (size_t i = 0; i < s->channel_count && detailed; ++i) put_details(w, i);
    end_block(w, MEAS_INFO);
}

/* Onsets count from one second before the measurement's date, or from the clock's zero. */
static void put_annotations(writer *w) {
    const export_signal *s = w->signal;
    const double shift = (double)w->options->first_sample / s->rate_hz + (w->options->dated ? 1.5 : 0);
    char text[2000] = "";
    size_t n = 0;
    if (s->event_count == 0) return;
    begin_block(w, NOTES);
    put_tag(w, 3568, FLOAT, 4 * s->event_count);
    for (size_t i = 0; i < s->event_count; ++i) put_f32(w, (float)(s->events[i].onset_s + shift));
    put_tag(w, 3569, FLOAT, 4 * s->event_count);
    for (size_t i = 0; i < s->event_count; ++i)
        put_f32(w, (float)(s->events[i].onset_s + s->events[i].duration_s + shift));
    for (size_t i = 0; i < s->event_count; ++i) {
        if (i > 0) text[n++] = ':';
        for (const char *c = s->events[i].label; *c; ++c)
            n += (size_t)snprintf(text + n, sizeof text - n, *c == ':' ? "{COLON}" : "%c", *c);
    }
    put_text(w, 206, text, n);
    if (w->options->dated) {
        put_tag(w, 204, DOUBLE, 16);
        put_f64(w, START_SECONDS - 1);
        put_f64(w, 0);
    }
    end_block(w, NOTES);
}

static void put_sample(writer *w, double uv) {
    switch (w->options->type) {
    case EXPORT_FIF_INT:
        put_i32(w, llround(uv * 1e-6 / STEP_V));
        break;
    case EXPORT_FIF_FLOAT:
        put_f32(w, (float)(uv * 1e-6));
        break;
    case EXPORT_FIF_DOUBLE:
        put_f64(w, uv * 1e-6);
        break;
    default:
        put_big(w, (uint64_t)llround(uv * 1e-6 / STEP_V) & 0xffff, 2);
    }
}

static void put_buffer(writer *w, int64_t buffer) {
    const export_signal *s = w->signal;
    const int64_t from = buffer * w->options->buffer,
                  to = from + w->options->buffer < s->samples ? from + w->options->buffer : s->samples;
    const size_t width = w->options->type == DOUBLE                             ? 8
                         : w->options->type == FLOAT || w->options->type == INT ? 4
                                                                                : 2;
    put_tag(w, 300, w->options->type, (size_t)(to - from) * s->channel_count * width);
    for (int64_t t = from; t < to; ++t)
        for (size_t c = 0; c < s->channel_count; ++c) put_sample(w, s->data[(int64_t)c * s->samples + t]);
}

static void put_reference(writer *w, int role, const char *name, int number) {
    begin_block(w, REFERENCE);
    put_int(w, 115, role);
    if (!w->options->numbered) put_text(w, 118, name, strlen(name));
    put_int(w, 117, number);
    end_block(w, REFERENCE);
}

/* PATH.fif, PATH-1.fif, PATH-2.fif. */
static void part_name(const char *path, int64_t part, char *out, size_t room) {
    const size_t stem = strlen(path) - strlen(".fif");
    if (part == 0)
        snprintf(out, room, "%s", path);
    else
        snprintf(out, room, "%.*s-%lld.fif", (int)stem, path, (long long)part);
}

static void put_data(writer *w, const char *path, int64_t part, int64_t from, int64_t to) {
    const export_fif_options *o = w->options;
    char name[1024];
    begin_block(w, RAW_DATA);
    const int64_t first = o->first_sample + from * o->buffer;
    if (first != 0) put_int(w, 208, first);
    if (part > 0) {
        part_name(path, part - 1, name, sizeof name);
        put_reference(w, 1, strrchr(name, '/') + 1, (int)part - 1);
    }
    for (int64_t b = from; b < to; ++b) {
        const bool skipped = b >= o->skip_from && b < o->skip_from + o->skip_count;
        if (!skipped && b > from && b == o->skip_from + o->skip_count && o->skip_count > 0)
            put_int(w, 301, o->skip_count);
        if (!skipped) put_buffer(w, b);
    }
    if (to < w->buffers) {
        part_name(path, part + 1, name, sizeof name);
        put_reference(w, 2, strrchr(name, '/') + 1, (int)part + 1);
    }
    end_block(w, RAW_DATA);
}

static void put_id(writer *w, int kind) {
    put_tag(w, kind, ID, 20);
    put_i32(w, 65540);
    put_i32(w, 0);
    put_i32(w, 0);
    put_i32(w, 0);
    put_i32(w, INT32_MAX); /* no date */
}

void export_fif(const export_signal *signal, const char *path, const export_fif_options *options) {
    writer w = {.signal = signal, .options = options};
    w.buffers = (signal->samples + options->buffer - 1) / options->buffer;
    const int64_t step = options->part_buffers ? options->part_buffers : w.buffers;
    for (int64_t part = 0; part * step < w.buffers; ++part) {
        char name[1024];
        const int64_t end = (part + 1) * step;
        w.size = 0;
        put_id(&w, 100);
        put_int(&w, 101, -1);
        put_int(&w, 106, -1);
        begin_block(&w, MEAS);
        put_id(&w, 103);
        put_info(&w);
        put_annotations(&w);
        put_data(&w, path, part, part * step, end < w.buffers ? end : w.buffers);
        end_block(&w, MEAS);
        put_i32(&w, 108); /* the last tag: nothing, and nothing follows */
        put_i32(&w, 0);
        put_i32(&w, 0);
        put_i32(&w, -1);
        part_name(path, part, name, sizeof name);
        FILE *file = fopen(name, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(w.bytes, 1, w.size, file), w.size);
        assert_int_equal(fclose(file), 0);
    }
    free(w.bytes);
}
