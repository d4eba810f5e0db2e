/* What is true of a simulated subject: every draw of it comes from (seed, subject, purpose) before the first
 * sample is made. Formulas and ranges: docs/simulate.md. */
#ifndef BB_SIMULATE_PLAN_H
#define BB_SIMULATE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "brainbert/simulate.h"
#include "simulate/noise.h"

enum {
    BB_SHAFT_CONTACTS = 8,
    BB_SHAFT_SOURCES = 2,
    BB_HARMONICS = 6,
    BB_MAX_CONTACTS = 4096,
    BB_SPIKING_SHAFTS = 2
};

typedef enum bb_contact_fault { BB_FAULT_NONE, BB_FAULT_DRIFT, BB_FAULT_WHITE } bb_contact_fault;

typedef struct bb_contact_plan {
    char name[24], shaft_name[8];
    int shaft, place;     /* place 0 is the deepest contact of its shaft */
    double position[3];   /* mm: right, front, up */
    double exponent;      /* of the 1/f^exponent background */
    double background_uv; /* its standard deviation */
    double mains_uv[BB_HARMONICS];
    double mains_phase[BB_HARMONICS];
    double source_gain[BB_SHAFT_SOURCES];
    double spike_uv; /* of the sharp wave; 0: too far from the focus, or another shaft */
    bb_contact_fault fault;
    bool responds;
    double noise_high_gamma_uv;       /* sd of all that is not response nor mains, 70-150 Hz */
    double response_high_gamma_uv[2]; /* sd at the burst's peak: soft, loud; 0 where the contact does not
                                         respond */
    double evoked_uv[2];              /* peak of the slow wave: soft, loud */
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

typedef struct bb_plan {
    bb_simulation options;
    int subject; /* from 0 */
    int64_t samples;
    int contact_count, shaft_count;
    bb_contact_plan *contacts;
    int word_count, spike_count;
    bb_word *words;                    /* in order of time */
    bb_spike *spikes;                  /* in order of time */
    bb_noise_recipe reference, source; /* what the recipe of every shared process is */
} bb_plan;

/* Options with `events` counted out; BB_ERR_ARGUMENT with the option's name. */
bb_status bb_simulation_check(const bb_simulation *wanted, bb_simulation *checked, bb_error *err);

bb_status bb_plan_create(const bb_simulation *checked, int subject, bb_plan *plan, bb_error *err);
void bb_plan_free(bb_plan *plan);

/* The numbered streams of bb_random_*: one for each subject, contact (or shaft, or source) and purpose. */
typedef enum bb_purpose {
    BB_PURPOSE_CONTACT,
    BB_PURPOSE_SHAFT,
    BB_PURPOSE_CHOICE,
    BB_PURPOSE_WORD,
    BB_PURPOSE_SPIKE,
    BB_PURPOSE_BURST,
    BB_PURPOSE_WHITE,
    BB_PURPOSE_REFERENCE, /* these three take BB_NOISE_STAGES streams each */
    BB_PURPOSE_SOURCE = 32,
    BB_PURPOSE_BACKGROUND = 64,
    BB_PURPOSE_DRIFT = 96
} bb_purpose;

static inline uint64_t bb_stream(int subject, int64_t item, bb_purpose purpose) {
    return (uint64_t)subject << 48 | (uint64_t)item << 16 | (uint64_t)purpose;
}

#endif
