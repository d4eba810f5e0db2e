#include "embed/pipeline.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/random.h"
#include "support.h"

enum { NEVER = -1, SLOTS = BB_PIPELINE_SLOTS };
typedef enum stage { FILL, WORK, DRAIN, STAGES } stage;
static const char *const names[STAGES] = {"fill", "work", "drain"};
static const bb_status codes[STAGES] = {BB_ERR_FORMAT, BB_ERR_CANCELLED, BB_ERR_IO};

/* A semaphore that a stage waits for before the slot `waits_at`, and posts behind the slot `posts_at`; NEVER,
 * or EVERY. */
enum { EVERY = -2 };
typedef struct gate {
    sem_t open;
    stage waits, posts;
    int waits_at, posts_at;
} gate;

/* Each stage checks that every slot comes to it, in order, with what the stage before it has left there. */
typedef struct rig {
    int count; /* slots there are */
    int fails[STAGES];
    int done[STAGES];
    int carried[SLOTS];
    pthread_t caller, second;
    gate *gates; /* two of them, or NULL */
    bool jitter; /* stages take a random while */
} rig;

static rig make_rig(int count) {
    return (rig){.count = count, .fails = {NEVER, NEVER, NEVER}, .caller = pthread_self()};
}

static bool is_at(int wanted, int slot) { return wanted == EVERY || wanted == slot; }

static bb_status begin(rig *r, stage s, int slot, bb_error *err) {
    const int at = r->done[s];
    for (int i = 0; r->gates && i < 2; ++i)
        if (r->gates[i].waits == s && is_at(r->gates[i].waits_at, at)) sem_wait(&r->gates[i].open);
    if (r->jitter) usleep((useconds_t)(300 * bb_random_uniform(1, (uint64_t)s, (uint64_t)at)));
    assert_int_equal(slot, at % SLOTS);
    return at == r->fails[s] ? bb_fail(err, codes[s], "%s %d", names[s], at) : BB_OK;
}

static void end(rig *r, stage s) {
    const int at = r->done[s]++;
    for (int i = 0; r->gates && i < 2; ++i)
        if (r->gates[i].posts == s && is_at(r->gates[i].posts_at, at)) sem_post(&r->gates[i].open);
}

static bb_status fill(void *context, int slot, bool *filled, bb_error *err) {
    rig *r = context;
    if (r->done[FILL] == 0) r->second = pthread_self();
    assert_true(pthread_equal(r->second, pthread_self()) && !pthread_equal(r->caller, pthread_self()));
    assert_in_range(r->done[FILL] - r->done[DRAIN], 0, SLOTS - 1);
    BB_TRY(begin(r, FILL, slot, err));
    *filled = r->done[FILL] < r->count;
    if (!*filled) return BB_OK;
    r->carried[slot] = r->done[FILL];
    end(r, FILL);
    return BB_OK;
}

static bb_status work(void *context, int slot, bb_error *err) {
    rig *r = context;
    assert_true(pthread_equal(r->caller, pthread_self()));
    BB_TRY(begin(r, WORK, slot, err));
    assert_int_equal(r->carried[slot], r->done[WORK]);
    r->carried[slot] += 1000;
    end(r, WORK);
    return BB_OK;
}

static bb_status drain(void *context, int slot, bb_error *err) {
    rig *r = context;
    assert_true(pthread_equal(r->second, pthread_self()));
    BB_TRY(begin(r, DRAIN, slot, err));
    assert_int_equal(r->carried[slot], 1000 + r->done[DRAIN]);
    end(r, DRAIN);
    return BB_OK;
}

static bb_status run(rig *r, bb_error *err) {
    const bb_stages stages = {r, fill, work, drain};
    bb_pipeline_waits waits = {0};
    const bb_status status = bb_pipeline_run(&stages, &waits, err);
    assert_true(waits.input_s >= 0 && waits.output_s > 0); /* the end of the second thread is waited for */
    return status;
}

static void run_all(rig *r) {
    assert_ok(run(r, e));
    for (int s = 0; s < STAGES; ++s) assert_int_equal(r->done[s], r->count);
}

static void every_slot_goes_through_every_stage_in_order(void **state) {
    (void)state;
    for (int count = 0; count < 3 * SLOTS; ++count) {
        rig r = make_rig(count);
        run_all(&r);
    }
    rig uneven = make_rig(200);
    uneven.jitter = true;
    run_all(&uneven);
}

static void run_gated(gate gates[2], int count) {
    rig r = make_rig(count);
    r.gates = gates;
    run_all(&r);
    for (int i = 0; i < 2; ++i) sem_destroy(&gates[i].open);
}

/* Work on the first slot begins when all slots are filled, and the first is drained when work on all of them
 * has ended: one thing at a time would stand still here. */
static void work_waits_neither_for_filling_nor_for_draining(void **state) {
    (void)state;
    gate gates[2] = {{.waits = WORK, .waits_at = 0, .posts = FILL, .posts_at = SLOTS - 1},
                     {.waits = DRAIN, .waits_at = 0, .posts = WORK, .posts_at = SLOTS - 1}};
    for (int i = 0; i < 2; ++i) sem_init(&gates[i].open, 0, 0);
    run_gated(gates, 3 * SLOTS);
}

/* Every slot, and the end, comes only when work on the one before has ended. */
static void input_may_be_slower_than_work(void **state) {
    (void)state;
    gate gates[2] = {{.waits = FILL, .waits_at = EVERY, .posts = WORK, .posts_at = EVERY},
                     {.waits = WORK, .waits_at = NEVER, .posts = WORK, .posts_at = NEVER}};
    sem_init(&gates[0].open, 0, 1);
    sem_init(&gates[1].open, 0, 0);
    run_gated(gates, 3 * SLOTS);
}

static void a_failure_ends_it_behind_what_came_before(void **state) {
    (void)state;
    for (int s = 0; s < STAGES; ++s)
        for (int at = 0; at < 2 * SLOTS; ++at) {
            char message[16];
            rig r = make_rig(3 * SLOTS);
            r.fails[s] = at;
            snprintf(message, sizeof message, "%s %d", names[s], at);
            assert_fails(run(&r, e), codes[s], message);
            assert_int_equal(r.done[DRAIN], at);
            r = make_rig(3 * SLOTS);
            r.fails[s] = at;
            assert_int_equal(run(&r, NULL), codes[s]);
        }
}

static void of_two_failures_the_earlier_slots_counts(void **state) {
    (void)state;
    for (int early = 0; early < STAGES; ++early)
        for (int late = 0; late < STAGES; ++late) {
            if (early == late) continue;
            rig r = make_rig(3 * SLOTS);
            char message[16];
            r.fails[early] = 1;
            r.fails[late] = 2;
            snprintf(message, sizeof message, "%s 1", names[early]);
            assert_fails(run(&r, e), codes[early], message);
            assert_int_equal(r.done[DRAIN], 1);
        }
}

/* ---------------------------------------------------------------- signals */

static bb_status look_at_signals(void *context, int slot, bool *filled, bb_error *err) {
    (void)slot, (void)filled, (void)err;
    pthread_sigmask(SIG_BLOCK, NULL, context);
    return BB_OK;
}

static void signals_stay_with_the_callers_threads(void **state) {
    (void)state;
    sigset_t second, before, after;
    const bb_stages stages = {.context = &second, .fill = look_at_signals};
    bb_pipeline_waits waits = {0};
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    assert_ok(bb_pipeline_run(&stages, &waits, e));
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    assert_true(sigismember(&second, SIGINT) && sigismember(&second, SIGTERM));
    assert_false(sigismember(&second, SIGSEGV));
    for (int s = 1; s < SIGRTMIN; ++s) assert_int_equal(sigismember(&before, s), sigismember(&after, s));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_slot_goes_through_every_stage_in_order),
        cmocka_unit_test(work_waits_neither_for_filling_nor_for_draining),
        cmocka_unit_test(input_may_be_slower_than_work),
        cmocka_unit_test(a_failure_ends_it_behind_what_came_before),
        cmocka_unit_test(of_two_failures_the_earlier_slots_counts),
        cmocka_unit_test(signals_stay_with_the_callers_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
