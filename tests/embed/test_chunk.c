/* Chunks come back as they were written, appear whole or not at all, and any byte that differs is noticed. */
#include "embed/chunk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { WINDOWS = 5, CHANNELS = 3, FLOATS = CHANNELS * 7, INPUTS = 4, INDEX = 12, REPAIRED = 9 };

static bb_chunk_head head(void) {
    bb_chunk_head h = {
        .index = INDEX, .windows = WINDOWS, .channels = CHANNELS, .floats = FLOATS, .inputs = INPUTS};
    assert_true(bb_sha256_of_text("what they are made of", h.key));
    return h;
}

static void write_windows(bb_chunk_writer *w, int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
        float row[FLOATS];
        unsigned char unsound[CHANNELS];
        for (int k = 0; k < FLOATS; ++k) row[k] = (float)(100 * i + k);
        for (int c = 0; c < CHANNELS; ++c) unsound[c] = (unsigned char)(i + c);
        assert_ok(bb_chunk_write(w, row, unsound, e));
    }
}

static const char *written(const char *name, bool with_seconds) {
    const char *path = bb_temp_path(name);
    const bb_chunk_head h = head();
    bb_chunk_writer *w;
    bb_unsound_seconds seconds[INPUTS];
    remove(path);
    for (int i = 0; i < INPUTS; ++i) seconds[i] = (bb_unsound_seconds){"x", i, i + 0.25, i + 0.5};
    assert_ok(bb_chunk_create(path, &h, &w, e));
    write_windows(w, 0, WINDOWS);
    assert_true(bb_chunk_is_full(w));
    assert_false(bb_file_exists(path));
    assert_ok(bb_chunk_finish(w, REPAIRED, with_seconds ? seconds : NULL, e));
    bb_chunk_destroy(w);
    assert_true(bb_file_exists(path));
    return path;
}

static void windows_come_back_as_they_were_written(void **state) {
    (void)state;
    const bb_chunk_head h = head();
    for (int told = 0; told < 2; ++told) {
        bb_map map;
        bb_chunk_view view;
        assert_ok(bb_chunk_open(written("a.part", told), &h, &map, &view, e));
        assert_int_equal(view.head.repaired, REPAIRED);
        assert_int_equal(view.head.inputs, INPUTS);
        for (int i = 0; i < WINDOWS * FLOATS; ++i)
            assert_true(view.rows[i] == (float)(100 * (i / FLOATS) + i % FLOATS));
        for (int i = 0; i < WINDOWS * CHANNELS; ++i)
            assert_int_equal(view.unsound[i], i / CHANNELS + i % CHANNELS);
        for (int i = 0; i < 3 * INPUTS; ++i)
            assert_true(view.seconds[i] == (told ? i / 3 + 0.25 * (i % 3) : 0));
        bb_map_close(&map);
    }
}

static void a_chunk_appears_whole_or_not_at_all(void **state) {
    (void)state;
    const char *path = bb_temp_path("torn.part");
    const bb_chunk_head h = head();
    const float row[FLOATS] = {0};
    const unsigned char unsound[CHANNELS] = {0};
    bb_chunk_writer *w;
    assert_ok(bb_chunk_create(path, &h, &w, e));
    write_windows(w, 0, WINDOWS - 1);
    assert_false(bb_chunk_is_full(w));
    assert_int_equal(bb_chunk_finish(w, 0, NULL, NULL), BB_ERR_ARGUMENT);
    write_windows(w, WINDOWS - 1, WINDOWS);
    assert_int_equal(bb_chunk_write(w, row, unsound, NULL), BB_ERR_ARGUMENT);
    bb_chunk_destroy(w);
    bb_chunk_destroy(NULL);
    assert_false(bb_file_exists(path));
}

static void another_bit_anywhere_is_noticed(void **state) {
    (void)state;
    size_t size;
    bb_chunk_view view;
    unsigned char *file = bb_slurp(written("a.part", true), &size);
    void *copy = NULL;
    assert_int_equal(posix_memalign(&copy, 64, size + 1), 0);
    for (size_t at = 0; at < size; ++at) {
        memcpy(copy, file, size);
        ((unsigned char *)copy)[at] ^= (unsigned char)(1 << at % 8);
        assert_int_equal(bb_chunk_parse(copy, size, "x", &view, NULL), BB_ERR_FORMAT);
        memcpy(copy, file, at);
        assert_int_equal(bb_chunk_parse(copy, at, "x", &view, NULL), BB_ERR_FORMAT);
    }
    memcpy(copy, file, size);
    assert_ok(bb_chunk_parse(copy, size, "x", &view, e));
    assert_int_equal(bb_chunk_parse(copy, size + 1, "x", &view, NULL), BB_ERR_FORMAT);
    free(copy);
    free(file);
}

static void chunks_of_other_features_are_refused(void **state) {
    (void)state;
    const char *path = written("a.part", false);
    for (int i = 0; i < 5; ++i) {
        bb_chunk_head h = head();
        bb_map map;
        bb_chunk_view view;
        h.key[63] ^= i == 0;
        h.index += i == 1;
        h.windows += i == 2;
        h.channels += i == 3;
        h.floats += i == 4;
        assert_int_equal(bb_chunk_open(path, &h, &map, &view, NULL), BB_ERR_FORMAT);
    }
}

static void shapes_that_no_file_can_hold_are_refused(void **state) {
    (void)state;
    const int64_t shapes[][4] = {{INT64_MAX, 2, 2, 2}, {2, INT64_MAX, 2, 2}, {2, 2, INT64_MAX, 2},
                                 {2, 2, 2, INT64_MAX}, {-1, 2, 2, 2},        {1 << 30, 1 << 30, 1, 1}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; ++i) {
        bb_chunk_head h = {.windows = shapes[i][0],
                           .channels = shapes[i][1],
                           .floats = shapes[i][2],
                           .inputs = shapes[i][3]};
        bb_chunk_writer *w;
        assert_int_not_equal(bb_chunk_create(bb_temp_path("huge.part"), &h, &w, NULL), BB_OK);
        assert_null(w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_come_back_as_they_were_written),
        cmocka_unit_test(a_chunk_appears_whole_or_not_at_all),
        cmocka_unit_test(another_bit_anywhere_is_noticed),
        cmocka_unit_test(chunks_of_other_features_are_refused),
        cmocka_unit_test(shapes_that_no_file_can_hold_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
