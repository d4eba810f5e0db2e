#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "bench/child.h"
#include "support.h"

typedef struct answer {
    pid_t pid;
    int threads;
} answer;

static bb_status count_threads(const void *context, void *result, bb_error *err) {
    const int *wanted = context;
    int threads = 0;
    (void)err;
#pragma omp parallel num_threads(*wanted) reduction(+ : threads)
    threads += 1;
    const answer a = {getpid(), threads};
    memcpy(result, &a, sizeof a);
    return BB_OK;
}

/* OpenMP's helpers do not come along with a fork: the child needs its own, though the parent has had some. */
static void a_child_computes_with_threads_of_its_own(void **state) {
    (void)state;
    const int wanted = 3;
    answer parent, child;
    double peak = 0;
    assert_ok(count_threads(&wanted, &parent, e));
    assert_ok(bb_child_run(count_threads, &wanted, &child, sizeof child, &peak, e));
    assert_int_equal(child.threads, parent.threads);
    assert_true(child.pid != parent.pid && parent.pid == getpid());
    assert_true(peak > 0);
}

static bb_status touch(const void *context, void *result, bb_error *err) {
    const size_t *size = context;
    char *memory = malloc(*size);
    if (!memory) return bb_fail(err, BB_ERR_MEMORY, "no memory");
    memset(memory, 1, *size);
    memcpy(result, memory + *size / 2, 1);
    free(memory);
    return BB_OK;
}

/* A small child after a large one has a small peak: each has its own. */
static void each_child_has_its_own_peak(void **state) {
    (void)state;
    const size_t large = (size_t)96 << 20, small = 4096;
    double peak_large, peak_small;
    char result;
    assert_ok(bb_child_run(touch, &large, &result, 1, &peak_large, e));
    assert_ok(bb_child_run(touch, &small, &result, 1, &peak_small, e));
    assert_true(result == 1);
    assert_true(peak_large >= (double)large);
    /* What both begin with, the program itself, differs by some pages. */
    assert_true(peak_large - peak_small > 0.9 * (double)large);
}

static bb_status refuse(const void *context, void *result, bb_error *err) {
    (void)result;
    return bb_fail(err, BB_ERR_FORMAT, "%s: torn", (const char *)context);
}

static bb_status die(const void *context, void *result, bb_error *err) {
    (void)context, (void)result, (void)err;
    raise(SIGKILL);
    return BB_OK;
}

static bb_status leave(const void *context, void *result, bb_error *err) {
    (void)context, (void)result, (void)err;
    _exit(0);
}

static void failures_of_a_child_are_told(void **state) {
    (void)state;
    char result = 7;
    assert_fails(bb_child_run(refuse, "x.edf", &result, 1, NULL, e), BB_ERR_FORMAT, "x.edf: torn");
    assert_fails(bb_child_run(die, NULL, &result, 1, NULL, e), BB_ERR_MEMORY, "ended by signal 9");
    assert_fails(bb_child_run(leave, NULL, &result, 1, NULL, e), BB_ERR_IO, "ended without a result");
    assert_true(result == 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_computes_with_threads_of_its_own),
        cmocka_unit_test(each_child_has_its_own_peak),
        cmocka_unit_test(failures_of_a_child_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
