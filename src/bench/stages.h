/* The stages of a benchmark, as one table. */
#ifndef BB_BENCH_STAGES_H
#define BB_BENCH_STAGES_H

#include "bench/work.h"

typedef struct bb_stage bb_stage;

/* Runs it once; *windows: how many windows (of one channel each) that worked off. */
typedef bb_status bb_stage_run(bb_work *work, const bb_stage *stage, int *windows, bb_error *err);

struct bb_stage {
    const char *name, *what;
    bb_stage_run *run;
    int batch;               /* of the encoder's stages */
    bb_pooling_kind pooling; /* of the encoder's stages */
    int precision;           /* a bb_precision; -1: not the encoder's */
    bool one_thread;         /* of the encoder's stages */
    double window_s;
    double flop;                /* per window; 0: not counted */
    double peak_share;          /* of the units that `peak` measures: 0.5 in double of float32's */
    bb_peak peak;               /* what it is held against */
    double ms[BB_BENCH_ROUNDS]; /* per window, by round */
};

/* Fills stages[BB_BENCH_STAGES] with those there are something to run for; returns their number. */
int bb_stages_list(const bb_work *work, bb_stage *stages);

/* Runs it for at least `seconds`; *ms: per window. */
bb_status bb_stage_time(bb_work *work, const bb_stage *stage, double seconds, double *ms, bb_error *err);

#endif
