/* What the description of a measurement says: channels, rate, dates, and where the lists are. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/fif.h"

enum { CHANNEL_BYTES = 96, FRAME_UNKNOWN = 0, FRAME_HEAD = 4 };

/* FIFF_: tags. */
enum {
    FILE_ID = 100,
    BLOCK_ID = 103,
    PARENT_BLOCK_ID = 110,
    CHANNEL_COUNT = 200,
    RATE = 201,
    CHANNEL = 203,
    MEAS_DATE = 204,
    COMMENT = 206,
    LINE_FREQUENCY = 235,
    CHANNEL_KIND = 252,
    CHANNEL_RANGE = 253,
    CHANNEL_CALIBRATION = 254,
    CHANNEL_PLACE = 255,
    CHANNEL_UNIT = 256,
    CHANNEL_EXPONENT = 257,
    CHANNEL_NAME = 258,
    CHANNEL_FRAME = 351,
    NAME_LIST = 3507,
    TIME_MIN = 3568,
    TIME_MAX = 3569
};

/* An identifier: version, machine (two numbers), seconds, microseconds. */
static bb_status take_id(bb_fif_scan *scan, const bb_fif_tag *tag, size_t rank, bb_error *err) {
    bb_fif_tag date = *tag;
    if (tag->size < 20) return BB_OK;
    date.type = BB_FIF_INT;
    date.place += 12;
    date.size = 8;
    return bb_fif_read_date(scan->file, &date, &scan->dates[rank], err);
}

bb_status bb_fif_take_root(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err) {
    return tag->kind == FILE_ID ? take_id(scan, tag, 5, err) : BB_OK;
}

bb_status bb_fif_take_meas(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err) {
    if (tag->kind == BLOCK_ID) return take_id(scan, tag, 3, err);
    return tag->kind == PARENT_BLOCK_ID ? take_id(scan, tag, 4, err) : BB_OK;
}

/* fiffChInfoRec: scan number, logical number, kind, range, calibration, coil, 12 numbers of its place, unit,
 * exponent, name. */
static bb_status take_channel(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err) {
    unsigned char bytes[CHANNEL_BYTES];
    if (tag->size != CHANNEL_BYTES)
        return bb_fail(err, BB_ERR_FORMAT, "%s: channel %zu: expected %d bytes at byte %lld, found %lld",
                       scan->file->path, scan->channel_count + 1, CHANNEL_BYTES, (long long)tag->place,
                       (long long)tag->size);
    if (scan->channel_count == BB_MAX_CHANNELS)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected at most %d channels", scan->file->path,
                       BB_MAX_CHANNELS);
    BB_TRY(bb_input_read(scan->file, tag->place, bytes, sizeof bytes, err));
    if (bb_grow((void **)&scan->channels, &scan->channel_capacity, scan->channel_count + 1,
                sizeof *scan->channels))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for channels", scan->file->path);
    bb_fif_channel *c = &scan->channels[scan->channel_count++];
    c->kind = bb_fif_i32(bytes + 8);
    c->range = bb_fif_f32(bytes + 12);
    c->calibration = bb_fif_f32(bytes + 16);
    for (size_t i = 0; i < 3; ++i) c->position[i] = bb_fif_f32(bytes + 24 + 4 * i);
    c->unit = bb_fif_i32(bytes + 72);
    c->exponent = bb_fif_i32(bytes + 76);
    c->frame = bb_fif_is_electrode(c) ? FRAME_HEAD : FRAME_UNKNOWN;
    memcpy(c->short_name, bytes + 80, BB_FIF_NAME_BYTES);
    return BB_OK;
}

bb_status bb_fif_take_info(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err) {
    int32_t count;
    switch (tag->kind) {
    case BLOCK_ID:
        return take_id(scan, tag, 2, err);
    case PARENT_BLOCK_ID:
        return take_id(scan, tag, 1, err);
    case MEAS_DATE:
        return bb_fif_read_date(scan->file, tag, &scan->dates[0], err);
    case CHANNEL_COUNT:
        BB_TRY(bb_fif_read_integer(scan->file, tag, &count, err));
        scan->stated_channels = count;
        return BB_OK;
    case RATE:
        return bb_fif_read_number(scan->file, tag, &scan->rate_hz, err);
    case LINE_FREQUENCY:
        return bb_fif_read_number(scan->file, tag, &scan->mains_hz, err);
    case CHANNEL:
        return take_channel(scan, tag, err);
    default:
        return BB_OK;
    }
}

static bb_status take_float(const bb_input *file, const bb_fif_tag *tag, float *out, bb_error *err) {
    double value;
    BB_TRY(bb_fif_read_number(file, tag, &value, err));
    *out = (float)value;
    return BB_OK;
}

static bb_status take_position(const bb_input *file, const bb_fif_tag *tag, float *out, bb_error *err) {
    double place[3];
    size_t count;
    BB_TRY(bb_fif_read_numbers(file, tag, place, 3, &count, err));
    for (size_t i = 0; i < 3 && count == 3; ++i) out[i] = (float)place[i];
    return BB_OK;
}

/* What does not fit into the 96 bytes of a channel: names of more than 15 letters, the frame of its place.
 * The blocks are in the order of the channels. */
bb_status bb_fif_take_details(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err) {
    if (scan->detailed > scan->channel_count)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: byte %lld: expected details of one of %zu channels, found those of channel %zu",
                       scan->file->path, (long long)tag->place, scan->channel_count, scan->detailed);
    bb_fif_channel *c = &scan->channels[scan->detailed - 1];
    switch (tag->kind) {
    case CHANNEL_KIND:
        return bb_fif_read_integer(scan->file, tag, &c->kind, err);
    case CHANNEL_RANGE:
        return take_float(scan->file, tag, &c->range, err);
    case CHANNEL_CALIBRATION:
        return take_float(scan->file, tag, &c->calibration, err);
    case CHANNEL_PLACE:
        return take_position(scan->file, tag, c->position, err);
    case CHANNEL_UNIT:
        return bb_fif_read_integer(scan->file, tag, &c->unit, err);
    case CHANNEL_EXPONENT:
        return bb_fif_read_integer(scan->file, tag, &c->exponent, err);
    case CHANNEL_FRAME:
        return bb_fif_read_integer(scan->file, tag, &c->frame, err);
    case CHANNEL_NAME:
        bb_free(c->name);
        return bb_fif_read_text(scan->file, tag, BB_FIF_MAX_NAME, &c->name, err);
    default:
        return BB_OK;
    }
}

bb_status bb_fif_take_bads(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err) {
    (void)err;
    if (tag->kind == NAME_LIST) scan->bads = *tag;
    return BB_OK;
}

bb_status bb_fif_take_annotations(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err) {
    (void)err;
    if (scan->annotation_blocks > 1) return BB_OK;
    if (tag->kind == TIME_MIN) scan->onsets = *tag;
    if (tag->kind == TIME_MAX) scan->ends = *tag;
    if (tag->kind == COMMENT) scan->labels = *tag;
    if (tag->kind == MEAS_DATE) scan->origin = *tag;
    return BB_OK;
}
