#include "nn/dnnl_plan.h"

#include "base/memory.h"

static dnnl_status_t add_to_y(dnnl_primitive_attr_t attr) {
    dnnl_post_ops_t ops;
    dnnl_status_t status = dnnl_post_ops_create(&ops);
    if (status != dnnl_success) return status;
    status = bb_post_ops_add_sum(ops);
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(attr, ops);
    dnnl_post_ops_destroy(ops);
    return status;
}

bb_status bb_dnnl_describe(dnnl_engine_t engine, bb_md x, bb_md w, bb_md y, bool add,
                           dnnl_primitive_desc_t *pd, bb_error *err) {
    dnnl_primitive_attr_t attr = NULL;
    BB_DNNL_TRY(dnnl_primitive_attr_create(&attr), "attributes");
    dnnl_status_t status = dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    if (status == dnnl_success && add) status = add_to_y(attr);
    if (status == dnnl_success) status = bb_matmul_pd_create(pd, engine, x, w, y, attr);
    dnnl_primitive_attr_destroy(attr);
    BB_DNNL_TRY(status, "describing a product");
    return BB_OK;
}

static bb_status reserve(bb_dnnl_scratch *scratch, bb_const_md md, bb_error *err) {
    const size_t size = dnnl_memory_desc_get_size(md);
    if (size <= scratch->size) return BB_OK;
    bb_free(scratch->memory);
    scratch->memory = bb_calloc(size, 1);
    scratch->size = scratch->memory ? size : 0;
    return scratch->memory ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for %zu bytes of scratch", size);
}

/* Where the data lies is said at each run. */
static dnnl_status_t make_memory(dnnl_primitive_desc_t pd, dnnl_query_t which, dnnl_engine_t engine,
                                 dnnl_memory_t *out) {
    return dnnl_memory_create(out, dnnl_primitive_desc_query_md(pd, which, 0), engine, NULL);
}

bb_status bb_dnnl_plan_make(dnnl_primitive_desc_t pd, dnnl_engine_t engine, bb_dnnl_scratch *scratch,
                            bb_dnnl_plan *p, bb_error *err) {
    *p = (bb_dnnl_plan){0};
    BB_TRY(reserve(scratch, dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0), err));
    dnnl_status_t status = dnnl_primitive_create(&p->primitive, pd);
    if (status == dnnl_success) status = make_memory(pd, dnnl_query_src_md, engine, &p->source);
    if (status == dnnl_success) status = make_memory(pd, dnnl_query_weights_md, engine, &p->weights);
    if (status == dnnl_success) status = make_memory(pd, dnnl_query_dst_md, engine, &p->destination);
    if (status == dnnl_success) status = make_memory(pd, dnnl_query_scratchpad_md, engine, &p->scratchpad);
    if (status != dnnl_success) bb_dnnl_plan_clear(p);
    BB_DNNL_TRY(status, "planning a product");
    return BB_OK;
}

void bb_dnnl_plan_clear(bb_dnnl_plan *p) {
    if (p->primitive) dnnl_primitive_destroy(p->primitive);
    if (p->source) dnnl_memory_destroy(p->source);
    if (p->weights) dnnl_memory_destroy(p->weights);
    if (p->destination) dnnl_memory_destroy(p->destination);
    if (p->scratchpad) dnnl_memory_destroy(p->scratchpad);
    *p = (bb_dnnl_plan){0};
}

static dnnl_status_t point(dnnl_memory_t memory, const void *data) {
    union { /* oneDNN takes every handle without const; a product writes to its destination alone */
        const void *in;
        void *handle;
    } at = {data};
    void *now;
    const dnnl_status_t status = dnnl_memory_get_data_handle(memory, &now);
    /* oneDNN 2.x writes zeros into a layout's padding whenever it is told where the data lies. */
    if (status != dnnl_success || now == at.handle) return status;
    return dnnl_memory_set_data_handle(memory, at.handle);
}

bb_status bb_dnnl_plan_run(const bb_dnnl_plan *p, dnnl_stream_t stream, const bb_dnnl_scratch *scratch,
                           const void *x, const void *w, float *y, bb_error *err) {
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, p->source},
                                    {DNNL_ARG_WEIGHTS, p->weights},
                                    {DNNL_ARG_DST, p->destination},
                                    {DNNL_ARG_SCRATCHPAD, p->scratchpad}};
    BB_DNNL_TRY(point(p->source, x), "source");
    BB_DNNL_TRY(point(p->weights, w), "weights");
    BB_DNNL_TRY(point(p->destination, y), "destination");
    BB_DNNL_TRY(point(p->scratchpad, scratch->memory), "scratchpad");
    BB_DNNL_TRY(dnnl_primitive_execute(p->primitive, stream, 4, args), "product");
    BB_DNNL_TRY(dnnl_stream_wait(stream), "product");
    return BB_OK;
}
