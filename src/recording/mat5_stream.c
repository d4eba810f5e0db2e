#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/mat5.h"

enum { IN_BYTES = 1 << 16 };

bb_status bb_mat5_stream_open(bb_mat5_stream *s, const bb_input *file, int64_t offset, int64_t count,
                              bool packed, bool big_endian, bb_error *err) {
    *s = (bb_mat5_stream){.file = file, .at = offset, .end = offset + count, .big_endian = big_endian};
    s->in = bb_calloc(IN_BYTES, 1);
    if (!s->in || (packed && inflateInit(&s->z) != Z_OK))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", file->path);
    s->packed = packed; /* from here on there is something to end */
    return BB_OK;
}

void bb_mat5_stream_close(bb_mat5_stream *s) {
    if (s->packed) inflateEnd(&s->z);
    bb_free(s->in);
    *s = (bb_mat5_stream){0};
}

/* The next piece of the file, when the last one is used up. */
static bb_status fill(bb_mat5_stream *s, bb_error *err) {
    if (s->in_used < s->in_count) return BB_OK;
    const int64_t left = s->end - s->at;
    if (left <= 0)
        return bb_fail(err, BB_ERR_FORMAT, "%s: byte %lld: expected more of an array, found its end",
                       s->file->path, (long long)s->at);
    s->in_used = 0;
    s->in_count = left < IN_BYTES ? (size_t)left : IN_BYTES;
    BB_TRY(bb_input_read(s->file, s->at, s->in, s->in_count, err));
    s->at += (int64_t)s->in_count;
    return BB_OK;
}

static bb_status copy(bb_mat5_stream *s, unsigned char *out, size_t count, bb_error *err) {
    while (count > 0) {
        BB_TRY(fill(s, err));
        const size_t left = s->in_count - s->in_used, n = count < left ? count : left;
        memcpy(out, s->in + s->in_used, n);
        s->in_used += n;
        out += n;
        count -= n;
    }
    return BB_OK;
}

/* Unpacks up to `count` bytes; *done is less at the end of the packed data. */
static bb_status unpack(bb_mat5_stream *s, unsigned char *out, size_t count, size_t *done, bb_error *err) {
    for (*done = 0; *done < count;) {
        /* zlib may owe bytes although it has taken all of its input. */
        if (s->end > s->at) BB_TRY(fill(s, err));
        const size_t left = count - *done, most = 1 << 30;
        s->z.next_in = s->in + s->in_used;
        s->z.avail_in = (uInt)(s->in_count - s->in_used);
        s->z.next_out = out + *done;
        s->z.avail_out = (uInt)(left < most ? left : most);
        const int code = inflate(&s->z, Z_NO_FLUSH);
        s->in_used = s->in_count - s->z.avail_in;
        *done = (size_t)(s->z.next_out - out);
        if (code == Z_STREAM_END) return BB_OK;
        if (code != Z_OK)
            return bb_fail(err, BB_ERR_FORMAT, "%s: byte %lld: packed array: %s", s->file->path,
                           (long long)(s->at - (int64_t)s->z.avail_in),
                           s->z.msg              ? s->z.msg
                           : code == Z_MEM_ERROR ? "no memory"
                                                 : "it is cut off");
    }
    return BB_OK;
}

static bb_status take(bb_mat5_stream *s, unsigned char *out, size_t count, bb_error *err) {
    size_t done = 0;
    if (!s->packed) return copy(s, out, count, err);
    BB_TRY(unpack(s, out, count, &done, err));
    if (done == count) return BB_OK;
    return bb_fail(err, BB_ERR_FORMAT, "%s: byte %lld: packed array: expected more, found its end",
                   s->file->path, (long long)s->at);
}

static bb_status pass_over(bb_mat5_stream *s, bb_error *err) {
    unsigned char waste[1 << 14];
    if (!s->packed) {
        const int64_t left = (int64_t)(s->in_count - s->in_used), beyond = s->skipping - left;
        if (beyond <= 0) {
            s->in_used += (size_t)s->skipping;
        } else {
            s->in_used = s->in_count;
            s->at = beyond > s->end - s->at ? s->end : s->at + beyond;
        }
        s->skipping = 0;
    }
    for (; s->skipping > 0;) {
        const size_t n = s->skipping < (int64_t)sizeof waste ? (size_t)s->skipping : sizeof waste;
        BB_TRY(take(s, waste, n, err));
        s->skipping -= (int64_t)n;
    }
    return BB_OK;
}

bb_status bb_mat5_stream_read(bb_mat5_stream *s, void *out, size_t count, bb_error *err) {
    BB_TRY(pass_over(s, err));
    s->position += (int64_t)count;
    return take(s, out, count, err);
}

void bb_mat5_stream_skip(bb_mat5_stream *s, int64_t count) {
    s->position += count;
    s->skipping += count;
}

bb_status bb_mat5_stream_finish(bb_mat5_stream *s, bb_error *err) {
    unsigned char waste[1 << 14];
    size_t done = sizeof waste;
    BB_TRY(pass_over(s, err));
    while (s->packed && done == sizeof waste) BB_TRY(unpack(s, waste, sizeof waste, &done, err));
    return BB_OK;
}
