/* Small BIDS trees: an EDF of LA1, LA2, LA3, EKG at 100 Hz and whatever is put beside it. */
#ifndef BB_TESTS_MADE_TREE_H
#define BB_TESTS_MADE_TREE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "brainbert/recording.h"
#include "support.h"

/* A text file at bb_temp_path(name), and the folders it lies in. */
static inline void put_text(const char *name, const char *text) {
    char path[4096];
    snprintf(path, sizeof path, "%s", bb_temp_path(name));
    *strrchr(path, '/') = '\0';
    assert_ok(bb_make_directories(path, e));
    bb_temp_file(name, text, strlen(text));
}

/* Sample t of channel c is 10 c + t % 7 uV, for 4 s; `events` of them a second apart. */
static inline void put_edf(const char *name, size_t events) {
    static const char *const names[4] = {"LA1", "LA2", "LA3", "EKG"};
    static const bb_event marks[3] = {{0, 0, "mark", 0}, {1, 0, "mark", 0}, {2, 0, "mark", 0}};
    bb_edf_channel channels[4];
    double data[4 * 400];
    for (int c = 0; c < 4; ++c) {
        channels[c] = (bb_edf_channel){names[c], -100, 100};
        for (int t = 0; t < 400; ++t) data[c * 400 + t] = 10 * c + t % 7;
    }
    bb_edf_writer *w = NULL;
    put_text(name, ""); /* for its folders */
    assert_ok(bb_edf_writer_open(bb_temp_path(name), channels, 4, 100, 0, marks, events, &w, e));
    assert_ok(bb_edf_writer_append(w, data, 400, e));
    assert_ok(bb_edf_writer_close(w, e));
}

/* [channels][samples] of float64 1, 2, 3, ... */
static inline void put_npy(const char *name, int channels, int samples) {
    char head[128];
    snprintf(head, sizeof head, "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }", channels,
             samples);
    unsigned char bytes[128 + 8 * 1024] = "\x93NUMPY\x01\x00\x76\x00";
    memset(bytes + 10, ' ', 118);
    memcpy(bytes + 10, head, strlen(head));
    bytes[127] = '\n';
    double values[1024];
    for (int i = 0; i < channels * samples; ++i) values[i] = i + 1;
    memcpy(bytes + 128, values, sizeof *values * (size_t)(channels * samples));
    put_text(name, "");
    bb_temp_file(name, bytes, 128 + sizeof *values * (size_t)(channels * samples));
}

static inline bb_recording *opened(const char *name) {
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(bb_temp_path(name), NULL, &r, e));
    return r;
}

static inline bool has_warning(const bb_recording *r, const char *part) {
    const bb_recording_info *info = bb_recording_get_info(r);
    for (size_t i = 0; i < info->warning_count; ++i)
        if (bb_contains(info->warnings[i], part)) return true;
    return false;
}

static inline void assert_text(const char *found, const char *expected) {
    if (!found || !expected || strcmp(found, expected) != 0)
        if (found != expected)
            fail_msg("'%s', expected '%s'", found ? found : "(none)", expected ? expected : "(none)");
}

#endif
