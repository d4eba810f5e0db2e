/* Models whose weights come from a closed formula, so that the full-size golden arrays need no 173 MB file:
 * u(k, i) in [-1, 1) is splitmix64 of (stream << 32) + i + 1 with stream = seed * 1000 + k, for element i of
 * tensor k of the layout; matrices 0.7 sqrt(3 / fan_in) u, biases 0.1 u, norm gains 1 + 0.2 u, norm biases
 * 0.2 u. */
#ifndef BB_TESTS_FORMULA_H
#define BB_TESTS_FORMULA_H

#include "brainbert/model.h"

/* Writes config.json and model.safetensors into the folder bb_temp_path(name) and returns its path. */
const char *bb_formula_model(const char *name, const bb_model_config *config, uint64_t seed);

#endif
