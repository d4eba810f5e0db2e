/* Checks before the library is asked: what it writes passes them, in every format; what damage it would not
 * survive does not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_parts.h"
#include "io/hdf5.h"
#include "support.h"

enum { NAMES = 3000 };

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

static void put_group(hid_t file, const char *name) {
    H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

/* 0: the early format; 1: the same with other sizes of trees, behind something else; 2: the latest; 3: with
 * pages and other sizes of trees, which stand in an extension of the superblock. */
static hid_t create(const char *path, int format) {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS), plan = H5Pcreate(H5P_FILE_CREATE);
    if (format >= 2) H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    if (format % 2) H5Pset_sym_k(plan, 3, 5);
    if (format == 1) H5Pset_userblock(plan, 1024);
    if (format == 3) H5Pset_file_space_strategy(plan, H5F_FSPACE_STRATEGY_PAGE, 1, 1);
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, plan, access);
    assert_true(file >= 0);
    H5Pclose(access), H5Pclose(plan);
    return file;
}

static bool count_groups(void *data, const bb_hdf5_found *found) {
    *(int *)data += found->object == BB_HDF5_GROUP;
    return true;
}

static void many_names_are_found_also_where_some_were_removed(void **state) {
    (void)state;
    for (int format = 0; format < 4; ++format) {
        const char *path = bb_temp_path("names.h5");
        const hid_t file = create(path, format);
        char name[64];
        int count = 0;
        put_group(file, "all");
        for (int i = 0; i < NAMES; ++i) {
            snprintf(name, sizeof name, "all/%.*s%d", i % 40, "a name of some length, of any length at all",
                     i);
            put_group(file, name);
            if (i % 3 == 0) H5Ldelete(file, name, H5P_DEFAULT);
        }
        H5Lcreate_soft("/all", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
        H5Fclose(file);
        opened o = open_file(path);
        assert_true(bb_hdf5_walk(o.file, "/all", 2, 10 * NAMES, count_groups, &count));
        assert_int_equal(count, NAMES - NAMES / 3);
        close_file(&o);
    }
}

/* `grows` dimensions may grow: what lists the chunks in the latest format depends on it. */
static void put_chunks(hid_t file, const hsize_t *chunk, int grows, bool packed, const double *values) {
    const hsize_t shape[2] = {300, 200},
                  most[2] = {grows > 0 ? H5S_UNLIMITED : 400, grows > 1 ? H5S_UNLIMITED : 220};
    const hid_t space = H5Screate_simple(2, shape, most), plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, 2, chunk);
    if (packed) H5Pset_deflate(plan, 1);
    const hid_t set = H5Dcreate2(file, "a", H5T_STD_I32LE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set), H5Pclose(plan), H5Sclose(space);
}

static void every_list_of_chunks_is_searched_to_the_end(void **state) {
    (void)state;
    static const hsize_t chunks[][2] = {{3, 7}, {300, 200}, {400, 220}};
    double *values = malloc(300 * 200 * sizeof *values), *out = malloc(300 * 200 * sizeof *values);
    for (int i = 0; i < 300 * 200; ++i) values[i] = i;
    for (int way = 0; way < 4 * 3 * 2 * 3; ++way) {
        const char *path = bb_temp_path("chunks.h5");
        const hid_t file = create(path, way % 4);
        bb_hdf5_array a;
        put_chunks(file, chunks[way / 24], way / 4 % 3, way / 12 % 2, values);
        H5Fclose(file);
        opened o = open_file(path);
        assert_ok(bb_hdf5_array_open(o.file, "a", &o.input, BB_HDF5_NUMBERS, &a, e));
        assert_ok(bb_hdf5_array_list(&a, &o.input, "a", 0, 300 * 200, out, e));
        assert_memory_equal(out, values, 300 * 200 * sizeof *out);
        bb_hdf5_array_close(&a);
        close_file(&o);
    }
    free(values);
    free(out);
}

static bb_status open_array(const opened *o, const char *name, bb_error *err) {
    bb_hdf5_array a;
    const bb_status status = bb_hdf5_array_open(o->file, name, &o->input, BB_HDF5_NUMBERS, &a, err);
    bb_hdf5_array_close(&a);
    return status;
}

static void put_dataset(hid_t file, const char *name, hid_t type, hsize_t count) {
    const hid_t space = H5Screate_simple(1, &count, NULL);
    H5Dclose(H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
}

static void types_of_other_kinds_are_told_and_named_ones_followed(void **state) {
    (void)state;
    for (int format = 0; format < 4; ++format) {
        const char *path = bb_temp_path("types.h5");
        const hid_t file = create(path, format), pair = H5Tcreate(H5T_COMPOUND, 16),
                    named = H5Tcopy(H5T_STD_I16LE), list = H5Tvlen_create(H5T_STD_I16LE);
        H5Tinsert(pair, "one", 0, H5T_STD_I64LE), H5Tinsert(pair, "two", 8, H5T_IEEE_F64LE);
        assert_true(H5Tcommit2(file, "type", named, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT) >= 0);
        put_dataset(file, "pairs", pair, 3);
        put_dataset(file, "lists", list, 3);
        put_dataset(file, "named", named, 0);
        H5Tclose(pair), H5Tclose(named), H5Tclose(list), H5Fclose(file);
        opened o = open_file(path);
        assert_int_equal(bb_hdf5_look(o.file, "type"), BB_HDF5_NOTHING);
        assert_fails(open_array(&o, "pairs", e), BB_ERR_UNSUPPORTED, "expected integers or floats");
        assert_fails(open_array(&o, "lists", e), BB_ERR_UNSUPPORTED, "expected integers or floats");
        assert_ok(open_array(&o, "named", e));
        close_file(&o);
    }
}

/* The `nth` place of `mark`. */
static unsigned char *find(unsigned char *bytes, size_t size, const char *mark, int nth) {
    const size_t n = strlen(mark);
    for (size_t at = 0; at + n <= size; ++at)
        if (memcmp(bytes + at, mark, n) == 0 && nth-- == 0) return bytes + at;
    return NULL;
}

static void damage_tree(unsigned char *bytes, size_t size) { /* its first child is it itself */
    unsigned char *tree = find(bytes, size, "TREE", 0);
    const uint64_t own = (uint64_t)(tree - bytes);
    tree[5] = 1;
    memcpy(tree + 32, &own, 8);
}

static void damage_children(unsigned char *bytes, size_t size) {
    find(bytes, size, "TREE", 0)[7] = 255; /* many */
}

static void damage_leaf(unsigned char *bytes, size_t size) { find(bytes, size, "SNOD", 0)[7] = 255; }

static void damage_name(unsigned char *bytes, size_t size) { /* lies behind the heap */
    find(bytes, size, "SNOD", 0)[10] = 255;
}

static void damage_heap(unsigned char *bytes, size_t size) { /* does not end in a zero */
    const unsigned char *heap = find(bytes, size, "HEAP", 0);
    bytes[bb_hdf5_word(heap + 24, 8) + bb_hdf5_word(heap + 8, 8) - 1] = 'a';
}

static void damage_free_block(unsigned char *bytes, size_t size) { /* the next one is it itself */
    const unsigned char *heap = find(bytes, size, "HEAP", 0);
    memcpy(bytes + bb_hdf5_word(heap + 24, 8) + bb_hdf5_word(heap + 16, 8), heap + 16, 8);
}

static void damage_driver(unsigned char *bytes, size_t size) {
    (void)size;
    memset(bytes + 48, 0, 8);
}

static void damaged_groups_are_refused(void **state) {
    (void)state;
    static const struct {
        void (*damage)(unsigned char *bytes, size_t size);
        bb_status status;
        const char *text;
    } all[] = {{damage_tree, BB_ERR_FORMAT, "/: damaged HDF5"},
               {damage_children, BB_ERR_FORMAT, "/: damaged HDF5"},
               {damage_leaf, BB_ERR_FORMAT, "/: damaged HDF5"},
               {damage_name, BB_ERR_FORMAT, "/: damaged HDF5"},
               {damage_heap, BB_ERR_FORMAT, "/: damaged HDF5"},
               {damage_free_block, BB_ERR_FORMAT, "/: damaged HDF5"},
               {damage_driver, BB_ERR_UNSUPPORTED, "one of several"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
        const char *path = bb_temp_path("damaged.h5");
        const hid_t made = create(path, 0);
        size_t size;
        hid_t file;
        put_group(made, "a");
        H5Fclose(made);
        unsigned char *bytes = bb_slurp(path, &size);
        all[i].damage(bytes, size);
        assert_fails(bb_hdf5_open(bb_temp_file("damaged.h5", (const char *)bytes, size), &file, e),
                     all[i].status, all[i].text);
        free(bytes);
    }
}

static void a_tree_of_chunks_that_leads_back_ends(void **state) {
    (void)state;
    const hsize_t shape = 64, chunk = 8;
    double values[64] = {0}, out[64];
    const char *path = bb_temp_path("back.h5");
    const hid_t made = create(path, 0);
    part_dataset(made, "a", H5T_STD_I32LE, 1, &shape, &chunk, false, H5T_NATIVE_DOUBLE, values);
    H5Fclose(made);
    size_t size;
    bb_hdf5_array a;
    unsigned char *bytes = bb_slurp(path, &size), *tree = NULL;
    for (int i = 0; (tree = find(bytes, size, "TREE", i)) && tree[4] != 1; ++i) continue;
    const uint64_t own = (uint64_t)(tree - bytes);
    tree[5] = 1;
    memcpy(tree + 24 + 24, &own, 8);
    opened o = open_file(bb_temp_file("back.h5", (const char *)bytes, size));
    assert_ok(bb_hdf5_array_open(o.file, "a", &o.input, BB_HDF5_NUMBERS, &a, e));
    assert_fails(bb_hdf5_array_list(&a, &o.input, "a", 0, 8, out, e), BB_ERR_FORMAT, "a: damaged HDF5");
    bb_hdf5_array_close(&a);
    close_file(&o);
    free(bytes);
}

static void the_library_may_be_closed_in_between(void **state) {
    (void)state;
    for (int i = 0; i < 3; ++i) {
        const char *path = bb_temp_path("closed.h5");
        const hid_t file = create(path, i);
        int count = 0;
        put_group(file, "a");
        H5Fclose(file);
        opened o = open_file(path), again = open_file(path);
        assert_true(bb_hdf5_walk(o.file, "/", 2, 10, count_groups, &count));
        assert_true(bb_hdf5_walk(again.file, "/", 2, 10, count_groups, &count));
        assert_int_equal(count, 2);
        close_file(&o);
        close_file(&again);
        H5close();
        H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
        if (i == 1) /* something else is given the first numbers */
            H5Pclose(H5Pcreate(H5P_FILE_ACCESS)), H5Tcopy(H5T_NATIVE_INT);
    }
}

/* HDF5 1.10 forgets some of its own memory when it gives up on a damaged file. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libhdf5"; }

int main(void) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* refusals are tested */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_names_are_found_also_where_some_were_removed),
        cmocka_unit_test(every_list_of_chunks_is_searched_to_the_end),
        cmocka_unit_test(types_of_other_kinds_are_told_and_named_ones_followed),
        cmocka_unit_test(damaged_groups_are_refused),
        cmocka_unit_test(a_tree_of_chunks_that_leads_back_ends),
        cmocka_unit_test(the_library_may_be_closed_in_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
