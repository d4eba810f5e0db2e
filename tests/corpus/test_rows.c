#include "corpus/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support.h"

enum { SAMPLES = 1000 };

typedef struct trip {
    double x[SAMPLES], back[SAMPLES];
    unsigned char stored[8 * SAMPLES], scratch[8 * SAMPLES];
    size_t bytes;
    float scale;
} trip;

static void go(const bb_row_format *f, trip *t) {
    assert_true(bb_row_room(f) <= sizeof t->stored && 2 * bb_row_bytes(f) <= sizeof t->scratch);
    t->bytes = bb_row_pack(f, t->x, t->scratch, t->stored, &t->scale);
    assert_true(t->bytes > 0 && t->bytes <= bb_row_room(f));
    assert_true(bb_row_unpack(f, t->stored, t->bytes, t->scale, t->scratch, t->back));
}

static double fill(trip *t, double size) {
    double most = 0;
    for (int i = 0; i < SAMPLES; ++i) {
        t->x[i] = size * bb_random_normal(2, 0, (uint64_t)i);
        most = fmax(most, fabs(t->x[i]));
    }
    return most;
}

static void int16_is_off_by_half_a_step_of_the_windows_own(void **state) {
    (void)state;
    static trip t;
    for (int compressed = 0; compressed < 2; ++compressed)
        for (double size = 1e-9; size < 1e9; size *= 1e3) {
            const bb_row_format f = {BB_SAMPLES_INT16, compressed, SAMPLES};
            const double most = fill(&t, size);
            go(&f, &t);
            /* half a step of most / 32767, and the rounding of the scale to float32 */
            assert_at_most(bb_max_error_f64(t.x, t.back, SAMPLES), most / 65534 + most * 1e-7);
        }
}

static void float32_keeps_every_bit_that_float32_has(void **state) {
    (void)state;
    static trip t;
    for (int compressed = 0; compressed < 2; ++compressed) {
        const bb_row_format f = {BB_SAMPLES_FLOAT32, compressed, SAMPLES};
        fill(&t, 50);
        go(&f, &t);
        for (int i = 0; i < SAMPLES; ++i) assert_true(t.back[i] == (double)(float)t.x[i]);
    }
}

static void silence_comes_back_as_silence(void **state) {
    (void)state;
    static trip t;
    memset(t.x, 0, sizeof t.x);
    const bb_row_format f = {BB_SAMPLES_INT16, false, SAMPLES};
    go(&f, &t);
    for (int i = 0; i < SAMPLES; ++i) assert_true(t.back[i] == 0);
}

static void bytes_of_another_length_are_no_row(void **state) {
    (void)state;
    static trip t;
    fill(&t, 50);
    for (int compressed = 0; compressed < 2; ++compressed) {
        const bb_row_format f = {BB_SAMPLES_INT16, compressed, SAMPLES};
        go(&f, &t);
        assert_false(bb_row_unpack(&f, t.stored, t.bytes - 1, t.scale, t.scratch, t.back));
        assert_false(bb_row_unpack(&f, t.stored, 0, t.scale, t.scratch, t.back));
        const uint32_t sum = bb_row_checksum(t.stored, t.bytes);
        t.stored[t.bytes / 2] ^= 4;
        assert_true(bb_row_checksum(t.stored, t.bytes) != sum);
    }
    /* what unpacks to more than a row, or to less */
    const bb_row_format longer = {BB_SAMPLES_INT16, true, SAMPLES},
                        shorter = {BB_SAMPLES_INT16, true, SAMPLES / 2};
    go(&longer, &t);
    assert_false(bb_row_unpack(&shorter, t.stored, t.bytes, t.scale, t.scratch, t.back));
    go(&shorter, &t);
    assert_false(bb_row_unpack(&longer, t.stored, t.bytes, t.scale, t.scratch, t.back));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int16_is_off_by_half_a_step_of_the_windows_own),
        cmocka_unit_test(float32_keeps_every_bit_that_float32_has),
        cmocka_unit_test(silence_comes_back_as_silence),
        cmocka_unit_test(bytes_of_another_length_are_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
