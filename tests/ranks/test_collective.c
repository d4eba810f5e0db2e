/* What ranks tell each other, and gradients on their way. Started by mpirun all of them run it; without it,
 * or without MPI, one rank alone, whose calls do nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "ranks/exchange.h"
#include "support.h"

static bb_ranks *ranks;
static int count, me;

static void test_numbers(void **state) {
    (void)state;
    double sums[] = {me + 1, 0.1};
    int64_t counts[] = {me, 1};
    double most[] = {me, -me};
    bb_ranks_barrier(ranks);
    bb_ranks_sum(ranks, sums, 2);
    bb_ranks_sum_counts(ranks, counts, 2);
    bb_ranks_most(ranks, most, 2);
    assert_true(sums[0] == count * (count + 1) / 2);
    assert_int_equal(counts[0], count * (count - 1) / 2);
    assert_int_equal(counts[1], count);
    assert_true(most[0] == count - 1 && most[1] == 0);
    assert_true(bb_ranks_any(ranks, me == count - 1));
    assert_false(bb_ranks_any(ranks, false));
    assert_true(bb_ranks_same(ranks, 0xFFFFFFFFFFFFFFFF));
    assert_int_equal(bb_ranks_same(ranks, (uint64_t)me), count == 1);
}

/* Each writes its own words over ones; all others' bytes come through, NaN's among them. */
static void test_merge(void **state) {
    (void)state;
    enum { WORDS = 1000 };
    double values[WORDS];
    memset(values, 0xFF, sizeof values);
    for (int i = me; i < WORDS - 10; i += count) values[i] = i == 7 ? -0.0 : 1.0 / i;
    bb_ranks_merge(ranks, (uint64_t *)values, WORDS);
    for (int i = 1; i < WORDS - 10; ++i) {
        const double expected = i == 7 ? -0.0 : 1.0 / i;
        assert_memory_equal(&values[i], &expected, sizeof expected);
    }
    assert_true(values[WORDS - 1] != values[WORDS - 1]);
}

static void test_bytes(void **state) {
    (void)state;
    char text[8] = "", *all;
    size_t *starts = calloc((size_t)count + 1, sizeof *starts);
    if (me == count - 1) strcpy(text, "from me");
    bb_ranks_broadcast(ranks, count - 1, text, sizeof text);
    assert_string_equal(text, "from me");
    char *own = malloc((size_t)me + 1);
    memset(own, 'a' + me, (size_t)me + 1);
    assert_ok(bb_ranks_gather(ranks, own, (size_t)me, &all, starts, e)); /* rank 0 has nothing to tell */
    for (int r = 0; r < count; ++r) assert_int_equal(starts[r + 1] - starts[r], r);
    assert_true((me == 0) == (all != NULL));
    for (int r = 0; all && r < count; ++r)
        for (size_t i = starts[r]; i < starts[r + 1]; ++i) assert_int_equal(all[i], 'a' + r);
    bb_free(all);
    free(own);
    free(starts);
}

static void test_stretches(void **state) {
    (void)state;
    enum { FLOATS = 10007 };
    static float block[FLOATS], gathered[FLOATS];
    int64_t *starts = calloc((size_t)count + 1, sizeof *starts);
    for (int r = 0; r < count; ++r) bb_ranks_part(FLOATS, count, r, &starts[r], &starts[r + 1]);
    for (int64_t i = starts[me]; i < starts[me + 1]; ++i) block[i] = (float)i + 0.5F;
    bb_ranks_collect_floats(ranks, starts, block + starts[me], gathered);
    for (int i = 0; me == 0 && i < FLOATS; ++i) assert_true(gathered[i] == (float)i + 0.5F);
    bb_ranks_spread_floats(ranks, starts, block);
    for (int i = 0; i < FLOATS; ++i) assert_true(block[i] == (float)i + 0.5F);
    free(starts);
}

/* More stretches than the exchange has room for at a time; sums are exact. */
static void test_exchange(void **state) {
    (void)state;
    enum { STRETCHES = 600, FLOATS = 5000 };
    bb_exchange *x;
    float *block = malloc((size_t)STRETCHES * FLOATS * sizeof *block);
    for (int i = 0; i < STRETCHES * FLOATS; ++i) block[i] = (float)(i % 1000 + me);
    assert_ok(bb_exchange_create(ranks, &x, e));
    for (int s = 0; s < STRETCHES; ++s) bb_exchange_post(x, block + s * FLOATS, s % 7 ? FLOATS : 1);
    const bb_exchange_times times = bb_exchange_finish(x);
    assert_true(times.busy_s >= 0 && times.waited_s >= 0 && times.cpu_s >= 0);
    for (int i = 0; i < STRETCHES * FLOATS; ++i) {
        const bool posted = i / FLOATS % 7 || i % FLOATS == 0;
        const float sum = (float)(i % 1000 * count + count * (count - 1) / 2);
        assert_true(block[i] == (posted ? sum : (float)(i % 1000 + me)));
    }
    assert_true(bb_exchange_finish(x).busy_s == 0);
    bb_exchange_destroy(x);
    bb_exchange_destroy(NULL);
    free(block);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_merge),
                                       cmocka_unit_test(test_bytes), cmocka_unit_test(test_stretches),
                                       cmocka_unit_test(test_exchange)};
    bb_error err = {0};
    if (getenv("OMPI_COMM_WORLD_SIZE") && bb_ranks_join(&ranks, &err) != BB_OK) {
        print_error("%s\n", err.message);
        return 1;
    }
    count = bb_ranks_count(ranks);
    me = bb_ranks_me(ranks);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed) bb_ranks_abort(1); /* others may wait for what this one did not do */
    bb_ranks_leave(ranks);
    return 0;
}
