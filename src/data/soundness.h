/* Whether what was recorded is sound: the unsound stretches of the channels that are read and the seams of
 * the recording, told for the windows of the channels that come out of the chain. */
#ifndef BB_DATA_SOUNDNESS_H
#define BB_DATA_SOUNDNESS_H

#include "brainbert/recording.h"
#include "brainbert/windows.h"

typedef struct bb_soundness bb_soundness;

/* `inputs` are the recording's channels that are read, in the order of the chain's; `outputs` those of the
 * chain's that are given out. The recording has to outlive it. NULL when memory is short. */
bb_soundness *bb_soundness_create(const bb_recording *recording, const bb_chain *chain, const size_t *inputs,
                                  size_t input_count, const size_t *outputs, size_t output_count);
void bb_soundness_destroy(bb_soundness *soundness);

/* The next samples as they were read: block[input * samples + t]. */
bb_status bb_soundness_push(bb_soundness *soundness, const double *block, int64_t samples, int threads,
                            bb_error *err);

/* No window that is still to come begins before `start_s`. */
void bb_soundness_forget(bb_soundness *soundness, double start_s);

/* Finds what bb_soundness_window gives: the bits of each output in [start_s, end_s). */
void bb_soundness_judge(bb_soundness *soundness, double start_s, double end_s);
const unsigned char *bb_soundness_window(const bb_soundness *soundness);

/* Of each input, so far. */
const bb_unsound_seconds *bb_soundness_seconds(bb_soundness *soundness);

#endif
