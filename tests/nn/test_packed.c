/* Packed products against their definition in double over the numbers that are really multiplied. */
#include "nn/packed.h"

#include "numbers.h"

enum { MOST_ROWS = 200 };

/* One layer with its inputs, sized so that outputs are about 1. */
typedef struct layer {
    int64_t in, out;
    bb_format format;
    bb_epilogue epilogue;
    float *weight, *bias, *residual;
    bb_words x;
    bb_packed *packed;
} layer;

static layer make_layer(int64_t in, int64_t out, bb_format format, bb_epilogue epilogue) {
    layer l = {.in = in, .out = out, .format = format, .epilogue = epilogue};
    float *x = random_floats(MOST_ROWS * in, 3, 1);
    l.weight = random_floats(in * out, 1, 1 / sqrt((double)in));
    l.bias = random_floats(out, 2, 1);
    l.residual = random_floats(MOST_ROWS * out, 4, 1);
    l.x = make_words(format, MOST_ROWS, in, x);
    assert_ok(bb_packed_create(l.weight, l.bias, in, out, format, epilogue, &l.packed, e));
    free(x);
    return l;
}

static void free_layer(layer *l) {
    bb_packed_destroy(l->packed);
    free(l->weight);
    free(l->bias);
    free(l->residual);
    free_words(&l->x);
}

/* Weights as they are multiplied: of bytes whole numbers of 127ths of their column's largest. */
static double *dense_weights(const layer *l) {
    double *to = malloc((size_t)(l->in * l->out) * sizeof *to);
    for (int64_t c = 0; c < l->out; ++c) {
        const float *w = l->weight + c * l->in;
        float most = 0;
        for (int64_t i = 0; i < l->in; ++i) most = fmaxf(most, fabsf(w[i]));
        for (int64_t i = 0; i < l->in; ++i)
            to[c * l->in + i] = l->format == BB_FORMAT_F32 ? (double)w[i]
                                : l->format == BB_FORMAT_BF16
                                    ? (double)float_from_bf16(nearest_bf16(w[i]))
                                    : lrintf(w[i] / most * 127.0f) * (double)most / 127;
    }
    return to;
}

static double expected(const layer *l, const double *weights, int64_t row, int64_t column) {
    double sum = (double)l->bias[column];
    for (int64_t i = 0; i < l->in; ++i) sum += number_at(&l->x, row, i) * weights[column * l->in + i];
    if (l->epilogue == BB_EPILOGUE_GELU) return sum / 2 * (1 + erf(sum / sqrt(2.0)));
    if (l->epilogue == BB_EPILOGUE_ADD) return sum + (double)l->residual[row * l->out + column];
    return sum;
}

/* The tiles of `rows` rows, cut in `parts`, -> y[rows, out], dense, of format `to`; free() what comes back.
 */
static uint32_t *run(const layer *l, int64_t first_row, int64_t rows, int parts, bb_format to) {
    const bb_words x = bb_words_from(&l->x, first_row, 0);
    const size_t count = (size_t)(rows * l->out + GUARD);
    uint32_t *y = malloc(count * sizeof *y);
    memset(y, 0xff, count * sizeof *y);
    if (l->epilogue == BB_EPILOGUE_ADD)
        memcpy(y, l->residual + first_row * l->out, (size_t)(rows * l->out) * sizeof *y);
    const bb_words out = {.format = to, .words = y, .stride = bb_word_count(to, l->out)};
    const int64_t tiles = bb_packed_tiles(l->packed, rows);
    for (int p = 0; p < parts; ++p)
        bb_packed_run(l->packed, &x, rows, tiles * p / parts, tiles * (p + 1) / parts, &out);
    for (size_t i = (size_t)(rows * out.stride); i < count; ++i)
        if (i >= (size_t)(rows * l->out)) assert_int_equal(y[i], 0xffffffff);
    return y;
}

/* Float32 sums of up to 3072 products of size 1 / sqrt(in) around 1 (values up to 5): the roundings grow like
 * a random walk to some 1e-6. In bf16 rounding by 2^-8 at most comes on top, and GELU's polynomial. */
static double bound(const layer *l, bb_format to, double value) {
    if (to == BB_FORMAT_F32) return 1e-5;
    return 1e-5 + 0x1p-8 * fabs(value) + (l->epilogue == BB_EPILOGUE_GELU ? 2e-4 : 0);
}

static void check_rows(const layer *l, const double *weights, int64_t rows, bb_format to) {
    uint32_t *y = run(l, 0, rows, 1, to);
    const bb_words out = {.format = to, .words = y, .stride = bb_word_count(to, l->out)};
    for (int64_t r = 0; r < rows; r += r < 16 ? 1 : 17)
        for (int64_t c = 0; c < l->out; ++c) {
            const double value = expected(l, weights, r, c);
            assert_at_most(fabs(number_at(&out, r, c) - value), bound(l, to, value));
        }
    free(y);
}

static void check_shapes(void) {
    const int64_t shapes[][2] = {{40, 70}, {35, 81}, {81, 35}, {1, 1}, {7, 3}, {64, 64}, {3072, 37}};
    const int64_t rows[] = {1, 2, 7, 10, 64, 186};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; ++s)
        for (bb_format format = BB_FORMAT_F32; format < BB_FORMATS; ++format)
            for (bb_epilogue epilogue = BB_EPILOGUE_NONE; epilogue <= BB_EPILOGUE_ADD; ++epilogue) {
                layer l = make_layer(shapes[s][0], shapes[s][1], format, epilogue);
                double *weights = dense_weights(&l);
                for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r) {
                    check_rows(&l, weights, rows[r], BB_FORMAT_F32);
                    if (epilogue != BB_EPILOGUE_ADD && l.out % 2 == 0)
                        check_rows(&l, weights, rows[r], BB_FORMAT_BF16);
                }
                free(weights);
                free_layer(&l);
            }
}

static void products_agree_with_the_definition(void **state) {
    (void)state;
    at_every_level(check_shapes);
}

/* The same bytes for a row alone as among others, and however the tiles are dealt. */
static void check_bytes(void) {
    for (bb_format format = BB_FORMAT_F32; format < BB_FORMATS; ++format) {
        layer l = make_layer(129, 300, format, BB_EPILOGUE_GELU);
        uint32_t *whole = run(&l, 0, MOST_ROWS, 1, BB_FORMAT_F32),
                 *parts = run(&l, 0, MOST_ROWS, 7, BB_FORMAT_F32);
        assert_memory_equal(whole, parts, (size_t)(MOST_ROWS * l.out) * sizeof *whole);
        for (int64_t r = 0; r < MOST_ROWS; r += 13) {
            uint32_t *one = run(&l, r, 1, 1, BB_FORMAT_F32);
            assert_memory_equal(one, whole + r * l.out, (size_t)l.out * sizeof *one);
            free(one);
        }
        free(whole);
        free(parts);
        free_layer(&l);
    }
}

static void a_row_is_the_same_in_any_company(void **state) {
    (void)state;
    at_every_level(check_bytes);
}

static void the_layer_stands_by_itself(void **state) {
    (void)state;
    layer l = make_layer(40, 34, BB_FORMAT_F32, BB_EPILOGUE_NONE);
    uint32_t *before = run(&l, 0, 9, 1, BB_FORMAT_F32);
    memset(l.weight, 0, 40 * 34 * sizeof *l.weight);
    memset(l.bias, 0, 34 * sizeof *l.bias);
    uint32_t *after = run(&l, 0, 9, 1, BB_FORMAT_F32);
    assert_memory_equal(before, after, 9 * 34 * sizeof *after);
    free(before);
    free(after);
    free_layer(&l);
}

/* Rows without any spread, weights without any size. */
static void check_nothing(void) {
    const float weight[3 * 5] = {0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, bias[3] = {1, 2, 3},
                           x[2 * 5] = {0, 0, 0, 0, 0, 7, 7, 7, 7, 7};
    bb_packed *p;
    bb_words words = make_words(BB_FORMAT_INT8, 2, 5, x);
    float y[2 * 3];
    assert_ok(bb_packed_create(weight, bias, 5, 3, BB_FORMAT_INT8, BB_EPILOGUE_NONE, &p, e));
    bb_packed_run(p, &words, 2, 0, bb_packed_tiles(p, 2), &(bb_words){.words = (uint32_t *)y, .stride = 3});
    const float wanted[] = {1, 2, 3, 1, 37, 3};
    for (int i = 0; i < 6; ++i) assert_at_most(fabs((double)(y[i] - wanted[i])), 1e-5);
    assert_int_equal(bb_packed_tiles(p, 0), 0);
    bb_packed_run(p, &words, 0, 0, 0, NULL);
    bb_packed_destroy(p);
    bb_packed_destroy(NULL);
    free_words(&words);
}

static void constant_rows_and_empty_columns_are_exact(void **state) {
    (void)state;
    at_every_level(check_nothing);
}

/* 255 times 127, 65,536 times, is just under 2^31. */
static void check_largest_sums(void) {
    enum { MOST = 65536 };
    float *ones = malloc((MOST + 1) * sizeof *ones), *x = malloc(MOST * sizeof *x), bias = 0, y;
    for (int i = 0; i <= MOST; ++i) ones[i] = 1;
    for (int i = 0; i < MOST; ++i) x[i] = i == 0 ? 0 : 255;
    bb_words words = make_words(BB_FORMAT_INT8, 1, MOST, x);
    bb_packed *p;
    assert_ok(bb_packed_create(ones, &bias, MOST, 1, BB_FORMAT_INT8, BB_EPILOGUE_NONE, &p, e));
    bb_packed_run(p, &words, 1, 0, 1, &(bb_words){.words = (uint32_t *)&y, .stride = 1});
    /* whole numbers up to here, and then two roundings to float32 */
    assert_at_most(fabs((double)y / (255.0 * (MOST - 1)) - 1), 4 * 0x1p-24);
    bb_packed_destroy(p);
    assert_fails(bb_packed_create(ones, &bias, MOST + 1, 1, BB_FORMAT_INT8, BB_EPILOGUE_NONE, &p, e),
                 BB_ERR_UNSUPPORTED, "found 65537");
    free_words(&words);
    free(ones);
    free(x);
}

static void sums_of_bytes_do_not_overflow(void **state) {
    (void)state;
    at_every_level(check_largest_sums);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_agree_with_the_definition),
        cmocka_unit_test(a_row_is_the_same_in_any_company),
        cmocka_unit_test(the_layer_stands_by_itself),
        cmocka_unit_test(sums_of_bytes_do_not_overflow),
        cmocka_unit_test(constant_rows_and_empty_columns_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
