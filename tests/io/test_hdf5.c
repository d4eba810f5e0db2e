/* Datasets, attributes and trees of HDF5, in every way of storing them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_parts.h"
#include "io/hdf5.h"
#include "support.h"

enum { ROWS = 37, COLUMNS = 23 };

typedef struct opened {
    bb_input input;
    hid_t file;
} opened;

static opened open_file(const char *path) {
    opened o = {.input = {.fd = -1}};
    assert_ok(bb_input_open(path, &o.input, e));
    assert_ok(bb_hdf5_open(path, &o.file, e));
    return o;
}

static void close_file(opened *o) {
    H5Fclose(o->file);
    bb_input_close(&o->input);
}

static hid_t create(const char *path) {
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

static void check_both_ways(opened *o, const char *name, const double *values) {
    bb_hdf5_array a;
    double out[4 * ROWS * COLUMNS];
    assert_ok(bb_hdf5_array_open(o->file, name, &o->input, BB_HDF5_NUMBERS, &a, e));
    assert_int_equal(a.rows, ROWS);
    assert_int_equal(a.columns, COLUMNS);
    static const size_t channels[] = {22, 3, 9, 3};
    for (int64_t first = 0; first < 20; first += 7) {
        const int64_t n = 16 - first / 7;
        assert_ok(bb_hdf5_array_read(&a, &o->input, name, true, channels, 4, first, n, out, e));
        for (size_t c = 0; c < 4; ++c)
            for (int64_t t = 0; t < n; ++t)
                assert_true(out[(int64_t)c * n + t] == values[(first + t) * COLUMNS + (int64_t)channels[c]]);
        assert_ok(bb_hdf5_array_read(&a, &o->input, name, false, channels, 4, first / 2, n / 2, out, e));
        for (size_t c = 0; c < 4; ++c)
            for (int64_t t = 0; t < n / 2; ++t)
                assert_true(out[(int64_t)c * (n / 2) + t] ==
                            values[(int64_t)channels[c] * COLUMNS + first / 2 + t]);
    }
    assert_ok(bb_hdf5_array_list(&a, &o->input, name, 5, ROWS * COLUMNS - 5, out, e));
    assert_memory_equal(out, values + 5, (ROWS * COLUMNS - 5) * sizeof *out);
    if (a.place < 0) /* however many they are, all of these small chunks are kept */
        assert_int_equal(a.kept_count, (a.rows + a.chunk_rows - 1) / a.chunk_rows *
                                           ((a.columns + a.chunk_columns - 1) / a.chunk_columns));
    bb_hdf5_array_trim(&a, 100);
    assert_true(a.kept_count * (uint64_t)(a.chunk_rows * a.chunk_columns) * a.width <= 100);
    assert_ok(bb_hdf5_array_list(&a, &o->input, name, 0, ROWS * COLUMNS, out, e));
    assert_memory_equal(out, values, ROWS * COLUMNS * sizeof *out);
    bb_hdf5_array_close(&a);
}

static void every_layout_is_read_along_either_dimension(void **state) {
    (void)state;
    static const hsize_t shape[2] = {ROWS, COLUMNS},
                         chunks[][2] = {{0, 0}, {1, 23}, {37, 1}, {5, 4}, {100, 7}, {64, 64}};
    const hid_t types[] = {H5T_STD_U8LE,  H5T_STD_I16BE,  H5T_STD_U32LE,
                           H5T_STD_I64LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE};
    double values[ROWS * COLUMNS];
    for (int i = 0; i < ROWS * COLUMNS; ++i) values[i] = i * 7 % 251;
    for (size_t l = 0; l < 6; ++l)
        for (size_t i = 0; i < sizeof types / sizeof *types; ++i)
            for (int packed = 0; packed < 2; ++packed) {
                const char *path = bb_temp_path("arrays.h5");
                const hid_t file = create(path);
                part_dataset(file, "a", types[i], 2, shape, l ? chunks[l] : NULL, packed, H5T_NATIVE_DOUBLE,
                             values);
                H5Fclose(file);
                opened o = open_file(path);
                check_both_ways(&o, "a", values);
                close_file(&o);
            }
}

/* Of more than two dimensions those of length 1 do not count. */
static void dimensions_of_length_one_are_left_out(void **state) {
    (void)state;
    static const hsize_t shapes[][3] = {{ROWS, COLUMNS, 1}, {ROWS, 1, COLUMNS}, {1, ROWS, COLUMNS}},
                         chunks[][3] = {{5, 4, 1}, {5, 1, 4}, {1, 5, 4}}, thick[3] = {5, 4, 2};
    static const hsize_t most[3] = {ROWS, COLUMNS, H5S_UNLIMITED};
    double values[ROWS * COLUMNS];
    const char *path = bb_temp_path("thin.h5");
    for (int i = 0; i < ROWS * COLUMNS; ++i) values[i] = i * 7 % 251;
    for (int i = 0; i < 3; ++i)
        for (int chunked = 0; chunked < 2; ++chunked) {
            const hid_t file = create(path);
            part_dataset(file, "a", H5T_IEEE_F64LE, 3, shapes[i], chunked ? chunks[i] : NULL, chunked,
                         H5T_NATIVE_DOUBLE, values);
            H5Fclose(file);
            opened o = open_file(path);
            check_both_ways(&o, "a", values);
            close_file(&o);
        }
    const hid_t file = create(path), space = H5Screate_simple(3, shapes[0], most),
                plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, 3, thick);
    H5Dclose(H5Dcreate2(file, "a", H5T_IEEE_F64LE, space, H5P_DEFAULT, plan, H5P_DEFAULT));
    H5Pclose(plan);
    H5Sclose(space);
    H5Fclose(file);
    opened o = open_file(path);
    bb_hdf5_array a;
    assert_fails(bb_hdf5_array_open(o.file, "a", &o.input, BB_HDF5_NUMBERS, &a, e), BB_ERR_FORMAT,
                 "its chunks are longer than it is");
    bb_hdf5_array_close(&a);
    close_file(&o);
}

static hid_t plan_with_fill(const hsize_t *chunk, double fill) {
    const hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, 1, chunk);
    H5Pset_fill_value(plan, H5T_NATIVE_DOUBLE, &fill);
    return plan;
}

static void chunks_never_written_hold_the_fill_value(void **state) {
    (void)state;
    const char *path = bb_temp_path("partial.h5");
    const hid_t file = create(path);
    const hsize_t shape = 100, chunk = 16, first = 20, count = 10;
    for (int i = 0; i < 3; ++i) {
        const hid_t space = H5Screate_simple(1, &shape, NULL), plan = plan_with_fill(&chunk, i == 1 ? 3 : 0);
        const hid_t set = H5Dcreate2(file,
                                     i == 0   ? "zero"
                                     : i == 1 ? "three"
                                              : "never",
                                     H5T_STD_I16LE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
        const hid_t part = H5Screate_simple(1, &count, NULL);
        const double ones[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        H5Sselect_hyperslab(space, H5S_SELECT_SET, &first, NULL, &count, NULL);
        if (i < 2) assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, part, space, H5P_DEFAULT, ones) >= 0);
        H5Dclose(set), H5Sclose(part), H5Sclose(space), H5Pclose(plan);
    }
    H5Fclose(file);
    opened o = open_file(path);
    static const char *const names[] = {"zero", "three", "never"};
    for (int i = 0; i < 3; ++i) {
        bb_hdf5_array a;
        double out[100];
        assert_ok(bb_hdf5_array_open(o.file, names[i], &o.input, BB_HDF5_NUMBERS, &a, e));
        assert_ok(bb_hdf5_array_list(&a, &o.input, names[i], 0, 100, out, e));
        for (int t = 0; t < 100; ++t)
            assert_true(out[t] == (i < 2 && t >= 20 && t < 30 ? 1 : i == 1 ? 3 : 0));
        bb_hdf5_array_close(&a);
    }
    close_file(&o);
}

static void a_wrong_checksum_is_told(void **state) {
    (void)state;
    const hsize_t shape = 1000, chunk = 1000;
    double values[1000], out[1000];
    for (int i = 0; i < 1000; ++i) values[i] = i;
    const char *path = bb_temp_path("sum.h5");
    const hid_t file = create(path), space = H5Screate_simple(1, &shape, NULL),
                plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, 1, &chunk);
    H5Pset_fletcher32(plan);
    const hid_t set = H5Dcreate2(file, "a", H5T_STD_I16LE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(set), H5Pclose(plan), H5Sclose(space), H5Fclose(file);
    size_t size, at = 0;
    unsigned char *bytes = bb_slurp(path, &size);
    static const unsigned char run[] = {100, 0, 101, 0, 102, 0, 103, 0};
    while (memcmp(bytes + at, run, sizeof run) != 0) ++at;
    for (int damaged = 0; damaged < 2; ++damaged) {
        bb_hdf5_array a;
        if (damaged) bytes[at] ^= 1;
        opened o = open_file(bb_temp_file("sum2.h5", bytes, size));
        assert_ok(bb_hdf5_array_open(o.file, "a", &o.input, BB_HDF5_NUMBERS, &a, e));
        if (damaged)
            assert_fails(bb_hdf5_array_list(&a, &o.input, "a", 0, 1000, out, e), BB_ERR_FORMAT,
                         "does not unpack");
        else
            assert_ok(bb_hdf5_array_list(&a, &o.input, "a", 0, 1000, out, e));
        bb_hdf5_array_close(&a);
        close_file(&o);
    }
    free(bytes);
}

static void other_filters_are_refused_by_name(void **state) {
    (void)state;
    static const struct {
        H5Z_filter_t filter;
        const char *name;
    } filters[] = {
        {32000, "lzf"}, {32001, "blosc"}, {32015, "zstd"}, {H5Z_FILTER_NBIT, "nbit"}, {40000, "unknown"}};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; ++i) {
        const char *path = bb_temp_path("filter.h5");
        const hsize_t shape = 10;
        const hid_t file = create(path), space = H5Screate_simple(1, &shape, NULL),
                    plan = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_chunk(plan, 1, &shape);
        H5Pset_filter(plan, filters[i].filter, H5Z_FLAG_OPTIONAL, 0, NULL);
        H5Dclose(H5Dcreate2(file, "a", H5T_STD_I16LE, space, H5P_DEFAULT, plan, H5P_DEFAULT));
        H5Pclose(plan), H5Sclose(space), H5Fclose(file);
        opened o = open_file(path);
        bb_hdf5_array a;
        assert_fails(bb_hdf5_array_open(o.file, "a", &o.input, BB_HDF5_NUMBERS, &a, e), BB_ERR_UNSUPPORTED,
                     filters[i].name);
        bb_hdf5_array_close(&a);
        close_file(&o);
    }
}

static void small_data_inside_the_header_are_read(void **state) {
    (void)state;
    const char *path = bb_temp_path("compact.h5");
    const hsize_t shape[2] = {2, 3};
    const double values[6] = {1, 2, 3, 4, 5, 6};
    const hid_t file = create(path), space = H5Screate_simple(2, shape, NULL),
                plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_layout(plan, H5D_COMPACT);
    const hid_t set = H5Dcreate2(file, "a", H5T_IEEE_F32LE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(set), H5Pclose(plan), H5Sclose(space), H5Fclose(file);
    opened o = open_file(path);
    bb_hdf5_array a;
    double out[6];
    assert_ok(bb_hdf5_array_open(o.file, "/a", &o.input, BB_HDF5_NUMBERS, &a, e));
    assert_ok(bb_hdf5_array_list(&a, &o.input, "/a", 0, 6, out, e));
    assert_memory_equal(out, values, sizeof out);
    bb_hdf5_array_close(&a);
    close_file(&o);
}

static void texts_and_attributes_are_read(void **state) {
    (void)state;
    static const char *const texts[] = {"LA1", "", "a longer label of the third", "\xce\xbc"};
    for (int variable = 0; variable < 2; ++variable)
        for (int late = 0; late < 2; ++late) { /* both formats of the file */
            const char *path = bb_temp_path("texts.h5");
            const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
            if (late) H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
            const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
            char text[16], name[16];
            double number = 0;
            part_texts(file, "list", texts, 4, variable);
            part_name_text(file, "list", "unit", "microvolts", variable);
            part_name_number(file, "list", "rate", 512.5);
            for (int i = 0; i < 6; ++i) {
                snprintf(name, sizeof name, "more%d", i);
                part_number_attribute(file, name, i % 2 ? H5T_STD_I16BE : H5T_STD_U8LE, i);
            }
            H5Pclose(access), H5Fclose(file);
            opened o = open_file(path);
            bb_hdf5_array a;
            assert_ok(bb_hdf5_array_open(o.file, "list", &o.input, BB_HDF5_TEXTS, &a, e));
            for (int i = 0; i < 4; ++i) {
                assert_ok(bb_hdf5_array_text(&a, &o.input, "list", i, text, sizeof text, e));
                assert_memory_equal(text, texts[i], strnlen(texts[i], sizeof text - 1));
                assert_int_equal(strlen(text), strnlen(texts[i], sizeof text - 1));
            }
            bb_hdf5_array_close(&a);
            assert_true(bb_hdf5_get_text(o.file, "list", &o.input, "unit", text, sizeof text));
            assert_string_equal(text, "microvolts");
            assert_true(bb_hdf5_get_number(o.file, "list", &o.input, "rate", &number) && number == 512.5);
            assert_true(bb_hdf5_get_number(o.file, "/", &o.input, "more5", &number) && number == 5);
            assert_false(bb_hdf5_get_number(o.file, "list", &o.input, "unit", &number));
            assert_false(bb_hdf5_get_text(o.file, "/", &o.input, "unit", text, sizeof text));
            close_file(&o);
        }
}

static bool count_objects(void *data, const bb_hdf5_found *found) {
    assert_true(strlen(found->path) < BB_HDF5_PATH);
    ++*(int *)data;
    return true;
}

static void walks_follow_hard_links_alone_and_end(void **state) {
    (void)state;
    const char *path = bb_temp_path("tree.h5");
    const hid_t file = create(path);
    H5Gclose(H5Gcreate2(file, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Gclose(H5Gcreate2(file, "a/b", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Lcreate_hard(file, "a", file, "a/b/up", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/a", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("tree.h5", "/a", file, "outside", H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    opened o = open_file(path);
    int count = 0;
    assert_true(bb_hdf5_walk(o.file, "/", 10, 1000, count_objects, &count));
    assert_int_equal(count, 3); /* a, a/b, a/b/up */
    count = 0;
    assert_true(bb_hdf5_walk(o.file, "/", 10, 2, count_objects, &count));
    assert_int_equal(count, 2);
    assert_int_equal(bb_hdf5_look(o.file, "/a/b"), BB_HDF5_GROUP);
    assert_int_equal(bb_hdf5_look(o.file, "/soft"), BB_HDF5_NOTHING);
    assert_int_equal(bb_hdf5_look(o.file, "/soft/b"), BB_HDF5_NOTHING);
    assert_int_equal(bb_hdf5_look(o.file, "/outside/b"), BB_HDF5_NOTHING);
    assert_false(bb_hdf5_walk(o.file, "/soft", 10, 10, count_objects, &count));
    close_file(&o);
}

/* HDF5 1.10 forgets some of its own memory when it gives up on a damaged file. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libhdf5"; }

int main(void) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* refusals are tested */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_is_read_along_either_dimension),
        cmocka_unit_test(dimensions_of_length_one_are_left_out),
        cmocka_unit_test(chunks_never_written_hold_the_fill_value),
        cmocka_unit_test(a_wrong_checksum_is_told),
        cmocka_unit_test(other_filters_are_refused_by_name),
        cmocka_unit_test(small_data_inside_the_header_are_read),
        cmocka_unit_test(texts_and_attributes_are_read),
        cmocka_unit_test(walks_follow_hard_links_alone_and_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
