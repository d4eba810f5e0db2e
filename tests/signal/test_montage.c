#include <stdio.h>

#include "stream.h"

static bb_status create(bb_reference reference, const bb_chain_channel *list, size_t count, bb_chain **chain,
                        bb_error *err) {
    bb_signal_recipe r = {.rate_hz = 1000, .reference = reference};
    return bb_chain_create(&r, 1000, list, count, 1, chain, err);
}

/* Channel c carries the one sample (c + 1)^2; expected is what comes out, in order. */
static void check(bb_reference reference, const bb_chain_channel *list, size_t count, size_t outputs,
                  const char *const *names, const size_t *sources, const double *values) {
    bb_chain *chain;
    assert_ok(create(reference, list, count, &chain, e));
    assert_int_equal(bb_chain_output_count(chain), outputs);
    double in[32], out[32];
    for (size_t c = 0; c < count; ++c) in[c] = (double)((c + 1) * (c + 1));
    int64_t produced;
    assert_ok(bb_chain_push(chain, in, 1, out, 1, &produced, e));
    assert_int_equal(produced, 1);
    for (size_t o = 0; o < outputs; ++o) {
        assert_string_equal(bb_chain_output_name(chain, o), names[o]);
        assert_int_equal(bb_chain_output_source(chain, o), sources[o]);
        assert_true(out[o] == values[o]);
    }
    bb_chain_destroy(chain);
}

/* Two shafts mixed, out of order, with a gap, a bad contact and channels that are no contacts. */
static const bb_chain_channel mixed[] = {
    {"B2", false}, {"A3", false}, {"A1", false}, {"EKGL", false}, {"A2", false},
    {"B1", false}, {"A4", true},  {"B3", false}, {"a2", false},   {"B5", false},
};
enum { MIXED = sizeof mixed / sizeof *mixed };

static void laplacian_needs_two_good_neighbours(void **state) {
    (void)state;
    /* B2 - (B1 + B3) / 2 and A2 - (A1 + A3) / 2: A3 has a bad neighbour, A4 is bad, the rest are ends. */
    const char *const names[] = {"B2", "A2"};
    const size_t sources[] = {0, 4};
    const double values[] = {1 - (36 + 64) / 2.0, 25 - (9 + 4) / 2.0};
    check(BB_REFERENCE_LAPLACIAN, mixed, MIXED, 2, names, sources, values);
}

static void bipolar_needs_a_good_next_contact(void **state) {
    (void)state;
    const char *const names[] = {"B2-B3", "A1-A2", "A2-A3", "B1-B2"};
    const size_t sources[] = {0, 2, 4, 5};
    const double values[] = {1 - 64, 9 - 25, 25 - 4, 36 - 1};
    check(BB_REFERENCE_BIPOLAR, mixed, MIXED, 4, names, sources, values);
}

static void average_is_over_the_good_channels(void **state) {
    (void)state;
    const bb_chain_channel list[] = {{"x", false}, {"A1", true}, {"A2", false}, {"y", false}};
    const char *const names[] = {"x", "A2", "y"};
    const size_t sources[] = {0, 2, 3};
    const double mean = (1 + 9 + 16) / 3.0, values[] = {1 - mean, 9 - mean, 16 - mean};
    check(BB_REFERENCE_CAR, list, 4, 3, names, sources, values);
}

static void none_keeps_every_channel(void **state) {
    (void)state;
    const bb_chain_channel list[] = {{"", false}, {"A1", true}, {"A1", false}};
    const char *const names[] = {"", "A1", "A1"};
    const size_t sources[] = {0, 1, 2};
    const double values[] = {1, 4, 9};
    check(BB_REFERENCE_NONE, list, 3, 3, names, sources, values);
}

static void the_first_of_two_equal_contacts_counts(void **state) {
    (void)state;
    const bb_chain_channel list[] = {{"A2", false}, {"A1", false}, {"A02", false},
                                     {"A3", false}, {"A 1", true}, {"A3", false}};
    const char *const names[] = {"A2"};
    const size_t sources[] = {0};
    const double values[] = {1 - (4 + 16) / 2.0};
    check(BB_REFERENCE_LAPLACIAN, list, 6, 1, names, sources, values);
    const bb_chain_channel bad_first[] = {{"A2", true}, {"A1", false}, {"A2", false}, {"A3", false}};
    bb_chain *chain;
    assert_fails(create(BB_REFERENCE_LAPLACIAN, bad_first, 4, &chain, e), BB_ERR_UNSUPPORTED, "no channel");
}

static void an_empty_result_says_why(void **state) {
    (void)state;
    bb_chain *chain;
    const bb_chain_channel two[] = {{"LA1", false}, {"LA2", false}}, unlabelled[] = {{"12", false}},
                           one_good[] = {{"LA1", false}, {"LA2", true}};
    assert_fails(create(BB_REFERENCE_LAPLACIAN, two, 2, &chain, e), BB_ERR_UNSUPPORTED,
                 "reference laplacian leaves no channel: of 2 channels 2 are labelled as contacts");
    assert_fails(create(BB_REFERENCE_LAPLACIAN, two, 2, &chain, e), BB_ERR_UNSUPPORTED,
                 "--reference none or car");
    assert_fails(create(BB_REFERENCE_BIPOLAR, unlabelled, 1, &chain, e), BB_ERR_UNSUPPORTED,
                 "reference bipolar leaves no channel: of 1 channels 0 are labelled as contacts");
    assert_fails(create(BB_REFERENCE_CAR, one_good, 2, &chain, e), BB_ERR_UNSUPPORTED,
                 "found 1 of 2; use --reference none");
    assert_fails(create(BB_REFERENCE_NONE, NULL, 0, &chain, e), BB_ERR_UNSUPPORTED, "no channels");
    assert_null(chain);
}

static void references_have_names(void **state) {
    (void)state;
    for (int k = BB_REFERENCE_NONE; k <= BB_REFERENCE_CAR; ++k) {
        bb_reference back;
        assert_true(bb_reference_from_name(bb_reference_name((bb_reference)k), &back));
        assert_int_equal(back, k);
    }
    bb_reference back = BB_REFERENCE_CAR;
    assert_false(bb_reference_from_name("Laplace", &back));
    assert_int_equal(back, BB_REFERENCE_CAR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laplacian_needs_two_good_neighbours),
        cmocka_unit_test(bipolar_needs_a_good_next_contact),
        cmocka_unit_test(average_is_over_the_good_channels),
        cmocka_unit_test(none_keeps_every_channel),
        cmocka_unit_test(the_first_of_two_equal_contacts_counts),
        cmocka_unit_test(an_empty_result_says_why),
        cmocka_unit_test(references_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
