#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "export.h"
#include "support.h"

/* A member of version 1.0 with `count` bytes of elements. */
static void add_member(zip_t *zip, const char *name, const char *descr, const char *shape, const void *data,
                       size_t count, bool deflated) {
    char text[160];
    const int n =
        snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, shape);
    unsigned char *bytes = malloc(128 + count);
    memset(bytes, ' ', 128);
    memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    memcpy(bytes + 10, text, (size_t)n);
    bytes[127] = '\n';
    memcpy(bytes + 128, data, count);
    zip_source_t *source = zip_source_buffer(zip, bytes, 128 + count, 1);
    const zip_int64_t index = zip_file_add(zip, name, source, 0);
    assert_true(index >= 0);
    assert_int_equal(
        zip_set_file_compression(zip, (zip_uint64_t)index, deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0), 0);
}

void export_npz(const char *path, const export_signal *s, bool deflated, bool integers) {
    enum { NAME = 16 };
    const size_t n = s->channel_count * (size_t)s->samples;
    char shape[64], names[64];
    int16_t *whole = malloc(n * sizeof *whole);
    char *text = calloc(s->channel_count, NAME);
    for (size_t i = 0; i < n; ++i) whole[i] = (int16_t)lround(s->data[i]);
    for (size_t c = 0; c < s->channel_count; ++c)
        memcpy(text + NAME * c, s->names[c], strnlen(s->names[c], NAME));
    snprintf(shape, sizeof shape, "%zu, %lld", s->channel_count, (long long)s->samples);
    snprintf(names, sizeof names, "%zu,", s->channel_count);
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    add_member(zip, "data.npy", integers ? "<i2" : "<f8", shape, integers ? (const void *)whole : s->data,
               n * (integers ? 2 : 8), deflated);
    add_member(zip, "sfreq.npy", "<f8", "", &s->rate_hz, sizeof s->rate_hz, deflated);
    add_member(zip, "ch_names.npy", "|S16", names, text, s->channel_count * NAME, deflated);
    assert_int_equal(zip_close(zip), 0);
    free(whole);
    free(text);
}
