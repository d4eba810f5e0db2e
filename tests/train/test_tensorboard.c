/* Event files as a reader of their own sees them: record by record, field by field. */
#include "train/tensorboard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

static const char file_name[] = "events.out.tfevents.0.brainbert";

enum { EVENTS = 16, VALUES = 12 };

typedef struct value {
    char tag[64];
    bool is_scalar;
    float scalar;
    int64_t height, width, colorspace;
    const uint8_t *image;
    size_t image_size;
} value;

typedef struct event {
    double wall_time;
    int64_t step;
    char version[32];
    int count;
    value values[VALUES];
} event;

typedef struct events {
    uint8_t *bytes;
    size_t size;
    int count;
    event all[EVENTS];
    size_t ends[EVENTS]; /* of their records */
} events;

/* ---------------------------------------------------------------- reading */

typedef struct field {
    uint64_t number, integer; /* integer: what a varint holds, or the bits of a float or double */
    const uint8_t *bytes;
    size_t size;
} field;

static uint64_t varint(const uint8_t **at) {
    uint64_t number = 0;
    int shift = 0;
    do number |= (uint64_t)(**at & 0x7F) << shift, shift += 7;
    while (*(*at)++ & 0x80);
    return number;
}

static bool next_field(const uint8_t **at, const uint8_t *end, field *f) {
    if (*at == end) return false;
    const uint64_t key = varint(at);
    *f = (field){.number = key / 8};
    switch (key % 8) {
    case 0:
        f->integer = varint(at);
        break;
    case 1:
        memcpy(&f->integer, *at, 8);
        *at += 8;
        break;
    case 2:
        f->size = varint(at);
        f->bytes = *at;
        *at += f->size;
        break;
    case 5:
        memcpy(&f->integer, *at, 4);
        *at += 4;
        break;
    default:
        fail_msg("a field of kind %d", (int)(key % 8));
    }
    assert_true(*at <= end);
    return true;
}

static void copy_text(char *out, size_t room, const field *f) {
    assert_true(f->size < room);
    memcpy(out, f->bytes, f->size);
    out[f->size] = '\0';
}

static void read_image(value *v, field f) {
    const uint8_t *at = f.bytes, *end = at + f.size;
    while (next_field(&at, end, &f)) {
        if (f.number == 1) v->height = (int64_t)f.integer;
        if (f.number == 2) v->width = (int64_t)f.integer;
        if (f.number == 3) v->colorspace = (int64_t)f.integer;
        if (f.number == 4) v->image = f.bytes, v->image_size = f.size;
    }
}

static void read_value(value *v, field f) {
    const uint8_t *at = f.bytes, *end = at + f.size;
    while (next_field(&at, end, &f)) {
        const uint32_t bits = (uint32_t)f.integer;
        if (f.number == 1) copy_text(v->tag, sizeof v->tag, &f);
        if (f.number == 2) v->is_scalar = true, memcpy(&v->scalar, &bits, 4);
        if (f.number == 4) read_image(v, f);
    }
}

static void read_event(event *e, const uint8_t *at, size_t size) {
    const uint8_t *end = at + size;
    field f;
    while (next_field(&at, end, &f)) {
        if (f.number == 1) memcpy(&e->wall_time, &f.integer, 8);
        if (f.number == 2) e->step = (int64_t)f.integer;
        if (f.number == 3) copy_text(e->version, sizeof e->version, &f);
        if (f.number != 5) continue;
        const uint8_t *inner = f.bytes, *inner_end = inner + f.size;
        while (next_field(&inner, inner_end, &f)) {
            assert_true(f.number == 1 && e->count < VALUES);
            read_value(&e->values[e->count++], f);
        }
    }
}

/* Bit by bit, unlike the library. */
static uint32_t masked_crc(const uint8_t *data, size_t size) {
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < size * 8; ++i) {
        const uint32_t bit = (crc ^ (data[i / 8] >> i % 8)) & 1;
        crc = crc >> 1 ^ (bit ? 0x82F63B78 : 0);
    }
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xA282EAD8;
}

/* Every byte of the file belongs to a whole record. */
static events *read_events(const char *run) {
    char path[512];
    events *e = calloc(1, sizeof *e);
    assert_non_null(e);
    snprintf(path, sizeof path, "%s/%s", run, file_name);
    e->bytes = bb_slurp(path, &e->size);
    for (size_t at = 0; at < e->size;) {
        uint64_t length;
        uint32_t crc;
        assert_true(e->size - at >= 16 && e->count < EVENTS);
        memcpy(&length, e->bytes + at, 8);
        memcpy(&crc, e->bytes + at + 8, 4);
        assert_int_equal(crc, masked_crc(e->bytes + at, 8));
        assert_true(length <= e->size - at - 16);
        memcpy(&crc, e->bytes + at + 12 + length, 4);
        assert_int_equal(crc, masked_crc(e->bytes + at + 12, length));
        read_event(&e->all[e->count], e->bytes + at + 12, length);
        at += 16 + length;
        e->ends[e->count++] = at;
    }
    return e;
}

static void free_events(events *e) {
    free(e->bytes);
    free(e);
}

static const value *find(const event *e, const char *tag) {
    for (int i = 0; i < e->count; ++i)
        if (strcmp(e->values[i].tag, tag) == 0) return &e->values[i];
    return NULL;
}

static void assert_scalar(const event *e, const char *tag, float expected) {
    const value *v = find(e, tag);
    if (!v || !v->is_scalar || v->scalar != expected)
        fail_msg("%s: expected %g, found %g", tag, expected, v ? v->scalar : NAN);
}

/* ---------------------------------------------------------------- writing */

static bb_pretrain_step step_of(int64_t step) {
    return (bb_pretrain_step){.step = step,
                              .steps = 1000,
                              .loss = 2.5 + (double)step,
                              .l1 = 1.5,
                              .content = 0.5,
                              .gradient_norm = 3,
                              .rate = 1e-4,
                              .windows_per_s = 40,
                              .gflop_per_s = 80,
                              .validation = NAN};
}

/* A folder of this name with an event file of `steps` steps. */
static const char *write_run(const char *name, int64_t steps) {
    const char *run = bb_temp_path(name);
    assert_int_equal(mkdir(run, 0777), 0);
    assert_ok(bb_events_begin(run, 0, e));
    for (int64_t i = 1; i <= steps; ++i) {
        const bb_pretrain_step s = step_of(i);
        assert_ok(bb_events_append(run, &s, NULL, e));
    }
    return run;
}

static const char *file_of(const char *run) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", run, file_name);
    return path;
}

static void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static int64_t last_step(const char *run) {
    events *e = read_events(run);
    assert_true(e->count > 0);
    assert_string_equal(e->all[0].version, "brain.Event:2");
    const int64_t step = e->all[e->count - 1].step;
    assert_int_equal(step, e->count - 1);
    free_events(e);
    return step;
}

/* A file's beginning up to its image's kind, 640 x 300 in red, green, blue and opacity. */
static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0,
                              0,    2,   128, 0,   0,    1,    44, 8,    6, 0, 0, 0,  0,   0,   0,   0};

/* ---------------------------------------------------------------- tests */

static void every_step_is_an_event_of_scalars(void **state) {
    (void)state;
    const double before = (double)time(NULL) - 1;
    const char *run = write_run("scalars", 2);
    bb_pretrain_step s = step_of(3000000000);
    s.validation = 0.75;
    assert_ok(bb_events_append(run, &s, NULL, e));
    events *e = read_events(run);
    assert_int_equal(e->count, 4);
    assert_string_equal(e->all[0].version, "brain.Event:2");
    assert_int_equal(e->all[0].count, 0);
    for (int i = 0; i < e->count; ++i)
        assert_true(e->all[i].wall_time > before && e->all[i].wall_time < before + 600);
    const event *second = &e->all[2];
    assert_int_equal(second->step, 2);
    assert_int_equal(second->count, 7);
    assert_scalar(second, "train/loss", 4.5);
    assert_scalar(second, "train/l1", 1.5);
    assert_scalar(second, "train/content", 0.5);
    assert_scalar(second, "train/gradient_norm", 3);
    assert_scalar(second, "train/learning_rate", 1e-4F);
    assert_scalar(second, "speed/windows_per_s", 40);
    assert_scalar(second, "speed/gflop_per_s", 80);
    assert_null(find(second, "validation/loss"));
    assert_int_equal(e->all[3].step, 3000000000);
    assert_scalar(&e->all[3], "validation/loss", 0.75);
    free_events(e);
}

static void pictures_are_embedded_as_they_are(void **state) {
    (void)state;
    const char *run = write_run("pictures", 0), *path = bb_temp_file("x.png", png, sizeof png);
    const bb_pretrain_step s = step_of(1);
    assert_ok(bb_events_append(run, &s, path, e));
    assert_fails(bb_events_append(run, &s, bb_temp_file("cut.png", png, 20), e), BB_ERR_FORMAT, "cut.png");
    assert_fails(bb_events_append(run, &s, bb_temp_path("none.png"), e), BB_ERR_IO, "none.png");
    events *e = read_events(run);
    assert_int_equal(e->count, 2);
    const value *v = find(&e->all[1], "prediction");
    assert_non_null(v);
    assert_int_equal(v->width, 640);
    assert_int_equal(v->height, 300);
    assert_int_equal(v->colorspace, 4);
    assert_int_equal(v->image_size, sizeof png);
    assert_memory_equal(v->image, png, sizeof png);
    assert_scalar(&e->all[1], "train/loss", 3.5);
    free_events(e);
}

static void a_resumed_run_drops_later_steps(void **state) {
    (void)state;
    const char *run = write_run("resumed", 9);
    assert_ok(bb_events_begin(run, 9, e));
    assert_int_equal(last_step(run), 9);
    assert_ok(bb_events_begin(run, 6, e));
    assert_int_equal(last_step(run), 6);
    const bb_pretrain_step s = step_of(7);
    assert_ok(bb_events_append(run, &s, NULL, e));
    assert_int_equal(last_step(run), 7);
    assert_ok(bb_events_begin(run, 0, e));
    assert_int_equal(last_step(run), 0);
}

/* Wherever a file ends, its whole records stay and a new step can follow. */
static void a_torn_end_is_cut_off(void **state) {
    (void)state;
    const char *run = write_run("torn", 3);
    events *whole = read_events(run);
    for (size_t size = 0; size <= whole->size; ++size) {
        int64_t kept = 0;
        while (kept < 3 && whole->ends[kept + 1] <= size) ++kept;
        write_file(file_of(run), whole->bytes, size);
        assert_ok(bb_events_begin(run, 3, e));
        assert_int_equal(last_step(run), kept);
    }
    unlink(file_of(run));
    assert_ok(bb_events_begin(run, 3, e));
    assert_int_equal(last_step(run), 0);
    free_events(whole);
}

/* Any bit that flips, in a length too, costs its own record and those behind it. */
static void damage_leaves_what_is_before_it(void **state) {
    (void)state;
    const char *run = write_run("damaged", 3);
    events *whole = read_events(run);
    for (size_t bit = 0; bit < 8 * whole->size; ++bit) {
        int record = 0;
        while (whole->ends[record] <= bit / 8) ++record;
        whole->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        const size_t kept = bb_events_kept(whole->bytes, whole->size, 3);
        assert_int_equal(kept, record ? whole->ends[record - 1] : 0);
        whole->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free_events(whole);
}

static void messages_that_are_none_are_told(void **state) {
    (void)state;
    int64_t step;
    static const uint8_t endless[] = {0x10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1};
    static const uint8_t too_long[] = {0x2A, 255, 255, 255, 255, 255, 255, 255, 255, 127};
    static const uint8_t cut[] = {0x09, 0, 0}, group[] = {0x0B}, no_value[] = {0x10};
    assert_false(bb_event_step(endless, sizeof endless, &step));
    assert_false(bb_event_step(too_long, sizeof too_long, &step));
    assert_false(bb_event_step(cut, sizeof cut, &step));
    assert_false(bb_event_step(group, sizeof group, &step));
    assert_false(bb_event_step(no_value, sizeof no_value, &step));
    /* A field that we do not know is passed over. */
    static const uint8_t known[] = {0x7D, 1, 2, 3, 4, 0x10, 0xAC, 2};
    assert_true(bb_event_step(known, sizeof known, &step));
    assert_int_equal(step, 300);
    assert_true(bb_event_step(known, 0, &step));
    assert_int_equal(step, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_is_an_event_of_scalars),
        cmocka_unit_test(pictures_are_embedded_as_they_are),
        cmocka_unit_test(a_resumed_run_drops_later_steps),
        cmocka_unit_test(a_torn_end_is_cut_off),
        cmocka_unit_test(damage_leaves_what_is_before_it),
        cmocka_unit_test(messages_that_are_none_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
