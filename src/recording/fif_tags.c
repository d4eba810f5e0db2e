/* What the data of one tag say. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/fif.h"

float bb_fif_f32(const unsigned char *at) {
    const uint32_t bits = bb_fif_u32(at);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double bb_fif_f64(const unsigned char *at) {
    const uint64_t bits = (uint64_t)bb_fif_u32(at) << 32 | bb_fif_u32(at + 4);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

int64_t bb_fif_width(int32_t type) {
    switch (type) {
    case BB_FIF_SHORT:
    case BB_FIF_PACK16:
        return 2;
    case BB_FIF_INT:
    case BB_FIF_FLOAT:
        return 4;
    case BB_FIF_DOUBLE:
        return 8;
    default:
        return 0;
    }
}

bb_status bb_fif_read_numbers(const bb_input *file, const bb_fif_tag *tag, double *out, size_t most,
                              size_t *count, bb_error *err) {
    unsigned char bytes[4096];
    const size_t width = (size_t)bb_fif_width(tag->type);
    if (width < 4)
        return bb_fail(err, BB_ERR_FORMAT, "%s: tag %d at byte %lld: expected numbers, found type %d",
                       file->path, tag->kind, (long long)tag->place, tag->type);
    *count = (size_t)tag->size / width < most ? (size_t)tag->size / width : most;
    for (size_t done = 0; done < *count;) {
        const size_t n = *count - done < sizeof bytes / width ? *count - done : sizeof bytes / width;
        BB_TRY(bb_input_read(file, tag->place + (int64_t)(done * width), bytes, n * width, err));
        for (size_t i = 0; i < n; ++i) {
            const unsigned char *at = bytes + i * width;
            out[done + i] = tag->type == BB_FIF_DOUBLE  ? bb_fif_f64(at)
                            : tag->type == BB_FIF_FLOAT ? (double)bb_fif_f32(at)
                                                        : (double)bb_fif_i32(at);
        }
        done += n;
    }
    return BB_OK;
}

bb_status bb_fif_read_number(const bb_input *file, const bb_fif_tag *tag, double *out, bb_error *err) {
    size_t count;
    BB_TRY(bb_fif_read_numbers(file, tag, out, 1, &count, err));
    if (count == 1) return BB_OK;
    return bb_fail(err, BB_ERR_FORMAT, "%s: tag %d at byte %lld: expected a number, found %lld bytes",
                   file->path, tag->kind, (long long)tag->place, (long long)tag->size);
}

bb_status bb_fif_read_integer(const bb_input *file, const bb_fif_tag *tag, int32_t *out, bb_error *err) {
    unsigned char bytes[4];
    if (tag->type != BB_FIF_INT || tag->size < (int64_t)sizeof bytes)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: tag %d at byte %lld: expected an integer, found %lld bytes of type %d",
                       file->path, tag->kind, (long long)tag->place, (long long)tag->size, tag->type);
    BB_TRY(bb_input_read(file, tag->place, bytes, sizeof bytes, err));
    *out = bb_fif_i32(bytes);
    return BB_OK;
}

bb_status bb_fif_read_text(const bb_input *file, const bb_fif_tag *tag, size_t limit, char **out,
                           bb_error *err) {
    *out = NULL;
    if (tag->size > file->size || (size_t)tag->size > limit)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: tag %d at byte %lld: expected a text of at most %zu bytes, found %lld",
                       file->path, tag->kind, (long long)tag->place, limit, (long long)tag->size);
    char *text = bb_calloc((size_t)tag->size + 1, 1);
    if (!text) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", file->path);
    const bb_status status = bb_input_read(file, tag->place, text, (size_t)tag->size, err);
    if (status == BB_OK)
        *out = text;
    else
        bb_free(text);
    return status;
}

bb_status bb_fif_read_date(const bb_input *file, const bb_fif_tag *tag, bb_fif_date *out, bb_error *err) {
    double numbers[2] = {0, 0};
    size_t count;
    BB_TRY(bb_fif_read_numbers(file, tag, numbers, 2, &count, err));
    *out = (bb_fif_date){.present = count > 0};
    /* Beyond some ten thousand years it is no date, and would not fit. */
    if (count == 0 || !(fabs(numbers[0]) < 1e12) || !(fabs(numbers[1]) < 1e12)) return BB_OK;
    out->us = llround(numbers[0] * 1e6) + llround(numbers[1]);
    /* How MNE writes that the date is not known. */
    out->known = numbers[0] != 0 || numbers[1] != INT32_MAX;
    return BB_OK;
}
