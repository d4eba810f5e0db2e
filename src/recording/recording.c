#include "recording/recording.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/sidecars.h"

/* BrainVision comes first, as its files of bare samples may begin like any other's. */
static const bb_reader *const readers[] = {&bb_brainvision_reader, &bb_edf_reader, &bb_fif_reader,
                                           &bb_npy_reader,         &bb_npz_reader, &bb_mat5_reader,
                                           &bb_hdf5_reader};
enum { READER_COUNT = sizeof readers / sizeof *readers };

/* Containers that people leave recordings in. */
static const struct {
    const char *magic;
    size_t length;
    const char *what;
} wrappers[] = {{"\x1f\x8b", 2, "gzip"},
                {"PK\x03\x04", 4, "zip"},
                {"\xfd"
                 "7zXZ",
                 5, "xz"},
                {"BZh", 3, "bzip2"},
                {"\x28\xb5\x2f\xfd", 4, "zstd"}};

static bb_status fail_unknown(const bb_recording *r, const unsigned char *head, size_t count, bb_error *err) {
    char names[256] = "";
    if (count == 0) return bb_fail(err, BB_ERR_FORMAT, "%s: the file is empty", r->info.path);
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; ++i)
        if (count >= wrappers[i].length && memcmp(head, wrappers[i].magic, wrappers[i].length) == 0)
            return bb_fail(err, BB_ERR_UNSUPPORTED,
                           "%s: expected a recording, found a %s archive: unpack it first", r->info.path,
                           wrappers[i].what);
    for (size_t i = 0, n = 0; i < READER_COUNT; ++i)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i ? ", " : "", readers[i]->name);
    return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: the content is of none of the formats read: %s",
                   r->info.path, names);
}

static bb_status open_recording(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    unsigned char head[BB_PROBE_BYTES] = {0};
    BB_TRY(bb_input_open(r->info.path, &r->file, err));
    const size_t count = r->file.size < BB_PROBE_BYTES ? (size_t)r->file.size : BB_PROBE_BYTES;
    BB_TRY(bb_input_read(&r->file, 0, head, count, err));
    for (size_t i = 0; i < READER_COUNT && !r->reader; ++i)
        if (readers[i]->probe(head, count, r->file.size, r->info.path)) r->reader = readers[i];
    if (!r->reader) return fail_unknown(r, head, count, err);
    BB_TRY(bb_recording_add_file(r, r->info.path, err));
    BB_TRY(r->reader->open(r, options, err));
    r->rate_stated =
        r->channel_count > 0 && options->rate_hz > 0 && r->channels[0].rate_hz == options->rate_hz;
    BB_TRY(bb_sidecars_apply(r, err));
    return bb_recording_finish(r, err);
}

bb_status bb_recording_open(const char *path, const bb_recording_options *options, bb_recording **out,
                            bb_error *err) {
    static const bb_recording_options defaults;
    *out = NULL;
    bb_recording *r = bb_calloc(1, sizeof *r);
    if (!r) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    r->file.fd = -1;
    r->info.path = bb_strdup(path);
    bb_status status = r->info.path ? open_recording(r, options ? options : &defaults, err)
                                    : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    if (status == BB_OK)
        *out = r;
    else
        bb_recording_close(r);
    return status;
}

const bb_recording_info *bb_recording_get_info(const bb_recording *recording) { return &recording->info; }

bb_status bb_recording_stated_rate(const bb_recording_options *options, double *rate_hz, bb_error *err) {
    *rate_hz = options->rate_hz == 0 ? 2048 : options->rate_hz;
    if (!isfinite(*rate_hz) || *rate_hz <= 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "rate: expected a positive number of Hz, found %g", *rate_hz);
    return BB_OK;
}

bb_status bb_recording_read(bb_recording *r, const size_t *channels, size_t channel_count, int64_t first,
                            int64_t samples, double *out, bb_error *err) {
    if (channel_count == 0 || samples == 0) return BB_OK;
    for (size_t i = 0; i < channel_count; ++i) {
        if (channels[i] >= r->channel_count)
            return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected a channel below %zu, found %zu", r->info.path,
                           r->channel_count, channels[i]);
        const bb_channel *c = &r->channels[channels[i]];
        if (first < 0 || samples < 0 || first > c->samples || samples > c->samples - first)
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "%s: channel %s: expected a stretch within its %lld samples, found %lld from %lld",
                           r->info.path, c->name, (long long)c->samples, (long long)samples,
                           (long long)first);
        if (c->rate_hz != r->channels[channels[0]].rate_hz)
            return bb_fail(err, BB_ERR_ARGUMENT, "%s: channel %s: expected %g Hz as for %s, found %g Hz",
                           r->info.path, c->name, r->channels[channels[0]].rate_hz,
                           r->channels[channels[0]].name, c->rate_hz);
    }
    BB_TRY(r->reader->read(r, channels, channel_count, first, samples, out, err));
    for (size_t i = 0; i < channel_count && r->scales; ++i)
        for (int64_t t = 0; t < samples; ++t) out[(int64_t)i * samples + t] *= r->scales[channels[i]];
    return BB_OK;
}
