/* Interpolation of masked cells against cases worked out by hand. 9 stands where nothing may be looked at. */
#include "train/interpolate.h"

#include "support.h"

enum { MOST = 64 };

typedef struct example {
    bb_axis axis;
    int frames, bins;
    float values[MOST], expected[MOST];
    uint8_t missing[MOST];
} example;

static const example examples[] = {
    /* Between two, at both ends, across a wider gap. */
    {BB_AXIS_FREQUENCY,
     2,
     6,
     {9, 2, 9, 4, 9, 9, /**/ 1, 9, 9, 9, 5, -7},
     {2, 2, 3, 4, 4, 4, /**/ 1, 2, 3, 4, 5, -7},
     {1, 0, 1, 0, 1, 1, /**/ 0, 1, 1, 1, 0, 0}},
    /* A whole frame: from the frames before and after, as they are when they are filled. */
    {BB_AXIS_FREQUENCY,
     4,
     3,
     {0, 9, 2, /**/ 9, 9, 9, /**/ 9, 9, 9, /**/ 3, 6, 9},
     {0, 1, 2, /**/ 1, 8.f / 3, 10.f / 3, /**/ 2, 13.f / 3, 14.f / 3, /**/ 3, 6, 6},
     {0, 1, 0, /**/ 1, 1, 1, /**/ 1, 1, 1, /**/ 0, 0, 1}},
    /* Whole frames at both ends. */
    {BB_AXIS_FREQUENCY,
     3,
     2,
     {9, 9, /**/ 5, 6, /**/ 9, 9},
     {5, 6, /**/ 5, 6, /**/ 5, 6},
     {1, 1, /**/ 0, 0, /**/ 1, 1}},
    /* Nothing at all. */
    {BB_AXIS_FREQUENCY, 2, 2, {9, 9, 9, 9}, {0, 0, 0, 0}, {1, 1, 1, 1}},
    {BB_AXIS_TIME, 2, 2, {9, 9, 9, 9}, {0, 0, 0, 0}, {1, 1, 1, 1}},
    /* Nothing is masked. */
    {BB_AXIS_TIME, 2, 2, {1, 2, 3, 4}, {1, 2, 3, 4}, {0, 0, 0, 0}},
    /* Over time: a bin with a gap between and one at the end, a whole bin from the bins beside it. */
    {BB_AXIS_TIME,
     4,
     3,
     {1, 9, 3, /**/ 9, 9, 5, /**/ 9, 9, 9, /**/ 4, 9, 9},
     {1, 2, 3, /**/ 2, 3.5f, 5, /**/ 3, 4, 5, /**/ 4, 4.5f, 5},
     {0, 1, 0, /**/ 1, 1, 0, /**/ 1, 1, 1, /**/ 0, 1, 1}},
};

static void masked_cells_are_what_the_hand_computes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; ++i) {
        const example *x = &examples[i];
        float out[MOST];
        uint8_t scratch[MOST];
        bb_interpolate(x->axis, x->values, x->missing, x->frames, x->bins, scratch, out);
        /* a few roundings of numbers below 16 */
        assert_at_most(bb_max_error_f32(out, x->expected, (size_t)(x->frames * x->bins)), 4e-6);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(masked_cells_are_what_the_hand_computes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
