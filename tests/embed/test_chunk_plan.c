/* Every window lies in one chunk, every chunk that is not finished falls to one rank. */
#include "embed/chunk_plan.h"

#include "support.h"

enum { RECORDINGS = 4 };
static const int64_t windows[RECORDINGS] = {100, 0, 64, 65};

static void chunks_hold_every_window_in_order(void **state) {
    (void)state;
    const int64_t channels[] = {1, 16, 100, 1023, 5000};
    for (int i = 0; i < 5; ++i) {
        bb_chunk_plan plan;
        int64_t at = 0, next = 0;
        assert_ok(bb_chunk_plan_make(windows, RECORDINGS, channels[i], &plan, e));
        for (size_t r = 0; r < RECORDINGS; ++r)
            for (next = 0; next < windows[r]; ++at) {
                assert_true(at < plan.count);
                assert_int_equal(plan.chunks[at].recording, r);
                assert_int_equal(plan.chunks[at].first, next);
                assert_true(plan.chunks[at].count > 0);
                assert_true(plan.chunks[at].count == 1 ||
                            plan.chunks[at].count * channels[i] <= BB_CHUNK_PAIRS * 3 / 2);
                next += plan.chunks[at].count;
            }
        assert_int_equal(at, plan.count);
        bb_chunk_plan_free(&plan);
    }
}

static void a_chunk_is_about_as_large_as_it_should_be(void **state) {
    (void)state;
    bb_chunk_plan plan;
    assert_ok(bb_chunk_plan_make(windows, RECORDINGS, 16, &plan, e));
    assert_int_equal(plan.count, 2 + 0 + 1 + 2); /* of 1,024 / 16 windows */
    assert_int_equal(plan.chunks[1].count, 36);
    assert_int_equal(plan.chunks[4].count, 1);
    bb_chunk_plan_free(&plan);
}

static void open_chunks_are_dealt_in_order(void **state) {
    (void)state;
    bb_chunk_plan plan;
    bool finished[1024] = {false};
    int64_t mine[1024];
    assert_ok(bb_chunk_plan_make(windows, RECORDINGS, 300, &plan, e));
    assert_true(plan.count < 1024);
    int64_t open = 0;
    for (int64_t i = 0; i < plan.count; ++i) open += !(finished[i] = i % 3 == 1);
    for (int ranks = 1; ranks < 80; ++ranks) {
        int64_t last = -1, all = 0, count;
        for (int me = 0; me < ranks; ++me) {
            bb_chunk_plan_deal(&plan, finished, ranks, me, mine, &count);
            assert_in_range(count, open / ranks, open / ranks + 1);
            for (int64_t i = 0; i < count; ++i, ++all) {
                assert_true(mine[i] > last && !finished[mine[i]]);
                last = mine[i];
            }
        }
        assert_int_equal(all, open);
    }
    bb_chunk_plan_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_hold_every_window_in_order),
        cmocka_unit_test(a_chunk_is_about_as_large_as_it_should_be),
        cmocka_unit_test(open_chunks_are_dealt_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
