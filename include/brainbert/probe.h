/* Probing: what can be decoded from recordings, from which features, at which electrodes; from labels to a
 * page of results in one call. (Wang et al., "BrainBERT", ICLR 2023, section 3) */
#ifndef BRAINBERT_PROBE_H
#define BRAINBERT_PROBE_H

#include "brainbert/decoding.h"
#include "brainbert/finetune.h"
#include "brainbert/model.h"
#include "brainbert/ranks.h"
#include "brainbert/sources.h"
#include "brainbert/task.h"
#include "brainbert/windows.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum bb_electrode_use {
    BB_ELECTRODES_EACH,     /* a decoder for each */
    BB_ELECTRODES_TOGETHER, /* one decoder on the features of all, side by side */
    BB_ELECTRODES_POOLED    /* one decoder on the mean of their features */
} bb_electrode_use;

/* "each", "together", "pooled"; 0 for another word. */
BB_API int bb_electrode_use_from_name(const char *name, bb_electrode_use *out);

/* What must not be torn apart: how windows are split into those learned from and those tested on.
 *   "blocked"    stretches of time, with a gap
 *   "trial"      whole trials, dealt to folds
 *   "session"    one session at a time is tested
 *   "subject"    one subject at a time is tested, by a decoder of the electrodes of all others
 *   "published"  windows at random, as published: neighbours leak */
typedef struct bb_probe_options {
    bb_task_options task;
    const char *split;            /* a word from above; "blocked" */
    bb_decoding_options decoding; /* its split's kind follows from the word; folds, gap and seed count */
    const char *features; /* list of brainbert/features.h's names, and "untrained": the encoder with random
                             weights; "encoder,stft,bandpower,voltage:0.25" */
    const char *pooling;  /* of encoders and spectrograms whose name does not say; NULL: the usual one */
    const bb_model *model, *untrained; /* for "encoder", "untrained"; NULL: none */
    bb_precision precision; /* theirs; not BB_PRECISION_AUTO, and f32 for fine-tuning; BB_PRECISION_F32 */
    bb_recipe recipe;       /* the signal's, and the spectrogram's where it is of the same method */
    bb_signal_wishes wishes;
    bb_recording_options recording;
    const char *channels, *bads; /* as in bb_window_options */
    const char *cache;           /* folder for features; NULL: they are not kept */
    bb_electrode_use electrodes;
    int best;             /* that many electrodes: those where the voltage alone decodes best; 0: all */
    const int64_t *shots; /* [shot_count] numbers of windows to learn from, for curves; NULL: none */
    int shot_count, runs; /* draws of them; 3 */
    /* Fine-tuning instead of features: the model is trained with the decoder, each electrode and fold by
     * itself. */
    const bb_finetune_options
        *finetune; /* NULL: none; with a run folder finished folds are not trained again */
    void (*remark)(void *context, const char *text); /* one sentence each; may be NULL */
    /* What is being done, and how far it is; may be NULL. Anything but 0 stops it. */
    int (*progress)(void *context, const char *stage, int64_t done, int64_t total);
    void *context;
    const bb_ranks *ranks; /* that share features and decoding; NULL: alone */
} bb_probe_options;

BB_API bb_probe_options bb_probe_options_default(void);

/* All of it -> *json, results as docs/probe.md describes them (free with free()), the same on every rank and
 * on any number of them; collective. Errors: those of what it
 * consists of; BB_ERR_ARGUMENT for words that are none, features without their model, and a split that the
 * recordings do not allow. */
BB_API bb_status bb_probe(const bb_sources *sources, const bb_probe_options *options, char **json,
                          bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
