/* What the readers of the containers share: the list of tensors under construction. */
#ifndef BB_WEIGHTS_WEIGHTS_H
#define BB_WEIGHTS_WEIGHTS_H

#include <stdbool.h>

#include "base/file.h"
#include "brainbert/weights.h"

struct bb_weights {
    const char *container;
    char *config; /* JSON, or NULL */
    const unsigned char *bytes;
    size_t size; /* the whole file; tensors may point into it */
    bb_map map;  /* what holds `bytes`; empty when the caller of bb_weights_parse does */
    bb_tensor *tensors;
    size_t count, room;
    const bb_tensor **by_name; /* sorted */
    void **buffers;            /* what was read out of the file; tensors may point into these too */
    size_t buffer_count, buffer_room;
};

/* bb_weights_open for bytes that are in memory already and stay there until bb_weights_close; `path` is for
 * messages. */
bb_status bb_weights_parse(const void *data, size_t size, const char *path, bb_weights **out, bb_error *err);

/* Appends a tensor whose data lies in `available` elements from tensor->data on; copies the name. Refuses
 * shapes that overflow, elements outside, more elements than could have been meant. */
bb_status bb_weights_add(bb_weights *weights, const bb_tensor *tensor, const char *name, size_t name_length,
                         size_t available, const char *path, bb_error *err);

/* A buffer that bb_weights_close frees; NULL when memory is short. */
void *bb_weights_buffer(bb_weights *weights, size_t size);

/* Sets the strides of an array in C order; false if the shape's product overflows. */
bool bb_tensor_c_order(bb_tensor *tensor);

/* How many elements lie between the first and the last one, both counted; 0 for an empty tensor. False if
 * that or the shape's product overflows. */
bool bb_tensor_span(const bb_tensor *tensor, size_t *span);

bb_status bb_safetensors_load(bb_weights *weights, const char *path, bb_error *err);
bb_status bb_pth_zip_load(bb_weights *weights, const char *path, bb_error *err);
bb_status bb_pth_legacy_load(bb_weights *weights, const char *path, bb_error *err);

#endif
