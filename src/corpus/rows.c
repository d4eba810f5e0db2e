#include "corpus/rows.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

/* Higher levels of deflate take several times as long for a per cent or two. */
enum { LEVEL = 4, INT16_MOST = 32767 };

static size_t width(const bb_row_format *f) { return f->encoding == BB_SAMPLES_INT16 ? 2 : 4; }

size_t bb_row_bytes(const bb_row_format *f) { return (size_t)f->samples * width(f); }

size_t bb_row_room(const bb_row_format *f) {
    return f->compressed ? (size_t)compressBound(bb_row_bytes(f)) : bb_row_bytes(f);
}

static float scale_of(const double *x, int64_t samples) {
    double most = 0;
    for (int64_t t = 0; t < samples; ++t) most = fabs(x[t]) > most ? fabs(x[t]) : most;
    const float scale = (float)(most / INT16_MOST);
    return scale > 0 && isfinite(scale) ? scale : 1;
}

static void to_int16(const double *x, int64_t samples, float scale, int16_t *out) {
    const double inverse = 1 / (double)scale;
    for (int64_t t = 0; t < samples; ++t) {
        double v = x[t] * inverse;
        v = v > INT16_MOST ? INT16_MOST : v < -INT16_MOST ? -INT16_MOST : v;
        out[t] = (int16_t)(v + (v < 0 ? -0.5 : 0.5));
    }
}

static void shuffle(const unsigned char *in, size_t count, size_t bytes, unsigned char *out) {
    for (size_t b = 0; b < bytes; ++b)
        for (size_t i = 0; i < count; ++i) out[b * count + i] = in[i * bytes + b];
}

static void unshuffle(const unsigned char *in, size_t count, size_t bytes, unsigned char *out) {
    for (size_t b = 0; b < bytes; ++b)
        for (size_t i = 0; i < count; ++i) out[i * bytes + b] = in[b * count + i];
}

size_t bb_row_pack(const bb_row_format *f, const double *x, void *scratch, void *out, float *scale) {
    const size_t bytes = bb_row_bytes(f);
    unsigned char *plain = f->compressed ? scratch : out;
    *scale = 1;
    if (f->encoding == BB_SAMPLES_INT16) {
        *scale = scale_of(x, f->samples);
        to_int16(x, f->samples, *scale, (int16_t *)(void *)plain);
    } else {
        float *values = (float *)(void *)plain;
        for (int64_t t = 0; t < f->samples; ++t) values[t] = (float)x[t];
    }
    if (!f->compressed) return bytes;
    uLongf packed = bb_row_room(f);
    shuffle(plain, (size_t)f->samples, width(f), plain + bytes);
    return compress2(out, &packed, plain + bytes, bytes, LEVEL) == Z_OK ? packed : 0;
}

bool bb_row_unpack(const bb_row_format *f, const void *stored, size_t bytes, float scale, void *scratch,
                   double *out) {
    const size_t plain = bb_row_bytes(f);
    const void *values = stored;
    if (f->compressed) {
        unsigned char *shuffled = scratch;
        uLongf length = plain;
        if (uncompress(shuffled, &length, stored, bytes) != Z_OK || length != plain) return false;
        unshuffle(shuffled, (size_t)f->samples, width(f), shuffled + plain);
        values = shuffled + plain;
    } else if (bytes != plain) {
        return false;
    }
    if (f->encoding == BB_SAMPLES_INT16) {
        const int16_t *v = values;
        for (int64_t t = 0; t < f->samples; ++t) out[t] = v[t] * (double)scale;
    } else {
        const float *v = values;
        for (int64_t t = 0; t < f->samples; ++t) out[t] = (double)v[t] * (double)scale;
    }
    return true;
}

uint32_t bb_checksum_add(uint32_t sum, const void *data, size_t bytes) {
    return bytes ? (uint32_t)crc32_z(sum, data, bytes) : sum; /* of a NULL zlib gives 0 */
}

uint32_t bb_row_checksum(const void *stored, size_t bytes) { return bb_checksum_add(0, stored, bytes); }
