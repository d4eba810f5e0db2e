/* What an observer can get out of a simulated contact, computed and not measured. The derivations stand in
 * docs/simulate.md. Index 0 is the soft class, 1 the loud one. */
#ifndef BB_SIMULATE_THEORY_H
#define BB_SIMULATE_THEORY_H

#include "simulate/plan.h"

/* Of the logarithm of the high-gamma power in the 0.2 s of the burst under a Hann window, its 5 Hz bins
 * weighted by one over their noise. */
typedef struct bb_power_theory {
    double d_prime[BB_CLASSES]; /* between a word of the class and no word */
    double d_prime_classes;     /* between loud and soft */
    double auc_word;            /* a word, half of them loud, against none */
    double auc_classes;         /* loud against soft */
} bb_power_theory;

/* `snr`: the loud burst's mean power over the noise's, in each of `tones` bins. */
bb_power_theory bb_theory_power(double snr, int tones);

/* Where the phase of the rhythm is looked at: a Hann window this long, centred so long after the onset. */
static const double bb_phase_window_s = 0.5, bb_phase_centre_s = 0.55;

/* Expected length of the mean over many words of exp(i phase), the phase at the contact's rhythm_hz. */
void bb_theory_itpc(const bb_plan *plan, const bb_contact_plan *contact, double itpc[BB_CLASSES]);

#endif
