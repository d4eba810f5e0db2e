/* Small EDF and BDF files of known content, right or with any header field spelled wrong. */
#ifndef BB_TESTS_MADE_EDF_H
#define BB_TESTS_MADE_EDF_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/recording.h"
#include "support.h"

typedef struct made_signal {
    const char *label, *unit, *range[4]; /* physical min, max, digital min, max; NULL: the default below */
    int samples;                         /* in one record */
    const char *samples_text;            /* as the header spells it; NULL: correctly */
} made_signal;

typedef struct made_edf {
    const char *kind;                                                  /* "", "EDF+C", "BDF+D", ... */
    const char *date, *header_bytes, *records, *seconds, *signal_text; /* NULL: correct */
    int record_count, signal_count;
    made_signal signals[8];
    const char *const *notes; /* by record: the bytes of the annotation signal, ended by two zeros */
} made_edf;

static inline bool made_is_bdf(const made_edf *m) { return strncmp(m->kind, "BDF", 3) == 0; }

/* Sample `t` of signal `s` as a digital value. */
static inline int made_digital(int s, int64_t t) { return (int)((t * 37 + s * 1000) % 4001) - 2000; }

/* The ranges of every signal that does not state its own: steps of 0.25. */
static const char *const made_range[4] = {"-500", "500", "-2000", "2000"};

static inline char *made_field(char *at, const char *text, int width) {
    memset(at, ' ', (size_t)width);
    memcpy(at, text, strnlen(text, (size_t)width));
    return at + width;
}

static inline char *made_number(char *at, long value, int width) {
    char text[32];
    snprintf(text, sizeof text, "%ld", value);
    return made_field(at, text, width);
}

static inline char *made_header(const made_edf *m, char *at) {
    char text[32];
    at = made_field(at,
                    made_is_bdf(m) ? "\xff"
                                     "BIOSEMI"
                                   : "0",
                    8);
    at = made_field(at, "X X X X", 80);
    at = made_field(at, "Startdate X X X X", 80);
    at = made_field(at, m->date ? m->date : "01.02.0303.04.05", 16);
    snprintf(text, sizeof text, "%d", 256 * (m->signal_count + 1));
    at = made_field(at, m->header_bytes ? m->header_bytes : text, 8);
    at = made_field(at, m->kind, 44);
    snprintf(text, sizeof text, "%d", m->record_count);
    at = made_field(at, m->records ? m->records : text, 8);
    at = made_field(at, m->seconds ? m->seconds : "1", 8);
    snprintf(text, sizeof text, "%d", m->signal_count);
    at = made_field(at, m->signal_text ? m->signal_text : text, 4);
    for (int s = 0; s < m->signal_count; ++s) at = made_field(at, m->signals[s].label, 16);
    at = made_field(at, "", 80 * m->signal_count);
    for (int s = 0; s < m->signal_count; ++s)
        at = made_field(at, m->signals[s].unit ? m->signals[s].unit : "uV", 8);
    for (int f = 0; f < 4; ++f)
        for (int s = 0; s < m->signal_count; ++s)
            at = made_field(at, m->signals[s].range[f] ? m->signals[s].range[f] : made_range[f], 8);
    at = made_field(at, "", 80 * m->signal_count);
    for (int s = 0; s < m->signal_count; ++s)
        at = m->signals[s].samples_text ? made_field(at, m->signals[s].samples_text, 8)
                                        : made_number(at, m->signals[s].samples, 8);
    return made_field(at, "", 32 * m->signal_count);
}

static inline char *made_record(const made_edf *m, int record, char *at) {
    const int width = made_is_bdf(m) ? 3 : 2;
    for (int s = 0; s < m->signal_count; ++s) {
        const int n = m->signals[s].samples;
        if (strstr(m->signals[s].label, "Annotations")) {
            const char *note = m->notes ? m->notes[record] : "\0";
            int length = 0;
            while (note[length] || note[length + 1]) ++length;
            memset(at, 0, (size_t)(n * width));
            memcpy(at, note, (size_t)(length < n * width ? length : n * width));
            at += n * width;
            continue;
        }
        for (int i = 0; i < n; ++i) {
            const int digital = made_digital(s, (int64_t)record * n + i);
            for (int b = 0; b < width; ++b) *at++ = (char)(digital >> 8 * b & 0xff);
        }
    }
    return at;
}

/* The file's bytes and their count; free() them. */
static inline char *made_bytes(const made_edf *m, size_t *size) {
    size_t room = 256 * (size_t)(m->signal_count + 1);
    for (int s = 0; s < m->signal_count; ++s)
        room += (size_t)m->signals[s].samples * 3 * (size_t)m->record_count;
    char *bytes = malloc(room), *at = made_header(m, bytes);
    for (int r = 0; r < m->record_count; ++r) at = made_record(m, r, at);
    *size = (size_t)(at - bytes);
    return bytes;
}

static inline const char *made_file(const made_edf *m) {
    size_t size;
    char *bytes = made_bytes(m, &size);
    const char *path = bb_temp_file("made.edf", bytes, size);
    free(bytes);
    return path;
}

static inline bb_recording *made_open(const made_edf *m) {
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(made_file(m), NULL, &r, e));
    return r;
}

/* Whether one of the warnings holds `part`. */
static inline bool warned(bb_recording *r, const char *part) {
    const bb_recording_info *info = bb_recording_get_info(r);
    for (size_t i = 0; i < info->warning_count; ++i)
        if (bb_contains(info->warnings[i], part)) return true;
    for (size_t i = 0; i < info->warning_count; ++i) print_message("warning: %s\n", info->warnings[i]);
    return false;
}

#endif
