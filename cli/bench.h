/* What `bench` shows of what it measured. */
#ifndef BB_CLI_BENCH_H
#define BB_CLI_BENCH_H

#include "brainbert/bench.h"
#include "brainbert/scaling.h"

void bench_print_table(const bb_bench *bench);
void bench_print_json(const bb_bench *bench);

void growth_print_table(const bb_growth *growth);
/* `picture`: its path. */
void growth_print_json(const bb_growth *growth, const char *picture);
/* Writes a PNG: time above memory, a column for each kind. */
bb_status growth_draw(const bb_growth *growth, const char *path, bb_error *err);

/* `foretold`: the work of the ranks that figures beyond what was measured are of. */
void scaling_print_table(const bb_scaling *scaling, const bb_scaling_work *foretold);
void scaling_print_json(const bb_scaling *scaling, const bb_scaling_work *foretold, const char *picture);
bb_status scaling_draw(const bb_scaling *scaling, const bb_scaling_work *foretold, const char *path,
                       bb_error *err);

#endif
