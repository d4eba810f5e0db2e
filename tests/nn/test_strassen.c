/* Products of pairs of rows against their definition in double. */
#include "nn/strassen.h"

#include "nn/packed.h"
#include "numbers.h"

enum { MOST_ROWS = 64 };

typedef struct layer {
    int64_t in, out;
    bb_epilogue epilogue;
    float *weight, *bias, *x, *residual;
    bb_words pairs;
    bb_packed *packed;
} layer;

/* x [2, in] -> [7, in / 2] */
static void pair_rows(const float *x, int64_t in, uint32_t *words) {
    bb_product_kernels_get()->pair(x, x + in / 2, x + in, x + in + in / 2, in / 2, words, in / 2);
}

/* `x_scale`: of odd rows, beside 1 of even ones. */
static layer make_layer(int64_t in, int64_t out, bb_epilogue epilogue, double x_scale) {
    layer l = {.in = in, .out = out, .epilogue = epilogue};
    l.weight = random_floats(in * out, 1, 1 / sqrt((double)in));
    l.bias = random_floats(out, 2, 1);
    l.x = random_floats(MOST_ROWS * in, 3, 1);
    for (int64_t i = 0; i < MOST_ROWS * in; ++i)
        if (i / in % 2) l.x[i] *= (float)x_scale;
    l.residual = random_floats(MOST_ROWS * out, 4, 1);
    l.pairs = make_words(BB_FORMAT_F32, MOST_ROWS / 2, BB_STRASSEN_PRODUCTS * in / 2, NULL);
    for (int64_t i = 0; i < MOST_ROWS / 2; ++i)
        pair_rows(l.x + 2 * i * in, in, l.pairs.words + i * l.pairs.stride);
    l.pairs.format = BB_FORMAT_PAIRS;
    assert_ok(bb_packed_create(l.weight, l.bias, in, out, BB_FORMAT_PAIRS, epilogue, &l.packed, e));
    return l;
}

static void free_layer(layer *l) {
    bb_packed_destroy(l->packed);
    free(l->weight);
    free(l->bias);
    free(l->x);
    free(l->residual);
    free_words(&l->pairs);
}

static double expected(const layer *l, int64_t row, int64_t column) {
    double sum = (double)l->bias[column];
    for (int64_t i = 0; i < l->in; ++i)
        sum += (double)l->x[row * l->in + i] * (double)l->weight[column * l->in + i];
    if (l->epilogue == BB_EPILOGUE_GELU) return sum / 2 * (1 + erf(sum / sqrt(2.0)));
    if (l->epilogue == BB_EPILOGUE_ADD) return sum + (double)l->residual[row * l->out + column];
    return sum;
}

/* Rows [first, first + rows), their tiles cut in `parts`; free() what comes back. */
static float *run(const layer *l, int64_t first, int64_t rows, int parts) {
    const bb_words x = {.format = BB_FORMAT_PAIRS,
                        .words = l->pairs.words + first / 2 * l->pairs.stride,
                        .stride = l->pairs.stride};
    float *y = random_floats(rows * l->out, 5, 1);
    if (l->epilogue == BB_EPILOGUE_ADD)
        memcpy(y, l->residual + first * l->out, (size_t)(rows * l->out) * sizeof *y);
    const int64_t tiles = bb_packed_tiles(l->packed, rows);
    for (int p = 0; p < parts; ++p)
        bb_packed_run(l->packed, &x, rows, tiles * p / parts, tiles * (p + 1) / parts,
                      &(bb_words){.words = (uint32_t *)y, .stride = l->out});
    assert_guarded(y, rows * l->out);
    return y;
}

/* As the plain product's 1e-5 (test_packed.c), and twice that: each sum is of up to four products whose
 * factors are sums of two. */
static const double bound = 2e-5;

static void check_shapes(void) {
    const int64_t shapes[][2] = {{40, 70}, {34, 82}, {2, 2}, {64, 64}, {3072, 36}, {1000, 130}};
    const int64_t rows[] = {2, 4, 10, 30, MOST_ROWS};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; ++s)
        for (bb_epilogue epilogue = BB_EPILOGUE_NONE; epilogue <= BB_EPILOGUE_ADD; ++epilogue) {
            layer l = make_layer(shapes[s][0], shapes[s][1], epilogue, 1);
            for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r) {
                float *y = run(&l, 0, rows[r], 1);
                for (int64_t i = 0; i < rows[r]; i += i < 6 ? 1 : 7)
                    for (int64_t c = 0; c < l.out; ++c)
                        assert_at_most(fabs((double)y[i * l.out + c] - expected(&l, i, c)), bound);
                free(y);
            }
            free_layer(&l);
        }
}

static void products_agree_with_the_definition(void **state) {
    (void)state;
    at_every_level(check_shapes);
}

/* Made by the product that comes before, the pairs are those of its rows. */
static void check_chained(void) {
    const int64_t widths[] = {2, 36, 130};
    for (int i = 0; i < 3; ++i)
        for (bb_epilogue epilogue = BB_EPILOGUE_NONE; epilogue <= BB_EPILOGUE_GELU; ++epilogue) {
            layer l = make_layer(48, widths[i], epilogue, 1);
            const int64_t words = BB_STRASSEN_PRODUCTS * l.out / 2;
            float *y = run(&l, 0, MOST_ROWS, 1), *pairs = random_floats(MOST_ROWS / 2 * words, 6, 1);
            uint32_t *wanted = malloc((size_t)words * sizeof *wanted);
            bb_packed_run(
                l.packed, &l.pairs, MOST_ROWS, 0, bb_packed_tiles(l.packed, MOST_ROWS),
                &(bb_words){.format = BB_FORMAT_PAIRS, .words = (uint32_t *)pairs, .stride = words});
            for (int64_t r = 0; r < MOST_ROWS / 2; ++r) {
                pair_rows(y + 2 * r * l.out, l.out, wanted);
                assert_memory_equal(pairs + r * words, wanted, (size_t)words * sizeof *wanted);
            }
            assert_guarded(pairs, MOST_ROWS / 2 * words);
            free(y);
            free(pairs);
            free(wanted);
            free_layer(&l);
        }
}

static void pairs_for_the_next_product_are_those_of_the_rows(void **state) {
    (void)state;
    at_every_level(check_chained);
}

/* The same bytes for a pair alone as among others, and however the tiles are dealt, also where the depth is
 * gone through in parts (3072). */
static void check_bytes(void) {
    const int64_t depths[] = {130, 3072};
    for (int d = 0; d < 2; ++d) {
        layer l = make_layer(depths[d], 150, BB_EPILOGUE_ADD, 1);
        float *whole = run(&l, 0, MOST_ROWS, 1), *parts = run(&l, 0, MOST_ROWS, 5);
        assert_memory_equal(whole, parts, (size_t)(MOST_ROWS * l.out) * sizeof *whole);
        for (int64_t r = 0; r < MOST_ROWS; r += 14) {
            float *pair = run(&l, r, 2, 1);
            assert_memory_equal(pair, whole + r * l.out, (size_t)(2 * l.out) * sizeof *pair);
            free(pair);
        }
        free(whole);
        free(parts);
        free_layer(&l);
    }
}

static void a_pair_is_the_same_in_any_company(void **state) {
    (void)state;
    at_every_level(check_bytes);
}

/* A row's error is relative to the larger of its pair: here rows of 1 beside rows of 100. */
static void check_unlike_rows(void) {
    layer l = make_layer(256, 64, BB_EPILOGUE_NONE, 100);
    float *y = run(&l, 0, 8, 1);
    for (int64_t i = 0; i < 8; ++i)
        for (int64_t c = 0; c < l.out; ++c)
            assert_at_most(fabs((double)y[i * l.out + c] - expected(&l, i, c)), 100 * bound);
    free(y);
    free_layer(&l);
}

static void unlike_rows_share_their_error(void **state) {
    (void)state;
    at_every_level(check_unlike_rows);
}

static void odd_widths_are_refused(void **state) {
    (void)state;
    const float numbers[6] = {0};
    bb_packed *p;
    assert_fails(bb_packed_create(numbers, numbers, 3, 2, BB_FORMAT_PAIRS, BB_EPILOGUE_NONE, &p, e),
                 BB_ERR_ARGUMENT, "found 3 and 2");
    assert_null(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_agree_with_the_definition),
        cmocka_unit_test(pairs_for_the_next_product_are_those_of_the_rows),
        cmocka_unit_test(a_pair_is_the_same_in_any_company),
        cmocka_unit_test(unlike_rows_share_their_error),
        cmocka_unit_test(odd_widths_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
