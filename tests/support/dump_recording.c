/* dump_recording REC OUT.npy [RATE]: every sample of the channels that have the recording's rate (rate_hz of
 * `brainbert info --json`), in order, as float64 [channels, samples], read in stretches as any caller would.
 * RATE in Hz for files that do not hold it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/recording.h"

enum { STRETCH = 10007 };

static void die(const char *what) {
    fprintf(stderr, "dump_recording: %s\n", what);
    exit(1);
}

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count + 1, size);
    if (!memory) die("no memory");
    return memory;
}

static void write_npy(const char *path, const double *data, size_t channels, int64_t samples) {
    FILE *file = fopen(path, "wb");
    char text[128];
    if (!file) die(path);
    snprintf(text, sizeof text, "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu, %lld), }", channels,
             (long long)samples);
    fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, file);
    fprintf(file, "%-117s\n", text);
    fwrite(data, sizeof *data, channels * (size_t)samples, file);
    if (ferror(file) || fclose(file) != 0) die(path);
}

/* [count, samples], by stretches of all channels. free() it. */
static double *read_all(bb_recording *recording, const size_t *list, size_t count, int64_t samples) {
    double *all = allocate(count * (size_t)samples, sizeof *all),
           *stretch = allocate(count * STRETCH, sizeof *stretch);
    bb_error err;
    for (int64_t first = 0; first < samples; first += STRETCH) {
        const int64_t n = samples - first < STRETCH ? samples - first : STRETCH;
        if (bb_recording_read(recording, list, count, first, n, stretch, &err) != BB_OK) die(err.message);
        for (size_t c = 0; c < count; ++c)
            memcpy(all + (int64_t)c * samples + first, stretch + (int64_t)c * n, (size_t)n * sizeof *all);
    }
    free(stretch);
    return all;
}

int main(int argc, char **argv) {
    bb_recording *recording;
    bb_error err;
    if (argc < 3 || argc > 4) die("REC OUT.npy [RATE]");
    const bb_recording_options options = {.rate_hz = argc == 4 ? atof(argv[3]) : 0};
    if (bb_recording_open(argv[1], &options, &recording, &err) != BB_OK) die(err.message);
    const bb_recording_info *info = bb_recording_get_info(recording);
    size_t *list = allocate(info->channel_count, sizeof *list), count = 0;
    for (size_t i = 0; i < info->channel_count; ++i)
        if (info->channels[i].rate_hz == info->rate_hz) list[count++] = i;
    const int64_t samples = info->channels[list[0]].samples;
    double *data = read_all(recording, list, count, samples);
    write_npy(argv[2], data, count, samples);
    free(data);
    free(list);
    bb_recording_close(recording);
    return 0;
}
