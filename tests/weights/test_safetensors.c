#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "brainbert/weights.h"
#include "support.h"

/* A file of the given header, padded or not, and `data` bytes of zeros. */
static const char *make_file(const char *header, size_t data) {
    static unsigned char file[4096];
    const size_t n = strlen(header);
    memset(file, 0, sizeof file);
    file[0] = (unsigned char)n;
    file[1] = (unsigned char)(n >> 8);
    memcpy(file + 8, header, n);
    return bb_temp_file("made.safetensors", file, 8 + n + data);
}

static void a_round_trip_keeps_everything(void **state) {
    (void)state;
    const float numbers[6] = {1, -2, 3.5f, 0, 1e-30f, 6};
    const uint16_t halves[3] = {0x3c00, 0xc000, 0x0001};
    const bb_tensor tensors[4] = {
        {.name = "b", .dtype = BB_F32, .dims = 2, .shape = {2, 3}, .strides = {3, 1}, .data = numbers},
        {.name = "a \"quoted\" \303\251",
         .dtype = BB_F16,
         .dims = 1,
         .shape = {3},
         .strides = {1},
         .data = halves},
        {.name = "scalar", .dtype = BB_F32, .data = numbers + 2},
        {.name = "empty", .dtype = BB_F32, .dims = 2, .shape = {0, 4}, .strides = {4, 1}, .data = numbers}};
    const char *path = bb_temp_path("round.safetensors");
    assert_ok(bb_safetensors_write(path, tensors, 4, "{\"format\":\"pt\",\"by\":\"me\"}", e));
    bb_weights *w;
    assert_ok(bb_weights_open(path, &w, e));
    assert_string_equal(bb_weights_container(w), "safetensors");
    assert_string_equal(bb_weights_config(w), "{\"format\":\"pt\",\"by\":\"me\"}");
    assert_int_equal(bb_weights_count(w), 4);
    for (size_t i = 0; i < 4; ++i) {
        const bb_tensor *t = bb_weights_at(w, i);
        assert_string_equal(t->name, tensors[i].name);
        assert_ptr_equal(bb_weights_find(w, t->name), t);
        assert_int_equal(t->dtype, tensors[i].dtype);
        assert_int_equal(t->dims, tensors[i].dims);
        assert_memory_equal(t->shape, tensors[i].shape, sizeof t->shape);
        assert_memory_equal(t->data, tensors[i].data,
                            (size_t)bb_array_count(t->shape, t->dims) * bb_dtype_size(t->dtype));
    }
    assert_null(bb_weights_find(w, "c"));
    bb_weights_close(w);
    size_t size;
    unsigned char *file = bb_slurp(path, &size);
    assert_int_equal(file[0] % 8, 0); /* the data begin at a multiple of 8 bytes */
    free(file);
}

static void nothing_at_all_can_be_written(void **state) {
    (void)state;
    const char *path = bb_temp_path("none.safetensors");
    bb_weights *w;
    assert_ok(bb_safetensors_write(path, NULL, 0, NULL, e));
    assert_ok(bb_weights_open(path, &w, e));
    assert_int_equal(bb_weights_count(w), 0);
    assert_null(bb_weights_find(w, "a"));
    assert_null(bb_weights_config(w));
    bb_weights_close(w);
}

static void assert_unwritable(bb_tensor tensor, const char *metadata, const char *part) {
    const char *path = bb_temp_path("wrong.safetensors");
    assert_fails(bb_safetensors_write(path, &tensor, 1, metadata, e), BB_ERR_ARGUMENT, part);
    assert_false(bb_file_exists(path));
}

static void what_cannot_be_written(void **state) {
    (void)state;
    const float zeros[8] = {0};
    const bb_tensor good = {
        .name = "a", .dtype = BB_F32, .dims = 2, .shape = {2, 4}, .strides = {4, 1}, .data = zeros};
    bb_tensor t = good;
    t.strides[0] = 1, t.strides[1] = 2;
    assert_unwritable(t, NULL, "'a': expected a shape and the strides of C order");
    t = good, t.shape[0] = -2;
    assert_unwritable(t, NULL, "C order");
    t = good, t.dtype = BB_I32;
    assert_unwritable(t, NULL, "float32 or float16");
    t = good, t.name = "__metadata__";
    assert_unwritable(t, NULL, "not __metadata__");
    t = good, t.name = "\377";
    assert_unwritable(t, NULL, "UTF-8");
    assert_unwritable(good, "{\"a\":1}", "object of strings");
    assert_unwritable(good, "not json", "object of strings");
    const bb_tensor twice[2] = {good, good};
    assert_fails(bb_safetensors_write(bb_temp_path("t.safetensors"), twice, 2, NULL, e), BB_ERR_ARGUMENT,
                 "two tensors are called 'a'");
    assert_fails(bb_safetensors_write(bb_temp_path("no/such/t.safetensors"), &good, 1, NULL, e), BB_ERR_IO,
                 "cannot create");
}

/* One tensor "a" whose description is given, before 24 bytes of data. */
static void assert_refused(const char *entry, bb_status status, const char *part) {
    char header[1024];
    bb_weights *w;
    snprintf(header, sizeof header, "{\"a\":%s}", entry);
    assert_fails(bb_weights_open(make_file(header, 24), &w, e), status, part);
    assert_null(w);
}

static void wrong_descriptions_are_refused(void **state) {
    (void)state;
    const struct {
        const char *entry, *part;
    } wrong[] = {
        {"{\"dtype\":\"F32\",\"shape\":[7],\"data_offsets\":[0,28]}",
         "ends at byte 28 of the data, which has 24"},
        {"{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,24]}", "do not make 24 bytes"},
        {"{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,6]}", "do not make 6 bytes"},
        {"{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[24,0]}", "ascending data_offsets"},
        {"{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[-4,20]}", "ascending data_offsets"},
        {"{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[0,24,24]}", "ascending data_offsets"},
        {"{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[0,1e300]}", "ascending data_offsets"},
        {"{\"dtype\":\"F32\",\"shape\":[6]}", "ascending data_offsets"},
        {"{\"dtype\":\"F32\",\"shape\":[-6],\"data_offsets\":[0,24]}", "a shape of up to 8"},
        {"{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,24]}", "a shape of up to 8"},
        {"{\"dtype\":\"F32\",\"shape\":6,\"data_offsets\":[0,24]}", "a shape of up to 8"},
        {"{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,6],\"data_offsets\":[0,24]}", "a shape of up to 8"},
        {"{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,24]}",
         "a shape of up to 8"},
        {"{\"dtype\":\"F32\",\"shape\":[0,4294967296,4294967296],\"data_offsets\":[0,0]}",
         "a shape of up to"},
        {"{\"dtype\":4,\"shape\":[6],\"data_offsets\":[0,24]}", "expected a dtype"},
        {"7", "expected a dtype"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i)
        assert_refused(wrong[i].entry, BB_ERR_FORMAT, wrong[i].part);
    assert_refused("{\"dtype\":\"F8_E4M3\",\"shape\":[24],\"data_offsets\":[0,24]}", BB_ERR_UNSUPPORTED,
                   "found F8_E4M3");
}

static void wrong_headers_are_refused(void **state) {
    (void)state;
    bb_weights *w;
    const char *good = "{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}";
    char twice[512];
    snprintf(twice, sizeof twice, "{\"a\":%s,\"a\":%s}", good, good);
    assert_fails(bb_weights_open(make_file(twice, 1), &w, e), BB_ERR_FORMAT, "two tensors are called 'a'");
    assert_fails(bb_weights_open(make_file("{\"__metadata__\":{\"a\":1}}", 0), &w, e), BB_ERR_FORMAT,
                 "__metadata__");
    assert_fails(bb_weights_open(make_file("{\"a\":", 0), &w, e), BB_ERR_FORMAT, "expected a JSON object");
    assert_fails(bb_weights_open(make_file("{} x", 0), &w, e), BB_ERR_FORMAT, "a mistake at byte 10");
    assert_fails(bb_weights_open(make_file("{\"\377\":1}", 0), &w, e), BB_ERR_FORMAT, "UTF-8");
    assert_fails(bb_weights_open(bb_temp_file("long.safetensors", "\100\0\0\0\0\0\0\0{}", 10), &w, e),
                 BB_ERR_FORMAT, "not more than the file's 2, found 64");
    assert_fails(
        bb_weights_open(bb_temp_file("huge.safetensors", "\377\377\377\377\377\377\377\377{}", 10), &w, e),
        BB_ERR_FORMAT, "header: expected at most 100000000 bytes");
}

static void gaps_overlaps_and_blanks_are_harmless(void **state) {
    (void)state;
    bb_weights *w;
    assert_ok(
        bb_weights_open(make_file("{\"a\":{\"dtype\":\"I8\",\"shape\":[4],\"data_offsets\":[2,6]},"
                                  "\"b\":{\"dtype\":\"BF16\",\"shape\":[2,1],\"data_offsets\":[4,8]}}   \n ",
                                  16),
                        &w, e));
    assert_ptr_equal((const char *)bb_weights_find(w, "a")->data + 2, bb_weights_find(w, "b")->data);
    bb_weights_close(w);
}

static void a_header_of_too_many_values_is_refused(void **state) {
    (void)state;
    const size_t n = 5 << 20;
    char *file = malloc(8 + n);
    assert_non_null(file);
    memset(file, ',', 8 + n);
    memcpy(file, "\0\0\120\0\0\0\0\0{", 9);
    bb_weights *w;
    assert_fails(bb_weights_open(bb_temp_file("many.safetensors", file, 8 + n), &w, e), BB_ERR_FORMAT,
                 "at most 4194304 values");
    free(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_trip_keeps_everything),
        cmocka_unit_test(nothing_at_all_can_be_written),
        cmocka_unit_test(what_cannot_be_written),
        cmocka_unit_test(wrong_descriptions_are_refused),
        cmocka_unit_test(wrong_headers_are_refused),
        cmocka_unit_test(gaps_overlaps_and_blanks_are_harmless),
        cmocka_unit_test(a_header_of_too_many_values_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
