/* A small signal for the formats that hold any, and the check that a reader gives it back. */
#ifndef BB_TESTS_MADE_SIGNAL_H
#define BB_TESTS_MADE_SIGNAL_H

#include <string.h>

#include "brainbert/recording.h"
#include "export.h"
#include "support.h"

enum { MADE_CHANNELS = 3, MADE_SAMPLES = 50000 };

/* Steps of a quarter, within the range of int16, so that nothing but the rounding to it is lost. */
static inline export_signal made_signal(void) {
    static const char *const names[MADE_CHANNELS] = {"LA1", "LA2", "EKG"};
    static double data[MADE_CHANNELS * MADE_SAMPLES];
    for (int i = 0; i < MADE_CHANNELS * MADE_SAMPLES; ++i) data[i] = (i * 37 % 40001 - 20000) / 4.0;
    return (export_signal){.rate_hz = 500.25,
                           .channel_count = MADE_CHANNELS,
                           .samples = MADE_SAMPLES,
                           .names = names,
                           .data = data};
}

/* Names, types, rate, and samples within `error` uV, by stretches that begin and end anywhere. */
static inline void made_signal_check(const char *path, const export_signal *s, double error) {
    static const int64_t firsts[] = {0, 1, 40000}, counts[] = {MADE_SAMPLES, 33000, 10000};
    static double out[2 * MADE_SAMPLES];
    const size_t pair[2] = {2, 0};
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_int_equal(info->channel_count, MADE_CHANNELS);
    assert_true(info->rate_hz == s->rate_hz && info->channels[1].samples == MADE_SAMPLES);
    for (size_t c = 0; c < MADE_CHANNELS; ++c) assert_string_equal(info->channels[c].name, s->names[c]);
    assert_int_equal(info->channels[2].type, BB_CHANNEL_ECG);
    for (size_t i = 0; i < 3; ++i) {
        assert_ok(bb_recording_read(r, pair, 2, firsts[i], counts[i], out, e));
        for (size_t c = 0; c < 2; ++c)
            assert_at_most(bb_max_error_f64(out + (int64_t)c * counts[i],
                                            s->data + (int64_t)pair[c] * MADE_SAMPLES + firsts[i],
                                            (size_t)counts[i]),
                           error);
    }
    bb_recording_close(r);
}

/* Whether one of the warnings holds `part`. */
static inline bool made_signal_warned(const bb_recording *r, const char *part) {
    const bb_recording_info *info = bb_recording_get_info(r);
    for (size_t i = 0; i < info->warning_count; ++i)
        if (bb_contains(info->warnings[i], part)) return true;
    return false;
}

#endif
