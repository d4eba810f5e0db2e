#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "simulate/signal.h"
#include "support.h"

enum { RATE = 1024, SECONDS = 60, SAMPLES = RATE * SECONDS };

/* A word each second: the 0.3 s before one are free of the response to the last. */
static bb_plan make_plan(uint64_t seed, int channels) {
    bb_simulation options = bb_simulation_default(), checked;
    options.channels = channels;
    options.rate_hz = RATE;
    options.seconds = SECONDS;
    options.events = SECONDS;
    options.seed = seed;
    bb_plan plan;
    assert_ok(bb_simulation_check(&options, &checked, e));
    assert_ok(bb_plan_create(&checked, 0, 0, &plan, e));
    return plan;
}

/* [contacts, SAMPLES], made in blocks of `block` samples; bb_free it. */
static double *make_signals(const bb_plan *plan, int64_t block) {
    double *all = bb_calloc((size_t)plan->contact_count * SAMPLES, sizeof *all);
    double *part = bb_calloc((size_t)plan->contact_count * (size_t)block, sizeof *part);
    assert_non_null(all);
    assert_non_null(part);
    bb_signal_stream *stream;
    assert_ok(bb_signal_stream_create(plan, &stream, e));
    for (int64_t done = 0; done < SAMPLES; done += block) {
        const int64_t n = SAMPLES - done < block ? SAMPLES - done : block;
        bb_signal_stream_next(stream, n, part);
        for (int i = 0; i < plan->contact_count; ++i)
            memcpy(all + (size_t)i * SAMPLES + done, part + (size_t)i * (size_t)n, (size_t)n * sizeof *all);
    }
    bb_signal_stream_destroy(stream);
    bb_free(part);
    return all;
}

/* Power density at `hz` of a stretch under a Hann window: Goertzel's recurrence. */
static double density(const double *x, int64_t samples, double hz) {
    const double w = 2 * 3.14159265358979323846 * hz / RATE;
    double last = 0, before = 0, weight = 0;
    for (int64_t t = 0; t < samples; ++t) {
        const double window = 0.5 - 0.5 * cos(2 * 3.14159265358979323846 * (double)t / (double)samples);
        const double now = window * x[t] + 2 * cos(w) * last - before;
        before = last;
        last = now;
        weight += window * window;
    }
    return 2 * (last * last + before * before - 2 * cos(w) * last * before) / (weight * RATE);
}

/* Mean over the recording's seconds. */
static double mean_density(const double *x, double hz) {
    double sum = 0;
    for (int s = 0; s < SECONDS; ++s) sum += density(x + (size_t)s * RATE, RATE, hz) / SECONDS;
    return sum;
}

static void blocks_and_threads_do_not_change_the_values(void **state) {
    (void)state;
    bb_plan plan = make_plan(3, 17);
    const size_t bytes = (size_t)plan.contact_count * SAMPLES * sizeof(double);
    double *whole = make_signals(&plan, 2048), *parts = make_signals(&plan, 77);
    assert_memory_equal(whole, parts, bytes);
    omp_set_num_threads(3);
    double *threads = make_signals(&plan, 2048);
    assert_memory_equal(whole, threads, bytes);
    bb_free(whole);
    bb_free(parts);
    bb_free(threads);
    bb_plan_free(&plan);
}

static void background_falls_with_frequency_and_mains_stand_out(void **state) {
    (void)state;
    bb_plan plan = make_plan(0, 16);
    double *signals = make_signals(&plan, 2048);
    for (int i = 0; i < plan.contact_count; ++i) {
        const bb_contact_plan *c = &plan.contacts[i];
        const double *x = signals + (size_t)i * SAMPLES;
        if (c->fault) continue;
        const double slope = log(mean_density(x, 200) / mean_density(x, 5)) / log(200.0 / 5);
        /* Exponents are drawn from 1 to 1.8; the rhythm's skirts, sources, reference and spikes move the
         * slope a little. */
        assert_true(slope < -0.7 && slope > -2.2);
        /* A line of amplitude a under a Hann window of 1 s stands at a^2/2 over 1.5 Hz; the background adds
         * less than a quarter to the smallest of these lines. */
        const double line = mean_density(x, 60) - (mean_density(x, 55) + mean_density(x, 65)) / 2;
        assert_at_most(fabs(sqrt(2 * line * 1.5) / c->mains_uv[0] - 1), 0.2);
    }
    bb_free(signals);
    bb_plan_free(&plan);
}

/* Mean power of 75-145 Hz without the mains in the stretches of 0.2 s that begin `offset_s` after the words.
 */
static double high_gamma(const bb_plan *plan, const double *x, double offset_s, int loud) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < plan->word_count; ++i) {
        if (plan->words[i].loud != loud) continue;
        const int64_t first = llround((plan->words[i].onset_s + offset_s) * RATE);
        for (int hz = 75; hz <= 145; hz += 5)
            if (abs(hz - 120) > 10) sum += density(x + first, RATE / 5, hz);
        ++count;
    }
    return sum / count;
}

static void only_responding_contacts_raise_high_gamma(void **state) {
    (void)state;
    bb_plan plan = make_plan(5, 32);
    double *signals = make_signals(&plan, 2048);
    int responding = 0;
    for (int i = 0; i < plan.contact_count; ++i) {
        const bb_contact_plan *c = &plan.contacts[i];
        const double *x = signals + (size_t)i * SAMPLES;
        const double soft = high_gamma(&plan, x, 0.05, 0) / high_gamma(&plan, x, -0.3, 0);
        const double loud = high_gamma(&plan, x, 0.05, 1) / high_gamma(&plan, x, -0.3, 1);
        responding += c->responds;
        /* A loud burst has at least 4 dB of the noise's power over its 0.2 s, twice that under a Hann window;
         * a soft one has a quarter. Without a burst, two means over 30 words of some 6 independent densities
         * of 2 degrees of freedom give a ratio of 1 with an sd of about 0.1. */
        if (c->responds) {
            assert_true(soft > 1.3);
            assert_true(loud > 2.5);
            assert_true(loud > soft);
        } else if (!c->fault) {
            assert_true(soft > 0.65 && soft < 1.5);
            assert_true(loud > 0.65 && loud < 1.5);
        }
    }
    assert_int_equal(responding, 8); /* a quarter of the 30 good contacts */
    bb_free(signals);
    bb_plan_free(&plan);
}

static void spikes_come_when_the_plan_says(void **state) {
    (void)state;
    bb_plan plan = make_plan(1, 16);
    double *signals = make_signals(&plan, 2048);
    assert_int_equal(plan.spike_count, 6);
    int focus = 0;
    for (int i = 0; i < plan.contact_count; ++i)
        if (!plan.contacts[i].fault && plan.contacts[i].spike_uv > plan.contacts[focus].spike_uv) focus = i;
    const double *x = signals + (size_t)focus * SAMPLES;
    double mean_peak = 0;
    for (int i = 0; i < plan.spike_count; ++i) {
        assert_int_equal(plan.spikes[i].shaft, plan.contacts[focus].shaft);
        const int64_t peak = llround(plan.spikes[i].peak_s * RATE);
        /* against 60 ms earlier, which takes the slow background away */
        mean_peak += (x[peak] - x[peak - RATE * 6 / 100]) / plan.spikes[i].gain / plan.spike_count;
    }
    /* The increments of background and rhythm over 60 ms have an sd of about 50 uV, and six are averaged: 3
     * sd. */
    assert_at_most(fabs(mean_peak + plan.contacts[focus].spike_uv), 61);
    bb_free(signals);
    bb_plan_free(&plan);
}

static void stages_begin_in_their_stationary_state(void **state) {
    (void)state;
    enum { STARTS = 4000 };
    const bb_noise_filter filter = bb_noise_filter_make(1.2, 10, RATE);
    double first = 0, later = 0;
    for (uint64_t i = 0; i < STARTS; ++i) {
        bb_noise noise;
        double x[200] = {0};
        bb_noise_start(&noise, &filter, 1, i);
        bb_noise_add(&noise, 200, x);
        first += x[0] * x[0] / STARTS;
        later += x[199] * x[199] / STARTS;
    }
    /* The variance asked for; its estimate from 4000 draws has an sd of sqrt(2 / 4000) = 2.2 %. */
    assert_at_most(fabs(first / 100 - 1), 0.09);
    assert_at_most(fabs(later / 100 - 1), 0.09);
}

static void band_power_is_what_the_noise_has(void **state) {
    (void)state;
    const bb_noise_filter filter = bb_noise_filter_make(1.5, 40, RATE);
    double *x = bb_calloc(SAMPLES, sizeof *x);
    assert_non_null(x);
    bb_noise noise;
    bb_noise_start(&noise, &filter, 7, 100);
    bb_noise_add(&noise, SAMPLES, x);
    double power = 0;
    for (int hz = 70; hz < 150; ++hz) power += mean_density(x, hz + 0.5);
    /* 60 seconds of 80 bins, neighbours of which share their noise: a standard error of about 2 %. */
    assert_at_most(fabs(power / bb_noise_band_power(&filter, 70, 150) - 1), 0.08);
    /* All of it is the variance, 1600, less what lies between 0 and 1 Hz. */
    assert_at_most(bb_noise_band_power(&filter, 1, RATE), 1600);
    /* The slope that was asked for: the steps between the stages leave 0.02, sampling flattens the top by
     * 0.1.
     */
    const double low = log(bb_noise_density(&filter, 50) / bb_noise_density(&filter, 1)) / log(50),
                 high = log(bb_noise_density(&filter, 150) / bb_noise_density(&filter, 50)) / log(3);
    assert_at_most(fabs(low + 1.5), 0.02);
    assert_at_most(fabs(high + 1.5), 0.1);
    bb_free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_and_threads_do_not_change_the_values),
        cmocka_unit_test(background_falls_with_frequency_and_mains_stand_out),
        cmocka_unit_test(only_responding_contacts_raise_high_gamma),
        cmocka_unit_test(spikes_come_when_the_plan_says),
        cmocka_unit_test(stages_begin_in_their_stationary_state),
        cmocka_unit_test(band_power_is_what_the_noise_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
