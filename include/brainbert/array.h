/* Arrays in memory and in NumPy's .npy files (format versions 1.0 to 3.0).
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef BRAINBERT_ARRAY_H
#define BRAINBERT_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { BB_MAX_DIMS = 8 };

typedef enum bb_dtype { BB_F16, BB_F32, BB_F64, BB_I8, BB_U8, BB_I16, BB_I32, BB_I64, BB_BF16 } bb_dtype;

/* Bytes per element. */
BB_API size_t bb_dtype_size(bb_dtype dtype);

/* An array of float32 in C order; the last dimension runs fastest. `data` belongs to the array. */
typedef struct bb_array {
    size_t dims;
    int64_t shape[BB_MAX_DIMS];
    float *data;
} bb_array;

/* The same in float64. */
typedef struct bb_array_f64 {
    size_t dims;
    int64_t shape[BB_MAX_DIMS];
    double *data;
} bb_array_f64;

/* Reads a whole .npy of any bb_dtype, either byte order, C or Fortran order, converted and in C order.
 * On failure *out is empty. */
BB_API bb_status bb_array_read(const char *path, bb_array *out, bb_error *err);
BB_API bb_status bb_array_f64_read(const char *path, bb_array_f64 *out, bb_error *err);

/* Writes `data` (float32 little-endian, C order) whole or not at all. */
BB_API bb_status bb_array_write(const char *path, const float *data, const int64_t *shape, size_t dims,
                                bb_error *err);

/* The number of elements: the product of the shape. */
BB_API int64_t bb_array_count(const int64_t *shape, size_t dims);

BB_API void bb_array_free(bb_array *array);
BB_API void bb_array_f64_free(bb_array_f64 *array);

#ifdef __cplusplus
}
#endif
#endif
