/* Matrices of characters: column by column, in one of several encodings. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "recording/mat5.h"

/* Longer text is nothing of ours. */
enum { MAX_TEXT = 1 << 18 };

static uint32_t decode_utf8(const unsigned char *at, size_t n) {
    static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = at[0] & mask[n];
    for (size_t i = 1; i < n; ++i) code = code << 6 | (at[i] & 0x3f);
    return code;
}

/* Characters of `count` bytes at `bytes`, at most `most` of them. UTF-16 counts halves of pairs, as MATLAB
 * does. */
static size_t decode(const bb_mat5_stream *s, uint32_t type, const unsigned char *bytes, size_t count,
                     uint32_t *out, size_t most) {
    const size_t width = type == MI_UTF16 || type == MI_UINT16 || type == MI_INT16   ? 2
                         : type == MI_UTF32 || type == MI_UINT32 || type == MI_INT32 ? 4
                                                                                     : 1;
    const bool utf8 = type == MI_UTF8 && bb_utf8_valid(bytes, count);
    size_t n = 0;
    for (size_t at = 0, step = width; at + width <= count && n < most; at += step) {
        if (utf8) step = bb_utf8_length(bytes + at, count - at);
        if (utf8)
            out[n++] = decode_utf8(bytes + at, step);
        else if (width == 4)
            out[n++] = bb_mat5_u32(s, bytes + at);
        else if (width == 2)
            out[n++] = (uint32_t)bytes[at + s->big_endian] | (uint32_t)bytes[at + !s->big_endian] << 8;
        else
            out[n++] = bytes[at];
    }
    return n;
}

static bb_status add_rows(bb_mat5_walk *w, const bb_mat5_stream *s, const char *path, const uint32_t *codes,
                          size_t count, size_t rows, size_t columns, bb_error *err) {
    char text[BB_VARIABLE_TEXT + 4];
    for (size_t row = 0; row < rows; ++row) {
        size_t n = 0;
        for (size_t c = 0; c < columns && n < BB_VARIABLE_TEXT - 4 && row + rows * c < count; ++c)
            n += bb_utf8_put(codes[row + rows * c], text + n);
        text[n] = '\0';
        const bb_variable v = {
            .path = path, .text = text, .source = w->source, .offset = s->position + (int64_t)row};
        BB_TRY(bb_variables_add(w->recording, w->variables, &v, err));
    }
    return BB_OK;
}

bb_status bb_mat5_read_text(bb_mat5_walk *w, bb_mat5_stream *s, const bb_mat5_tag *tag, const char *path,
                            int64_t rows, int64_t columns, bb_error *err) {
    unsigned char *bytes;
    uint32_t *codes;
    if (tag->count > MAX_TEXT || rows > MAX_TEXT || columns > MAX_TEXT) return BB_OK;
    bytes = bb_calloc(tag->count, 1);
    codes = bb_calloc(tag->count, sizeof *codes);
    bb_status status = bytes && codes ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", s->file->path);
    if (status == BB_OK && tag->small) memcpy(bytes, tag->bytes, tag->count);
    if (status == BB_OK && !tag->small) status = bb_mat5_stream_read(s, bytes, tag->count, err);
    if (status == BB_OK) {
        const size_t count = decode(s, tag->type, bytes, tag->count, codes, tag->count);
        status = add_rows(w, s, path, codes, count, (size_t)rows, (size_t)columns, err);
    }
    bb_free(bytes);
    bb_free(codes);
    return status;
}
