/* What is true of a simulated recording: every draw of it comes from (seed, subject, session, purpose) before
 * the first sample is made. Formulas and ranges: docs/simulate.md. */
#ifndef BB_SIMULATE_PLAN_H
#define BB_SIMULATE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "brainbert/simulate.h"
#include "simulate/noise.h"

enum {
    BB_SHAFT_CONTACTS = 8,
    BB_SHAFT_SOURCES = 2,
    BB_HARMONICS = 6,
    BB_MAX_CONTACTS = 4096,
    BB_SPIKING_SHAFTS = 2,
    BB_TONES = 16, /* of a burst, one in the middle of each 5 Hz from 70 to 150 */
    BB_EXTRAS = 2, /* EKG, TRIG */
    BB_CLASSES = 2 /* soft, loud */
};

/* Times after a word's onset, s. The wave is over and the phase is set when the locking is looked at. */
static const double bb_burst_begin_s = 0.05, bb_burst_s = 0.2, bb_wave_s = 0.3;
static const double bb_reset_begin_s = 0.1, bb_reset_end_s = 0.3;
static const double bb_phase_diffusion = 2; /* rad^2 / s: variance of the phase's random walk */
/* Of the phase just after the reset: the length of the mean of exp(i phase) over words. */
static const double bb_locking[BB_CLASSES] = {0.4, 0.8};

typedef enum bb_contact_fault {
    BB_FAULT_NONE,
    BB_FAULT_DRIFT,
    BB_FAULT_WHITE,
    BB_FAULT_FLAT,
    BB_FAULT_CLIPPED
} bb_contact_fault;

typedef struct bb_contact_plan {
    char name[24], shaft_name[8];
    const char *region;
    int shaft, place;     /* place 0 is the deepest contact of its shaft */
    double position[3];   /* mm: right, front, up */
    double exponent;      /* of the 1/f^exponent background */
    double background_uv; /* its standard deviation */
    bb_noise_filter background;
    double mains_uv[BB_HARMONICS];
    double mains_phase[BB_HARMONICS];
    double source_gain[BB_SHAFT_SOURCES];
    double spike_uv; /* of the sharp wave; 0: too far from the focus, or another shaft */
    bb_contact_fault fault;
    bool responds;
    double noise_high_gamma_uv, noise_low_uv; /* sd of all 1/f noises in the tones' bands and in 4-8 Hz */
    double snr_high_gamma, snr_low;           /* power ratios for a loud word; a soft one has a quarter */
    double tone_uv[BB_TONES];                 /* sd of a loud burst's tones at its peak */
    double wave_uv[BB_CLASSES];               /* peak size of the slow wave; 0 where nothing responds */
    double rhythm_hz, rhythm_uv;              /* the ongoing oscillation: frequency and amplitude */
} bb_contact_plan;

typedef struct bb_word {
    double onset_s, duration_s;
    bool loud;
} bb_word;

typedef struct bb_spike {
    double peak_s;
    int shaft;
    double gain; /* 0.7 to 1.3 times the contact's spike_uv */
} bb_spike;

/* A stretch of a sound contact that says nothing of the brain. */
typedef struct bb_unsound {
    int contact;
    double onset_s, duration_s;
    bool clipped;    /* else flat */
    double level_uv; /* what a flat one stays at */
} bb_unsound;

typedef struct bb_plan {
    bb_simulation options;
    int subject, session; /* from 0 */
    char label[32];       /* "sub-01" or "sub-01_ses-01": what its files' names begin with */
    int64_t samples;
    int contact_count, shaft_count;
    int row_count; /* contacts and, behind them, the extras */
    bb_contact_plan *contacts;
    int word_count, spike_count, unsound_count;
    bb_word *words; /* these three in order of time */
    bb_spike *spikes;
    bb_unsound *unsounds;
    double heart_period_s;
    bb_noise_filter reference, source; /* of every shared process */
} bb_plan;

/* Options with `events` and `responding` counted out; BB_ERR_ARGUMENT with the option's name. */
bb_status bb_simulation_check(const bb_simulation *wanted, bb_simulation *checked, bb_error *err);

/* Of `contacts` contacts. */
int bb_plan_bad_count(int contacts);

bb_status bb_plan_create(const bb_simulation *checked, int subject, int session, bb_plan *plan,
                         bb_error *err);
void bb_plan_free(bb_plan *plan);

/* Contact `index` alone: where it is and what its noise is; then, when the roles are dealt, how it responds.
 */
void bb_contact_draw(bb_plan *plan, int index);
void bb_contact_draw_response(bb_plan *plan, int index);

/* One-sided power density of a contact's 1/f noises (its own, its shaft's, the reference's), uV^2 / Hz. */
double bb_contact_density(const bb_plan *plan, const bb_contact_plan *contact, double hz);

/* How many of a burst's tones lie, with their 5 Hz, below half the rate. */
int bb_plan_tones(const bb_plan *plan);

/* What the numbered streams of bb_random_* are for. Those of the upper list are new in each session. */
typedef enum bb_purpose {
    BB_PURPOSE_WORD,
    BB_PURPOSE_SPIKE,
    BB_PURPOSE_UNSOUND,
    BB_PURPOSE_BURST,
    BB_PURPOSE_PHASE,
    BB_PURPOSE_WALK,
    BB_PURPOSE_HEART,
    BB_PURPOSE_FAULT,
    BB_PURPOSE_REFERENCE,
    BB_PURPOSE_SOURCE,
    BB_PURPOSE_BACKGROUND,

    BB_PURPOSE_CONTACT,
    BB_PURPOSE_SHAFT,
    BB_PURPOSE_CHOICE,
    BB_PURPOSE_FOCUS,
    BB_PURPOSE_RESPONSE,
    BB_PURPOSE_BODY
} bb_purpose;

/* One stream for each subject, session, contact (or shaft, or source) and purpose. */
static inline uint64_t bb_stream(const bb_plan *plan, int64_t item, bb_purpose purpose) {
    const uint64_t session = purpose < BB_PURPOSE_CONTACT ? (uint64_t)plan->session : 0;
    return (uint64_t)plan->subject << 48 | session << 32 | (uint64_t)item << 8 | (uint64_t)purpose;
}

/* Draws in a row from one stream. */
typedef struct bb_dice {
    uint64_t seed, stream, next;
} bb_dice;

static inline bb_dice bb_dice_of(const bb_plan *plan, int64_t item, bb_purpose purpose) {
    return (bb_dice){plan->options.seed, bb_stream(plan, item, purpose), 0};
}

static inline double bb_between(bb_dice *d, double low, double high) {
    return low + (high - low) * bb_random_uniform(d->seed, d->stream, d->next++);
}

#endif
