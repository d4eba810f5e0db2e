/* From recorded voltage to the signal the model was trained on: resampling, high-pass, notch, band-pass,
 * re-reference.
 * spec: docs/signal.md. Everything works on streams: state is carried from block to block, so the output does
 * not depend on how the input was cut, and memory does not depend on its length. */
#ifndef BRAINBERT_SIGNAL_H
#define BRAINBERT_SIGNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum bb_reference {
    BB_REFERENCE_NONE,      /* as recorded */
    BB_REFERENCE_LAPLACIAN, /* contact k minus the mean of contacts k-1 and k+1 of its shaft */
    BB_REFERENCE_BIPOLAR,   /* contact k minus contact k+1 of its shaft, named "A1-A2" */
    BB_REFERENCE_CAR        /* minus the mean over all good channels */
} bb_reference;

/* For notch_harmonics: every multiple of the mains frequency below Nyquist, of the first 60. */
enum { BB_ALL_HARMONICS = 60 };

/* One description of the signal chain, used everywhere and stored with its result. */
typedef struct bb_signal_recipe {
    double rate_hz;      /* Hz; the rate the spectrogram expects; 2048 */
    double notch_hz;     /* Hz; mains frequency, 0: no notch; 60 */
    int notch_harmonics; /* how many multiples of notch_hz, up to BB_ALL_HARMONICS; those at or above Nyquist
                            are left out; 6 */
    double notch_q;      /* quality of each notch; 30 */
    double highpass_hz;  /* Hz; Butterworth order 4, causal; 0: none */
    double bandpass_low_hz, bandpass_high_hz; /* Hz; Butterworth order 5, causal; both 0: none */
    bb_reference reference;
} bb_signal_recipe;

/* The published recipe: 2048 Hz, notch at 60, 120 .. 360 Hz, Laplacian, no high-pass. */
BB_API bb_signal_recipe bb_signal_recipe_default(void);

/* "laplacian", "bipolar", "car", "none". */
BB_API const char *bb_reference_name(bb_reference reference);
BB_API bool bb_reference_from_name(const char *name, bb_reference *out);

/* A contact's place: shaft and number taken from its label. `T1cIe11` -> "T1cIe", 11; `*`, `#`, `_` and
 * blanks are dropped, prefixes (EEG, SEEG, ECOG, IEEG, DBS, POL) and a `-Ref` suffix too; `A'12` -> "A'", 12;
 * `LA01` and `LA-1` -> "LA", 1. Numbers go up to 99999. */
enum { BB_SHAFT_LENGTH = 64 };
typedef struct bb_contact {
    char shaft[BB_SHAFT_LENGTH];
    int number;
} bb_contact;

/* False when the label holds no shaft or no number, or names a pair (LA1-LA2, LA1LA2). */
BB_API bool bb_contact_parse(const char *label, bb_contact *out);

/* What is left of any label, a contact's or not, without what systems put around it, in lower case and cut to
 * `room` bytes: "EEG LA1-LA2" -> "la1-la2", "POL EKG" -> "ekg", "*C 3-Ref" -> "c3". */
BB_API void bb_label_bare(const char *label, char *out, size_t room);

/* The chain for one group of channels, all of one rate. */
typedef struct bb_chain bb_chain;

typedef struct bb_chain_channel {
    const char *name; /* read at create only */
    bool bad;
} bb_chain_channel;

/* `threads` below 1 counts as 1; the results do not depend on it. A chain is used by one thread at a time.
 * Errors: BB_ERR_ARGUMENT for a rate that is not positive or further from the recipe's than a factor of 1024,
 * for a recipe that can't be (a high-pass at or above Nyquist, a band that is none, more than 60 notches, Q
 * not positive), for a reference that leaves no channel. */
BB_API bb_status bb_chain_create(const bb_signal_recipe *recipe, double input_rate_hz,
                                 const bb_chain_channel *channels, size_t channel_count, int threads,
                                 bb_chain **out, bb_error *err);
BB_API void bb_chain_destroy(bb_chain *chain);

/* The channels that come out: all good and bad ones for NONE, those with a reference otherwise. */
BB_API size_t bb_chain_output_count(const bb_chain *chain);
BB_API const char *bb_chain_output_name(const bb_chain *chain, size_t output);
/* The input channel an output stands for (the first one of a bipolar pair). */
BB_API size_t bb_chain_output_source(const bb_chain *chain, size_t output);

/* How many samples come out, in all, for `input_samples` in: round(input_samples * rate / input_rate); the
 * same number where the rates agree to within 1e-9 of each other, as nothing is resampled then. */
BB_API int64_t bb_chain_output_length(const bb_chain *chain, int64_t input_samples);

/* Samples repaired so far, in the channels that take part: one that is NaN, infinite, or beyond 1e100 either
 * way counts as its channel's last sound value, 0 before the first, as it would else stay in the filters for
 * ever. */
BB_API int64_t bb_chain_repaired(const bb_chain *chain);

/* The most samples one push or flush of up to `input_samples` can give back. */
BB_API int64_t bb_chain_capacity(const bb_chain *chain, int64_t input_samples);

/* Pushes in[channel * samples + t] through; `*produced` samples per output channel are written to
 * out[output * capacity + t]. Nothing is allocated, except inside the resampler. Errors: BB_ERR_ARGUMENT for
 * a `capacity` below bb_chain_capacity(chain, samples) or a push after a flush; nothing is consumed then. */
BB_API bb_status bb_chain_push(bb_chain *chain, const double *in, int64_t samples, double *out,
                               int64_t capacity, int64_t *produced, bb_error *err);

/* The end of the stream: what the resampler still holds, as if zeros followed. After all calls exactly
 * bb_chain_output_length(total input) samples have come out. Call until *produced is 0; any `capacity` of at
 * least 1 will do. */
BB_API bb_status bb_chain_flush(bb_chain *chain, double *out, int64_t capacity, int64_t *produced,
                                bb_error *err);

/* Second-order sections in the order b0 b1 b2 a1 a2 (a0 = 1), as scipy.signal gives them. */
typedef struct bb_biquad {
    double b0, b1, b2, a1, a2;
} bb_biquad;

/* scipy.signal.iirnotch: a notch at `f0_hz` of width f0 / q. (Orfanidis, Introduction to Signal
 * Processing, 11.3) */
BB_API bb_biquad bb_design_notch(double f0_hz, double q, double rate_hz);

/* Butterworth high-pass of even or odd `order` (up to 8) by the bilinear transform; returns the number of
 * sections written to out[4], 0 for another order. */
BB_API size_t bb_design_highpass(int order, double cutoff_hz, double rate_hz, bb_biquad out[4]);

/* Butterworth band-pass of `order` (up to 8; its poles are twice as many) between low_hz and high_hz, 0 < low
 * < high < rate / 2, as scipy.signal.butter(order, [low, high], 'bandpass', output='sos') gives it; returns
 * the number of sections written to out[8], which is the order, 0 for another order. */
BB_API size_t bb_design_bandpass(int order, double low_hz, double high_hz, double rate_hz, bb_biquad out[8]);

#ifdef __cplusplus
}
#endif
#endif
