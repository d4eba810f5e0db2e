/* The part of a contact's voltage that words change: bursts of high gamma, slow waves, and the ongoing rhythm
 * whose phase they reset. */
#ifndef BB_SIMULATE_RESPONSE_H
#define BB_SIMULATE_RESPONSE_H

#include "simulate/plan.h"

/* Shapes by the sample after the onset. */
typedef struct bb_shapes {
    int burst_first, burst_samples, wave_samples;
    double *wave;  /* [wave_samples], peak near 1 */
    double *tones; /* [2 * BB_TONES, burst_samples]: cosines, then sines, under the burst's envelope */
} bb_shapes;

bb_status bb_shapes_create(const bb_plan *plan, bb_shapes *shapes, bb_error *err);
void bb_shapes_free(bb_shapes *shapes);

/* One contact's rhythm under way. Its phase is linear between knots 25 ms apart, which are counted anew from
 * each reset. */
typedef struct bb_rhythm {
    int next_word;  /* that resets it */
    int64_t left;   /* samples to the next knot */
    int64_t knot;   /* since the last reset, or the recording's begin */
    uint64_t drawn; /* steps of the walk */
    double phase;   /* at the knot before; of the exact line that `turn` follows */
    double slope;   /* rad per sample */
    double settled; /* the phase at the reset, as if it had come at once */
    double away;    /* what it was away from that */
    double walk;    /* the random walk since the reset */
    double real, imaginary, turn_real, turn_imaginary;
} bb_rhythm;

void bb_rhythm_start(const bb_plan *plan, int contact, bb_rhythm *rhythm);

/* These add samples [position, position + samples) to `out`; the rhythm's next ones, which begin there. */
void bb_rhythm_add(const bb_plan *plan, int contact, bb_rhythm *rhythm, int64_t position, int64_t samples,
                   double *out);
void bb_response_add(const bb_plan *plan, const bb_shapes *shapes, int contact, int first_word,
                     int64_t position, int64_t samples, double *out);

#endif
