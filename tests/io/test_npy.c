#include <math.h>
#include <string.h>

#include "io/npy.h"
#include "support.h"

static void reads_a_golden_array(void **state) {
    (void)state;
    bb_array a = bb_golden("stft_pretrain.npy");
    assert_int_equal(a.dims, 2);
    assert_int_equal(a.shape[0], 186);
    assert_int_equal(a.shape[1], 40);
    bb_array_free(&a);
}

static void round_trip_keeps_every_value(void **state) {
    (void)state;
    const float values[6] = {1, -2, 3.5f, 0, 1e-30f, 6};
    const int64_t shape[3] = {1, 2, 3};
    const char *path = bb_temp_path("a.npy");
    assert_ok(bb_array_write(path, values, shape, 3, e));
    bb_array a;
    assert_ok(bb_array_read(path, &a, e));
    assert_int_equal(a.dims, 3);
    assert_memory_equal(a.shape, shape, sizeof shape);
    assert_memory_equal(a.data, values, sizeof values);
    bb_array_free(&a);
}

/* A version 1.0 file with the given dictionary and elements. */
static const char *make_npy(const char *dictionary, const void *data, size_t size) {
    static unsigned char file[1024];
    const size_t n = strlen(dictionary);
    memcpy(file, "\x93NUMPY\x01\x00", 8);
    file[8] = (unsigned char)n;
    file[9] = 0;
    memcpy(file + 10, dictionary, n);
    memcpy(file + 10 + n, data, size);
    return bb_temp_file("made.npy", file, 10 + n + size);
}

static void fortran_order_and_big_endian_are_turned_round(void **state) {
    (void)state;
    const unsigned char big_endian[12] = {0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 0xff, 0xff};
    const char *path = make_npy("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }", big_endian, 12);
    const double expected[6] = {1, 2, 3, 4, 5, -1};
    bb_array_f64 a;
    assert_ok(bb_array_f64_read(path, &a, e));
    assert_memory_equal(a.data, expected, sizeof expected);
    bb_array_f64_free(&a);
}

/* Every half comes back; what lies between two goes to the nearer one, in the middle to the even one. */
static void halves_are_the_nearest(void **state) {
    (void)state;
    for (uint32_t h = 0; h < 0x7c00; ++h) {
        const float low = bb_half_to_f32((uint16_t)h),
                    high = h == 0x7bff ? 65536 : bb_half_to_f32((uint16_t)(h + 1)),
                    middle = 0.5f * (low + high);
        assert_int_equal(bb_half_from_f32(low), h);
        assert_int_equal(bb_half_from_f32(-low), h | 0x8000);
        assert_int_equal(bb_half_from_f32(nextafterf(middle, 0)), h);
        assert_int_equal(bb_half_from_f32(nextafterf(middle, INFINITY)), h + 1);
        assert_int_equal(bb_half_from_f32(middle), h + (h & 1));
    }
    assert_int_equal(bb_half_from_f32(INFINITY), 0x7c00);
    assert_int_equal(bb_half_from_f32(-1e30f), 0xfc00);
    assert_true(isnan(bb_half_to_f32(bb_half_from_f32(NAN))));
}

static void half_precision_is_exact(void **state) {
    (void)state;
    const uint16_t halves[4] = {0x3c00, 0xc000, 0x0001, 0x7bff}; /* 1, -2, 2^-24, 65504 */
    const double expected[4] = {1, -2, 0x1p-24, 65504};
    bb_array_f64 a;
    assert_ok(bb_array_f64_read(
        make_npy("{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }", halves, 8), &a, e));
    assert_memory_equal(a.data, expected, sizeof expected);
    bb_array_f64_free(&a);
}

static void damaged_files_are_refused_with_the_place(void **state) {
    (void)state;
    bb_array a;
    const float zeros[4] = {0};
    assert_fails(bb_array_read(bb_temp_path("none.npy"), &a, e), BB_ERR_IO, "none.npy");
    assert_fails(bb_array_read(
                     make_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }", zeros, 16), &a, e),
                 BB_ERR_FORMAT, "expected 20 bytes");
    assert_fails(
        bb_array_read(make_npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", zeros, 16), &a, e),
        BB_ERR_UNSUPPORTED, "|O");
    assert_fails(
        bb_array_read(
            make_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 2)}", zeros,
                     16),
            &a, e),
        BB_ERR_FORMAT, "overflows");
    assert_fails(bb_array_read(bb_temp_file("short.npy", "\x93NUMPY", 6), &a, e), BB_ERR_FORMAT,
                 "npy header");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_golden_array),
        cmocka_unit_test(round_trip_keeps_every_value),
        cmocka_unit_test(fortran_order_and_big_endian_are_turned_round),
        cmocka_unit_test(half_precision_is_exact),
        cmocka_unit_test(halves_are_the_nearest),
        cmocka_unit_test(damaged_files_are_refused_with_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
