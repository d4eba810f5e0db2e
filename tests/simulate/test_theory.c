/* What the truth says an observer can see, against what one sees in simulated voltages. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "simulate/signal.h"
#include "simulate/theory.h"
#include "support.h"

enum { RATE = 1000, SECONDS = 400, WORDS = SECONDS / 2, SAMPLES = RATE * SECONDS, CONTACTS = 16 };
static const double pi = 3.14159265358979323846;

static bb_plan make_plan(double snr_db, uint64_t seed) {
    bb_simulation options = bb_simulation_default(), checked;
    options.channels = CONTACTS;
    options.rate_hz = RATE;
    options.seconds = SECONDS;
    options.mains_hz = 0; /* the observer knows no notch */
    options.snr_db = snr_db;
    options.responding = 12;
    options.seed = seed;
    bb_plan plan;
    assert_ok(bb_simulation_check(&options, &checked, e));
    assert_ok(bb_plan_create(&checked, 0, 0, &plan, e));
    plan.word_count -= 1; /* whose window could reach behind the end */
    return plan;
}

static double *make_signals(const bb_plan *plan) {
    double *all = bb_calloc((size_t)CONTACTS * SAMPLES, sizeof *all);
    double *part = bb_calloc((size_t)CONTACTS * RATE, sizeof *part);
    assert_non_null(all);
    assert_non_null(part);
    bb_signal_stream *stream;
    assert_ok(bb_signal_stream_create(plan, &stream, e));
    for (int64_t done = 0; done < SAMPLES; done += RATE) {
        bb_signal_stream_next(stream, RATE, part);
        for (int i = 0; i < CONTACTS; ++i)
            memcpy(all + (size_t)i * SAMPLES + done, part + (size_t)i * RATE, RATE * sizeof *all);
    }
    bb_signal_stream_destroy(stream);
    bb_free(part);
    return all;
}

typedef struct spectrum {
    double real, imaginary;
} spectrum;

/* A window's [samples] windowed cosines, then sines. */
static void fill_wave(double *wave, int samples, double hz) {
    for (int n = 0; n < samples; ++n) {
        const double w = pow(sin(pi * n / samples), 2);
        wave[n] = w * cos(2 * pi * hz * n / RATE);
        wave[samples + n] = w * sin(2 * pi * hz * n / RATE);
    }
}

static spectrum against(const double *wave, const double *x, int samples) {
    spectrum s = {0, 0};
    for (int n = 0; n < samples; ++n) {
        s.real += wave[n] * x[n];
        s.imaginary += wave[samples + n] * x[n];
    }
    return s;
}

typedef struct powers {
    double with[WORDS], without[WORDS]; /* weighted, in the bursts' windows and in those before the words */
} powers;

static void measure_powers(const bb_plan *plan, const double *x, powers *out) {
    double noise[BB_TONES] = {0}, *all = bb_calloc((size_t)2 * WORDS * BB_TONES, sizeof *all);
    assert_non_null(all);
    static double waves[BB_TONES][2 * RATE / 5];
    for (int k = 0; k < BB_TONES; ++k) fill_wave(waves[k], RATE / 5, 72.5 + 5 * k);
    for (int i = 0; i < plan->word_count; ++i) {
        const double *onset = x + llround(plan->words[i].onset_s * RATE);
        for (int k = 0; k < BB_TONES; ++k) {
            const spectrum a = against(waves[k], onset + RATE / 20, RATE / 5),
                           b = against(waves[k], onset - RATE * 3 / 10, RATE / 5);
            all[2 * (i * BB_TONES + k)] = a.real * a.real + a.imaginary * a.imaginary;
            all[2 * (i * BB_TONES + k) + 1] = b.real * b.real + b.imaginary * b.imaginary;
            noise[k] += b.real * b.real + b.imaginary * b.imaginary;
        }
    }
    memset(out, 0, sizeof *out);
    for (int i = 0; i < plan->word_count; ++i) {
        for (int k = 0; k < BB_TONES; ++k) {
            out->with[i] += all[2 * (i * BB_TONES + k)] / noise[k];
            out->without[i] += all[2 * (i * BB_TONES + k) + 1] / noise[k];
        }
    }
    bb_free(all);
}

/* The share of pairs in which a loud word has more power than a soft one, and a word than none. */
static double auc_classes(const bb_plan *plan, const powers *p) {
    int64_t pairs = 0, higher = 0;
    for (int i = 0; i < plan->word_count; ++i) {
        for (int j = 0; j < plan->word_count; ++j) {
            if (!plan->words[i].loud || plan->words[j].loud) continue;
            ++pairs;
            higher += p->with[i] > p->with[j];
        }
    }
    return (double)higher / (double)pairs;
}

static double auc_word(const bb_plan *plan, const powers *p) {
    int64_t higher = 0;
    for (int i = 0; i < plan->word_count; ++i)
        for (int j = 0; j < plan->word_count; ++j) higher += p->with[i] > p->without[j];
    return (double)higher / ((double)plan->word_count * plan->word_count);
}

static void band_power_separates_as_the_truth_says(void **state) {
    (void)state;
    static const double snrs_db[] = {-6, 0, 6};
    for (int s = 0; s < 3; ++s) {
        bb_plan plan = make_plan(snrs_db[s], 3 + (uint64_t)s);
        double *signals = make_signals(&plan), classes = 0, word = 0;
        const bb_power_theory theory = bb_theory_power(pow(10, snrs_db[s] / 10), BB_TONES);
        powers p;
        for (int i = 0; i < CONTACTS; ++i) {
            const bb_contact_plan *c = &plan.contacts[i];
            if (c->fault) continue;
            measure_powers(&plan, signals + (size_t)i * SAMPLES, &p);
            if (c->responds) {
                classes += auc_classes(&plan, &p) / 12;
                word += auc_word(&plan, &p) / 12;
            } else {
                /* Nothing to see: an AUC of 100 against 99 windows has an sd of 0.041, of 199 against 199 one
                 * of 0.029; 4 sd. */
                assert_at_most(fabs(auc_classes(&plan, &p) - 0.5), 0.165);
                assert_at_most(fabs(auc_word(&plan, &p) - 0.5), 0.117);
            }
        }
        /* The sd of one contact's is at most 0.04 and 0.03; the mean of 12 contacts with bursts of their own
         * has 0.012 and 0.008; 3.5 sd. */
        assert_at_most(fabs(classes - theory.auc_classes), 0.042);
        assert_at_most(fabs(word - theory.auc_word), 0.03);
        bb_free(signals);
        bb_plan_free(&plan);
    }
}

/* Length of the mean of exp(i phase) over the words of a class, less what chance adds to its square. */
static double measure_itpc(const bb_plan *plan, const bb_contact_plan *c, const double *x, bool loud) {
    enum { HALF = RATE / 2 };
    double wave[2 * HALF];
    assert_int_equal(HALF, (int)(bb_phase_window_s * RATE));
    fill_wave(wave, HALF, c->rhythm_hz);
    double real = 0, imaginary = 0, n = 0;
    for (int i = 0; i < plan->word_count; ++i) {
        if (plan->words[i].loud != loud) continue;
        const double begin_s = plan->words[i].onset_s + bb_phase_centre_s - bb_phase_window_s / 2;
        const spectrum s = against(wave, x + llround(begin_s * RATE), HALF);
        const double size = hypot(s.real, s.imaginary);
        real += s.real / size;
        imaginary += s.imaginary / size;
        ++n;
    }
    const double square = (real * real + imaginary * imaginary) / (n * n);
    return sqrt(fmax((square * n - 1) / (n - 1), 0));
}

static void words_lock_the_phase_as_the_truth_says(void **state) {
    (void)state;
    static const double snrs_db[] = {-6, 6};
    for (int s = 0; s < 2; ++s) {
        bb_plan plan = make_plan(snrs_db[s], 8);
        double *signals = make_signals(&plan), difference[2] = {0, 0};
        for (int i = 0; i < CONTACTS; ++i) {
            const bb_contact_plan *c = &plan.contacts[i];
            if (c->fault) continue;
            double expected[2];
            bb_theory_itpc(&plan, c, expected);
            for (int k = 0; k < 2; ++k) {
                const double seen = measure_itpc(&plan, c, signals + (size_t)i * SAMPLES, k);
                if (c->responds) difference[k] += (seen - expected[k]) / 12;
                /* Without locking, the square has the mean 1 / 100 before chance is taken off, and exceeds 8
                 * times that with a probability of exp(-8). */
                else
                    assert_at_most(seen, 0.27);
            }
        }
        /* One contact's has an sd of at most 1 / sqrt(2 100) = 0.07, more where chance is cut at 0; the mean
         * of 12 has 0.02; 3 sd. */
        assert_at_most(fabs(difference[0]), 0.06);
        assert_at_most(fabs(difference[1]), 0.06);
        bb_free(signals);
        bb_plan_free(&plan);
    }
}

/* Against 200 000 draws a class from the bins' covariance, made and ordered by another program. */
static void areas_are_those_of_drawn_powers(void **state) {
    (void)state;
    static const double drawn[][3] = {
        {-8, 0.6466, 0.6271}, {-3, 0.8087, 0.7817}, {3, 0.9490, 0.9486}, {10, 0.9854, 0.9996}};
    for (int i = 0; i < 4; ++i) {
        const bb_power_theory t = bb_theory_power(pow(10, drawn[i][0] / 10), BB_TONES);
        /* sd of these areas: at most 0.0009 */
        assert_at_most(fabs(t.auc_classes - drawn[i][1]), 0.003);
        assert_at_most(fabs(t.auc_word - drawn[i][2]), 0.003);
        /* Phi(d' / sqrt 2) is the area of two normal distributions: the logarithms are nearly that. */
        assert_at_most(fabs(0.5 * erfc(-t.d_prime_classes / 2) - t.auc_classes), 0.012);
    }
    const bb_power_theory none = bb_theory_power(0, BB_TONES), low_rate = bb_theory_power(10, 0);
    assert_true(none.auc_word == 0.5 && none.auc_classes == 0.5 && low_rate.auc_word == 0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_are_those_of_drawn_powers),
        cmocka_unit_test(band_power_separates_as_the_truth_says),
        cmocka_unit_test(words_lock_the_phase_as_the_truth_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
