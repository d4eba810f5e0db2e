#include "io/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

static const bb_reader *const readers[] = {&bb_edf_reader, &bb_npy_reader, &bb_treebank_reader};
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

static bb_status open_file(bb_recording *r, bb_error *err) {
    struct stat st;
    /* Without O_NONBLOCK, opening a pipe would wait for its writer. */
    r->fd = open(r->info.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (r->fd < 0 || fstat(r->fd, &st) != 0) return bb_fail_errno(err, "%s: cannot open", r->info.path);
    if (S_ISDIR(st.st_mode))
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected the file of a recording, found a directory",
                       r->info.path);
    if (!S_ISREG(st.st_mode))
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected a file, found a device, pipe or socket",
                       r->info.path);
    r->size = (int64_t)st.st_size;
    return BB_OK;
}

bb_status bb_recording_pread(const bb_recording *r, int64_t offset, void *out, size_t count, bb_error *err) {
    char *bytes = out;
    if (offset < 0 || offset > r->size || count > (uint64_t)(r->size - offset))
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected %zu bytes at byte %lld, found a file of %lld bytes",
                       r->info.path, count, (long long)offset, (long long)r->size);
    while (count > 0) {
        const ssize_t n = pread(r->fd, bytes, count, (off_t)offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return bb_fail_errno(err, "%s: cannot read at byte %lld", r->info.path, (long long)offset);
        if (n == 0)
            return bb_fail(err, BB_ERR_IO, "%s: the file was cut off at byte %lld while it was read",
                           r->info.path, (long long)offset);
        bytes += n;
        offset += n;
        count -= (size_t)n;
    }
    return BB_OK;
}

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
    BB_TRY(open_file(r, err));
    const size_t count = r->size < BB_PROBE_BYTES ? (size_t)r->size : BB_PROBE_BYTES;
    BB_TRY(bb_recording_pread(r, 0, head, count, err));
    for (size_t i = 0; i < READER_COUNT && !r->reader; ++i)
        if (readers[i]->probe(head, count, r->size, r->info.path)) r->reader = readers[i];
    if (!r->reader) return fail_unknown(r, head, count, err);
    BB_TRY(r->reader->open(r, options, err));
    return bb_recording_finish(r, err);
}

bb_status bb_recording_open(const char *path, const bb_recording_options *options, bb_recording **out,
                            bb_error *err) {
    static const bb_recording_options defaults;
    *out = NULL;
    bb_recording *r = bb_calloc(1, sizeof *r);
    if (!r) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    r->fd = -1;
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
    return r->reader->read(r, channels, channel_count, first, samples, out, err);
}
