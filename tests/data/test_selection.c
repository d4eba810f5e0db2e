#include "data/selection.h"

#include <string.h>

#include "base/memory.h"
#include "support.h"

static void lists_hold_whole_names(void **state) {
    (void)state;
    assert_true(bb_list_holds("LA1", "LA1"));
    assert_true(bb_list_holds("LA1,LA10, LA2 ,\tLA3", "LA10"));
    assert_true(bb_list_holds("LA1,LA10, LA2 ,\tLA3", "LA2"));
    assert_true(bb_list_holds("LA1,LA10, LA2 ,\tLA3", "LA3"));
    assert_true(bb_list_holds("A 1, B 2", "B 2")); /* blanks inside a name belong to it */
    assert_true(bb_list_holds(",,LA1,,", "LA1"));
    assert_false(bb_list_holds("LA10", "LA1"));
    assert_false(bb_list_holds("LA1", "LA10"));
    assert_false(bb_list_holds("LA1", "la1"));
    assert_false(bb_list_holds("", "LA1") || bb_list_holds(" , ,", "LA1") || bb_list_holds("LA1,", ""));
    assert_false(bb_list_holds(NULL, "LA1"));
}

static const bb_channel channels[] = {
    {.name = "LA1", .type = BB_CHANNEL_SEEG, .rate_hz = 512, .samples = 10},
    {.name = "LA2", .type = BB_CHANNEL_SEEG, .rate_hz = 512, .samples = 10, .bad = true},
    {.name = "LA3", .type = BB_CHANNEL_ECOG, .rate_hz = 512, .samples = 10},
    {.name = "EKG", .type = BB_CHANNEL_ECG, .rate_hz = 512, .samples = 10},
    {.name = "slow", .type = BB_CHANNEL_IEEG, .rate_hz = 64, .samples = 10},
    {.name = "DC1", .type = BB_CHANNEL_MISC, .rate_hz = 64, .samples = 10},
};
static const bb_recording_info info = {.path = "r.edf",
                                       .rate_hz = 512,
                                       .channel_count = sizeof channels / sizeof *channels,
                                       .channels = channels};

typedef struct choice {
    size_t *indices, count;
    bb_chain_channel *channels;
} choice;

static bb_status choose(bb_reference reference, const char *names, const char *bads, choice *out,
                        bb_error *err) {
    *out = (choice){0};
    return bb_select_inputs(&info, reference, names, bads, &out->indices, &out->channels, &out->count, err);
}

static void free_choice(choice *c) {
    bb_free(c->indices);
    bb_free(c->channels);
}

static void assert_chosen(bb_reference reference, const char *names, const char *bads, const size_t *expected,
                          const bool *bad, size_t count) {
    choice c;
    assert_ok(choose(reference, names, bads, &c, e));
    assert_int_equal(c.count, count);
    for (size_t i = 0; i < count; ++i) {
        assert_int_equal(c.indices[i], expected[i]);
        assert_string_equal(c.channels[i].name, channels[expected[i]].name);
        assert_int_equal(c.channels[i].bad, bad[i]);
    }
    free_choice(&c);
}

static void brain_channels_of_the_usual_rate_go_in(void **state) {
    (void)state;
    const size_t brain[] = {0, 1, 2}, sound[] = {0, 2}, named[] = {2, 3}, bad_one[] = {1};
    const bool own[] = {false, true, false}, more[] = {false, true, true}, good[] = {false, false, false},
               bad[] = {true};
    /* Without a reference bad ones are left out, unless asked for by name or by taking all marks back. */
    assert_chosen(BB_REFERENCE_NONE, NULL, NULL, sound, good, 2);
    assert_chosen(BB_REFERENCE_NONE, NULL, "none", brain, good, 3);
    assert_chosen(BB_REFERENCE_NONE, "LA2", NULL, bad_one, bad, 1);
    assert_chosen(BB_REFERENCE_LAPLACIAN, NULL, NULL, brain, own, 3);
    assert_chosen(BB_REFERENCE_LAPLACIAN, NULL, "none", brain, good, 3);
    assert_chosen(BB_REFERENCE_LAPLACIAN, NULL, "LA3,DC1", brain, more, 3);
    /* With a reference, the neighbours of what is asked for are needed too. */
    assert_chosen(BB_REFERENCE_LAPLACIAN, "LA2", NULL, brain, own, 3);
    assert_chosen(BB_REFERENCE_NONE, "EKG,LA3", NULL, named, good, 2);
}

static void unknown_and_unfit_names_are_refused(void **state) {
    (void)state;
    choice c;
    assert_fails(choose(BB_REFERENCE_NONE, "LA4", NULL, &c, e), BB_ERR_ARGUMENT,
                 "r.edf: channels: expected the name of one of its 6 channels, found 'LA4'");
    free_choice(&c);
    assert_fails(choose(BB_REFERENCE_CAR, NULL, "LA1,x", &c, e), BB_ERR_ARGUMENT, "bads");
    free_choice(&c);
    assert_fails(choose(BB_REFERENCE_NONE, "LA1,slow", NULL, &c, e), BB_ERR_ARGUMENT, "slow has 64 Hz");
    free_choice(&c);
    assert_fails(choose(BB_REFERENCE_NONE, ",", NULL, &c, e), BB_ERR_ARGUMENT, "r.edf");
    free_choice(&c);
}

static void outputs_are_chosen_by_their_names(void **state) {
    (void)state;
    const bb_signal_recipe recipe = {.rate_hz = 512, .reference = BB_REFERENCE_BIPOLAR};
    const bb_chain_channel in[] = {
        {.name = "LA1"}, {.name = "LA2"}, {.name = "LA3"}, {.name = "LB1"}, {.name = "LB2", .bad = true}};
    bb_chain *chain;
    size_t *outputs, count;
    assert_ok(bb_chain_create(&recipe, 512, in, 5, 1, &chain, e));
    assert_ok(bb_select_outputs(chain, in, 5, NULL, "r.edf", &outputs, &count, e));
    assert_true(count == 2 && outputs[0] == 0 && outputs[1] == 1);
    bb_free(outputs);
    assert_ok(bb_select_outputs(chain, in, 5, "LA2-LA3", "r.edf", &outputs, &count, e));
    assert_true(count == 1 && outputs[0] == 1);
    bb_free(outputs);
    assert_fails(bb_select_outputs(chain, in, 5, "LA2-LA3,LB1", "r.edf", &outputs, &count, e),
                 BB_ERR_ARGUMENT, "'LB1' is not among the 2");
    bb_free(outputs);
    assert_fails(bb_select_outputs(chain, in, 5, "LB2", "r.edf", &outputs, &count, e), BB_ERR_ARGUMENT,
                 "'LB2' is marked bad");
    bb_free(outputs);
    assert_fails(bb_select_outputs(chain, in, 5, "", "r.edf", &outputs, &count, e), BB_ERR_ARGUMENT,
                 "names none");
    bb_free(outputs);
    bb_chain_destroy(chain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_hold_whole_names),
        cmocka_unit_test(brain_channels_of_the_usual_rate_go_in),
        cmocka_unit_test(unknown_and_unfit_names_are_refused),
        cmocka_unit_test(outputs_are_chosen_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
