/* Processors dealt to the ranks of a node, and a node's own. */
#include "ranks/collective.h"
#include "ranks/node.h"
#include "support.h"

/* `sockets` sockets of `cores` cores with two threads each, numbered as Linux does: all first threads first.
 */
static int make(bb_seat *seats, int sockets, int cores) {
    int count = 0;
    for (int thread = 0; thread < 2; ++thread)
        for (int s = 0; s < sockets; ++s)
            for (int c = 0; c < cores; ++c) {
                seats[count] = (bb_seat){count, s, c};
                ++count;
            }
    return count;
}

typedef struct deal {
    int first, end;
} deal;

static deal deal_for(bb_seat *seats, int count, int ranks, int me) {
    deal d;
    bb_seats_deal(seats, count, ranks, me, &d.first, &d.end);
    return d;
}

static void test_whole_sockets(void **state) {
    (void)state;
    bb_seat seats[64];
    const int count = make(seats, 4, 4);
    for (int me = 0; me < 2; ++me) {
        const deal d = deal_for(seats, count, 2, me);
        assert_int_equal(d.end - d.first, 16);
        for (int i = d.first; i < d.end; ++i) assert_int_equal(seats[i].socket / 2, me);
    }
    for (int me = 0; me < 4; ++me) {
        const deal d = deal_for(seats, count, 4, me);
        for (int i = d.first; i < d.end; ++i) assert_int_equal(seats[i].socket, me);
        assert_int_equal(d.end - d.first, 8);
    }
    assert_int_equal(deal_for(seats, count, 1, 0).end, count);
}

/* More ranks than sockets: nobody's processors lie in two, every processor is somebody's, and a core's two
 * threads are one rank's. */
static void test_parts_of_sockets(void **state) {
    (void)state;
    for (int ranks = 3; ranks <= 8; ++ranks) {
        bb_seat seats[64];
        const int count = make(seats, 2, 4);
        int dealt = 0;
        for (int me = 0; me < ranks; ++me) {
            const deal d = deal_for(seats, count, ranks, me);
            assert_int_equal(d.first, dealt);
            assert_true(d.end > d.first);
            for (int i = d.first; i < d.end; ++i) assert_int_equal(seats[i].socket, seats[d.first].socket);
            if (ranks == 4 || ranks == 8)
                for (int i = d.first; i < d.end; i += 2) assert_int_equal(seats[i].core, seats[i + 1].core);
            dealt = d.end;
        }
        assert_int_equal(dealt, count);
    }
}

static void test_more_ranks_than_processors(void **state) {
    (void)state;
    for (int me = 0; me < 7; ++me) {
        bb_seat seats[] = {{0, 0, 0}, {1, 0, 1}};
        const deal d = deal_for(seats, 2, 7, me);
        assert_int_equal(d.end - d.first, 1);
        assert_true(d.first >= 0 && d.end <= 2);
    }
}

/* One process has what it is bound to. */
static void test_own_node(void **state) {
    (void)state;
    cpu_set_t before, one, after;
    bb_cores cores;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_ok(bb_ranks_take_cores(NULL, true, &cores, e));
    assert_int_equal(cores.cores, CPU_COUNT(&before));
    assert_int_equal(cores.nodes * cores.local_ranks, 1);
    int cpu = 0;
    while (!CPU_ISSET(cpu, &before)) ++cpu;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_ok(bb_ranks_take_cores(NULL, true, &cores, e));
    assert_int_equal(cores.cores, 1);
    assert_ok(bb_ranks_take_cores(NULL, false, &cores, e)); /* the launcher's word does not count */
    assert_true(cores.cores >= CPU_COUNT(&before));
    assert_int_equal(sched_getaffinity(0, sizeof after, &after), 0);
    assert_true(CPU_COUNT(&after) >= CPU_COUNT(&before));
    sched_setaffinity(0, sizeof before, &before);
}

static void test_parts(void **state) {
    (void)state;
    for (int count = 0; count < 20; ++count)
        for (int ranks = 1; ranks < 9; ++ranks) {
            int64_t end = 0;
            for (int me = 0; me < ranks; ++me) {
                int64_t first, next;
                bb_ranks_part(count, ranks, me, &first, &next);
                assert_int_equal(first, end);
                assert_true(next - first == count / ranks || next - first == count / ranks + 1);
                end = next;
            }
            assert_int_equal(end, count);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_whole_sockets),
                                       cmocka_unit_test(test_parts_of_sockets),
                                       cmocka_unit_test(test_more_ranks_than_processors),
                                       cmocka_unit_test(test_own_node), cmocka_unit_test(test_parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
