/* The fixed sinusoids that tell frames apart. */
#ifndef BB_MODEL_POSITIONS_H
#define BB_MODEL_POSITIONS_H

#include <stdint.h>

/* table[frames, D]: sin(t w_d) in even columns d, cos(t w_(d-1)) in odd ones, w_d = 10000^(-d/D).
 * (Vaswani et al. 2017, section 3.5) */
void bb_fill_positions(int64_t frames, int64_t hidden_dim, float *table);

#endif
