/* Attention of one head against its definition in double. */
#include "nn/attention.h"

#include "numbers.h"

typedef struct operands {
    bb_words query, key_value, out;
    uint32_t *scratch;
    bb_attention a;
} operands;

/* One row of softmax(scale q k^T) v; returns the largest |score|. */
static double reference_row(const bb_attention *a, int64_t row, double *out) {
    double *weights = malloc((size_t)a->frames * sizeof *weights), top = -INFINITY, largest = 0, sum = 0;
    for (int64_t t = 0; t < a->frames; ++t) {
        weights[t] = 0;
        for (int64_t d = 0; d < a->dim; ++d)
            weights[t] += number_at(&a->query, row, d) * number_at(&a->key, t, d);
        weights[t] *= (double)a->scale;
        top = fmax(top, weights[t]);
        largest = fmax(largest, fabs(weights[t]));
    }
    for (int64_t t = 0; t < a->frames; ++t) sum += weights[t] = exp(weights[t] - top);
    for (int64_t d = 0; d < a->dim; ++d) {
        out[d] = 0;
        for (int64_t t = 0; t < a->frames; ++t) out[d] += weights[t] / sum * number_at(&a->value, t, d);
    }
    free(weights);
    return largest;
}

/* One head of three as the encoder keeps them side by side: what belongs to the others must be neither read
 * (it is NaN) nor written. */
static operands make_operands(bb_format format, int64_t rows, int64_t frames, int64_t dim,
                              double query_scale) {
    float *query = random_floats(rows * 3 * dim, 1, query_scale),
          *pair = random_floats(frames * 6 * dim, 2, 1);
    for (int64_t i = 0; i < rows * 3 * dim; ++i)
        if (i / dim % 3 != 1) query[i] = NAN;
    for (int64_t i = 0; i < frames * 6 * dim; ++i)
        if (i / dim % 3 != 1) pair[i] = NAN;
    operands o = {.query = make_words(format, rows, 3 * dim, query),
                  .key_value = make_words(format, frames, 6 * dim, pair),
                  .out = make_words(format, rows, 3 * dim, NULL)};
    const bb_product_kernels *k = bb_product_kernels_get();
    const size_t scratch = bb_attention_scratch(k, frames, dim);
    o.scratch = aligned_alloc(64, (scratch * sizeof *o.scratch + 63) / 64 * 64);
    memset(o.scratch, 0xff, scratch * sizeof *o.scratch); /* nothing is taken from the call before */
    o.a = (bb_attention){.query = bb_words_from(&o.query, 0, dim),
                         .rows = rows,
                         .key = bb_words_from(&o.key_value, 0, dim),
                         .value = bb_words_from(&o.key_value, 0, 4 * dim),
                         .frames = frames,
                         .dim = dim,
                         .scale = 1.0f / sqrtf((float)dim),
                         .out = bb_words_from(&o.out, 0, dim)};
    free(query);
    free(pair);
    return o;
}

static void free_operands(operands *o) {
    free_words(&o->query);
    free_words(&o->key_value);
    free_words(&o->out);
    free(o->scratch);
}

/* A score of size s is a float32 sum of `dim` products and is off by up to dim * 2^-24 * s at worst, by the
 * root of that many roundings in practice (4 of them allowed); a weight is off by as much relative to itself,
 * and values are up to 4. The mean over frames, the exponential's polynomial and its sum add some 2e-6. With
 * bf16 each weight is rounded by 2^-8 at most, most of which cancels, and so is what comes out; a weight also
 * shifts by 2^-24 of scores that reach thousands. */
static double bound(bb_format format, int64_t dim, double largest, double value) {
    const double float32 = 4e-6 + 4 * 4 * sqrt((double)dim) * 0x1p-24 * largest;
    return format == BB_FORMAT_F32 ? float32 : float32 + 0x1p-8 * fabs(value) + 4 * 0x1p-9;
}

static void check_attention(bb_format format, int64_t rows, int64_t frames, int64_t dim, double query_scale) {
    operands o = make_operands(format, rows, frames, dim, query_scale);
    double expected[128];
    bb_attend(bb_product_kernels_get(), &o.a, o.scratch);
    for (int64_t i = 0; i < rows; ++i) {
        const double largest = reference_row(&o.a, i, expected);
        for (int64_t d = 0; d < dim; ++d)
            assert_at_most(fabs(number_at(&o.a.out, i, d) - expected[d]),
                           bound(format, dim, largest, expected[d]));
        for (int64_t d = 0; d < 3 * dim; ++d)
            if (d / dim != 1) assert_true(isnan(number_at(&o.out, i, d)));
    }
    free_operands(&o);
}

static void check_shapes(void) {
    const int64_t dims[] = {1, 7, 12, 32, 64, 66}, frames[] = {1, 5, 16, 186, 200};
    for (bb_format format = BB_FORMAT_F32; format <= BB_FORMAT_BF16; ++format)
        for (size_t d = 0; d < sizeof dims / sizeof *dims; ++d) {
            if (dims[d] % 2 && format == BB_FORMAT_BF16) continue;
            for (size_t t = 0; t < sizeof frames / sizeof *frames; ++t)
                for (int64_t rows = 1; rows <= 16; rows += 3)
                    check_attention(format, rows, frames[t], dims[d], 1);
            check_attention(format, 40, 186, dims[d], 1);
        }
}

static void attention_agrees_with_the_formula(void **state) {
    (void)state;
    at_every_level(check_shapes);
}

/* Scores of some +-1e4: one frame takes all, and nothing overflows. */
static void check_large_scores(void) {
    check_attention(BB_FORMAT_F32, 6, 186, 64, 3e3);
    check_attention(BB_FORMAT_F32, 6, 5, 8, 1e4);
    check_attention(BB_FORMAT_BF16, 6, 186, 64, 3e3);
    check_attention(BB_FORMAT_BF16, 6, 5, 8, 1e4);
}

static void large_scores_do_not_overflow(void **state) {
    (void)state;
    at_every_level(check_large_scores);
}

/* A query of zeros meets every frame equally: the mean of the values. */
static void check_equal_scores(void) {
    const int64_t frames[] = {1, 5, 186, 200};
    for (bb_format format = BB_FORMAT_F32; format <= BB_FORMAT_BF16; ++format)
        for (size_t i = 0; i < 4; ++i) {
            operands o = make_operands(format, 5, frames[i], 12, 0);
            bb_attend(bb_product_kernels_get(), &o.a, o.scratch);
            for (int64_t d = 0; d < 12; ++d) {
                double mean = 0;
                for (int64_t t = 0; t < frames[i]; ++t)
                    mean += number_at(&o.a.value, t, d) / (double)frames[i];
                for (int64_t r = 0; r < 5; ++r) /* weights of 1 are exact; what comes out is rounded */
                    assert_at_most(fabs(number_at(&o.a.out, r, d) - mean),
                                   format == BB_FORMAT_F32 ? 1e-6 : 1e-6 + 0x1p-8 * fabs(mean) + 1e-4);
            }
            free_operands(&o);
        }
}

static void equal_scores_give_the_mean(void **state) {
    (void)state;
    at_every_level(check_equal_scores);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attention_agrees_with_the_formula),
        cmocka_unit_test(large_scores_do_not_overflow),
        cmocka_unit_test(equal_scores_give_the_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
