/* What is not of the brain: spoilt stretches, white noise, a heart, a trigger. */
#ifndef BB_SIMULATE_ARTEFACT_H
#define BB_SIMULATE_ARTEFACT_H

#include "simulate/plan.h"

/* Samples [position, position + samples). A drift is no matter of these. */
void bb_fault_apply(const bb_plan *plan, int contact, int64_t position, int64_t samples, double *out);
void bb_unsound_apply(const bb_plan *plan, int contact, int64_t position, int64_t samples, double *out);

/* Sets `out`, uV. */
void bb_heart_fill(const bb_plan *plan, int64_t position, int64_t samples, double *out);
void bb_trigger_fill(const bb_plan *plan, int first_word, int64_t position, int64_t samples, double *out);

#endif
