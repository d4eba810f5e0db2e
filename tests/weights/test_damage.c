/* Damage anywhere: a clear error or sound tensors, nothing else. */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support.h"
#include "weights/weights.h"

static const char *const files[] = {"golden/tiny.pth", "golden/tiny_legacy.pth", "golden/tiny_half.pth",
                                    "golden/tiny/model.safetensors"};

/* Opens the bytes and reads everything. True if they opened. */
static bool try_bytes(const unsigned char *data, size_t size) {
    bb_weights *weights;
    bb_error err = {0};
    if (bb_weights_parse(data, size, "damaged", &weights, &err) != BB_OK) {
        if (!err.message[0] || err.status == BB_OK || err.status == BB_ERR_MEMORY || weights)
            fail_msg("no good error: '%s'", err.message);
        return false;
    }
    float *values = malloc(size * sizeof *values + sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < bb_weights_count(weights); ++i) {
        const bb_tensor *t = bb_weights_at(weights, i);
        assert_true((size_t)bb_array_count(t->shape, t->dims) <= size);
        bb_tensor_to_f32(t, values);
    }
    free(values);
    bb_weights_close(weights);
    return true;
}

/* In a buffer of exactly `size` bytes, so that a sanitizer sees one byte too many. */
static bool try_cut(const unsigned char *data, size_t size) {
    unsigned char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    const bool opened = try_bytes(copy, size);
    free(copy);
    return opened;
}

static void cut_off_anywhere(void **state) {
    (void)state;
    for (size_t f = 0; f < sizeof files / sizeof *files; ++f) {
        size_t size;
        unsigned char *data = bb_slurp(bb_test_path(files[f]), &size);
        for (size_t i = 0; i < 30; ++i) { /* 30 short ones, 30 of every length */
            if (try_cut(data, i * 8 + i)) fail_msg("%s opened with %zu bytes", files[f], i * 9);
            const size_t length = bb_random_bits(1, f, i) % size;
            if (try_cut(data, length)) fail_msg("%s opened with %zu bytes of %zu", files[f], length, size);
        }
        if (try_cut(data, size - 1)) fail_msg("%s opened without its last byte", files[f]);
        free(data);
    }
}

static void a_flipped_bit_anywhere(void **state) {
    (void)state;
    for (size_t f = 0; f < sizeof files / sizeof *files; ++f) {
        size_t size, refused = 0;
        unsigned char *data = bb_slurp(bb_test_path(files[f]), &size);
        data = realloc(data, size); /* bb_slurp adds a byte */
        for (size_t i = 0; i < 300; ++i) {
            /* A third at the start and a third at the end, where the formats keep their tables. */
            const size_t range = i % 3 ? (size < 12000 ? size : 12000) : size;
            size_t at = bb_random_bits(2, f, i) % range;
            if (i % 3 == 2) at = size - 1 - at;
            const unsigned char bit = (unsigned char)(1u << bb_random_bits(3, f, i) % 8);
            data[at] ^= bit;
            refused += !try_bytes(data, size);
            data[at] ^= bit;
        }
        assert_true(refused > 0);
        assert_true(try_bytes(data, size));
        free(data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_off_anywhere),
        cmocka_unit_test(a_flipped_bit_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
