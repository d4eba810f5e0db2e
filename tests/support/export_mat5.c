#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "export.h"
#include "support.h"

/* Data types and classes of "MAT-File Format", MathWorks, tables 1-1 and 1-3. */
enum { INT8 = 1, INT16 = 3, INT32 = 5, UINT32, DOUBLE = 9, MATRIX = 14, COMPRESSED, UTF8 };
enum { CELL_CLASS = 1, STRUCT_CLASS = 2, CHAR_CLASS = 4, DOUBLE_CLASS = 6, INT16_CLASS = 10 };

typedef struct bytes {
    unsigned char *at;
    size_t count;
} bytes;

static void put(bytes *b, const void *data, size_t count) {
    b->at = realloc(b->at, b->count + count + 1);
    memcpy(b->at + b->count, data, count);
    b->count += count;
}

static void put_u32(bytes *b, uint32_t value) {
    const unsigned char four[4] = {value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff, value >> 24};
    put(b, four, 4);
}

static void put_element(bytes *b, uint32_t type, const void *data, size_t count) {
    put_u32(b, type);
    put_u32(b, (uint32_t)count);
    put(b, data, count);
    put(b, "\0\0\0\0\0\0\0", -count & 7);
}

static void put_head(bytes *b, uint32_t class, const char *name, int64_t rows, int64_t columns) {
    bytes flags = {0}, lengths = {0};
    put_u32(&flags, class);
    put_u32(&flags, 0);
    put_u32(&lengths, (uint32_t)rows);
    put_u32(&lengths, (uint32_t)columns);
    put_element(b, UINT32, flags.at, flags.count);
    put_element(b, INT32, lengths.at, lengths.count);
    put_element(b, INT8, name, strlen(name));
    free(flags.at);
    free(lengths.at);
}

/* Wraps the array's elements in its tag, packs it if asked, and empties them. */
static void put_matrix(bytes *out, bytes *array, bool packed) {
    bytes whole = {0};
    put_element(&whole, MATRIX, array->at, array->count);
    if (packed) {
        uLongf size = compressBound(whole.count);
        unsigned char *deflated = malloc(size);
        assert_int_equal(compress(deflated, &size, whole.at, whole.count), Z_OK);
        put_u32(out, COMPRESSED);
        put_u32(out, (uint32_t)size);
        put(out, deflated, size);
        free(deflated);
    } else {
        put(out, whole.at, whole.count);
    }
    free(whole.at);
    free(array->at);
    *array = (bytes){0};
}

static void put_samples(bytes *array, const export_signal *s, bool integers) {
    const size_t n = s->channel_count * (size_t)s->samples;
    bytes values = {0};
    values.at = malloc(n * sizeof(double));
    for (size_t i = 0; i < n; ++i) {
        const double value = s->data[i % s->channel_count * (size_t)s->samples + i / s->channel_count];
        const int16_t whole = (int16_t)lround(value);
        if (integers)
            memcpy(values.at + 2 * i, &whole, 2);
        else
            memcpy(values.at + 8 * i, &value, 8);
    }
    put_head(array, integers ? INT16_CLASS : DOUBLE_CLASS, "data", (int64_t)s->channel_count, s->samples);
    put_element(array, integers ? INT16 : DOUBLE, values.at, n * (integers ? 2 : 8));
    free(values.at);
}

static void put_text(bytes *array, const char *name, const char *text) {
    put_head(array, CHAR_CLASS, name, 1, (int64_t)strlen(text));
    put_element(array, UTF8, text, strlen(text));
}

static void put_field(bytes *array, const char *text, double number) {
    bytes field = {0};
    if (text) {
        put_text(&field, "", text);
    } else {
        put_head(&field, DOUBLE_CLASS, "", 1, 1);
        put_element(&field, DOUBLE, &number, sizeof number);
    }
    put_matrix(array, &field, false);
}

/* As EEGLAB keeps them: latency in samples from 1. */
static void put_events(bytes *array, const export_signal *s) {
    static const char names[3][32] = {"type", "latency", "duration"};
    const int32_t width = sizeof *names;
    put_head(array, STRUCT_CLASS, "event", 1, (int64_t)s->event_count);
    put_element(array, INT32, &width, sizeof width);
    put_element(array, INT8, names, sizeof names);
    for (size_t i = 0; i < s->event_count; ++i) {
        put_field(array, s->events[i].label, 0);
        put_field(array, NULL, s->events[i].onset_s * s->rate_hz + 1);
        put_field(array, NULL, s->events[i].duration_s * s->rate_hz);
    }
}

void export_mat5(const char *path, const export_signal *s, bool packed, bool integers) {
    bytes out = {0}, array = {0}, cell = {0};
    char text[129];
    snprintf(text, sizeof text, "%-124s%c%cIM", "MATLAB 5.0 MAT-file", 0, 1);
    put(&out, text, 128);
    put_samples(&array, s, integers);
    put_matrix(&out, &array, packed);
    put_head(&array, DOUBLE_CLASS, "fs", 1, 1);
    put_element(&array, DOUBLE, &s->rate_hz, sizeof s->rate_hz);
    put_matrix(&out, &array, packed);
    put_head(&array, CELL_CLASS, "labels", 1, (int64_t)s->channel_count);
    for (size_t c = 0; c < s->channel_count; ++c) {
        put_text(&cell, "", s->names[c]);
        put_matrix(&array, &cell, false);
    }
    put_matrix(&out, &array, packed);
    put_text(&array, "units", "uV");
    put_matrix(&out, &array, packed);
    if (s->event_count > 0) {
        put_events(&array, s);
        put_matrix(&out, &array, packed);
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(out.at, 1, out.count, file), out.count);
    assert_int_equal(fclose(file), 0);
    free(out.at);
}
