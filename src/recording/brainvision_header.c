#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/memory.h"
#include "recording/brainvision.h"

typedef bb_brainvision_span span;

enum { MAX_HEADER = 64 << 20 };

enum {
    DATA_FILE,
    MARKER_FILE,
    DATA_FORMAT,
    ORIENTATION,
    DATA_TYPE,
    CHANNELS,
    POINTS,
    INTERVAL,
    SEGMENTATION,
    SEGMENT_POINTS,
    BINARY_FORMAT,
    BIG_ENDIAN,
    CHANNEL_OFFSET,
    DATA_OFFSET,
    SEGMENT_HEADER,
    TRAILER,
    KEYS
};

static const struct {
    const char *section, *key;
} names[KEYS] = {
    [DATA_FILE] = {"Common Infos", "DataFile"},
    [MARKER_FILE] = {"Common Infos", "MarkerFile"},
    [DATA_FORMAT] = {"Common Infos", "DataFormat"},
    [ORIENTATION] = {"Common Infos", "DataOrientation"},
    [DATA_TYPE] = {"Common Infos", "DataType"},
    [CHANNELS] = {"Common Infos", "NumberOfChannels"},
    [POINTS] = {"Common Infos", "DataPoints"},
    [INTERVAL] = {"Common Infos", "SamplingInterval"},
    [SEGMENTATION] = {"Common Infos", "SegmentationType"},
    [SEGMENT_POINTS] = {"Common Infos", "SegmentDataPoints"},
    [BINARY_FORMAT] = {"Binary Infos", "BinaryFormat"},
    [BIG_ENDIAN] = {"Binary Infos", "UseBigEndianOrder"},
    [CHANNEL_OFFSET] = {"Binary Infos", "ChannelOffset"},
    [DATA_OFFSET] = {"Binary Infos", "DataOffset"},
    [SEGMENT_HEADER] = {"Binary Infos", "SegmentHeaderSize"},
    [TRAILER] = {"Binary Infos", "TrailerSize"},
};

static const struct {
    const char *name;
    size_t width;
    double least, most; /* both 0: floating point */
} samples[] = {
    [BB_BRAINVISION_INT_16] = {"INT_16", 2, INT16_MIN, INT16_MAX},
    [BB_BRAINVISION_UINT_16] = {"UINT_16", 2, 0, UINT16_MAX},
    [BB_BRAINVISION_INT_32] = {"INT_32", 4, INT32_MIN, INT32_MAX},
    [BB_BRAINVISION_FLOAT_32] = {"IEEE_FLOAT_32", 4, 0, 0},
};
enum { SAMPLE_KINDS = sizeof samples / sizeof *samples };

typedef struct header {
    bb_recording *r;
    bb_brainvision *bv;
    char *text;
    size_t size;
    span values[KEYS];
    span *channels; /* channel_count of them */
    size_t nameless, unscaled, first_unscaled;
} header;

static int shown_length(span s) { return s.length < 64 ? (int)s.length : 64; }

/* "PATH: [Section] Key: expected ..., found '...'" */
static bb_status fail_key(const header *h, int key, bb_status status, const char *expected, bb_error *err) {
    const span found = h->values[key];
    return bb_fail(err, status, "%s: [%s] %s: expected %s, found %s%.*s%s", h->bv->header_path,
                   names[key].section, names[key].key, expected, found.at ? "'" : "none", shown_length(found),
                   found.at ? found.at : "", found.at ? "'" : "");
}

static void find_values(header *h) {
    bb_brainvision_lines lines;
    bb_brainvision_begin(&lines, h->text, h->size);
    while (bb_brainvision_next(&lines))
        for (int k = 0; k < KEYS; ++k)
            if (!h->values[k].at && bb_brainvision_equals(lines.key, names[k].key) &&
                bb_brainvision_equals(lines.section, names[k].section))
                h->values[k] = lines.value;
}

static bb_status check_layout(const header *h, bb_error *err) {
    const span *v = h->values;
    if (!bb_brainvision_equals(v[DATA_FORMAT], "BINARY"))
        return fail_key(h, DATA_FORMAT, v[DATA_FORMAT].at ? BB_ERR_UNSUPPORTED : BB_ERR_FORMAT,
                        "BINARY (text must be exported as binary first)", err);
    if (v[DATA_TYPE].length > 0 && !bb_brainvision_equals(v[DATA_TYPE], "TIMEDOMAIN"))
        return fail_key(h, DATA_TYPE, BB_ERR_UNSUPPORTED, "TIMEDOMAIN", err);
    h->bv->vectorized = bb_brainvision_equals(v[ORIENTATION], "VECTORIZED");
    if (!h->bv->vectorized && !bb_brainvision_equals(v[ORIENTATION], "MULTIPLEXED"))
        return fail_key(h, ORIENTATION, BB_ERR_FORMAT, "MULTIPLEXED or VECTORIZED", err);
    /* Of Analyzer's own dialect; the samples would not lie where they are looked for. */
    for (int k = CHANNEL_OFFSET; k <= TRAILER; ++k)
        if (v[k].length > 0 && !bb_brainvision_equals(v[k], "0"))
            return fail_key(h, k, BB_ERR_UNSUPPORTED, "0", err);
    return BB_OK;
}

static bb_status set_sample(const header *h, bb_error *err) {
    const span *v = h->values;
    int kind = 0;
    while (kind < SAMPLE_KINDS && !bb_brainvision_equals(v[BINARY_FORMAT], samples[kind].name)) ++kind;
    if (kind == SAMPLE_KINDS)
        return fail_key(h, BINARY_FORMAT, v[BINARY_FORMAT].at ? BB_ERR_UNSUPPORTED : BB_ERR_FORMAT,
                        "INT_16, UINT_16, INT_32 or IEEE_FLOAT_32", err);
    h->bv->sample = (bb_brainvision_sample)kind;
    h->bv->width = samples[kind].width;
    h->bv->big_endian = bb_brainvision_equals(v[BIG_ENDIAN], "YES");
    if (v[BIG_ENDIAN].length > 0 && !h->bv->big_endian && !bb_brainvision_equals(v[BIG_ENDIAN], "NO"))
        return fail_key(h, BIG_ENDIAN, BB_ERR_FORMAT, "YES or NO", err);
    return BB_OK;
}

/* How far off an interval may be, relative to itself: it is defined in whole microseconds. With decimals it
 * is nearer, but some programs compute them from a rate they rounded to whole Hz. */
static double rounding_of(double interval) {
    return fmin(0.5 / interval, interval == floor(interval) ? 0.1 : 1e-3);
}

static bb_status set_numbers(const header *h, bb_error *err) {
    bb_brainvision *bv = h->bv;
    const span *v = h->values;
    int64_t count = 0;
    if (!bb_brainvision_whole(v[CHANNELS], &count) || count < 1 || count > BB_MAX_CHANNELS) {
        char expected[48];
        snprintf(expected, sizeof expected, "a whole number from 1 to %d", BB_MAX_CHANNELS);
        return fail_key(h, CHANNELS, BB_ERR_FORMAT, expected, err);
    }
    bv->channel_count = (size_t)count;
    bv->points = -1;
    if (v[POINTS].length > 0 && (!bb_brainvision_whole(v[POINTS], &bv->points) || bv->points < 0))
        return fail_key(h, POINTS, BB_ERR_FORMAT, "a whole number", err);
    double interval = 0;
    const size_t used = v[INTERVAL].at ? bb_decimal_parse(v[INTERVAL].at, v[INTERVAL].length, &interval) : 0;
    if (used == 0 || used < v[INTERVAL].length || interval < 1e-3 || interval > 1e9)
        return fail_key(h, INTERVAL, BB_ERR_FORMAT, "a number of microseconds from 0.001 to 1e9", err);
    bv->rate_hz = bb_rate_tidy(1e6 / interval, 1 / interval); /* 833.333333 us is 1200 Hz to a millionth */
    h->r->rate_slack_hz = bv->rate_hz * rounding_of(interval);
    if (bv->rate_hz != floor(bv->rate_hz))
        bb_recording_warn(h->r, "the rate is no whole number: %.10g Hz", bv->rate_hz);
    return BB_OK;
}

/* How many samples there are is what the data file's size says. Where a channel's samples lie together, they
 * can't be found without knowing their number, so that nothing may be odd there. */
static bb_status place_samples(const header *h, bb_error *err) {
    bb_brainvision *bv = h->bv;
    BB_TRY(bb_input_open(bv->data_path, &bv->data, err));
    const int64_t frame = (int64_t)(bv->width * bv->channel_count), size = bv->data.size;
    const int64_t rest = size % frame;
    const bool stated = bv->points >= 0;
    bv->samples = size / frame;
    if (bv->samples == 0)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: expected samples of %zu channels, %lld bytes each time, found %lld bytes",
                       bv->data_path, bv->channel_count, (long long)frame, (long long)size);
    if (bv->vectorized && stated && bv->points > 0 && bv->points <= bv->samples)
        bv->samples = bv->points;
    else if (bv->vectorized && (rest > 0 || (stated && bv->points != bv->samples)))
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: expected %zu channels of equal length one behind the other, of %lld samples by "
                       "the header, found %lld bytes, enough for %lld",
                       bv->data_path, bv->channel_count, (long long)bv->points, (long long)size,
                       (long long)bv->samples);
    if (stated && bv->points != bv->samples)
        bb_recording_warn(h->r, "the header says %lld samples, the data file holds %lld, which are used",
                          (long long)bv->points, (long long)bv->samples);
    if (size > bv->samples * frame)
        bb_recording_warn(h->r, "%lld bytes behind the last whole sample are not used",
                          (long long)(size - bv->samples * frame));
    return BB_OK;
}

static bb_status find_channels(header *h, bb_error *err) {
    const char *path = h->bv->header_path;
    const size_t count = h->bv->channel_count;
    h->channels = bb_calloc(count, sizeof *h->channels);
    if (!h->channels) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu channels", path, count);
    bb_brainvision_lines lines;
    bb_brainvision_begin(&lines, h->text, h->size);
    while (bb_brainvision_next(&lines)) {
        if (!bb_brainvision_equals(lines.section, "Channel Infos")) continue;
        const size_t number = bb_brainvision_number(lines.key, "Ch");
        if (number == 0 || number > count || h->channels[number - 1].at)
            return bb_fail(err, BB_ERR_FORMAT,
                           "%s: line %zu: expected a channel from Ch1 to Ch%zu, each once, found '%.*s'",
                           path, lines.number, count, shown_length(lines.key), lines.key.at);
        h->channels[number - 1] = lines.value;
    }
    for (size_t i = 0; i < count; ++i)
        if (!h->channels[i].at)
            return bb_fail(err, BB_ERR_FORMAT, "%s: [Channel Infos]: expected Ch1 to Ch%zu, found no Ch%zu",
                           path, count, i + 1);
    return BB_OK;
}

/* Resolution times the unit's scale; values without a sensible resolution stay as they are. */
static double find_gain(header *h, size_t i, const char **unit) {
    const span resolution = bb_brainvision_field(h->channels[i], 2);
    const double scale = bb_unit_to_uv(*unit);
    double gain = 1;
    if (resolution.length > 0 &&
        (bb_decimal_parse(resolution.at, resolution.length, &gain) != resolution.length || gain == 0)) {
        if (h->unscaled++ == 0) h->first_unscaled = i + 1;
        *unit = "digital";
        return 1;
    }
    /* Microvolts where nothing is said: the specification's section on channel infos. */
    if (scale > 0 || !**unit) *unit = "uV";
    return scale > 0 ? gain * scale : gain;
}

/* `room` has place for the texts of the longest line twice. */
static bb_status add_channel(header *h, size_t i, char *room, bb_error *err) {
    const bb_brainvision *bv = h->bv;
    const span unit_field = bb_brainvision_field(h->channels[i], 3);
    char *name = room, number[32];
    const size_t length = bb_brainvision_decode(bb_brainvision_field(h->channels[i], 0), name);
    char *unit_text = name + length + 1;
    if (length == 0) {
        snprintf(number, sizeof number, "ch%zu", i + 1);
        name = number;
        ++h->nameless;
    }
    bb_brainvision_decode(unit_field, unit_text);
    const char *unit = unit_text;
    const double gain = bv->gains[i] = find_gain(h, i, &unit);
    const double least = gain * samples[bv->sample].least, most = gain * samples[bv->sample].most;
    const bb_channel channel = {.name = name,
                                .unit = unit,
                                .type = bb_channel_type_with_unit(name, unit),
                                .rate_hz = bv->rate_hz,
                                .samples = bv->samples,
                                .low = fmin(least, most),
                                .high = fmax(least, most)};
    return bb_recording_add_channel(h->r, &channel, err);
}

static bb_status add_channels(header *h, bb_error *err) {
    const size_t count = h->bv->channel_count;
    size_t longest = 0;
    for (size_t i = 0; i < count; ++i)
        if (h->channels[i].length > longest) longest = h->channels[i].length;
    char *room = bb_calloc(longest + 4, 1);
    h->bv->gains = bb_calloc(count, sizeof *h->bv->gains);
    bb_status status = BB_OK;
    if (!room || !h->bv->gains)
        status = bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu channels", h->bv->header_path, count);
    for (size_t i = 0; i < count && status == BB_OK; ++i) status = add_channel(h, i, room, err);
    bb_free(room);
    bb_recording_warn_units(h->r);
    if (h->nameless > 0) bb_recording_warn(h->r, "%zu channels without a name", h->nameless);
    if (h->unscaled > 0)
        bb_recording_warn(h->r,
                          "the resolution of %zu channels, the first is Ch%zu, is 0 or no number, so values "
                          "are digital",
                          h->unscaled, h->first_unscaled);
    return status;
}

/* Where segments have a length, it is the same for all; else the markers may tell. */
static bb_status find_segments(const header *h, bb_error *err) {
    const span *v = h->values;
    int64_t points;
    if (v[SEGMENTATION].length == 0 || bb_brainvision_equals(v[SEGMENTATION], "NOTSEGMENTED")) return BB_OK;
    h->r->info.has_gaps = true;
    bb_recording_warn(h->r, "the recording was cut into segments, which are joined");
    if (!bb_brainvision_whole(v[SEGMENT_POINTS], &points) || points < 1) return BB_OK;
    for (int64_t at = points, n = 0; at < h->bv->samples && n < BB_MAX_EVENTS; at += points, ++n)
        BB_TRY(bb_recording_add_seam(h->r, (double)at / h->bv->rate_hz, err));
    return BB_OK;
}

static bb_status parse(header *h, bb_error *err) {
    const span *v = h->values;
    if (!bb_brainvision_is_text(h->text, h->size, "Header File"))
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: line 1: expected 'Brain Vision Data Exchange Header File Version 1.0' or the "
                       "like, found '%.64s'",
                       h->bv->header_path, h->text);
    find_values(h);
    BB_TRY(check_layout(h, err));
    BB_TRY(set_sample(h, err));
    BB_TRY(set_numbers(h, err));
    BB_TRY(find_channels(h, err));
    BB_TRY(bb_brainvision_set_files(h->r, h->bv, v[DATA_FILE], v[MARKER_FILE], err));
    BB_TRY(place_samples(h, err));
    BB_TRY(find_segments(h, err));
    return add_channels(h, err);
}

bb_status bb_brainvision_read_header(bb_recording *r, bb_brainvision *bv, bb_error *err) {
    header h = {.r = r, .bv = bv};
    bb_status status = bb_recording_add_file(r, bv->header_path, err);
    if (status == BB_OK) status = bb_file_read(bv->header_path, MAX_HEADER, &h.text, &h.size, err);
    if (status == BB_OK) status = parse(&h, err);
    if (status == BB_OK) status = bb_recording_add_file(r, bv->data_path, err);
    bb_free(h.channels);
    bb_free(h.text);
    return status;
}
