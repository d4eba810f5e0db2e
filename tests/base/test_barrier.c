#include "base/barrier.h"

#include <omp.h>
#include <stdlib.h>

#include "support.h"

enum { THREADS = 3, ROUNDS = 2000 };

/* Each round every thread writes its place, waits, and must find what all wrote. */
static void nobody_goes_on_before_all_are_there(void **state) {
    (void)state;
    bb_barrier barrier = {0};
    int written[THREADS] = {0}, wrong = 0;
#pragma omp parallel num_threads(THREADS) reduction(+ : wrong)
    {
        const int me = omp_get_thread_num(), all = omp_get_num_threads();
        for (int round = 1; round <= ROUNDS; ++round) {
            written[me] = round;
            bb_barrier_wait(&barrier, (unsigned)all);
            for (int t = 0; t < all; ++t) wrong += written[t] != round;
            bb_barrier_wait(&barrier, (unsigned)all);
        }
    }
    assert_int_equal(wrong, 0);
}

static void one_waits_for_nobody(void **state) {
    (void)state;
    bb_barrier barrier = {0};
    for (int i = 0; i < 3; ++i) bb_barrier_wait(&barrier, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_goes_on_before_all_are_there),
        cmocka_unit_test(one_waits_for_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
