/* What `bench` shows of what it measured. */
#ifndef BB_CLI_BENCH_H
#define BB_CLI_BENCH_H

#include "brainbert/bench.h"

void bench_print_table(const bb_bench *bench);
void bench_print_json(const bb_bench *bench);

#endif
