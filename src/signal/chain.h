/* What the chain tells the rooms that build on it, beside brainbert/signal.h. */
#ifndef BB_SIGNAL_CHAIN_H
#define BB_SIGNAL_CHAIN_H

#include "brainbert/signal.h"

/* Larger than any voltage, small enough never to overflow in a filter. */
#define BB_BEYOND_VOLTAGE 1e100

/* The input channels that an output is made of: its own, then those it is referenced to by name (the
 * neighbours of a Laplacian, the partner of a pair; not the common average). Returns how many, 1 to 3. */
size_t bb_chain_output_inputs(const bb_chain *chain, size_t output, size_t inputs[3]);

#endif
