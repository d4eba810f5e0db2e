/* One tensor: its extent in memory, and its conversion to float32. */
#include <math.h>
#include <string.h>

#include "io/element.h"
#include "weights/weights.h"

bool bb_tensor_c_order(bb_tensor *tensor) {
    int64_t stride = 1;
    for (size_t d = tensor->dims; d-- > 0;) {
        tensor->strides[d] = stride;
        const int64_t n = tensor->shape[d] > 0 ? tensor->shape[d] : 1;
        if (__builtin_mul_overflow(stride, n, &stride)) return false;
    }
    return true;
}

bool bb_tensor_span(const bb_tensor *tensor, size_t *span) {
    int64_t product = 1, last = 0, reach;
    bool empty = false;
    for (size_t d = 0; d < tensor->dims; ++d) {
        const int64_t n = tensor->shape[d];
        if (n < 0 || tensor->strides[d] < 0) return false;
        empty |= n == 0;
        /* An empty dimension counts as 1, so that no order of multiplying the shape can overflow. */
        if (__builtin_mul_overflow(product, n > 0 ? n : 1, &product)) return false;
        if (__builtin_mul_overflow(n > 0 ? n - 1 : 0, tensor->strides[d], &reach) ||
            __builtin_add_overflow(last, reach, &last))
            return false;
    }
    if (last == INT64_MAX || product > INT64_MAX / 8) return false; /* bytes must not overflow either */
    *span = empty ? 0 : (size_t)last + 1;
    return true;
}

static float bfloat_to_f32(uint16_t bfloat) {
    const uint32_t bits = (uint32_t)bfloat << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* `count` elements, `step` elements apart; the data may have any alignment. */
#define ROW(type, convert)                                                                                   \
    for (int64_t i = 0; i < count; ++i) {                                                                    \
        type element;                                                                                        \
        memcpy(&element, at + (size_t)(i * step) * sizeof element, sizeof element);                          \
        out[i] = convert(element);                                                                           \
    }                                                                                                        \
    break

static void convert_row(bb_dtype dtype, const unsigned char *at, int64_t step, int64_t count, float *out) {
    switch (dtype) {
    case BB_F16:
        ROW(uint16_t, bb_half_to_f32);
    case BB_BF16:
        ROW(uint16_t, bfloat_to_f32);
    case BB_F32:
        ROW(float, (float));
    case BB_F64:
        ROW(double, (float));
    case BB_I8:
        ROW(int8_t, (float));
    case BB_U8:
        ROW(uint8_t, (float));
    case BB_I16:
        ROW(int16_t, (float));
    case BB_I32:
        ROW(int32_t, (float));
    case BB_I64:
        ROW(int64_t, (float));
    }
}

void bb_tensor_to_f32(const bb_tensor *tensor, float *out) {
    const size_t size = bb_dtype_size(tensor->dtype);
    const int64_t count = bb_array_count(tensor->shape, tensor->dims);
    const int64_t row = tensor->dims ? tensor->shape[tensor->dims - 1] : 1;
    const int64_t step = tensor->dims ? tensor->strides[tensor->dims - 1] : 1;
    for (int64_t first = 0; first < count; first += row) {
        int64_t rest = first / row, offset = 0;
        for (size_t d = tensor->dims; d-- > 0;) {
            if (d + 1 == tensor->dims) continue;
            offset += rest % tensor->shape[d] * tensor->strides[d];
            rest /= tensor->shape[d];
        }
        convert_row(tensor->dtype, (const unsigned char *)tensor->data + (size_t)offset * size, step, row,
                    out + first);
    }
}

bool bb_f16_from_f32(const float *x, size_t count, uint16_t *out) {
    bool fits = true;
    for (size_t i = 0; i < count; ++i) {
        float value; /* read whole before it is written over */
        memcpy(&value, (const char *)x + i * sizeof value, sizeof value);
        const uint16_t half = bb_half_from_f32(value);
        memcpy((char *)out + i * sizeof half, &half, sizeof half);
        fits = fits && (isfinite(bb_half_to_f32(half)) || !isfinite(value));
    }
    return fits;
}
