/* What growth runs in processes of their own. */
#ifndef BB_BENCH_GROWTH_JOBS_H
#define BB_BENCH_GROWTH_JOBS_H

#include "bench/job.h"

/* A model as the runs open it. */
typedef struct bb_growth_model {
    bb_model_config config;
    bb_recipe recipe;
    double parameters;
} bb_growth_model;

/* Looks at the model `name`. An untrained one is saved in the folder `saved`, since to draw its weights takes
 * memory that to open a file does not. */
bb_status bb_growth_model_prepare(const char *name, const char *saved, bb_growth_model *out, bb_error *err);

typedef struct bb_growth_job {
    const char *model, *recording, *features; /* paths */
    double window_s;                          /* s; 0: the recipe's */
    int threads;
} bb_growth_job;

/* As a process that embeds does it, from opening the model on; result->seconds is the job's alone. */
bb_status bb_growth_job_run(const bb_growth_job *job, bb_job_result *result, double *peak_bytes,
                            bb_error *err);

#endif
