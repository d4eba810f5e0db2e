/* Intrinsic dimension: how many principal components hold most of the variance of features over windows.
 * (Wang et al., "BrainBERT", ICLR 2023, section 4) */
#ifndef BRAINBERT_DIMENSION_H
#define BRAINBERT_DIMENSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/model.h"
#include "brainbert/progress.h"
#include "brainbert/windows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Explained variance ratios of the principal components of x [n,D] (rows: windows), to ratios [min(n,D)],
 * descending: the eigenvalues of the centred covariance over their sum, as scikit-learn's PCA. Of n windows
 * at most n - 1 are not 0; all are 0 where x is constant. Takes the eigenvalues of the smaller of the two
 * products of the centred x with itself. Our part of it gives the same bytes for any number of threads;
 * LAPACK's values agree to rounding where it uses threads of its own. `threads`: 0: one per processor.
 * BB_ERR_ARGUMENT for fewer than 2 windows, a smaller side beyond 16384, and numbers that are not finite. */
BB_API bb_status bb_pca_ratios(const double *x, int64_t n, int64_t dim, int threads, double *ratios,
                               bb_error *err);
BB_API bb_status bb_pca_ratios_f32(const float *x, int64_t n, int64_t dim, int threads, double *ratios,
                                   bb_error *err);

/* The smallest d for which the first d ratios add up to more than `share`; `count` where none do, 0 where all
 * ratios are 0. */
BB_API int64_t bb_intrinsic_dimension(const double *ratios, int64_t count, double share);

/* ---- of electrodes */

/* What is measured over an electrode's windows. */
typedef enum bb_dimension_of {
    BB_DIMENSION_EMBEDDINGS,  /* encoder output averaged over all frames: D numbers a window */
    BB_DIMENSION_SPECTROGRAM, /* the published control: the encoder's input averaged in the same way: F
                                 numbers */
    BB_DIMENSION_FRAMES,      /* another one: the encoder's input as it is: T F numbers */
    BB_DIMENSIONS
} bb_dimension_of;

typedef struct bb_dimension {
    int64_t windows;               /* that were used */
    int64_t value[BB_DIMENSIONS];  /* components, at most windows - 1; 0: fewer than 2 windows, or constant */
    int64_t count[BB_DIMENSIONS];  /* of ratios: min(windows, numbers a window); 0: not measured */
    double *ratios[BB_DIMENSIONS]; /* [count] explained variance ratios; bb_dimension_free */
} bb_dimension;

BB_API void bb_dimension_free(bb_dimension *dimension);

enum { BB_DIMENSION_WINDOWS_MOST = 16384 };

typedef struct bb_dimension_options {
    int64_t windows; /* 500; 2 to BB_DIMENSION_WINDOWS_MOST of an electrode: the first sound ones */
    double share;    /* 0.95 */
    bool frames;     /* BB_DIMENSION_FRAMES too, which holds [windows, T F] floats of an electrode: 15 MB */
    int threads;     /* of spectrograms and products; 0: one per processor */
} bb_dimension_options;

BB_API bb_dimension_options bb_dimension_options_default(void);

/* Windows of electrodes, collected from any number of recordings. Memory holds [electrodes, windows, D + F]
 * floats of those that are not yet measured. */
typedef struct bb_dimensions bb_dimensions;

/* Spectrograms of `frames` T and `bins` F, embeddings of `hidden_dim` D. */
BB_API bb_status bb_dimensions_create(int64_t frames, int bins, int hidden_dim,
                                      const bb_dimension_options *options, bb_dimensions **out,
                                      bb_error *err);
BB_API void bb_dimensions_destroy(bb_dimensions *dimensions);

/* One electrode more; they count from 0. */
BB_API bb_status bb_dimensions_add_electrode(bb_dimensions *dimensions, size_t *electrode, bb_error *err);

/* One window of an electrode: its averaged embedding [D] and its spectrogram [T,F]. Passed over when the
 * electrode has all it wants. */
BB_API bb_status bb_dimensions_add_window(bb_dimensions *dimensions, size_t electrode, const float *embedding,
                                          const float *spectrogram, bb_error *err);

/* How many windows the electrode still wants; 0 when it has been measured. */
BB_API int64_t bb_dimensions_wanted(const bb_dimensions *dimensions, size_t electrode);

/* Windows of `stream` through plan and encoder, until its channels, which are electrodes[channels], have what
 * they want or there are none left; those with something unsound in them (bb_window_stream_unsound) are left
 * out, and *left_out counts them (windows x channels). `sessions` [channels] where the plan normalises by
 * session; NULL otherwise. `progress` in windows x channels; may be NULL. */
BB_API bb_status bb_dimensions_gather(bb_dimensions *dimensions, bb_window_stream *stream,
                                      const size_t *electrodes, const bb_spectrogram_plan *plan,
                                      const bb_session_scale *sessions, bb_encoder *encoder,
                                      int64_t *left_out, bb_progress progress, void *progress_context,
                                      bb_error *err);

/* The principal components of an electrode's windows, which are forgotten. */
BB_API bb_status bb_dimensions_measure(bb_dimensions *dimensions, size_t electrode, bb_dimension *out,
                                       bb_error *err);

/* ---- results */

/* Where a result belongs. */
typedef struct bb_dimension_place {
    const char *subject;   /* NULL: not said */
    const char *recording; /* path of the first one that gave windows */
    const char *electrode;
    const char *region; /* NULL: not said */
} bb_dimension_place;

/* Means and population standard deviations of the components over the electrodes of one region that have a
 * dimension. */
typedef struct bb_dimension_region {
    const char *region;                            /* a place's; NULL: of those whose region is not said */
    int64_t electrodes;                            /* that have a dimension */
    double mean[BB_DIMENSIONS], sd[BB_DIMENSIONS]; /* NaN: of none, or not measured */
} bb_dimension_region;

/* By region, in order of their names, those of no region last, to regions [count]; returns how many there
 * are. */
BB_API size_t bb_dimension_by_region(const bb_dimension_place *places, const bb_dimension *found,
                                     size_t count, bb_dimension_region *regions);

/* A tab-separated table, one line for each electrode, whole or not at all: subject, recording, electrode,
 * region, windows, embeddings, spectrogram, and frames where they were measured; n/a for what is not there.
 */
BB_API bb_status bb_dimension_table_write(const char *path, const bb_dimension_place *places,
                                          const bb_dimension *found, size_t count, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
