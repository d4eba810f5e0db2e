/* What this machine reaches: the peaks of its units and memory, each stage of the work beside them, the whole
 * pipeline, and how time and memory grow. */
#ifndef BRAINBERT_BENCH_H
#define BRAINBERT_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/corpus.h"
#include "brainbert/model.h"
#include "brainbert/progress.h"
#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum bb_peak {
    BB_PEAK_F32,   /* fused multiply-adds of float32 */
    BB_PEAK_BF16,  /* dot products of bf16, added up in float32 */
    BB_PEAK_INT8,  /* dot products of int8, added up in int32 */
    BB_PEAK_READ,  /* memory that is read */
    BB_PEAK_TRIAD, /* memory that is read and written, two to one */
    BB_PEAKS
} bb_peak;

/* Operations a second of `threads` threads (0: one per processor) that do nothing but independent ones in
 * registers, at the level bb_cpu_current gives, for about `seconds`; 0 where the level has no such units. Not
 * of memory. */
BB_API double bb_measure_peak(bb_peak peak, int threads, double seconds);

/* ---- stages and pipeline */

enum { BB_BENCH_ROUNDS = 99, BB_BENCH_STAGES = 24, BB_BENCH_PRECISIONS = 3 };

typedef struct bb_bench_options {
    const bb_model *model;
    const bb_corpus *corpus; /* read at random as one more stage; NULL: none */
    const char *folder;      /* where a folder for recordings is made, and removed at the end: "/tmp" */
    int threads;             /* 0: one per processor */
    int rounds;              /* 1 to BB_BENCH_ROUNDS */
    double pipeline_s;       /* s; what a run of the pipeline takes in float32, about; 0: 6 */
} bb_bench_options;

typedef struct bb_bench_peak {
    double per_s; /* operations or bytes a second of all threads; 0: this level has no such units */
    double one_thread_per_s; /* the same of one thread; 0 of memory, and where there is but one thread */
} bb_bench_peak;

typedef struct bb_bench_stage {
    const char *name;         /* "encode_batch_16" */
    const char *what;         /* "encode, batch 16, all frames" */
    int precision;            /* a bb_precision of the encoder's stages; -1: another stage */
    int threads;              /* that it ran on */
    double window_s;          /* s; of the windows it works on */
    double ms;                /* ms per window and channel, median over the rounds */
    double ms_least, ms_most; /* of the rounds */
    double flop;              /* operations by count, per window and channel; 0: not counted */
    double peak;              /* operations a second that it is held against; 0: no units, or not counted */
} bb_bench_stage;

/* A recording through the calls of `embed`, into a file of features. */
typedef struct bb_bench_pipeline {
    bb_precision precision;
    double recording_s; /* s; of the recording */
    int channels;
    int64_t windows; /* embedded, of all channels */
    double seconds;  /* s; median of the runs, from opening the recording to closing the features */
    double windows_per_s;
    double real_time;    /* seconds of one electrode's recording embedded a second */
    double encoder_busy; /* share of the time in which the encoder computes */
} bb_bench_pipeline;

typedef struct bb_bench {
    int threads, rounds;
    double processors_had; /* share of the time in which the threads had a processor each; less than 1 where
                              something else runs, and then the figures are of less than the machine */
    size_t array_bytes;    /* of each of the three arrays whose reading and writing measures memory */
    bb_bench_peak peaks[BB_PEAKS];
    int stage_count;
    bb_bench_stage stages[BB_BENCH_STAGES];
    int pipeline_count;
    bb_bench_pipeline pipelines[BB_BENCH_PRECISIONS];
} bb_bench;

/* Measures all of it at the level bb_cpu_current gives. A round runs each peak and each stage for at least
 * 50 ms; medians of the rounds come out, so that a slow moment of the machine falls on all of them alike. A
 * precision that bb_encoder_create calls unsupported is left out. The pipeline is run up to three times, one
 * precision after the other, on a recording 5 to 50 times as long as options->pipeline_s. */
BB_API bb_status bb_bench_measure(const bb_bench_options *options, bb_progress progress,
                                  void *progress_context, bb_bench *out, bb_error *err);

/* Of a stage on all threads against itself on one: how many times as fast; 0: it was not measured on both. */
BB_API double bb_bench_speedup(const bb_bench *bench, const char *stage, bb_precision precision);

/* ---- growth */

enum { BB_GROWTH_POINTS = 6 };

/* What a job grows in. */
typedef enum bb_growth_kind {
    BB_GROWTH_HOURS,    /* of a recording of one channel */
    BB_GROWTH_CHANNELS, /* of a recording of some minutes */
    BB_GROWTH_WINDOW,   /* seconds of a window, of which there are as many however long they are */
    BB_GROWTH_MODEL,    /* millions of parameters: small, base and large */
    BB_GROWTH_KINDS
} bb_growth_kind;

typedef struct bb_growth_options {
    const char *model;  /* as bb_model_open has it; of all series but the models' */
    const char *folder; /* where a folder for recordings and models is made, and removed at the end: "/tmp" */
    double hours;       /* h; the longest recording, 0.02 to 24; the others are as much shorter as this is */
    int threads;        /* 0: one per processor */
    int rounds;         /* 1 to BB_BENCH_ROUNDS: runs of each point, of which the median counts */
} bb_growth_options;

typedef struct bb_growth_point {
    double size;       /* in the kind's unit */
    int64_t windows;   /* embedded, of all channels */
    double flop;       /* of the encoder, by count */
    double seconds;    /* s; from opening the recording to closing its features */
    double counted_s;  /* s; what the count foretells: flop at the series' own mean rate */
    double peak_bytes; /* the process's largest resident memory */
} bb_growth_point;

typedef struct bb_growth_series {
    int count;
    bb_growth_point points[BB_GROWTH_POINTS];
    /* p of time ~ size^p, measured and by count, and of memory: slopes over logarithms, by least squares. */
    double time_exponent, counted_exponent, memory_exponent;
} bb_growth_series;

typedef struct bb_growth {
    int threads, rounds;
    bb_growth_series series[BB_GROWTH_KINDS];
} bb_growth;

/* Time and memory of embedding made recordings in float32, on doublings of each kind. Each run is a process
 * of its own, forked from this one, so that none sees another's memory; not to be called while other threads
 * of the caller run. */
BB_API bb_status bb_growth_measure(const bb_growth_options *options, bb_progress progress,
                                   void *progress_context, bb_growth *out, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
