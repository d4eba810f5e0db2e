/* The learning rate: linear from 0 over the first `warm_up` of the steps, then x 0.99 after each 1 % of the
 * rest. (Wang et al., ICLR 2023, appendix; the published code hardly ever decays when 1 % of the steps is no
 * whole number) */
#ifndef BB_TRAIN_SCHEDULE_H
#define BB_TRAIN_SCHEDULE_H

#include <stdint.h>

/* The rate of step number `step`, counted from 0, of `steps`. */
double bb_learning_rate(double base, double warm_up, int64_t step, int64_t steps);

#endif
