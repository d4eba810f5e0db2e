#include "nn/product.h"

#include <oneapi/dnnl/dnnl.h>

#include "base/error.h"

bb_status bb_product(bb_operand a, bb_operand b, int64_t rows, int64_t columns, int64_t depth, bool add,
                     float *c, int64_t c_stride, bb_error *err) {
    const dnnl_status_t status =
        dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', rows, columns, depth, 1.0f, a.data,
                   a.stride, b.data, b.stride, add ? 1.0f : 0.0f, c, c_stride);
    if (status == dnnl_success) return BB_OK;
    return bb_fail(err, status == dnnl_out_of_memory ? BB_ERR_MEMORY : BB_ERR_UNSUPPORTED,
                   "oneDNN: a product of [%lld, %lld] by [%lld, %lld] failed with status %d", (long long)rows,
                   (long long)depth, (long long)depth, (long long)columns, (int)status);
}
