/* Every piece of work has one rank, and no rank has much more than another. */
#include "ranks/deal.h"
#include "support.h"

enum { COUNT = 101, RANKS = 7 };

static void every_rank_gets_about_as_much(void **state) {
    (void)state;
    int64_t work[COUNT], loads[RANKS] = {0}, longest = 0, most = 0, least = INT64_MAX;
    int owner[COUNT];
    for (int i = 0; i < COUNT; ++i) {
        work[i] = i * 37 % 50;
        if (work[i] > longest) longest = work[i];
    }
    assert_ok(bb_ranks_deal(work, COUNT, RANKS, owner, e));
    for (int i = 0; i < COUNT; ++i) {
        assert_in_range(owner[i], 0, RANKS - 1);
        loads[owner[i]] += work[i];
    }
    for (int r = 0; r < RANKS; ++r) {
        if (loads[r] > most) most = loads[r];
        if (loads[r] < least) least = loads[r];
    }
    assert_true(most - least <= longest); /* else the last piece of the one had gone to the other */
}

static void the_longest_go_first_and_equals_in_their_order(void **state) {
    (void)state;
    const int64_t work[] = {1, 9, 5, 5, 0};
    int owner[5];
    assert_ok(bb_ranks_deal(work, 5, 2, owner, e));
    assert_int_equal(owner[1], 0); /* 9 */
    assert_int_equal(owner[2], 1); /* 5 */
    assert_int_equal(owner[3], 1); /* 10 */
    assert_int_equal(owner[0], 0); /* 10 */
    assert_int_equal(owner[4], 0);
}

static void more_ranks_than_work(void **state) {
    (void)state;
    const int64_t work[] = {3};
    int owner[1] = {5};
    assert_ok(bb_ranks_deal(work, 1, 4, owner, e));
    assert_int_equal(owner[0], 0);
    assert_ok(bb_ranks_deal(work, 0, 4, owner, e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rank_gets_about_as_much),
        cmocka_unit_test(the_longest_go_first_and_equals_in_their_order),
        cmocka_unit_test(more_ranks_than_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
