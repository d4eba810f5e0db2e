/* Superlets and Morlets: magnitudes at every hop-th sample, and no others. */
#ifndef BB_SPECTROGRAM_WAVELETS_H
#define BB_SPECTROGRAM_WAVELETS_H

#include "brainbert/spectrogram.h"

typedef struct bb_wavelets bb_wavelets;

bb_status bb_wavelets_create(const bb_spectrogram_recipe *recipe, bb_wavelets **out, bb_error *err);
void bb_wavelets_destroy(bb_wavelets *wavelets);

/* Frames of a window of `samples` samples: every hop-th sample from the first. */
int64_t bb_wavelets_frames(const bb_spectrogram_recipe *recipe, int64_t samples);
double bb_wavelets_frequency(const bb_spectrogram_recipe *recipe, int bin);

/* window[samples] -> magnitudes [frames, F] of frames first .. first + frames - 1. */
size_t bb_wavelets_scratch(const bb_wavelets *wavelets, int64_t samples, int64_t frames);
void bb_wavelets_magnitudes(const bb_wavelets *wavelets, const double *window, int64_t samples, int64_t first,
                            int64_t frames, void *scratch, double *magnitudes);

/* Multiplications and additions of the taps that meet samples in `frames` frames from `first`. */
double bb_wavelets_flop(const bb_wavelets *wavelets, int64_t samples, int64_t first, int64_t frames);

#endif
