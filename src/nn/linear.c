#include "nn/linear.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "nn/dnnl_plan.h"

/* Row counts repeat (a full chunk, the last one, the pooled rows): a few plans are kept, the oldest goes
 * first. */
enum { PLANS = 6 };

typedef struct plan {
    int64_t rows;
    uint64_t last_use;
    bb_dnnl_plan product;
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
    bb_dnnl_scratch scratch;
    plan plans[PLANS];
    uint64_t uses;
};

/* The product's descriptor for `rows`; `weights` fixes their layout or leaves it open. */
static bb_status describe(const bb_linear *l, int64_t rows, bb_md weights, dnnl_primitive_desc_t *pd,
                          bb_error *err) {
    bb_md x = bb_md_strided(dnnl_f32, rows, l->in, l->in, 1),
          y = bb_md_strided(dnnl_f32, rows, l->out, l->out, 1),
          b = bb_md_strided(dnnl_f32, 1, l->out, l->out, 1);
    const bb_status status = x && y && b ? bb_dnnl_describe(l->engine, x, weights, b, y, l->epilogue, pd, err)
                                         : bb_fail(err, BB_ERR_MEMORY, "no memory for a product's shape");
    bb_md_free(x);
    bb_md_free(y);
    bb_md_free(b);
    return status;
}

/* [out, in] row by row is [in, out] with strides 1 and in. */
static bb_status pack(bb_linear *l, const float *weight, bb_error *err) {
    bb_md plain_md = bb_md_strided(dnnl_f32, l->in, l->out, 1, l->in);
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
    BB_DNNL_TRY(status, "packing the weights");
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
    bb_md bias_md = bb_md_strided(dnnl_f32, 1, l->out, l->out, 1);
    dnnl_status_t made =
        bias_md ? dnnl_memory_create(&l->bias_memory, bias_md, l->engine, l->bias) : dnnl_out_of_memory;
    bb_md_free(bias_md);
    BB_DNNL_TRY(made, "bias");
    BB_DNNL_TRY(dnnl_memory_create(&l->weights_memory, l->weights_md, l->engine, l->packed), "weights");
    return BB_OK;
}

static bb_status fill(bb_linear *l, const float *weight, const float *bias, int64_t usual_rows,
                      bb_error *err) {
    l->bias = bb_calloc((size_t)l->out, sizeof *l->bias);
    if (!l->bias) return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld biases", (long long)l->out);
    memcpy(l->bias, bias, (size_t)l->out * sizeof *bias);
    BB_DNNL_TRY(dnnl_engine_create(&l->engine, dnnl_cpu, 0), "engine");
    BB_DNNL_TRY(dnnl_stream_create(&l->stream, l->engine, dnnl_stream_default_flags), "stream");
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

void bb_linear_destroy(bb_linear *l) {
    if (!l) return;
    for (int i = 0; i < PLANS; ++i) bb_dnnl_plan_clear(&l->plans[i].product);
    if (l->weights_memory) dnnl_memory_destroy(l->weights_memory);
    if (l->bias_memory) dnnl_memory_destroy(l->bias_memory);
    bb_md_free(l->weights_md);
    if (l->stream) dnnl_stream_destroy(l->stream);
    if (l->engine) dnnl_engine_destroy(l->engine);
    bb_free(l->packed);
    bb_free(l->bias);
    bb_free(l->scratch.memory);
    bb_free(l);
}

static bb_status make_plan(bb_linear *l, int64_t rows, plan *p, bb_error *err) {
    dnnl_primitive_desc_t pd = NULL;
    BB_TRY(describe(l, rows, l->weights_md, &pd, err));
    const bb_status status = bb_dnnl_plan_make(pd, l->engine, &l->scratch, &p->product, err);
    dnnl_primitive_desc_destroy(pd);
    p->rows = rows;
    return status;
}

static bb_status find_plan(bb_linear *l, int64_t rows, plan **out, bb_error *err) {
    plan *oldest = &l->plans[0];
    for (int i = 0; i < PLANS; ++i) {
        plan *p = &l->plans[i];
        if (p->product.primitive && p->rows == rows) return *out = p, BB_OK;
        if (p->last_use < oldest->last_use) oldest = p;
    }
    bb_dnnl_plan_clear(&oldest->product);
    *out = oldest;
    return make_plan(l, rows, oldest, err);
}

bb_status bb_linear_run(bb_linear *l, const float *x, int64_t rows, float *y, bb_error *err) {
    if (rows == 0) return BB_OK;
    plan *p;
    BB_TRY(find_plan(l, rows, &p, err));
    p->last_use = ++l->uses;
    return bb_dnnl_plan_run(&p->product, l->stream, &l->scratch, x, l->packed, l->bias_memory, y, err);
}

const char *bb_linear_backend_version(void) {
    static char text[32];
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
    return text;
}
