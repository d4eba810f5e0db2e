/* One kind of feature file each: bb_feature_npy and bb_feature_h5 behind bb_feature_file. */
#ifndef BB_EMBED_FEATURE_FILE_H
#define BB_EMBED_FEATURE_FILE_H

#include "brainbert/embed.h"

/* What the layout says, as one JSON text (docs/features.md); free with free(). NULL when memory is short. */
char *bb_feature_description(const bb_feature_layout *layout);

typedef struct bb_feature_kind {
    const char *suffix;
    bb_status (*create)(const char *path, const bb_feature_layout *layout, void **state, bb_error *err);
    bb_status (*write)(void *state, int64_t window, const char *recording, double start_s, const char *event,
                       const float *features, const unsigned char *unsound, bb_error *err);
    bb_status (*close)(void *state, bb_error *err); /* puts the file in place; does not free */
    void (*destroy)(void *state);                   /* removes what is not in place; frees */
} bb_feature_kind;

extern const bb_feature_kind bb_feature_npy, bb_feature_h5;

/* Floats of one window: channels * (frames *) dim. */
static inline int64_t bb_layout_window_floats(const bb_feature_layout *l) {
    return l->channels * (l->frames ? l->frames : 1) * l->dim;
}

/* The array's shape: [windows, channels, (frames,) dim]; returns the number of dimensions. */
static inline size_t bb_layout_shape(const bb_feature_layout *l, int64_t shape[4]) {
    size_t n = 0;
    shape[n++] = l->windows;
    shape[n++] = l->channels;
    if (l->frames) shape[n++] = l->frames;
    shape[n++] = l->dim;
    return n;
}

#endif
