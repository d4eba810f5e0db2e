/* How pretraining scales over ranks: a model of a step, measured here, and what it foretells elsewhere. The
 * derivation, and how well it holds, stand in docs/cluster.md. */
#ifndef BRAINBERT_SCALING_H
#define BRAINBERT_SCALING_H

#include "brainbert/model.h"
#include "brainbert/progress.h"
#include "brainbert/ranks.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What joins ranks. */
typedef struct bb_scaling_link {
    const char *name;
    double latency_s;      /* s; from one rank to the next, however little is sent */
    double bytes_per_s;    /* of one rank, in either direction, both at once */
    double cpu_s_per_byte; /* processor time of a rank for each byte of gradients: sums, copies, the network's
                              own */
} bb_scaling_link;

/* Of 10 and 100 Gbit/s Ethernet and HDR InfiniBand, typical figures -> *count. */
BB_API const bb_scaling_link *bb_scaling_links(int *count);

enum { BB_SCALING_BUCKETS = 64 };

/* A stretch of the gradients that is sent as one. */
typedef struct bb_scaling_bucket {
    double ready_s; /* s after the backward pass's beginning */
    double bytes;
} bb_scaling_bucket;

/* A rank's step by itself. */
typedef struct bb_scaling_work {
    int windows;        /* of the rank */
    int threads;        /* that compute */
    double forward_s;   /* s; all before the backward pass */
    double backward_s;  /* s */
    double optimizer_s; /* s; for all weights */
    int bucket_count;
    bb_scaling_bucket buckets[BB_SCALING_BUCKETS]; /* in the order in which they are sent */
} bb_scaling_work;

/* The same on a rank that has so many times the processors. */
BB_API bb_scaling_work bb_scaling_faster(const bb_scaling_work *work, double times);

/* A step among other ranks. */
typedef struct bb_scaling_step {
    double step_s;
    double exchange_s; /* s; gradients on their way, from the first bucket's start on, less pauses */
    double exposed_s;  /* s; of what is on its way, gradients and weights, with no work left to hide it */
} bb_scaling_step;

/* Of `ranks` with `windows` windows each: forward and backward pass take their share of work's, the backward
 * pass longer by the processor time that exchanges take from its threads; a bucket sets out when it is ready
 * and the one before it has arrived. Summed over ranks in a ring it takes 2 (R - 1) (latency + bytes / (R
 * bytes_per_s)). With `sharded` the optimiser takes 1 / R of its time, and the changed weights follow, for
 * which MPI takes as long again. (Patarasuk and Yuan, J. Parallel Distrib. Comput. 69, 2009) */
BB_API bb_scaling_step bb_scaling_predict(const bb_scaling_work *work, const bb_scaling_link *link, int ranks,
                                          double windows, bool sharded);

typedef struct bb_scaling_options {
    const bb_model *model; /* with a prediction head */
    int windows;           /* of a rank; 1 to 64 */
    int threads;           /* 0: one per processor */
    int rounds;            /* of which medians count; 1 to 99 */
    const bb_ranks *ranks; /* NULL: alone: there is nothing to measure but the work */
    bool sharded;
} bb_scaling_options;

typedef struct bb_scaling {
    int ranks, threads;
    int64_t parameters;
    bool sharded;
    bb_scaling_work work;
    /* Of several ranks: */
    bb_scaling_link link;                /* measured between them, while they do nothing else */
    bb_scaling_step predicted, measured; /* for as many windows as the work's */
} bb_scaling;

/* Measures steps of training in float32 on made spectrograms, by all ranks at once: alone, then together. The
 * figures are the slowest rank's. */
BB_API bb_status bb_scaling_measure(const bb_scaling_options *options, bb_progress progress,
                                    void *progress_context, bb_scaling *out, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
