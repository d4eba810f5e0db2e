/* What training with bf16 holds beside float32. */
#include "train/rounded.h"

#include "support.h"

static const bb_model_config tiny = {
    .input_dim = 40, .hidden_dim = 96, .heads = 4, .layers = 2, .feed_forward_dim = 192};

/* Counted by hand: 4 of the input encoding, per layer qkv, out, up, down and norms, the head. */
static void bytes_are_counted(void **state) {
    (void)state;
    enum { F = 40, D = 96, E = 192, ROWS = 3 * 186 };
    const int64_t weights = F * D + 3 * D + 2 * (3 * D * D + D * D + 2 * E * D + 9 * D + E) + D * D + 3 * D +
                            D * F + F,
                  inputs = F + 2 * (3 * D + E) + 2 * D, widest = 3 * D;
    const double numbers = (double)(weights + ROWS * (inputs + widest));
    assert_true(bb_rounded_bytes(&tiny, ROWS, BB_FLOAT32) == 0);
    assert_true(bb_rounded_bytes(&tiny, ROWS, BB_BF16_PORTABLE) == 4 * numbers);
    assert_true(bb_rounded_bytes(&tiny, ROWS, BB_BF16_UNITS) == 2 * numbers);
    const double without = bb_network_bytes(&tiny, 3, 186, 1, BB_FLOAT32);
    assert_true(bb_network_bytes(&tiny, 3, 186, 1, BB_BF16_UNITS) == without + 2 * numbers);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_are_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
