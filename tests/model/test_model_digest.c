#include <stdio.h>
#include <string.h>

#include "formula.h"
#include "model/model.h"
#include "support.h"

static const bb_model_config config = {
    .hidden_dim = 10, .feed_forward_dim = 30, .heads = 2, .layers = 2, .input_dim = 7};

static const char *digest_of(bb_model *m) {
    static char digests[8][BB_SHA256_TEXT];
    static int next;
    char *out = digests[next++ % 8];
    assert_ok(bb_model_digest(m, out, e));
    assert_int_equal(strlen(out), 64);
    bb_model_close(m);
    return out;
}

static bb_model *opened(const char *path, int heads) {
    bb_model *m;
    assert_ok(bb_model_open(path, heads, &m, e));
    return m;
}

static bb_model *made(uint64_t seed, int heads) {
    bb_model *m;
    bb_model_config c = config;
    c.heads = heads;
    assert_ok(bb_model_create(&c, seed, &m, e));
    return m;
}

static void weights_and_configuration_count(void **state) {
    (void)state;
    const char *first = digest_of(made(1, 2));
    assert_string_equal(digest_of(made(1, 2)), first);
    assert_string_not_equal(digest_of(made(2, 2)), first);
    assert_string_not_equal(digest_of(made(1, 5)), first);
}

/* Of a model in memory, in its file, and in a copy of that somewhere else. */
static void the_file_does_not_count(void **state) {
    (void)state;
    bb_model *m = made(1, 2);
    char a[512];
    snprintf(a, sizeof a, "%s", bb_temp_path("a"));
    assert_ok(bb_model_save(m, a, BB_F32, e));
    const char *first = digest_of(m);
    assert_string_equal(digest_of(opened(a, 0)), first);
    m = opened(a, 0);
    assert_ok(bb_model_save(m, bb_temp_path("b"), BB_F32, e));
    bb_model_close(m);
    assert_string_equal(digest_of(opened(bb_temp_path("b"), 0)), first);
    /* Halves are other numbers. */
    m = opened(a, 0);
    assert_ok(bb_model_save(m, bb_temp_path("half"), BB_F16, e));
    bb_model_close(m);
    assert_string_not_equal(digest_of(opened(bb_temp_path("half"), 0)), first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_and_configuration_count),
        cmocka_unit_test(the_file_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
