#include "nn/linear.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "nn/dnnl_compat.h"

/* Row counts repeat (a full chunk, the last one, the pooled rows): a few plans are kept, the oldest goes
 * first. */
enum { PLANS = 6 };

typedef struct plan {
    int64_t rows;
    uint64_t last_use;
    dnnl_primitive_t primitive;
    dnnl_memory_t source, destination, scratchpad;
} plan;

struct bb_linear {
    int64_t in, out;
    bb_epilogue epilogue;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    bb_md weights_md;
    void *packed; /* the weights in oneDNN's layout */
    float *bias;
    dnnl_memory_t weights_memory, bias_memory;
    void *scratch;
    size_t scratch_size;
    plan plans[PLANS];
    uint64_t uses;
};

#define DNNL_TRY(call, what)                                                                                 \
    do {                                                                                                     \
        const dnnl_status_t dnnl_try = (call);                                                               \
        if (dnnl_try != dnnl_success)                                                                        \
            return bb_fail(err, dnnl_try == dnnl_out_of_memory ? BB_ERR_MEMORY : BB_ERR_UNSUPPORTED,         \
                           "oneDNN: %s failed with status %d", what, (int)dnnl_try);                         \
    } while (0)

static bb_status create_attributes(bb_epilogue epilogue, dnnl_primitive_attr_t *attr, bb_error *err) {
    DNNL_TRY(dnnl_primitive_attr_create(attr), "attributes");
    DNNL_TRY(dnnl_primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user), "scratchpad mode");
    if (epilogue == BB_EPILOGUE_NONE) return BB_OK;
    dnnl_post_ops_t ops;
    DNNL_TRY(dnnl_post_ops_create(&ops), "epilogue");
    dnnl_status_t status =
        epilogue == BB_EPILOGUE_GELU ? bb_post_ops_add_gelu(ops) : bb_post_ops_add_sum(ops);
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attr, ops);
    dnnl_post_ops_destroy(ops);
    DNNL_TRY(status, "epilogue");
    return BB_OK;
}

/* The product's descriptor for `rows`; `weights` fixes their layout or leaves it open. */
static bb_status describe(const bb_linear *l, int64_t rows, bb_md weights, dnnl_primitive_desc_t *pd,
                          bb_error *err) {
    dnnl_primitive_attr_t attr = NULL;
    bb_md x = bb_md_strided(rows, l->in, l->in, 1), y = bb_md_strided(rows, l->out, l->out, 1);
    bb_md b = bb_md_strided(1, l->out, l->out, 1);
    bb_status status = create_attributes(l->epilogue, &attr, err);
    if (status == BB_OK) {
        const dnnl_status_t made =
            x && y && b ? bb_matmul_pd_create(pd, l->engine, x, weights, b, y, attr) : dnnl_out_of_memory;
        if (made != dnnl_success)
            status = bb_fail(
                err, BB_ERR_UNSUPPORTED, "oneDNN: no product of [%lld, %lld] by [%lld, %lld] (status %d)",
                (long long)rows, (long long)l->in, (long long)l->in, (long long)l->out, (int)made);
    }
    if (attr) dnnl_primitive_attr_destroy(attr);
    bb_md_free(x);
    bb_md_free(y);
    bb_md_free(b);
    return status;
}

/* [out, in] row by row is [in, out] with strides 1 and in. */
static bb_status pack(bb_linear *l, const float *weight, bb_error *err) {
    bb_md plain_md = bb_md_strided(l->in, l->out, 1, l->in);
    dnnl_memory_t plain = NULL;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_t reorder = NULL;
    union { /* oneDNN takes every handle without const; a reorder does not write to its source */
        const float *in;
        void *handle;
    } source = {weight};
    dnnl_status_t status =
        plain_md ? dnnl_memory_create(&plain, plain_md, l->engine, source.handle) : dnnl_out_of_memory;
    if (status == dnnl_success)
        status = dnnl_reorder_primitive_desc_create(&pd, plain_md, l->engine, l->weights_md, l->engine, NULL);
    if (status == dnnl_success) status = dnnl_primitive_create(&reorder, pd);
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, plain}, {DNNL_ARG_TO, l->weights_memory}};
    if (status == dnnl_success) status = dnnl_primitive_execute(reorder, l->stream, 2, args);
    if (status == dnnl_success) status = dnnl_stream_wait(l->stream);
    if (reorder) dnnl_primitive_destroy(reorder);
    if (pd) dnnl_primitive_desc_destroy(pd);
    if (plain) dnnl_memory_destroy(plain);
    bb_md_free(plain_md);
    DNNL_TRY(status, "packing the weights");
    return BB_OK;
}

static bb_status choose_layout(bb_linear *l, int64_t usual_rows, bb_error *err) {
    dnnl_primitive_desc_t pd = NULL;
    bb_md open = bb_md_any(l->in, l->out);
    const bb_status status = describe(l, usual_rows, open, &pd, err);
    bb_md_free(open);
    if (status != BB_OK) return status;
    l->weights_md = bb_md_clone(dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0));
    dnnl_primitive_desc_destroy(pd);
    l->packed = l->weights_md ? bb_calloc(dnnl_memory_desc_get_size(l->weights_md), 1) : NULL;
    if (!l->packed) return bb_fail(err, BB_ERR_MEMORY, "no memory for packed weights");
    bb_md bias_md = bb_md_strided(1, l->out, l->out, 1);
    dnnl_status_t made =
        bias_md ? dnnl_memory_create(&l->bias_memory, bias_md, l->engine, l->bias) : dnnl_out_of_memory;
    bb_md_free(bias_md);
    DNNL_TRY(made, "bias");
    DNNL_TRY(dnnl_memory_create(&l->weights_memory, l->weights_md, l->engine, l->packed), "weights");
    return BB_OK;
}

static bb_status fill(bb_linear *l, const float *weight, const float *bias, int64_t usual_rows,
                      bb_error *err) {
    l->bias = bb_calloc((size_t)l->out, sizeof *l->bias);
    if (!l->bias) return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld biases", (long long)l->out);
    memcpy(l->bias, bias, (size_t)l->out * sizeof *bias);
    DNNL_TRY(dnnl_engine_create(&l->engine, dnnl_cpu, 0), "engine");
    DNNL_TRY(dnnl_stream_create(&l->stream, l->engine, dnnl_stream_default_flags), "stream");
    BB_TRY(choose_layout(l, usual_rows, err));
    return pack(l, weight, err);
}

bb_status bb_linear_create(const float *weight, const float *bias, int64_t in, int64_t out,
                           bb_epilogue epilogue, int64_t usual_rows, bb_linear **linear, bb_error *err) {
    *linear = NULL;
    bb_linear *l = bb_calloc(1, sizeof *l);
    if (!l) return bb_fail(err, BB_ERR_MEMORY, "no memory for a layer");
    l->in = in;
    l->out = out;
    l->epilogue = epilogue;
    const bb_status status = fill(l, weight, bias, usual_rows, err);
    if (status == BB_OK)
        *linear = l;
    else
        bb_linear_destroy(l);
    return status;
}

static void clear_plan(plan *p) {
    if (p->primitive) dnnl_primitive_destroy(p->primitive);
    if (p->source) dnnl_memory_destroy(p->source);
    if (p->destination) dnnl_memory_destroy(p->destination);
    if (p->scratchpad) dnnl_memory_destroy(p->scratchpad);
    *p = (plan){0};
}

void bb_linear_destroy(bb_linear *l) {
    if (!l) return;
    for (int i = 0; i < PLANS; ++i) clear_plan(&l->plans[i]);
    if (l->weights_memory) dnnl_memory_destroy(l->weights_memory);
    if (l->bias_memory) dnnl_memory_destroy(l->bias_memory);
    bb_md_free(l->weights_md);
    if (l->stream) dnnl_stream_destroy(l->stream);
    if (l->engine) dnnl_engine_destroy(l->engine);
    bb_free(l->packed);
    bb_free(l->bias);
    bb_free(l->scratch);
    bb_free(l);
}

static bb_status reserve_scratch(bb_linear *l, bb_const_md md, bb_error *err) {
    const size_t size = dnnl_memory_desc_get_size(md);
    if (size <= l->scratch_size) return BB_OK;
    bb_free(l->scratch);
    l->scratch = bb_calloc(size, 1);
    l->scratch_size = l->scratch ? size : 0;
    return l->scratch ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for %zu bytes of scratch", size);
}

static bb_status make_plan(bb_linear *l, int64_t rows, plan *p, bb_error *err) {
    dnnl_primitive_desc_t pd = NULL;
    BB_TRY(describe(l, rows, l->weights_md, &pd, err));
    dnnl_status_t status = dnnl_primitive_create(&p->primitive, pd);
    if (status == dnnl_success)
        status = dnnl_memory_create(&p->source, dnnl_primitive_desc_query_md(pd, dnnl_query_src_md, 0),
                                    l->engine, NULL);
    if (status == dnnl_success)
        status = dnnl_memory_create(&p->destination, dnnl_primitive_desc_query_md(pd, dnnl_query_dst_md, 0),
                                    l->engine, NULL);
    bb_const_md scratch_md = dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
    bb_status result = status == dnnl_success ? reserve_scratch(l, scratch_md, err) : BB_OK;
    if (status == dnnl_success && result == BB_OK)
        status = dnnl_memory_create(&p->scratchpad, scratch_md, l->engine, l->scratch);
    dnnl_primitive_desc_destroy(pd);
    p->rows = rows;
    if (status != dnnl_success)
        result =
            bb_fail(err, BB_ERR_UNSUPPORTED, "oneDNN: planning a product failed with status %d", (int)status);
    if (result != BB_OK) clear_plan(p);
    return result;
}

static bb_status find_plan(bb_linear *l, int64_t rows, plan **out, bb_error *err) {
    plan *oldest = &l->plans[0];
    for (int i = 0; i < PLANS; ++i) {
        plan *p = &l->plans[i];
        if (p->primitive && p->rows == rows) return *out = p, BB_OK;
        if (p->last_use < oldest->last_use) oldest = p;
    }
    clear_plan(oldest);
    *out = oldest;
    return make_plan(l, rows, oldest, err);
}

bb_status bb_linear_run(bb_linear *l, const float *x, int64_t rows, float *y, bb_error *err) {
    if (rows == 0) return BB_OK;
    plan *p;
    BB_TRY(find_plan(l, rows, &p, err));
    p->last_use = ++l->uses;
    union { /* as in pack() */
        const float *in;
        void *handle;
    } source = {x};
    DNNL_TRY(dnnl_memory_set_data_handle(p->source, source.handle), "source");
    DNNL_TRY(dnnl_memory_set_data_handle(p->destination, y), "destination");
    DNNL_TRY(dnnl_memory_set_data_handle(p->scratchpad, l->scratch), "scratchpad");
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, p->source},
                                    {DNNL_ARG_WEIGHTS, l->weights_memory},
                                    {DNNL_ARG_BIAS, l->bias_memory},
                                    {DNNL_ARG_DST, p->destination},
                                    {DNNL_ARG_SCRATCHPAD, p->scratchpad}};
    DNNL_TRY(dnnl_primitive_execute(p->primitive, l->stream, 5, args), "product");
    DNNL_TRY(dnnl_stream_wait(l->stream), "product");
    return BB_OK;
}

const char *bb_linear_backend_version(void) {
    static char text[32];
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
    return text;
}
