/* A small signal as FIF files, and ways to damage them. */
#ifndef BB_TESTS_MADE_FIF_H
#define BB_TESTS_MADE_FIF_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/recording.h"
#include "export.h"
#include "support.h"

enum { FIF_CHANNELS = 3, FIF_SAMPLES = 230 };

static const char *const fif_names[FIF_CHANNELS] = {"LA1", "LA2", "RB 1"};

/* Half a step of the integers, 2^-24 V. */
static const double fif_half_step = 0.5e6 / (1 << 24) * 1.0001;

/* 230 samples at 100 Hz, uV. */
static inline export_signal made_signal(void) {
    static double data[FIF_CHANNELS * FIF_SAMPLES];
    for (int c = 0; c < FIF_CHANNELS; ++c)
        for (int t = 0; t < FIF_SAMPLES; ++t)
            data[c * FIF_SAMPLES + t] = 100 * (c + 1) * sin(0.1 * t + c) + t;
    return (export_signal){.rate_hz = 100,
                           .channel_count = FIF_CHANNELS,
                           .samples = FIF_SAMPLES,
                           .names = fif_names,
                           .data = data};
}

static inline const char *made_fif(const export_signal *signal, const export_fif_options *options) {
    const char *path = bb_temp_path("made_raw.fif");
    export_fif(signal, path, options);
    return path;
}

static inline bb_recording *open_fif(const char *path) {
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    return r;
}

static inline bool fif_warned(bb_recording *r, const char *part) {
    const bb_recording_info *info = bb_recording_get_info(r);
    for (size_t i = 0; i < info->warning_count; ++i)
        if (bb_contains(info->warnings[i], part)) return true;
    return false;
}

static inline uint32_t fif_u32(const unsigned char *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void fif_set(unsigned char *at, uint32_t value) {
    for (int i = 0; i < 4; ++i) at[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* Where the `nth` tag of a kind begins in a sequential file. */
static inline size_t find_tag(const unsigned char *bytes, size_t size, uint32_t kind, int nth) {
    for (size_t at = 0; at + 16 <= size; at += 16 + fif_u32(bytes + at + 8))
        if (fif_u32(bytes + at) == kind && nth-- == 0) return at;
    fail_msg("no tag of kind %u", (unsigned)kind);
    return 0;
}

#endif
