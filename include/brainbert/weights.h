/* Named tensors from files: .safetensors (memory-mapped) and PyTorch .pth checkpoints (zip and pre-1.6
 * containers), which are read without running anything they contain. */
#ifndef BRAINBERT_WEIGHTS_H
#define BRAINBERT_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/array.h"
#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One tensor of a file. Elements are little-endian at data[offset + sum(index[d] * strides[d])]. */
typedef struct bb_tensor {
    const char *name;
    bb_dtype dtype;
    size_t dims;
    int64_t shape[BB_MAX_DIMS];
    int64_t strides[BB_MAX_DIMS]; /* in elements */
    const void *data;             /* the first element */
} bb_tensor;

typedef struct bb_weights bb_weights;

/* Opens a .safetensors or .pth file, told apart by content. Of a .pth, the tensors of its `model` (or
 * `state_dict`) dictionary, or of the top-level dictionary if that holds tensors itself.
 * Errors: BB_ERR_FORMAT (damaged), BB_ERR_UNSUPPORTED (neither kind of file), BB_ERR_REFUSED (the pickle
 * names something outside the closed list; the message holds the name). Nothing in the file is ever executed.
 */
BB_API bb_status bb_weights_open(const char *path, bb_weights **out, bb_error *err);
BB_API void bb_weights_close(bb_weights *weights);

BB_API size_t bb_weights_count(const bb_weights *weights);
BB_API const bb_tensor *bb_weights_at(const bb_weights *weights, size_t index);
/* NULL if there is none of that name. */
BB_API const bb_tensor *bb_weights_find(const bb_weights *weights, const char *name);

/* "safetensors", "pth (zip)", "pth (legacy)". */
BB_API const char *bb_weights_container(const bb_weights *weights);

/* A .pth's `model_cfg`, or a .safetensors' __metadata__, as JSON text; NULL if there is none. */
BB_API const char *bb_weights_config(const bb_weights *weights);

/* Copies a tensor to float32 in C order; `out` holds the product of the shape. */
BB_API void bb_tensor_to_f32(const bb_tensor *tensor, float *out);

/* x[count] -> the nearest float16, also in place; false if a finite number lies beyond its range. */
BB_API bool bb_f16_from_f32(const float *x, size_t count, uint16_t *out);

/* Tells the system that the tensor's mapped pages are not needed for now. */
BB_API void bb_weights_release(const bb_weights *weights, const bb_tensor *tensor);

/* Writes tensors (BB_F32 or BB_F16, C order) as .safetensors, whole or not at all. `metadata_json`: an object
 * of strings for __metadata__, or NULL. */
BB_API bb_status bb_safetensors_write(const char *path, const bb_tensor *tensors, size_t count,
                                      const char *metadata_json, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
