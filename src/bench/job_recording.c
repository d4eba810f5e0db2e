#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "bench/job.h"
#include "brainbert/recording.h"

enum { BLOCK = 4096, NAME = 16 };
static const double range_uv = 3200; /* of the file's 16 bits */

/* The contacts at both ends of a shaft have no Laplacian, the last one no bipolar pair. */
static int contacts_for(int channels, bb_reference reference) {
    return channels + (reference == BB_REFERENCE_LAPLACIAN ? 2 : reference == BB_REFERENCE_BIPOLAR ? 1 : 0);
}

static bb_status append(bb_edf_writer *writer, int contacts, int64_t samples, double *block, bb_error *err) {
    for (int64_t at = 0; at < samples; at += BLOCK) {
        const int64_t count = samples - at < BLOCK ? samples - at : BLOCK;
        for (int c = 0; c < contacts; ++c)
            for (int64_t t = 0; t < count; ++t)
                block[c * count + t] = 200 * bb_random_uniform(0, (uint64_t)c, (uint64_t)(at + t)) - 100;
        BB_TRY(bb_edf_writer_append(writer, block, count, err));
    }
    return BB_OK;
}

static bb_status write(const char *path, int64_t rate, int contacts, int64_t samples,
                       bb_edf_channel *channels, char *names, double *block, bb_error *err) {
    for (int c = 0; c < contacts; ++c) {
        snprintf(names + c * NAME, NAME, "A%d", c + 1);
        channels[c] = (bb_edf_channel){names + c * NAME, -range_uv, range_uv};
    }
    bb_edf_writer *writer;
    BB_TRY(bb_edf_writer_open(path, channels, (size_t)contacts, rate, samples, NULL, 0, &writer, err));
    const bb_status status = append(writer, contacts, samples, block, err);
    if (status == BB_OK) return bb_edf_writer_close(writer, err);
    bb_edf_writer_abandon(writer);
    return status;
}

bb_status bb_job_make_recording(const char *path, const bb_signal_recipe *recipe, int channels,
                                double seconds, double window_s, bb_error *err) {
    const int contacts = contacts_for(channels, recipe->reference);
    const int64_t rate = llround(recipe->rate_hz), windows = llround(fmax(1, seconds / window_s)),
                  samples = llround(ceil((double)windows * window_s * (double)rate));
    bb_edf_channel *list = bb_calloc((size_t)contacts, sizeof *list);
    char *names = bb_calloc((size_t)contacts, NAME);
    double *block = bb_calloc((size_t)contacts * BLOCK, sizeof *block);
    const bb_status status =
        list && names && block ? write(path, rate, contacts, samples, list, names, block, err)
                               : bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %d channels", path, contacts);
    bb_free(list);
    bb_free(names);
    bb_free(block);
    return status;
}
