#include "nn/bf16_product.h"

#include <string.h>

#include "base/memory.h"
#include "nn/dnnl_plan.h"
#include "nn/train_kernels.h"

/* A network has 17 shapes a number of rows, 6 of them in its forward pass: enough for a run's full and last
 * parts in training and in validation. The one not used for longest goes first. */
enum { PLANS = 64 };

/* What tells products apart; of one type, so that bytes can be compared. */
typedef struct shape {
    int64_t rows, columns, depth, a_stride, b_stride, c_stride, a_transposed, b_transposed, add;
} shape;

typedef struct plan {
    shape shape;
    uint64_t last_use;
    bb_dnnl_plan product;
} plan;

struct bb_bf16_products {
    dnnl_data_type_t type;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    bb_dnnl_scratch scratch;
    plan plans[PLANS];
    uint64_t uses;
};

/* ---------------------------------------------------------------- the processor */

static bb_status describe(const bb_bf16_products *p, const shape *s, dnnl_primitive_desc_t *pd,
                          bb_error *err) {
    bb_md a = bb_md_strided(p->type, s->rows, s->depth, s->a_transposed ? 1 : s->a_stride,
                            s->a_transposed ? s->a_stride : 1);
    bb_md b = bb_md_strided(p->type, s->depth, s->columns, s->b_transposed ? 1 : s->b_stride,
                            s->b_transposed ? s->b_stride : 1);
    bb_md c = bb_md_strided(dnnl_f32, s->rows, s->columns, s->c_stride, 1);
    const bb_status status = a && b && c ? bb_dnnl_describe(p->engine, a, b, c, s->add, pd, err)
                                         : bb_fail(err, BB_ERR_MEMORY, "no memory for a product's shape");
    bb_md_free(a);
    bb_md_free(b);
    bb_md_free(c);
    return status;
}

bool bb_bf16_offered(void) {
    const shape usual = {768, 768, 768, 768, 768, 768, 0, 1, 0};
    bb_bf16_products *p;
    dnnl_primitive_desc_t pd = NULL;
    bb_error ignored;
    if (bb_bf16_products_create(BB_BF16_UNITS, &p, &ignored) != BB_OK) return false;
    const bool offered = describe(p, &usual, &pd, &ignored) == BB_OK;
    if (offered) dnnl_primitive_desc_destroy(pd);
    bb_bf16_products_destroy(p);
    return offered;
}

/* Where a processor has no instructions for bf16, oneDNN may offer its products all the same, by float32's
 * (AVX-512 before Cooper Lake and Zen 4) or by a loop of the compiler's (arm64 without ACL, as Debian builds
 * it): slower than products of float32. */
static bool has_instructions(void) {
#if defined(__x86_64__)
    return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
#else
    return false;
#endif
}

bb_arithmetic bb_bf16_arithmetic(void) {
    return has_instructions() && bb_bf16_offered() ? BB_BF16_UNITS : BB_BF16_PORTABLE;
}

/* ---------------------------------------------------------------- operands */

size_t bb_operand_size(bb_arithmetic arithmetic) {
    return arithmetic == BB_BF16_UNITS ? sizeof(uint16_t) : sizeof(float);
}

void bb_operand_round(bb_arithmetic arithmetic, const float *x, int64_t count, int threads, void *operand) {
    enum { BLOCK = 16384 };
    const bb_train_kernels *k = bb_train_kernels_get();
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t at = 0; at < count; at += BLOCK) {
        const int64_t some = count - at < BLOCK ? count - at : BLOCK;
        if (arithmetic == BB_BF16_UNITS)
            k->to_bf16(x + at, some, (uint16_t *)operand + at);
        else
            k->round_to_bf16(x + at, some, (float *)operand + at);
    }
}

/* ---------------------------------------------------------------- products */

static bb_status begin(bb_bf16_products *p, bb_error *err) {
    BB_DNNL_TRY(dnnl_engine_create(&p->engine, dnnl_cpu, 0), "engine");
    BB_DNNL_TRY(dnnl_stream_create(&p->stream, p->engine, dnnl_stream_default_flags), "stream");
    return BB_OK;
}

bb_status bb_bf16_products_create(bb_arithmetic arithmetic, bb_bf16_products **products, bb_error *err) {
    *products = NULL;
    bb_bf16_products *p = bb_calloc(1, sizeof *p);
    if (!p) return bb_fail(err, BB_ERR_MEMORY, "no memory for products");
    p->type = arithmetic == BB_BF16_UNITS ? dnnl_bf16 : dnnl_f32;
    const bb_status status = begin(p, err);
    if (status == BB_OK)
        *products = p;
    else
        bb_bf16_products_destroy(p);
    return status;
}

void bb_bf16_products_destroy(bb_bf16_products *p) {
    if (!p) return;
    for (int i = 0; i < PLANS; ++i) bb_dnnl_plan_clear(&p->plans[i].product);
    if (p->stream) dnnl_stream_destroy(p->stream);
    if (p->engine) dnnl_engine_destroy(p->engine);
    bb_free(p->scratch.memory);
    bb_free(p);
}

static bb_status find_plan(bb_bf16_products *p, const shape *s, plan **out, bb_error *err) {
    plan *oldest = &p->plans[0];
    for (int i = 0; i < PLANS; ++i) {
        plan *one = &p->plans[i];
        if (one->product.primitive && memcmp(&one->shape, s, sizeof *s) == 0) return *out = one, BB_OK;
        if (one->last_use < oldest->last_use) oldest = one;
    }
    dnnl_primitive_desc_t pd = NULL;
    bb_dnnl_plan_clear(&oldest->product);
    BB_TRY(describe(p, s, &pd, err));
    const bb_status status = bb_dnnl_plan_make(pd, p->engine, &p->scratch, &oldest->product, err);
    dnnl_primitive_desc_destroy(pd);
    oldest->shape = *s;
    *out = oldest;
    return status;
}

bb_status bb_bf16_product(bb_bf16_products *p, bb_bf16_operand a, bb_bf16_operand b, int64_t rows,
                          int64_t columns, int64_t depth, bool add, float *c, int64_t c_stride,
                          bb_error *err) {
    const shape s = {rows, columns, depth, a.stride, b.stride, c_stride, a.transposed, b.transposed, add};
    plan *one;
    BB_TRY(find_plan(p, &s, &one, err));
    one->last_use = ++p->uses;
    return bb_dnnl_plan_run(&one->product, p->stream, &p->scratch, a.data, b.data, c, err);
}
