#include "train/tensorboard.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

/* TensorBoard looks for "tfevents"; behind it other programs write the time and their host, which would give
 * a resumed run a second file. */
static const char file_name[] = "events.out.tfevents.0.brainbert";

/* Of a record: its length and that one's checksum before it, its own checksum behind it. */
enum { HEAD = 12, FOOT = 4 };

/* Kinds of fields in a protocol buffer, and the numbers of those we write. */
enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };
enum { EVENT_WALL_TIME = 1, EVENT_STEP = 2, EVENT_FILE_VERSION = 3, EVENT_SUMMARY = 5 };
enum { SUMMARY_VALUE = 1 };
enum { VALUE_TAG = 1, VALUE_SIMPLE = 2, VALUE_IMAGE = 4 };
enum { IMAGE_HEIGHT = 1, IMAGE_WIDTH = 2, IMAGE_COLORSPACE = 3, IMAGE_ENCODED = 4 };

/* ---------------------------------------------------------------- writing messages */

typedef struct message {
    uint8_t *bytes;
    size_t size, room;
    bool failed; /* memory was short: what is put after that is lost */
} message;

static void put_raw(message *m, const void *bytes, size_t size) {
    m->failed = m->failed || bb_grow((void **)&m->bytes, &m->room, m->size + size, 1) != 0;
    if (m->failed || size == 0) return;
    memcpy(m->bytes + m->size, bytes, size);
    m->size += size;
}

/* The lower `count` bytes of `value`, the lowest first. */
static void put_fixed(message *m, uint64_t value, size_t count) {
    uint8_t bytes[8];
    for (size_t i = 0; i < count; ++i) bytes[i] = (uint8_t)(value >> 8 * i);
    put_raw(m, bytes, count);
}

static void put_varint(message *m, uint64_t value) {
    for (; value > 127; value >>= 7) put_fixed(m, value | 128, 1);
    put_fixed(m, value, 1);
}

static void put_key(message *m, int field, int kind) { put_varint(m, (uint64_t)(field << 3 | kind)); }

static void put_number(message *m, int field, uint64_t value) {
    put_key(m, field, VARINT);
    put_varint(m, value);
}

static void put_double(message *m, int field, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(m, field, FIXED64);
    put_fixed(m, bits, sizeof bits);
}

static void put_float(message *m, int field, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(m, field, FIXED32);
    put_fixed(m, bits, sizeof bits);
}

static void put_bytes(message *m, int field, const void *bytes, size_t size) {
    put_key(m, field, BYTES);
    put_varint(m, size);
    put_raw(m, bytes, size);
}

/* A message as a field of another; it is emptied. */
static void put_message(message *m, int field, message *inner) {
    put_bytes(m, field, inner->bytes, inner->size);
    m->failed = m->failed || inner->failed;
    bb_free(inner->bytes);
    *inner = (message){0};
}

/* ---------------------------------------------------------------- events */

static void put_scalar(message *summary, const char *tag, double x) {
    message value = {0};
    put_bytes(&value, VALUE_TAG, tag, strlen(tag));
    put_float(&value, VALUE_SIMPLE, (float)x);
    put_message(summary, SUMMARY_VALUE, &value);
}

static void put_scalars(message *summary, const bb_pretrain_step *s) {
    put_scalar(summary, "train/loss", s->loss);
    put_scalar(summary, "train/l1", s->l1);
    put_scalar(summary, "train/content", s->content);
    put_scalar(summary, "train/gradient_norm", s->gradient_norm);
    put_scalar(summary, "train/learning_rate", s->rate);
    put_scalar(summary, "speed/windows_per_s", s->windows_per_s);
    put_scalar(summary, "speed/gflop_per_s", s->gflop_per_s);
    if (!isnan(s->validation)) put_scalar(summary, "validation/loss", s->validation);
}

/* The image's size and kind stand in the PNG's first chunk, the highest byte of a number first. */
static bb_status put_picture(message *summary, const char *path, bb_error *err) {
    enum { MOST = 1 << 26, WIDTH = 16, HEIGHT = 20, COLORS = 25 };
    static const uint64_t channels[] = {1, 0, 3, 3, 2, 0, 4}; /* by PNG's number of a kind */
    char *text;
    size_t size;
    BB_TRY(bb_file_read(path, MOST, &text, &size, err));
    const uint8_t *png = (const uint8_t *)text;
    const bool whole = size > COLORS && png[COLORS] < sizeof channels / sizeof *channels;
    if (whole) {
        message value = {0}, image = {0};
        uint64_t width = 0, height = 0;
        for (int i = 0; i < 4; ++i) {
            width = width << 8 | png[WIDTH + i];
            height = height << 8 | png[HEIGHT + i];
        }
        put_number(&image, IMAGE_HEIGHT, height);
        put_number(&image, IMAGE_WIDTH, width);
        put_number(&image, IMAGE_COLORSPACE, channels[png[COLORS]]);
        put_bytes(&image, IMAGE_ENCODED, png, size);
        put_bytes(&value, VALUE_TAG, "prediction", strlen("prediction"));
        put_message(&value, VALUE_IMAGE, &image);
        put_message(summary, SUMMARY_VALUE, &value);
    }
    bb_free(text);
    return whole ? BB_OK : bb_fail(err, BB_ERR_FORMAT, "%s: expected a PNG picture", path);
}

/* ---------------------------------------------------------------- records */

/* A checksum of what holds checksums is weak: TFRecord turns and shifts them. */
static uint32_t masked_checksum(const uint8_t *data, size_t size) {
    const uint32_t crc = bb_crc32c(data, size);
    return (crc >> 15 | crc << 17) + 0xa282ead8;
}

/* The event as a record; it is emptied. */
static void put_record(message *out, message *event) {
    const size_t begin = out->size;
    put_fixed(out, event->size, 8);
    if (!out->failed) put_fixed(out, masked_checksum(out->bytes + begin, 8), 4);
    put_raw(out, event->bytes, event->size);
    put_fixed(out, masked_checksum(event->bytes, event->size), FOOT);
    out->failed = out->failed || event->failed;
    bb_free(event->bytes);
    *event = (message){0};
}

static uint64_t get_fixed(const uint8_t *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; ++i) value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static bool take_varint(const uint8_t **data, const uint8_t *end, uint64_t *value) {
    *value = 0;
    for (int shift = 0; shift < 64 && *data < end; shift += 7) {
        const uint8_t byte = *(*data)++;
        *value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return true;
    }
    return false;
}

bool bb_event_step(const uint8_t *data, size_t size, int64_t *step) {
    const uint8_t *end = data + size;
    *step = 0;
    while (data < end) {
        uint64_t key, value, skipped = 0;
        if (!take_varint(&data, end, &key)) return false;
        switch (key & 7) {
        case VARINT:
            if (!take_varint(&data, end, &value)) return false;
            if (key >> 3 == EVENT_STEP) *step = (int64_t)value;
            break;
        case FIXED64:
            skipped = 8;
            break;
        case BYTES:
            if (!take_varint(&data, end, &skipped)) return false;
            break;
        case FIXED32:
            skipped = 4;
            break;
        default:
            return false;
        }
        if (skipped > (uint64_t)(end - data)) return false;
        data += skipped;
    }
    return true;
}

size_t bb_events_kept(const uint8_t *data, size_t size, int64_t step) {
    size_t at = 0;
    while (size - at >= HEAD + FOOT) {
        const uint8_t *record = data + at, *event = record + HEAD;
        const uint64_t length = get_fixed(record, 8);
        int64_t own;
        if (get_fixed(record + 8, 4) != masked_checksum(record, 8) || length > size - at - HEAD - FOOT) break;
        if (get_fixed(event + length, FOOT) != masked_checksum(event, length)) break;
        if (!bb_event_step(event, length, &own) || own > step) break;
        at += HEAD + length + FOOT;
    }
    return at;
}

/* ---------------------------------------------------------------- the file */

/* Every event file begins with an event that tells which version it is of. */
static bb_status write_first(const char *path, bb_error *err) {
    static const char version[] = "brain.Event:2";
    message event = {0}, record = {0};
    put_double(&event, EVENT_WALL_TIME, bb_date_seconds());
    put_bytes(&event, EVENT_FILE_VERSION, version, strlen(version));
    put_record(&record, &event);
    const bb_status status = record.failed ? bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path)
                                           : bb_file_write(path, record.bytes, record.size, err);
    bb_free(record.bytes);
    return status;
}

static bb_status trim(const char *path, int64_t step, size_t *kept, bb_error *err) {
    bb_map map;
    *kept = 0;
    if (!bb_file_exists(path)) return BB_OK;
    BB_TRY(bb_map_open(path, &map, err));
    const size_t size = map.size;
    *kept = bb_events_kept(map.data, size, step);
    bb_map_close(&map);
    if (*kept < size && truncate(path, (off_t)*kept) != 0) return bb_fail_errno(err, "%s: cannot cut", path);
    return BB_OK;
}

bb_status bb_events_begin(const char *run, int64_t step, bb_error *err) {
    char *path = bb_path_join(run, file_name);
    size_t kept;
    if (!path) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", run);
    bb_status status = trim(path, step, &kept, err);
    if (status == BB_OK && kept == 0) status = write_first(path, err);
    bb_free(path);
    return status;
}

bb_status bb_events_append(const char *run, const bb_pretrain_step *s, const char *picture, bb_error *err) {
    message summary = {0}, event = {0}, record = {0};
    put_scalars(&summary, s);
    bb_status status = picture ? put_picture(&summary, picture, err) : BB_OK;
    put_double(&event, EVENT_WALL_TIME, bb_date_seconds());
    put_number(&event, EVENT_STEP, (uint64_t)s->step);
    put_message(&event, EVENT_SUMMARY, &summary);
    put_record(&record, &event);
    char *path = bb_path_join(run, file_name);
    if (status == BB_OK && (record.failed || !path))
        status = bb_fail(err, BB_ERR_MEMORY, "%s: no memory", run);
    if (status == BB_OK) status = bb_file_append(path, record.bytes, record.size, err);
    bb_free(path);
    bb_free(record.bytes);
    return status;
}
