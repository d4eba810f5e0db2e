/* Geometry, and what is not of the brain. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "simulate/signal.h"
#include "support.h"

enum { RATE = 500, SECONDS = 40, SAMPLES = RATE * SECONDS, ROWS = 66, CONTACTS = 64 };

static bb_plan make_plan(int session) {
    bb_simulation options = bb_simulation_default(), checked;
    options.channels = CONTACTS;
    options.rate_hz = RATE;
    options.seconds = SECONDS;
    options.unsound = 4;
    options.extras = true;
    options.sessions = 2;
    options.seed = 6;
    bb_plan plan;
    assert_ok(bb_simulation_check(&options, &checked, e));
    assert_ok(bb_plan_create(&checked, 0, session, &plan, e));
    assert_int_equal(plan.row_count, ROWS);
    return plan;
}

/* [ROWS, SAMPLES]; bb_free it. */
static double *make_signals(const bb_plan *plan, int64_t block) {
    double *all = bb_calloc((size_t)ROWS * SAMPLES, sizeof *all);
    double *part = bb_calloc((size_t)ROWS * (size_t)block, sizeof *part);
    assert_non_null(all);
    assert_non_null(part);
    bb_signal_stream *stream;
    assert_ok(bb_signal_stream_create(plan, &stream, e));
    for (int64_t done = 0; done < SAMPLES; done += block) {
        const int64_t n = SAMPLES - done < block ? SAMPLES - done : block;
        bb_signal_stream_next(stream, n, part);
        for (int i = 0; i < ROWS; ++i)
            memcpy(all + (size_t)i * SAMPLES + done, part + (size_t)i * (size_t)n, (size_t)n * sizeof *all);
    }
    bb_signal_stream_destroy(stream);
    bb_free(part);
    return all;
}

static void blocks_do_not_change_the_values(void **state) {
    (void)state;
    bb_plan plan = make_plan(0);
    double *whole = make_signals(&plan, 2048), *parts = make_signals(&plan, 93);
    assert_memory_equal(whole, parts, (size_t)ROWS * SAMPLES * sizeof *whole);
    bb_free(whole);
    bb_free(parts);
    bb_plan_free(&plan);
}

static void contacts_of_a_shaft_lie_a_step_apart(void **state) {
    (void)state;
    bb_plan plan = make_plan(0), again = make_plan(1);
    for (int i = 0; i < plan.contact_count; ++i) {
        const bb_contact_plan *a = &plan.contacts[i], *b = &again.contacts[i];
        /* Another session changes neither the place nor the role. */
        assert_memory_equal(a->position, b->position, sizeof a->position);
        assert_true(a->responds == b->responds && a->fault == b->fault);
        assert_true((a->position[0] < 0) == (a->name[0] == 'L'));
        if (a->place == 0) continue;
        double square = 0;
        for (int k = 0; k < 3; ++k) square += pow(a->position[k] - a[-1].position[k], 2);
        assert_at_most(fabs(sqrt(square) - 3.5), 1e-9); /* rounding */
    }
    assert_true(plan.words[0].onset_s != again.words[0].onset_s);
    bb_plan_free(&plan);
    bb_plan_free(&again);
}

/* Longest run of one value, in samples. */
static int64_t longest_run(const double *x, int64_t samples) {
    int64_t longest = 1, run = 1;
    for (int64_t t = 1; t < samples; ++t) {
        run = x[t] == x[t - 1] ? run + 1 : 1;
        if (run > longest) longest = run;
    }
    return longest;
}

static void unsound_stretches_lie_where_the_truth_says(void **state) {
    (void)state;
    bb_plan plan = make_plan(0);
    double *signals = make_signals(&plan, 2048);
    int64_t spoilt[CONTACTS] = {0};
    for (int i = 0; i < plan.unsound_count; ++i) {
        const bb_unsound *u = &plan.unsounds[i];
        const int64_t first = (int64_t)ceil(u->onset_s * RATE),
                      end = (int64_t)ceil((u->onset_s + u->duration_s) * RATE);
        const double *x = signals + (size_t)u->contact * SAMPLES;
        assert_int_equal(plan.contacts[u->contact].fault, BB_FAULT_NONE);
        for (int64_t t = first; t < end; ++t)
            assert_true(u->clipped ? fabs(x[t]) <= 400 : x[t] == u->level_uv);
        if (u->clipped) assert_true(longest_run(x + first, end - first) >= 3);
        spoilt[u->contact] += end - first;
    }
    for (int i = 0; i < CONTACTS; ++i)
        if (!spoilt[i] && !plan.contacts[i].fault)
            assert_int_equal(longest_run(signals + (size_t)i * SAMPLES, SAMPLES), 1);
    bb_free(signals);
    bb_plan_free(&plan);
}

static void bad_contacts_are_bad_in_their_ways(void **state) {
    (void)state;
    bb_plan plan = make_plan(0);
    double *signals = make_signals(&plan, 2048);
    int kinds[5] = {0};
    for (int i = 0; i < CONTACTS; ++i) {
        const double *x = signals + (size_t)i * SAMPLES;
        double square = 0;
        for (int64_t t = 0; t < SAMPLES; ++t) square += x[t] * x[t] / SAMPLES;
        const double sd = sqrt(square);
        const bb_contact_fault fault = plan.contacts[i].fault;
        ++kinds[fault];
        /* Drifts have 1500 uV, most of it below 1 Hz, so that 40 s can hold much less or more; white noise
         * has 300; sound contacts 30 to 60 of background, not all of it within 40 s, 40 of shaft and
         * reference, some 20 of a rhythm, and spikes or a clipped stretch. */
        if (fault == BB_FAULT_DRIFT) assert_true(sd > 500);
        if (fault == BB_FAULT_WHITE) assert_true(sd > 290 && sd < 350);
        if (fault == BB_FAULT_FLAT) assert_true(longest_run(x, SAMPLES) >= 3 * RATE);
        if (fault == BB_FAULT_CLIPPED) assert_true(longest_run(x, SAMPLES) >= 5 && sd > 150);
        if (fault == BB_FAULT_NONE) assert_true(sd > 15 && sd < 250);
    }
    for (int k = 1; k < 5; ++k) assert_int_equal(kinds[k], 1);
    bb_free(signals);
    bb_plan_free(&plan);
}

static void extras_beat_and_tell_the_events(void **state) {
    (void)state;
    bb_plan plan = make_plan(0);
    double *signals = make_signals(&plan, 2048);
    const double *heart = signals + (size_t)CONTACTS * SAMPLES, *trigger = heart + SAMPLES;
    int beats = 0, pulses = 0;
    for (int64_t t = 1; t < SAMPLES; ++t) {
        beats += heart[t] > 400 && heart[t - 1] <= 400;
        if (trigger[t] == 0 || trigger[t - 1] != 0) continue;
        assert_int_equal(t, llround(plan.words[pulses].onset_s * RATE));
        assert_true(trigger[t] == (plan.words[pulses].loud ? 2000 : 1000));
        ++pulses;
    }
    assert_int_equal(pulses, plan.word_count);
    assert_at_most(fabs(beats - SECONDS / plan.heart_period_s), 1.1); /* the last may be cut off */
    bb_free(signals);
    bb_plan_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_do_not_change_the_values),
        cmocka_unit_test(contacts_of_a_shaft_lie_a_step_apart),
        cmocka_unit_test(unsound_stretches_lie_where_the_truth_says),
        cmocka_unit_test(bad_contacts_are_bad_in_their_ways),
        cmocka_unit_test(extras_beat_and_tell_the_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
