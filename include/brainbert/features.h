/* Features of given windows for decoding: one pass over a recording makes all kinds that are asked for, and a
 * folder keeps them for the next call (docs/features.md). */
#ifndef BRAINBERT_FEATURES_H
#define BRAINBERT_FEATURES_H

#include "brainbert/model.h"
#include "brainbert/progress.h"
#include "brainbert/ranks.h"
#include "brainbert/windows.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum bb_feature_spec_kind {
    BB_FEATURE_ENCODER,     /* the model's output, pooled over frames (Wang et al., ICLR 2023, section 2) */
    BB_FEATURE_SPECTROGRAM, /* the spectrogram's frames, pooled in the same way */
    BB_FEATURE_VOLTAGE,     /* the samples, uV */
    BB_FEATURE_BAND_POWER   /* log of the mean square in each of BB_BANDS bands, log uV^2 */
} bb_feature_spec_kind;

/* 1-4, 4-8, 8-13, 13-30, 30-70 and 70-150 Hz. */
enum { BB_BANDS = 6 };
typedef struct bb_band {
    const char *name; /* "delta", "theta", "alpha", "beta", "gamma", "high gamma" */
    double low_hz, high_hz;
} bb_band;
BB_API const bb_band *bb_bands(void);

/* What is made of a window of one channel, T frames by F bins, D hidden, K segments:
 *
 * encoder      center, mean: [D]; segments: [K D]; none: [T D]
 * spectrogram  center, mean: [F]; segments: [K F]; none: [T F]
 * voltage      none: every sample; mean: [1]; segments: [K]
 * band power   mean: [6] of the whole window; segments: [K 6], each of its own stretch */
typedef struct bb_feature_spec {
    bb_feature_spec_kind kind;
    bb_pooling pooling;
    bb_spectrogram_recipe recipe; /* encoder, spectrogram; bins 0: the model's own */
    const bb_model *model;        /* encoder; the caller's, open until the call ends */
    bb_precision precision;       /* encoder; not BB_PRECISION_AUTO, which is another one elsewhere */
    double seconds;               /* voltage: the central seconds; 0: the whole window */
} bb_feature_spec;

/* "encoder", "stft", "superlet", "morlet", "voltage", "voltage:SECONDS", "bandpower", each with a pooling
 * behind an @ where it is not the usual one ("stft@segments:6"): center for the encoder and spectrograms,
 * none for the voltage, mean for band powers. A spectrogram gets the method's published recipe; the encoder's
 * model is the caller's to fill in. BB_ERR_ARGUMENT says what was expected. */
BB_API bb_status bb_feature_spec_from_name(const char *name, bb_feature_spec *out, bb_error *err);

/* The name that gives this spec, its usual pooling left out; cut to `room` bytes. */
BB_API void bb_feature_spec_name(const bb_feature_spec *spec, char *out, size_t room);

typedef struct bb_feature_options {
    bb_window_options windows; /* onsets in any order, or none and a stride; threads count for everything */
    bool one_electrode; /* the channels are trials of one electrode: session normalisation pools them */
    const char *cache;  /* a folder, made where it is missing; NULL: features are kept in a file without a
                           name, which goes with the set */
    bb_progress progress;
    void *progress_context;
    const bb_ranks *ranks; /* that share the windows; each gets all features; NULL: alone */
} bb_feature_options;

typedef struct bb_feature_set_info {
    int64_t windows;  /* rows: onsets, in the caller's order; without onsets the windows in order of time */
    int64_t channels; /* electrodes */
    int64_t dim;
    double window_s, rate_hz;
    const char *name; /* bb_feature_spec_name */
    const char *const *channel_names;
    const size_t *sources; /* [channels]: the recording's channel that each stands for */
    const bb_channel *const
        *electrodes;       /* [channels]: that channel; the recording's, valid while it is open */
    const double *start_s; /* [windows]: first sample in seconds of the recording; NaN where not kept */
    const bool *kept;      /* [windows]; false: the window leaves the recording, its rows are zeros */
    const unsigned char *unsound; /* [channels, windows]: bits as bb_window_stream_unsound gives them */
    const float *data;            /* [channels, windows, dim], mapped from the file */
    bool cached;                  /* it was in the folder: nothing was computed */
} bb_feature_set_info;

typedef struct bb_feature_set bb_feature_set;

/* Makes sets[i] of specs[i], all in one pass over the recording; what the cache holds is not computed again.
 * Memory does not grow with windows x dim. `recording` is read by nobody else meanwhile. The same inputs give
 * the same bytes, alone or beside other specs, from the cache or not, on any number of threads and ranks.
 * Collective; rank 0 alone writes into the cache, which all ranks have to see.
 *
 * `progress` counts windows x channels, for each encoder among the specs that has to run (once where none
 * has), and before that windows x channels of the whole recording, twice for each different session
 * normalisation; of several ranks each counts its own windows. It is not called where all is cached.
 *
 * Errors: those of bb_window_stream_create; BB_ERR_ARGUMENT for a spec that does not fit the windows, the
 * model or the signal's rate. Nothing is left behind after an error: sets[] are NULL, the cache as it was but
 * for whole files. */
BB_API bb_status bb_features_compute(bb_recording *recording, const bb_feature_options *options,
                                     const bb_feature_spec *specs, size_t spec_count, bb_feature_set **sets,
                                     bb_error *err);

/* Owned by the set. */
BB_API const bb_feature_set_info *bb_feature_set_get_info(const bb_feature_set *set);
/* NULL is fine. */
BB_API void bb_feature_set_destroy(bb_feature_set *set);

#ifdef __cplusplus
}
#endif
#endif
