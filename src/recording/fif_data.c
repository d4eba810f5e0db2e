/* Buffers of samples and the skips between them. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/fif.h"

enum { FIRST_SAMPLE = 208, DATA_BUFFER = 300, DATA_SKIP = 301, DATA_SKIP_SAMPLES = 303 };

/* What has to be known before samples mean anything. */
static bb_status check_info(const bb_fif_scan *scan, bb_error *err) {
    const char *path = scan->file->path;
    if (scan->infos != 1)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: expected one description of the measurement before the data, found %zu", path,
                       scan->infos);
    if (scan->channel_count == 0 || scan->stated_channels != (int64_t)scan->channel_count)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected the %lld channels it states, found %zu", path,
                       (long long)scan->stated_channels, scan->channel_count);
    if (!isfinite(scan->rate_hz) || scan->rate_hz <= 0)
        return bb_fail(err, BB_ERR_FORMAT, "%s: sampling rate: expected a positive number of Hz, found %g",
                       path, scan->rate_hz);
    return BB_OK;
}

static bb_status add_piece(bb_fif_scan *scan, int32_t type, int64_t place, int64_t samples, bb_error *err) {
    bb_fif *fif = scan->fif;
    if (fif->piece_count == BB_FIF_MAX_PIECES)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected at most %d data buffers", scan->file->path,
                       BB_FIF_MAX_PIECES);
    if (bb_grow((void **)&fif->pieces, &fif->piece_capacity, fif->piece_count + 1, sizeof *fif->pieces))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for the list of buffers", scan->file->path);
    fif->pieces[fif->piece_count++] = (bb_fif_piece){fif->samples, samples, place, type, scan->part};
    fif->samples += samples;
    scan->samples += samples;
    return BB_OK;
}

/* A skip is counted in buffers as long as the one behind it. Before the first buffer it moves the clock. */
static bb_status place_skip(bb_fif_scan *scan, int64_t buffer, bb_error *err) {
    const double most = fmin(BB_FIF_MAX_SKIP_DAYS * 86400.0 * scan->rate_hz, 1e15);
    const int64_t samples = scan->skip * buffer; /* below 2^31 times 2^30 */
    scan->skip = 0;
    if (samples <= 0) return BB_OK;
    if ((double)samples + (double)scan->skipped > most)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: expected skips of at most %d days, found %.0f samples at %g Hz", scan->file->path,
                       BB_FIF_MAX_SKIP_DAYS, (double)samples + (double)scan->skipped, scan->rate_hz);
    scan->skipped += samples;
    if (scan->samples > 0) return add_piece(scan, BB_FIF_ZEROS, 0, samples, err);
    scan->first_sample += samples;
    return BB_OK;
}

static bb_status take_buffer(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err) {
    const int64_t width = bb_fif_width(tag->type), left = scan->file->size - tag->place;
    if (width == 0)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: byte %lld: expected samples of 16 or 32 bits or floats, found %s (type %d)",
                       scan->file->path, (long long)tag->place,
                       tag->type == BB_FIF_COMPLEX_FLOAT || tag->type == BB_FIF_COMPLEX_DOUBLE
                           ? "complex numbers"
                           : "another type",
                       tag->type);
    BB_TRY(check_info(scan, err));
    const int64_t frame = width * (int64_t)scan->channel_count;
    if (tag->size % frame != 0)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: byte %lld: expected a buffer of whole samples of %lld bytes, found %lld bytes",
                       scan->file->path, (long long)tag->place, (long long)frame, (long long)tag->size);
    if (width != 2) scan->wide = true;
    const int64_t samples = tag->size / frame, there = (tag->size < left ? tag->size : left) / frame;
    if (there == 0) return BB_OK;
    BB_TRY(place_skip(scan, samples, err));
    return add_piece(scan, tag->type, tag->place, there, err);
}

bb_status bb_fif_take_data(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err) {
    int32_t value;
    if (scan->raw_blocks > 1) return BB_OK;
    switch (tag->kind) {
    case FIRST_SAMPLE:
        BB_TRY(bb_fif_read_integer(scan->file, tag, &value, err));
        scan->stated_first = scan->first_sample = value;
        scan->sampled = true;
        return BB_OK;
    case DATA_SKIP:
        BB_TRY(bb_fif_read_integer(scan->file, tag, &value, err));
        scan->skip = value;
        return BB_OK;
    case DATA_SKIP_SAMPLES:
        scan->skips_in_samples = true;
        if (scan->samples == 0) return BB_OK;
        return bb_recording_add_seam(scan->recording, (double)scan->fif->samples / scan->rate_hz, err);
    case DATA_BUFFER:
        return take_buffer(scan, tag, err);
    default:
        return BB_OK;
    }
}
