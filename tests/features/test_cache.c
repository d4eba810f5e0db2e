#include "features/cache.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { WINDOWS = 5, CHANNELS = 3, DIM = 7 };

static bb_cache_head head(void) {
    bb_cache_head h = {.windows = WINDOWS, .channels = CHANNELS, .dim = DIM};
    assert_true(bb_sha256_of_text("what they are made of", h.key));
    return h;
}

static float value(int64_t channel, int64_t window, int i) {
    return (float)(100 * channel + 10 * window + i);
}

/* All rows but those of window 2. */
static bb_cache_writer *write_rows(const char *path, int64_t first) {
    const bb_cache_head h = head();
    bb_cache_writer *w;
    assert_ok(bb_cache_create(path, &h, &w, e));
    for (int64_t i = 0; i < WINDOWS; ++i)
        for (int64_t c = 0; c < CHANNELS; ++c) {
            const int64_t window = (first + i) % WINDOWS;
            float row[DIM];
            if (window == 2) continue;
            for (int k = 0; k < DIM; ++k) row[k] = value(c, window, k);
            assert_ok(bb_cache_write(w, c, window, row, e));
            bb_cache_mark(w, c, window, (unsigned char)(c + window));
        }
    return w;
}

static void check_view(const bb_cache_view *v) {
    for (int64_t c = 0; c < CHANNELS; ++c)
        for (int64_t w = 0; w < WINDOWS; ++w)
            for (int k = 0; k < DIM; ++k) {
                assert_true(v->rows[(c * WINDOWS + w) * DIM + k] == (w == 2 ? 0 : value(c, w, k)));
                assert_int_equal(v->unsound[c * WINDOWS + w], w == 2 ? 0 : c + w);
            }
}

static void rows_come_back_from_files_and_from_nameless_ones(void **state) {
    (void)state;
    const char *const paths[] = {bb_temp_path("a.features"), NULL};
    for (int i = 0; i < 2; ++i) {
        bb_cache_writer *w = write_rows(paths[i], 3);
        bb_map map;
        bb_cache_view view;
        if (paths[i]) assert_false(bb_file_exists(paths[i]));
        assert_ok(bb_cache_finish(w, &map, e));
        bb_cache_destroy(w);
        assert_ok(bb_cache_parse(map.data, map.size, "x", &view, e));
        assert_true(view.head.windows == WINDOWS && view.head.channels == CHANNELS && view.head.dim == DIM);
        const bb_cache_head expected = head();
        assert_string_equal(view.head.key, expected.key);
        check_view(&view);
        bb_map_close(&map);
    }
}

/* Ranks pass on what they wrote before the file is finished. */
static void rows_can_be_read_before_the_file_is_whole(void **state) {
    (void)state;
    bb_cache_writer *w = write_rows(NULL, 1);
    for (int64_t c = 0; c < CHANNELS; ++c)
        for (int64_t i = 0; i < WINDOWS; ++i) {
            float row[DIM];
            assert_ok(bb_cache_read(w, c, i, row, e));
            assert_int_equal(bb_cache_marked(w, c, i), i == 2 ? 0 : c + i);
            for (int k = 0; k < DIM; ++k) assert_true(row[k] == (i == 2 ? 0 : value(c, i, k)));
        }
    bb_cache_destroy(w);
}

static void a_file_given_up_leaves_nothing(void **state) {
    (void)state;
    bb_cache_writer *w = write_rows(bb_temp_path("b.features"), 0);
    bb_cache_destroy(w);
    assert_false(bb_file_exists(bb_temp_path("b.features")));
    const bb_cache_head huge = {.windows = INT64_MAX / 2, .channels = 3, .dim = 8};
    assert_fails(bb_cache_create(bb_temp_path("b.features"), &huge, &w, e), BB_ERR_ARGUMENT, "too many");
    assert_null(w);
}

/* A copy as long as it is, so that a byte read behind it is an error that sanitizers see. */
static bb_status parse(const unsigned char *bytes, size_t size, bb_error *err) {
    unsigned char *copy = aligned_alloc(64, (size + 64) / 64 * 64);
    bb_cache_view view;
    memcpy(copy, bytes, size);
    const bb_status status = bb_cache_parse(copy, size, "f", &view, err);
    free(copy);
    return status;
}

static void every_byte_counts(void **state) {
    (void)state;
    bb_cache_writer *w = write_rows(bb_temp_path("c.features"), 1);
    bb_map map;
    assert_ok(bb_cache_finish(w, &map, e));
    bb_cache_destroy(w);
    size_t size;
    unsigned char *bytes = bb_slurp(bb_temp_path("c.features"), &size);
    assert_memory_equal(bytes, map.data, size);
    bb_map_close(&map);
    assert_ok(parse(bytes, size, e));
    for (size_t i = 0; i < size; ++i) {
        bytes[i] ^= 0x10;
        assert_fails(parse(bytes, size, e), BB_ERR_FORMAT, "f: ");
        bytes[i] ^= 0x10;
    }
    for (size_t n = 0; n < size; ++n) assert_fails(parse(bytes, n, e), BB_ERR_FORMAT, "f: ");
    unsigned char *longer = calloc(size + 4, 1);
    memcpy(longer, bytes, size);
    assert_fails(parse(longer, size + 4, e), BB_ERR_FORMAT, "its size");
    free(longer);
    free(bytes);
}

static void a_set_without_windows_is_a_head(void **state) {
    (void)state;
    const bb_cache_head none = {.channels = 2, .dim = 3};
    bb_cache_writer *w;
    bb_map map;
    bb_cache_view view;
    assert_ok(bb_cache_create(bb_temp_path("d.features"), &none, &w, e));
    assert_ok(bb_cache_finish(w, &map, e));
    bb_cache_destroy(w);
    assert_ok(bb_cache_parse(map.data, map.size, "x", &view, e));
    assert_int_equal(map.size, 128);
    bb_map_close(&map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_from_files_and_from_nameless_ones),
        cmocka_unit_test(rows_can_be_read_before_the_file_is_whole),
        cmocka_unit_test(a_file_given_up_leaves_nothing),
        cmocka_unit_test(every_byte_counts),
        cmocka_unit_test(a_set_without_windows_is_a_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
