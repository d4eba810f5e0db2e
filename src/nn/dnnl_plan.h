/* oneDNN's products of one shape each, ready to run: of bf16_product.h. */
#ifndef BB_NN_DNNL_PLAN_H
#define BB_NN_DNNL_PLAN_H

#include <stdbool.h>

#include "base/error.h"
#include "nn/dnnl_compat.h"

#define BB_DNNL_TRY(call, what)                                                                              \
    do {                                                                                                     \
        const dnnl_status_t dnnl_try = (call);                                                               \
        if (dnnl_try != dnnl_success)                                                                        \
            return bb_fail(err, dnnl_try == dnnl_out_of_memory ? BB_ERR_MEMORY : BB_ERR_UNSUPPORTED,         \
                           "oneDNN: %s failed with status %d", what, (int)dnnl_try);                         \
    } while (0)

/* Working memory that plans take turns in; it grows to the largest. */
typedef struct bb_dnnl_scratch {
    void *memory;
    size_t size;
} bb_dnnl_scratch;

typedef struct bb_dnnl_plan {
    dnnl_primitive_t primitive;
    dnnl_memory_t source, weights, destination, scratchpad;
} bb_dnnl_plan;

/* The descriptor of y = x w, or with `add` y += x w, to be released by the caller.
 * BB_ERR_UNSUPPORTED where oneDNN has no such product on this processor. */
bb_status bb_dnnl_describe(dnnl_engine_t engine, bb_md x, bb_md w, bb_md y, bool add,
                           dnnl_primitive_desc_t *pd, bb_error *err);

/* Keeps nothing of `pd`. A plan that could not be made is clear. */
bb_status bb_dnnl_plan_make(dnnl_primitive_desc_t pd, dnnl_engine_t engine, bb_dnnl_scratch *scratch,
                            bb_dnnl_plan *plan, bb_error *err);
void bb_dnnl_plan_clear(bb_dnnl_plan *plan);

/* One caller at a time. */
bb_status bb_dnnl_plan_run(const bb_dnnl_plan *plan, dnnl_stream_t stream, const bb_dnnl_scratch *scratch,
                           const void *x, const void *w, float *y, bb_error *err);

#endif
