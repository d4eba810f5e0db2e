#include "nn/linear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support.h"

enum { MOST_ROWS = 200, GUARD = 64 };
static const float guard_value = 12345;

static float *random_floats(int64_t count, uint64_t stream, double scale) {
    float *x = malloc((size_t)count * sizeof *x);
    for (int64_t i = 0; i < count; ++i) x[i] = (float)(scale * bb_random_normal(2, stream, (uint64_t)i));
    return x;
}

/* One layer with its inputs, sized so that outputs are about 1. */
typedef struct layer {
    int64_t in, out;
    bb_epilogue epilogue;
    float *weight, *bias, *x, *residual;
    bb_linear *linear;
} layer;

static layer make_layer(int64_t in, int64_t out, bb_epilogue epilogue, int64_t usual_rows) {
    layer l = {.in = in, .out = out, .epilogue = epilogue};
    l.weight = random_floats(in * out, 1, 1 / sqrt((double)in));
    l.bias = random_floats(out, 2, 1);
    l.x = random_floats(MOST_ROWS * in, 3, 1);
    l.residual = random_floats(MOST_ROWS * out, 4, 1);
    assert_ok(bb_linear_create(l.weight, l.bias, in, out, epilogue, usual_rows, &l.linear, e));
    return l;
}

static void free_layer(layer *l) {
    bb_linear_destroy(l->linear);
    free(l->weight);
    free(l->bias);
    free(l->x);
    free(l->residual);
}

static double expected(const layer *l, int64_t row, int64_t column) {
    double sum = (double)l->bias[column];
    for (int64_t i = 0; i < l->in; ++i)
        sum += (double)l->x[row * l->in + i] * (double)l->weight[column * l->in + i];
    if (l->epilogue == BB_EPILOGUE_GELU) return sum / 2 * (1 + erf(sum / sqrt(2.0)));
    if (l->epilogue == BB_EPILOGUE_ADD) return sum + (double)l->residual[row * l->out + column];
    return sum;
}

/* The first `rows` rows of x; free() what comes back. */
static float *run(const layer *l, int64_t rows) {
    float *y = malloc((size_t)(rows * l->out + GUARD) * sizeof *y);
    for (int64_t i = 0; i < rows * l->out + GUARD; ++i)
        y[i] = i >= rows * l->out ? guard_value : l->epilogue == BB_EPILOGUE_ADD ? l->residual[i] : NAN;
    assert_ok(bb_linear_run(l->linear, l->x, rows, y, e));
    for (int64_t i = rows * l->out; i < rows * l->out + GUARD; ++i) assert_true(y[i] == guard_value);
    return y;
}

static void check_rows(const layer *l, int64_t rows) {
    float *y = run(l, rows);
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < l->out; ++c)
            /* Float32 sums of up to 3072 products of size 1 / sqrt(in) around 1 (values up to 5): the
             * roundings grow like a random walk to some 1e-6; oneDNN's erf keeps 1e-6 too. */
            assert_at_most(fabs((double)y[r * l->out + c] - expected(l, r, c)), 1e-5);
    free(y);
}

static void products_agree_with_the_definition(void **state) {
    (void)state;
    const int64_t shapes[][2] = {{40, 768}, {35, 81}, {81, 35}, {1, 1},
                                 {7, 3},    {64, 64}, {23, 35}, {3072, 65}};
    const int64_t rows[] = {1, 2, 7, 10, 64, 186};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; ++s)
        for (bb_epilogue epilogue = BB_EPILOGUE_NONE; epilogue <= BB_EPILOGUE_ADD; ++epilogue) {
            layer l = make_layer(shapes[s][0], shapes[s][1], epilogue, 186);
            for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r) check_rows(&l, rows[r]);
            free_layer(&l);
        }
}

/* More numbers of rows than plans are kept, forwards and back: every plan goes once, and none is mistaken for
 * another. */
static void results_do_not_depend_on_the_plans_kept(void **state) {
    (void)state;
    enum { COUNTS = 20 };
    for (bb_epilogue epilogue = BB_EPILOGUE_NONE; epilogue <= BB_EPILOGUE_ADD; ++epilogue) {
        layer l = make_layer(48, 80, epilogue, 64);
        float *first[COUNTS + 1];
        for (int64_t rows = 1; rows <= COUNTS; ++rows) {
            first[rows] = run(&l, rows);
            check_rows(&l, rows);
        }
        for (int64_t rows = COUNTS; rows >= 1; --rows) {
            float *again = run(&l, rows);
            assert_memory_equal(again, first[rows], (size_t)(rows * l.out) * sizeof *again);
            free(again);
            free(first[rows]);
        }
        free_layer(&l);
    }
}

/* The packing is chosen for the usual number of rows, and works for every other. */
static void any_usual_number_of_rows_will_do(void **state) {
    (void)state;
    const int64_t usual[] = {1, 3, 768, 100000};
    for (size_t u = 0; u < sizeof usual / sizeof *usual; ++u) {
        layer l = make_layer(40, 33, BB_EPILOGUE_GELU, usual[u]);
        check_rows(&l, 1);
        check_rows(&l, MOST_ROWS);
        free_layer(&l);
    }
}

static void the_layer_stands_by_itself(void **state) {
    (void)state;
    layer l = make_layer(40, 33, BB_EPILOGUE_NONE, 16);
    float *before = run(&l, 9), *weight = l.weight, *bias = l.bias;
    memset(weight, 0, 40 * 33 * sizeof *weight);
    memset(bias, 0, 33 * sizeof *bias);
    float *after = run(&l, 9);
    assert_memory_equal(before, after, 9 * 33 * sizeof *after);
    free(before);
    free(after);
    free_layer(&l);
}

static void no_rows_are_no_work(void **state) {
    (void)state;
    layer l = make_layer(4, 4, BB_EPILOGUE_NONE, 16);
    assert_ok(bb_linear_run(l.linear, NULL, 0, NULL, e));
    free_layer(&l);
    bb_linear_destroy(NULL);
    assert_true(bb_linear_backend_version()[0] >= '2');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_agree_with_the_definition),
        cmocka_unit_test(results_do_not_depend_on_the_plans_kept),
        cmocka_unit_test(any_usual_number_of_rows_will_do),
        cmocka_unit_test(the_layer_stands_by_itself),
        cmocka_unit_test(no_rows_are_no_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
