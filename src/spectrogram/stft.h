/* The short-time Fourier transform's magnitudes. */
#ifndef BB_SPECTROGRAM_STFT_H
#define BB_SPECTROGRAM_STFT_H

#include "brainbert/spectrogram.h"

typedef struct bb_stft bb_stft;

bb_status bb_stft_create(const bb_spectrogram_recipe *recipe, bb_stft **out, bb_error *err);
void bb_stft_destroy(bb_stft *stft);

/* Frames of a window of `samples` samples: segment/2 zeros at both ends, then zeros up to a whole number of
 * hops. */
int64_t bb_stft_frames(const bb_spectrogram_recipe *recipe, int64_t samples);

/* window[samples] -> magnitudes [frames, F] of frames first .. first + frames - 1. */
size_t bb_stft_scratch(const bb_stft *stft, int64_t frames);
void bb_stft_magnitudes(const bb_stft *stft, const double *window, int64_t samples, int64_t first,
                        int64_t frames, void *scratch, double *magnitudes);

/* Multiplications and additions. */
double bb_stft_flop(const bb_stft *stft, int64_t frames);

#endif
