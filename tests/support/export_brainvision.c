#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "support.h"

static FILE *open_beside(const char *header, const char *ending) {
    char path[4096];
    snprintf(path, sizeof path, "%.*s%s", (int)(strlen(header) - 5), header, ending);
    FILE *file = fopen(path, "wb");
    if (!file) fail_msg("cannot create %s", path);
    return file;
}

/* The file's own name, and its end. */
static void put_sibling(FILE *file, const char *key, const char *header, const char *ending) {
    const char *slash = strrchr(header, '/'), *name = slash ? slash + 1 : header;
    fprintf(file, "%s=%.*s%s\r\n", key, (int)(strlen(name) - 5), name, ending);
}

/* Commas separate fields; inside one they are spelled "\1". */
static void put_text(FILE *file, const char *text, size_t length) {
    for (size_t i = 0; i < length; ++i)
        if (text[i] == ',')
            fputs("\\1", file);
        else
            fputc(text[i], file);
}

static void write_header(const export_signal *s, const char *path, const export_brainvision_layout *l) {
    FILE *file = open_beside(path, ".vhdr");
    fprintf(file, "Brain Vision Data Exchange Header File Version 1.0\r\n; made for a test\r\n\r\n"
                  "[Common Infos]\r\nCodepage=UTF-8\r\n");
    put_sibling(file, "DataFile", path, ".eeg");
    put_sibling(file, "MarkerFile", path, ".vmrk");
    fprintf(file,
            "DataFormat=BINARY\r\nDataOrientation=%s\r\nNumberOfChannels=%zu\r\nDataPoints=%lld\r\n"
            "SamplingInterval=%.17g\r\n\r\n[Binary Infos]\r\nBinaryFormat=%s\r\nUseBigEndianOrder=%s\r\n"
            "\r\n[Channel Infos]\r\n",
            l->vectorized ? "VECTORIZED" : "MULTIPLEXED", s->channel_count, (long long)s->samples,
            1e6 / s->rate_hz, l->format, l->big_endian ? "YES" : "NO");
    for (size_t c = 0; c < s->channel_count; ++c) {
        fprintf(file, "Ch%zu=", c + 1);
        put_text(file, s->names[c], strlen(s->names[c]));
        fprintf(file, ",,%.17g%s%s\r\n", l->resolution, l->unit && *l->unit ? "," : "",
                l->unit ? l->unit : "");
    }
    assert_int_equal(fclose(file), 0);
}

static void write_markers(const export_signal *s, const char *path) {
    FILE *file = open_beside(path, ".vmrk");
    fprintf(file, "Brain Vision Data Exchange Marker File, Version 1.0\r\n\r\n[Common Infos]\r\n");
    put_sibling(file, "DataFile", path, ".eeg");
    fprintf(file, "\r\n[Marker Infos]\r\nMk1=New Segment,,1,1,0,20200102030405000000\r\n");
    for (size_t i = 0; i < s->event_count; ++i) {
        const export_event *event = &s->events[i];
        const size_t type = strcspn(event->label, "/");
        const char *rest = event->label + type + (event->label[type] == '/');
        fprintf(file, "Mk%zu=", i + 2);
        put_text(file, event->label, type);
        fputc(',', file);
        put_text(file, rest, strlen(rest));
        fprintf(file, ",%lld,%lld,0\r\n", llround(event->onset_s * s->rate_hz) + 1,
                llround(event->duration_s * s->rate_hz));
    }
    assert_int_equal(fclose(file), 0);
}

static void put_sample(FILE *file, double steps, const export_brainvision_layout *l) {
    const bool real = l->format[0] == 'I' && l->format[1] == 'E';
    const int width = strstr(l->format, "16") ? 2 : 4;
    const float value = (float)steps;
    uint32_t bits = real ? 0 : (uint32_t)llround(steps);
    if (real) memcpy(&bits, &value, sizeof bits);
    for (int b = 0; b < width; ++b) fputc(bits >> 8 * (l->big_endian ? width - 1 - b : b) & 0xff, file);
}

static void write_data(const export_signal *s, const char *path, const export_brainvision_layout *l) {
    FILE *file = open_beside(path, ".eeg");
    const int64_t channels = (int64_t)s->channel_count, count = channels * s->samples;
    for (int64_t i = 0; i < count; ++i) {
        const int64_t at = l->vectorized ? i : i % channels * s->samples + i / channels;
        put_sample(file, s->data[at] / (l->resolution * l->unit_uv), l);
    }
    assert_int_equal(fclose(file), 0);
}

void export_brainvision(const export_signal *signal, const char *path,
                        const export_brainvision_layout *layout) {
    write_header(signal, path, layout);
    write_markers(signal, path);
    write_data(signal, path, layout);
}
