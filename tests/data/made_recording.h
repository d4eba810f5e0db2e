/* Recordings of known content for the tests of windows, and what the signal chain makes of the whole of one.
 */
#ifndef BB_TESTS_DATA_MADE_RECORDING_H
#define BB_TESTS_DATA_MADE_RECORDING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../signal/stream.h"
#include "base/random.h"
#include "brainbert/recording.h"

/* An EDF+ of `seconds` seconds with noise in every one of the named channels; opened. */
static inline bb_recording *made_recording(const char *file, const char *const *names, size_t count,
                                           int64_t rate_hz, int64_t seconds) {
    bb_edf_channel channels[16];
    bb_edf_writer *writer;
    assert_true(count <= 16);
    for (size_t c = 0; c < count; ++c) channels[c] = (bb_edf_channel){names[c], -500, 500};
    const int64_t samples = rate_hz * seconds;
    double *data = malloc(count * (size_t)samples * sizeof *data);
    for (int64_t i = 0; i < (int64_t)count * samples; ++i) data[i] = 50 * bb_random_normal(1, 0, (uint64_t)i);
    assert_ok(bb_edf_writer_open(bb_temp_path(file), channels, count, rate_hz, 0, NULL, 0, &writer, e));
    assert_ok(bb_edf_writer_append(writer, data, samples, e));
    assert_ok(bb_edf_writer_close(writer, e));
    free(data);
    bb_recording *r;
    assert_ok(bb_recording_open(bb_temp_path(file), NULL, &r, e));
    return r;
}

/* Makes of an EDF+ of one-second records a copy whose clock leaps `leap` seconds before record `first`: their
 * times have to keep their number of digits. Returns its path. */
static inline const char *made_gap(const char *path, const char *file, int first, int records, int leap) {
    size_t size;
    unsigned char *bytes = bb_slurp(path, &size);
    memcpy(bytes + 192, "EDF+D", 5);
    for (int record = records - 1; record >= first; --record) {
        char before[16], after[16];
        const int length = snprintf(before, sizeof before, "+%d\x14\x14", record);
        assert_int_equal(snprintf(after, sizeof after, "+%d\x14\x14", record + leap), length);
        unsigned char *at = memmem(bytes, size, before, (size_t)length);
        assert_non_null(at);
        memcpy(at, after, (size_t)length);
    }
    path = bb_temp_file(file, bytes, size);
    free(bytes);
    return path;
}

/* A .npy of noise [channels, samples]; opened. */
static inline bb_recording *made_array(const char *file, int64_t channels, int64_t samples, double rate_hz) {
    float *data = malloc((size_t)(channels * samples) * sizeof *data);
    for (int64_t i = 0; i < channels * samples; ++i) data[i] = (float)bb_random_normal(2, 0, (uint64_t)i);
    const int64_t shape[2] = {channels, samples};
    assert_ok(bb_array_write(bb_temp_path(file), data, shape, 2, e));
    free(data);
    bb_recording *r;
    assert_ok(bb_recording_open(bb_temp_path(file), &(bb_recording_options){.rate_hz = rate_hz}, &r, e));
    return r;
}

/* The channels listed (indices into the recording, all of one rate), read whole and pushed through the chain
 * at once; stream_free it. */
static inline stream made_whole(bb_recording *r, const bb_signal_recipe *recipe, const size_t *list,
                                size_t count) {
    const bb_recording_info *info = bb_recording_get_info(r);
    bb_chain_channel channels[16];
    const int64_t samples = info->channels[list[0]].samples;
    double *data = malloc(count * (size_t)samples * sizeof *data);
    for (size_t c = 0; c < count; ++c) channels[c] = (bb_chain_channel){.name = info->channels[list[c]].name};
    assert_ok(bb_recording_read(r, list, count, 0, samples, data, e));
    bb_chain *chain;
    assert_ok(bb_chain_create(recipe, info->channels[list[0]].rate_hz, channels, count, 1, &chain, e));
    const stream s = run_chain(chain, data, count, samples, WHOLE);
    free(data);
    return s;
}

#endif
