/* Blocks of parameters as named tensors in .safetensors files. */
#ifndef BB_TRAIN_BLOCKS_H
#define BB_TRAIN_BLOCKS_H

#include "brainbert/weights.h"
#include "train/parameters.h"

enum { BB_BLOCK_NAME = 128 };

/* Tensors that are to be written; their numbers stay the caller's. */
typedef struct bb_blocks {
    bb_tensor *tensors;
    char (*names)[BB_BLOCK_NAME];
    size_t count, room;
} bb_blocks;

/* With room for so many tensors, which may not be exceeded. */
bb_status bb_blocks_create(size_t room, bb_blocks *out, bb_error *err);
void bb_blocks_free(bb_blocks *blocks);

/* PREFIX and NAME behind it; a vector has columns == 0. */
void bb_blocks_add(bb_blocks *blocks, const char *prefix, const char *name, int64_t rows, int64_t columns,
                   const float *data);
/* All of a model's table under a prefix. */
void bb_blocks_add_model(bb_blocks *blocks, const char *prefix, const bb_parameters *parameters,
                         const float *block);

/* One tensor of an open file. BB_ERR_FORMAT, with the file's path, where it is missing or of another shape.
 */
bb_status bb_blocks_read(const bb_weights *weights, const char *path, const char *prefix, const char *name,
                         int64_t rows, int64_t columns, float *out, bb_error *err);
bb_status bb_blocks_read_model(const bb_weights *weights, const char *path, const char *prefix,
                               const bb_parameters *parameters, float *block, bb_error *err);

#endif
