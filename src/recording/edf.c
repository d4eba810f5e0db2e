#include "recording/edf.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { BUFFER_BYTES = 1 << 20 };

static bool edf_probe(const unsigned char *head, size_t count, int64_t size, const char *path) {
    (void)size, (void)path;
    if (count < 8) return false;
    if (memcmp(head,
               "\xff"
               "BIOSEMI",
               8) == 0)
        return true;
    for (int i = 1; i < 8; ++i)
        if (head[i] != ' ' && head[i] != '\0') return false;
    return head[0] == '0';
}

static bb_status add_channels(bb_recording *r, bb_edf *edf, bb_error *err) {
    size_t fractional = 0;
    double shown = 0, lowest = INFINITY, highest = 0;
    for (size_t i = 0; i < edf->signal_count; ++i) {
        const bb_edf_signal *s = &edf->signals[i];
        if (s->annotations || s->samples == 0) continue;
        bb_channel channel = {.name = s->label,
                              .unit = s->unit,
                              .type = bb_channel_type_with_unit(s->label, s->unit),
                              .rate_hz = (double)s->samples / edf->record_s,
                              .samples = s->samples * edf->records,
                              .low = s->low,
                              .high = s->high};
        if (channel.rate_hz != floor(channel.rate_hz) && fractional++ == 0) shown = channel.rate_hz;
        lowest = fmin(lowest, channel.rate_hz);
        highest = fmax(highest, channel.rate_hz);
        edf->signal_of[r->channel_count] = i;
        BB_TRY(bb_recording_add_channel(r, &channel, err));
    }
    bb_recording_warn_units(r);
    if (fractional > 0)
        bb_recording_warn(r, "the rate of %zu channels is no whole number: %.10g Hz", fractional, shown);
    if (highest > lowest)
        bb_recording_warn(r, "channels have different rates, from %g to %g Hz", lowest, highest);
    return BB_OK;
}

static bb_status edf_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    (void)options;
    bb_edf *edf = r->state = bb_calloc(1, sizeof *edf);
    if (!edf) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    BB_TRY(bb_edf_read_header(r, edf, err));
    edf->signal_of = bb_calloc(edf->signal_count, sizeof *edf->signal_of);
    edf->buffer_size = BUFFER_BYTES;
    edf->buffer = bb_calloc(edf->buffer_size, 1);
    if (!edf->signal_of || !edf->buffer) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    BB_TRY(add_channels(r, edf, err));
    r->info.duration_s = (double)edf->records * edf->record_s;
    return bb_edf_read_annotations(r, edf, err);
}

static void edf_close(bb_recording *r) {
    bb_edf *edf = r->state;
    if (!edf) return;
    bb_free(edf->signals);
    bb_free(edf->signal_of);
    bb_free(edf->buffer);
    bb_free(edf);
}

/* `count` samples at `bytes`, little-endian two's complement of 16 or 24 bits. */
static void decode(const bb_edf *edf, const bb_edf_signal *s, const unsigned char *bytes, int64_t count,
                   double *out) {
    if (edf->sample_bytes == 2) {
        for (int64_t i = 0; i < count; ++i)
            out[i] = s->gain * (int16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8) + s->zero;
        return;
    }
    for (int64_t i = 0; i < count; ++i) {
        const int32_t value = bytes[3 * i] | bytes[3 * i + 1] << 8 | bytes[3 * i + 2] << 16;
        out[i] = s->gain * (value >= 0x800000 ? value - 0x1000000 : value) + s->zero;
    }
}

/* The stretch asked for, as samples [first, first + samples) of signals with `per_record` samples. */
typedef struct stretch {
    int64_t first, samples, per_record;
} stretch;

/* The samples [*from, *from + *count) of record `record` that belong to the stretch; returns their place in
 * it. */
static int64_t part_of_record(const stretch *w, int64_t record, int64_t *from, int64_t *count) {
    const int64_t begin = record * w->per_record, end = begin + w->per_record, last = w->first + w->samples;
    *from = w->first > begin ? w->first - begin : 0;
    *count = (last < end ? last - begin : w->per_record) - *from;
    return begin + *from - w->first;
}

/* Records too long for the buffer: each channel's piece of each record by itself. */
static bb_status read_pieces(bb_recording *r, bb_edf *edf, const bb_edf_signal *s, const stretch *w,
                             int64_t record, double *out, bb_error *err) {
    int64_t from, count;
    out += part_of_record(w, record, &from, &count);
    const int64_t width = (int64_t)edf->sample_bytes, most = (int64_t)edf->buffer_size / width;
    const int64_t start = edf->data_start + record * edf->record_bytes + s->place;
    while (count > 0) {
        const int64_t n = count < most ? count : most;
        BB_TRY(bb_input_read(&r->file, start + from * width, edf->buffer, (size_t)(n * width), err));
        decode(edf, s, edf->buffer, n, out);
        from += n;
        out += n;
        count -= n;
    }
    return BB_OK;
}

/* Several whole records at once, from the first wanted byte of the first to the last one of the last. */
static bb_status read_records(bb_recording *r, bb_edf *edf, const size_t *channels, size_t channel_count,
                              const stretch *w, int64_t record, int64_t records, double *out, bb_error *err) {
    int64_t low = edf->record_bytes, high = 0;
    for (size_t c = 0; c < channel_count; ++c) {
        const bb_edf_signal *s = &edf->signals[edf->signal_of[channels[c]]];
        const int64_t end = s->place + s->samples * (int64_t)edf->sample_bytes;
        if (s->place < low) low = s->place;
        if (end > high) high = end;
    }
    const int64_t start = edf->data_start + record * edf->record_bytes + low;
    const size_t bytes = (size_t)((records - 1) * edf->record_bytes + high - low);
    BB_TRY(bb_input_read(&r->file, start, edf->buffer, bytes, err));
    for (size_t c = 0; c < channel_count; ++c) {
        const bb_edf_signal *s = &edf->signals[edf->signal_of[channels[c]]];
        for (int64_t i = 0; i < records; ++i) {
            int64_t from, count;
            const int64_t to = part_of_record(w, record + i, &from, &count);
            const int64_t at = i * edf->record_bytes + s->place - low + from * (int64_t)edf->sample_bytes;
            decode(edf, s, edf->buffer + at, count, out + (int64_t)c * w->samples + to);
        }
    }
    return BB_OK;
}

static bb_status edf_read(bb_recording *r, const size_t *channels, size_t channel_count, int64_t first,
                          int64_t samples, double *out, bb_error *err) {
    bb_edf *edf = r->state;
    /* Channels of one rate have one number of samples per record. */
    const stretch w = {first, samples, edf->signals[edf->signal_of[channels[0]]].samples};
    const int64_t end = (first + samples - 1) / w.per_record + 1;
    const int64_t most = (int64_t)edf->buffer_size / edf->record_bytes;
    for (int64_t record = first / w.per_record; record < end;) {
        if (most == 0) {
            for (size_t c = 0; c < channel_count; ++c)
                BB_TRY(read_pieces(r, edf, &edf->signals[edf->signal_of[channels[c]]], &w, record,
                                   out + (int64_t)c * samples, err));
            ++record;
            continue;
        }
        const int64_t n = end - record < most ? end - record : most;
        BB_TRY(read_records(r, edf, channels, channel_count, &w, record, n, out, err));
        record += n;
    }
    return BB_OK;
}

const bb_reader bb_edf_reader = {"EDF, EDF+, BDF, BDF+", edf_probe, edf_open, edf_read, edf_close};
