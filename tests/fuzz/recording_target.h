/* The body of the targets that read recordings: opens the bytes as a file and reads from it what a
 * program would, some samples of each end of each channel. */
#ifndef BB_FUZZ_RECORDING_TARGET_H
#define BB_FUZZ_RECORDING_TARGET_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "brainbert/recording.h"

static inline void read_ends(bb_recording *r) {
    const bb_recording_info *info = bb_recording_get_info(r);
    double out[64];
    for (size_t c = 0; c < info->channel_count && c < 64; ++c) {
        const int64_t samples = info->channels[c].samples, n = samples < 64 ? samples : 64;
        /* A damaged HDF5 chunk shows only here, so that a failure is fine. */
        (void)bb_recording_read(r, &c, 1, 0, n, out, NULL);
        (void)bb_recording_read(r, &c, 1, samples - n, n, out, NULL);
    }
}

/* One file for the whole run; HDF5 wants a real path, so that it can't live in memory alone. */
static inline const char *target_path(void) {
    static char path[] = "/tmp/brainbert-fuzz-XXXXXX";
    static int fd = -1;
    if (fd < 0 && (fd = mkstemp(path)) < 0) abort();
    return path;
}

static inline void remove_target(void) { unlink(target_path()); }

static inline void try_recording(const uint8_t *data, size_t size) {
    static int registered;
    if (!registered++) atexit(remove_target);
    FILE *file = fopen(target_path(), "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
    bb_recording *r = NULL;
    if (bb_recording_open(target_path(), NULL, &r, NULL) == BB_OK) read_ends(r);
    bb_recording_close(r);
}

#endif
