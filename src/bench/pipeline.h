/* The whole way of a recording, at each precision. */
#ifndef BB_BENCH_PIPELINE_H
#define BB_BENCH_PIPELINE_H

#include "bench/work.h"

enum { BB_PIPELINE_RUNS = 3 };

typedef struct bb_pipelines {
    bb_work *work;
    const bb_bench_options *options;
    double ms;            /* of the float32 encoder, per window: by it the recording's length is chosen */
    int runs;             /* 1 to BB_PIPELINE_RUNS */
    bb_progress progress; /* in pipelines run; NULL: none */
    void *progress_context;
} bb_pipelines;

/* Fills out[BB_BENCH_PRECISIONS] with one entry for each encoder there is, and *count. */
bb_status bb_pipelines_measure(const bb_pipelines *pipelines, bb_bench_pipeline *out, int *count,
                               bb_error *err);

#endif
