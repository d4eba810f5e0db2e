/* Opens bytes as weights and reads every element a caller could come to: damage must have been noticed
 * before. */
#include <stdint.h>
#include <stdlib.h>

#include "weights/weights.h"

static void use_tensor(const bb_tensor *tensor) {
    const size_t count = (size_t)bb_array_count(tensor->shape, tensor->dims);
    if (count > 1 << 20) return; /* repeated elements, whose bounds were checked like all others */
    float *values = malloc((count ? count : 1) * sizeof *values);
    if (values) bb_tensor_to_f32(tensor, values);
    free(values);
}

static void use_weights(const uint8_t *data, size_t size) {
    bb_weights *weights;
    bb_error err = {0};
    if (bb_weights_parse(data, size, "fuzz", &weights, &err) != BB_OK) {
        if (!err.message[0]) abort();
        return;
    }
    for (size_t i = 0; i < bb_weights_count(weights); ++i) use_tensor(bb_weights_at(weights, i));
    bb_weights_close(weights);
}
