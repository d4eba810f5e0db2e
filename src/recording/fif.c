#include "recording/fif.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { BUFFER_BYTES = 1 << 20 };

/* Every file begins with its identifier, 20 bytes. */
static bool fif_probe(const unsigned char *head, size_t count, int64_t size, const char *path) {
    static const unsigned char tag[12] = {0, 0, 0, 100, 0, 0, 0, 31, 0, 0, 0, 20};
    (void)size, (void)path;
    return count >= BB_FIF_TAG_BYTES && memcmp(head, tag, sizeof tag) == 0;
}

/* The same channels at the same rate as in the first part. */
static bb_status compare_parts(const bb_fif_scan *first, const bb_fif_scan *scan, bb_error *err) {
    const char *path = scan->file->path;
    if (scan->channel_count != first->channel_count || scan->rate_hz != first->rate_hz)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: expected %zu channels at %g Hz as in the first part, found %zu at %g Hz", path,
                       first->channel_count, first->rate_hz, scan->channel_count, scan->rate_hz);
    for (size_t i = 0; i < scan->channel_count; ++i) {
        const bb_fif_channel *a = &first->channels[i], *b = &scan->channels[i];
        if (strcmp(bb_fif_channel_name(a), bb_fif_channel_name(b)) != 0 || a->kind != b->kind ||
            a->unit != b->unit || memcmp(&a->range, &b->range, sizeof a->range) != 0 ||
            memcmp(&a->calibration, &b->calibration, sizeof a->calibration) != 0)
            return bb_fail(err, BB_ERR_FORMAT,
                           "%s: channel %zu: expected %s with its calibration as in the first part, found %s",
                           path, i + 1, bb_fif_channel_name(a), bb_fif_channel_name(b));
    }
    return BB_OK;
}

static bb_status scan_part(bb_recording *r, uint32_t part, bb_fif_scan *scan, bb_error *err) {
    *scan = (bb_fif_scan){.part = part, .recording = r, .fif = r->state, .stated_channels = -1};
    BB_TRY(bb_fif_part_file(r, part, &scan->file, err));
    BB_TRY(bb_fif_walk(scan, err));
    if (scan->raw_blocks == 0)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected a raw recording, found a FIF file of %s",
                       scan->file->path, bb_fif_content(scan->held));
    if (scan->samples == 0)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected data buffers, found none with a sample",
                       scan->file->path);
    return BB_OK;
}

static void warn_part(bb_recording *r, const bb_fif_scan *scan) {
    const char *name = bb_path_name(scan->file->path);
    if (scan->cut_off)
        bb_recording_warn(r, "%s is cut off; what is there is read, and no part that may follow", name);
    if (scan->raw_blocks > 1)
        bb_recording_warn(r, "%s holds %zu stretches of raw data; only the first is read", name,
                          scan->raw_blocks);
    if (scan->skips_in_samples)
        bb_recording_warn(r, "%s has pauses counted in samples, which are left out", name);
    if (scan->part == 0 && scan->continues)
        bb_recording_warn(r, "the file continues a split recording, whose earlier parts are not read");
    if (scan->part == 0 && scan->shielded)
        bb_recording_warn(r, "recorded with active shielding, which is not undone in MEG channels");
}

/* Parts are joined; only a later clock tells that time is missing between them. */
static bb_status check_clock(bb_recording *r, const bb_fif_scan *scan, int64_t expected, bb_error *err) {
    if (!scan->sampled || scan->first_sample <= expected) return BB_OK;
    bb_recording_warn(r, "%s begins %g s behind the end of the part before it; they are joined",
                      bb_path_name(scan->file->path),
                      (double)(scan->first_sample - expected) / scan->rate_hz);
    return bb_recording_add_seam(r, (double)(scan->fif->samples - scan->samples) / scan->rate_hz, err);
}

static bb_status scan_parts(bb_recording *r, const bb_fif_scan *first, bb_error *err) {
    bb_fif_scan scan = *first;
    bb_status status = BB_OK;
    for (bool found = true;;) {
        const int64_t expected = scan.first_sample + scan.samples;
        bb_fif *fif = r->state;
        status = bb_fif_open_next(r, &scan, &found, err);
        if (scan.part > 0) bb_fif_free_channels(&scan);
        if (status != BB_OK || !found) return status;
        status = scan_part(r, (uint32_t)(fif->part_count - 1), &scan, err);
        if (status == BB_OK) status = compare_parts(first, &scan, err);
        if (status == BB_OK) status = check_clock(r, &scan, expected, err);
        if (status != BB_OK) {
            bb_fif_free_channels(&scan);
            return status;
        }
        warn_part(r, &scan);
    }
}

static bb_status read_all(bb_recording *r, bb_fif_scan *scan, bb_error *err) {
    BB_TRY(scan_part(r, 0, scan, err));
    warn_part(r, scan);
    BB_TRY(scan_parts(r, scan, err));
    if (isfinite(scan->mains_hz) && scan->mains_hz > 0) r->info.mains_hz = scan->mains_hz;
    BB_TRY(bb_fif_add_channels(r, scan, err));
    return bb_fif_add_events(r, scan, err);
}

static bb_status fif_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    (void)options;
    bb_fif_scan scan;
    bb_fif *fif = r->state = bb_calloc(1, sizeof *fif);
    if (!fif) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    fif->open.fd = -1;
    if (bb_grow((void **)&fif->parts, &fif->part_capacity, 1, sizeof *fif->parts))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    fif->part_count = 1;
    r->info.format = "FIF";
    const bb_status status = read_all(r, &scan, err);
    bb_fif_free_channels(&scan);
    if (status != BB_OK) return status;
    fif->buffer = bb_calloc(BUFFER_BYTES, 1);
    return fif->buffer ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
}

static void fif_close(bb_recording *r) {
    bb_fif *fif = r->state;
    if (!fif) return;
    bb_input_close(&fif->open);
    for (size_t i = 0; i < fif->part_count; ++i) bb_free(fif->parts[i]);
    bb_free(fif->parts);
    bb_free(fif->pieces);
    bb_free(fif->scales);
    bb_free(fif->buffer);
    bb_free(fif);
}

/* `count` samples, `step` bytes apart. */
static void decode(int32_t type, const unsigned char *at, int64_t step, int64_t count, double scale,
                   double *out) {
    switch (type) {
    case BB_FIF_INT:
        for (int64_t i = 0; i < count; ++i, at += step) out[i] = scale * bb_fif_i32(at);
        break;
    case BB_FIF_FLOAT:
        for (int64_t i = 0; i < count; ++i, at += step) out[i] = scale * (double)bb_fif_f32(at);
        break;
    case BB_FIF_DOUBLE:
        for (int64_t i = 0; i < count; ++i, at += step) out[i] = scale * bb_fif_f64(at);
        break;
    default:
        for (int64_t i = 0; i < count; ++i, at += step) out[i] = scale * (int16_t)(at[0] << 8 | at[1]);
    }
}

/* The stretch asked for. */
typedef struct stretch {
    const size_t *channels;
    size_t channel_count;
    int64_t first, samples;
    double *out;
} stretch;

/* Samples [from, to) of the recording, all in one piece, as many whole samples of all channels at once as fit
 * the buffer; 65536 channels of 8 bytes always do. */
static bb_status read_piece(bb_recording *r, const bb_fif_piece *p, const stretch *s, int64_t from,
                            int64_t to, bb_error *err) {
    bb_fif *fif = r->state;
    const bb_input *file;
    if (p->type == BB_FIF_ZEROS) {
        for (size_t c = 0; c < s->channel_count; ++c)
            memset(s->out + (int64_t)c * s->samples + from - s->first, 0,
                   (size_t)(to - from) * sizeof *s->out);
        return BB_OK;
    }
    BB_TRY(bb_fif_part_file(r, p->part, &file, err));
    const int64_t width = bb_fif_width(p->type), frame = width * (int64_t)fif->channel_count;
    for (int64_t n; from < to; from += n) {
        n = to - from < BUFFER_BYTES / frame ? to - from : BUFFER_BYTES / frame;
        BB_TRY(
            bb_input_read(file, p->place + (from - p->first) * frame, fif->buffer, (size_t)(n * frame), err));
        for (size_t c = 0; c < s->channel_count; ++c)
            decode(p->type, fif->buffer + (int64_t)s->channels[c] * width, frame, n,
                   fif->scales[s->channels[c]], s->out + (int64_t)c * s->samples + from - s->first);
    }
    return BB_OK;
}

static bb_status fif_read(bb_recording *r, const size_t *channels, size_t channel_count, int64_t first,
                          int64_t samples, double *out, bb_error *err) {
    const bb_fif *fif = r->state;
    const stretch s = {channels, channel_count, first, samples, out};
    const int64_t end = first + samples;
    size_t low = 0, high = fif->piece_count;
    /* The last piece that begins at or before `first`. */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (fif->pieces[middle].first <= first)
            low = middle;
        else
            high = middle;
    }
    for (; low < fif->piece_count && fif->pieces[low].first < end; ++low) {
        const bb_fif_piece *p = &fif->pieces[low];
        const int64_t stop = p->first + p->samples;
        BB_TRY(read_piece(r, p, &s, first > p->first ? first : p->first, end < stop ? end : stop, err));
    }
    return BB_OK;
}

const bb_reader bb_fif_reader = {"FIF", fif_probe, fif_open, fif_read, fif_close};
