/* Products of operands rounded to bf16, the portable way always and in bf16 wherever oneDNN offers it,
 * against sums in double of the same rounded operands. The two ways differ in the type of their operands
 * alone: what the portable one shows of transposes, strides and sums holds for the other. */
#include "nn/bf16_product.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "nn/product.h"
#include "support.h"

enum { GUARD = 3 };
static const float guard_value = 12345;

/* To the nearest of bf16's 8 digits, by the library's own rounding to even. */
static float rounded(float x) {
    int exponent;
    const double digits = frexp(x, &exponent);
    return (float)ldexp(nearbyint(ldexp(digits, 8)), exponent - 8);
}

/* Rows of `stride` numbers, rounded here and by what is tested. */
typedef struct matrix {
    int64_t stride;
    bool transposed;
    float *values;
    void *rounded;
} matrix;

/* [rows, columns] or lying as its transpose, with `gap` numbers between rows that do not belong to it. */
static matrix make_matrix(bb_arithmetic how, int64_t rows, int64_t columns, bool transposed, int64_t gap,
                          uint64_t stream) {
    const int64_t lines = transposed ? columns : rows, stride = (transposed ? rows : columns) + gap,
                  count = lines * stride;
    matrix m = {stride, transposed, malloc((size_t)count * sizeof(float)),
                malloc((size_t)count * bb_operand_size(how))};
    for (int64_t i = 0; i < count; ++i)
        m.values[i] = i % stride < stride - gap ? (float)bb_random_normal(3, stream, (uint64_t)i) : NAN;
    bb_operand_round(how, m.values, count, 2, m.rounded);
    for (int64_t i = 0; i < count; ++i) m.values[i] = rounded(m.values[i]);
    return m;
}

static void free_matrix(matrix *m) {
    free(m->values);
    free(m->rounded);
}

static bb_bf16_operand operand(const matrix *m) {
    return (bb_bf16_operand){m->rounded, m->stride, m->transposed};
}

static double element(const matrix *m, int64_t row, int64_t column) {
    return m->values[m->transposed ? column * m->stride + row : row * m->stride + column];
}

typedef struct shape {
    int64_t rows, columns, depth;
} shape;

static void check_product(bb_bf16_products *p, bb_arithmetic how, shape s, int which) {
    const bool add = which & 4;
    const int64_t gap = which & 8 ? 5 : 0, stride = s.columns + (which & 8 ? GUARD : 0),
                  count = s.rows * stride;
    matrix a = make_matrix(how, s.rows, s.depth, which & 1, gap, 1),
           b = make_matrix(how, s.depth, s.columns, which & 2, gap, 2);
    float *c = malloc((size_t)count * sizeof *c);
    for (int64_t i = 0; i < count; ++i)
        c[i] = i % stride >= s.columns ? guard_value : add ? (float)(i % 7) : NAN;
    assert_ok(bb_bf16_product(p, operand(&a), operand(&b), s.rows, s.columns, s.depth, add, c, stride, e));
    for (int64_t i = 0; i < count; ++i) {
        const int64_t row = i / stride, column = i % stride;
        double sum = add ? (double)(i % 7) : 0;
        for (int64_t d = 0; column < s.columns && d < s.depth; ++d)
            sum += element(&a, row, d) * element(&b, d, column);
        if (column >= s.columns)
            assert_true(c[i] == guard_value);
        else /* float32 sums of products of size 1, exact but for the sums: half a last place of up to 4
                sqrt(depth) each */
            assert_at_most(fabs(c[i] - sum), 3e-7 * (double)s.depth + 1e-6);
    }
    free(c);
    free_matrix(&a);
    free_matrix(&b);
}

typedef void check(bb_bf16_products *p, bb_arithmetic how);

static void in_every_way(check *one) {
    for (bb_arithmetic how = BB_BF16_PORTABLE; how <= BB_BF16_UNITS; ++how) {
        bb_bf16_products *p;
        if (how == BB_BF16_UNITS && !bb_bf16_offered()) {
            print_message("skipped in bf16: oneDNN has no such products on this processor\n");
            continue;
        }
        assert_ok(bb_bf16_products_create(how, &p, e));
        one(p, how);
        bb_bf16_products_destroy(p);
    }
}

/* Either operand as it is or transposed, alone or added, dense or with gaps. */
static void check_shapes(bb_bf16_products *p, bb_arithmetic how) {
    const shape shapes[] = {{1, 1, 1},     {5, 7, 3},     {1, 40, 96},   {64, 1, 33},
                            {186, 96, 40}, {96, 40, 186}, {33, 130, 257}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; ++s)
        for (int which = 0; which < 16; ++which) check_product(p, how, shapes[s], which);
}

/* More shapes than plans are kept, forwards and back: each is planned anew, with working memory of another
 * size, and gives the same bytes. */
static void check_plans(bb_bf16_products *p, bb_arithmetic how) {
    enum { COUNT = 80, DEPTH = 20, COLUMNS = 9 };
    static float first[COUNT + 1][COUNT * COLUMNS], again[COUNT * COLUMNS];
    matrix a = make_matrix(how, COUNT, DEPTH, false, 0, 4), b = make_matrix(how, DEPTH, COLUMNS, true, 0, 5);
    for (int64_t rows = 1; rows <= COUNT; ++rows)
        assert_ok(bb_bf16_product(p, operand(&a), operand(&b), rows, COLUMNS, DEPTH, false, first[rows],
                                  COLUMNS, e));
    for (int64_t rows = COUNT; rows >= 1; --rows) {
        assert_ok(
            bb_bf16_product(p, operand(&a), operand(&b), rows, COLUMNS, DEPTH, false, again, COLUMNS, e));
        assert_memory_equal(again, first[rows], (size_t)(rows * COLUMNS) * sizeof *again);
    }
    free_matrix(&a);
    free_matrix(&b);
}

/* Float32's own product of the same rounded operands differs by the order of sums alone. */
static void check_float32(bb_bf16_products *p, bb_arithmetic how) {
    enum { ROWS = 372, COLUMNS = 300, DEPTH = 768 };
    matrix a = make_matrix(how, ROWS, DEPTH, false, 0, 6), b = make_matrix(how, DEPTH, COLUMNS, true, 0, 7);
    float *found = malloc(ROWS * COLUMNS * sizeof *found), *expected = malloc(ROWS * COLUMNS * sizeof *found);
    assert_ok(bb_bf16_product(p, operand(&a), operand(&b), ROWS, COLUMNS, DEPTH, false, found, COLUMNS, e));
    assert_ok(bb_product((bb_operand){a.values, DEPTH, false}, (bb_operand){b.values, DEPTH, true}, ROWS,
                         COLUMNS, DEPTH, false, expected, COLUMNS, e));
    /* values of some 28; each of 768 sums rounds by up to 4e-6, at random */
    assert_at_most(bb_max_error_f32(found, expected, ROWS * COLUMNS), 1e-4);
    free(found);
    free(expected);
    free_matrix(&a);
    free_matrix(&b);
}

static void products_agree_with_the_definition(void **state) { (void)state, in_every_way(check_shapes); }
static void results_do_not_depend_on_the_plans_kept(void **state) { (void)state, in_every_way(check_plans); }
static void products_agree_with_float32(void **state) { (void)state, in_every_way(check_float32); }

/* oneDNN says no, and the message says what to: a processor before AVX-512 has no bf16 at all. */
static void units_that_are_not_there_are_refused(void **state) {
    (void)state;
    bb_bf16_products *p;
    bb_error err = {0};
    const uint16_t one = 0x3f80;
    float c = 0;
    assert_ok(bb_bf16_products_create(BB_BF16_UNITS, &p, e));
    const bb_bf16_operand x = {&one, 1, false};
    const bb_status status = bb_bf16_product(p, x, x, 1, 1, 1, false, &c, 1, &err);
    if (bb_bf16_offered())
        assert_true(status == BB_OK && c == 1);
    else
        assert_true(status == BB_ERR_UNSUPPORTED && bb_contains(err.message, "oneDNN"));
    assert_true(bb_bf16_offered() || bb_bf16_arithmetic() == BB_BF16_PORTABLE);
    bb_bf16_products_destroy(p);
    bb_bf16_products_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_agree_with_the_definition),
        cmocka_unit_test(results_do_not_depend_on_the_plans_kept),
        cmocka_unit_test(products_agree_with_float32),
        cmocka_unit_test(units_that_are_not_there_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
