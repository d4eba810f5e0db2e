/* The gradients' buckets and what each rank's optimiser looks after. */
#include <stdlib.h>

#include "base/memory.h"
#include "ranks/collective.h"
#include "support.h"
#include "train/stretches.h"

static bb_parameters parameters_of(const char *name) {
    bb_model *model;
    bb_parameters p;
    assert_ok(bb_model_open(name, 0, &model, e));
    assert_ok(bb_parameters_create(&bb_model_get_info(model)->config, &p, e));
    bb_model_close(model);
    return p;
}

static void check_buckets(const bb_parameters *p, int ranks) {
    enum { LEAST = 1 << 20 };
    bb_buckets b;
    assert_ok(bb_buckets_create(p, ranks, &b, e));
    int64_t end = p->at[p->count];
    for (size_t i = 0; i < b.count; ++i) {
        const bb_bucket *one = &b.list[i];
        assert_int_equal(one->to, end); /* from the end on, without a gap */
        assert_true(one->to - one->from >= LEAST || i + 2 >= b.count);
        assert_int_equal(one->starts[0], 0);
        assert_int_equal(one->starts[ranks], one->to - one->from);
        end = one->from;
    }
    assert_int_equal(end, 0);
    bb_buckets_free(&b);
}

static void test_buckets(void **state) {
    (void)state;
    const char *const names[] = {"untrained:small", "untrained:large", bb_test_path("golden/tiny")};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        bb_parameters p = parameters_of(names[i]);
        for (int ranks = 1; ranks <= 1024; ranks *= 4) check_buckets(&p, ranks);
        bb_parameters_free(&p);
    }
}

/* Every number of every tensor is looked after once. */
static void test_all(void **state) {
    (void)state;
    bb_parameters p = parameters_of("untrained:small");
    bb_stretches s;
    unsigned char *seen = calloc((size_t)p.at[p.count], 1);
    assert_ok(bb_stretches_of_all(&p, &s, e));
    assert_int_equal(s.size, p.at[p.count]);
    for (size_t i = 0; i < s.count; ++i) {
        const bb_stretch *one = &s.list[i];
        assert_int_equal(one->at, one->own);
        assert_true(one->at >= p.at[one->tensor] && one->count > 0 &&
                    one->at + one->count <= p.at[one->tensor] + p.sizes[one->tensor]);
        for (int64_t k = 0; k < one->count; ++k) ++seen[one->at + k];
    }
    for (size_t i = 0; i < p.count; ++i)
        for (int64_t k = 0; k < p.sizes[i]; ++k) assert_int_equal(seen[p.at[i] + k], 1);
    bb_stretches_free(&s);
    free(seen);
    bb_parameters_free(&p);
}

/* One rank's share of everything is everything, bucket by bucket from the end. */
static void test_share_of_one(void **state) {
    (void)state;
    bb_parameters p = parameters_of(bb_test_path("golden/tiny"));
    bb_buckets b;
    bb_stretches s;
    int64_t floats = 0, numbers = 0;
    assert_ok(bb_buckets_create(&p, 1, &b, e));
    assert_ok(bb_stretches_of_share(&p, &b, NULL, &s, e));
    for (size_t i = 0; i < s.count; ++i) {
        if (i) assert_true(s.list[i].own >= s.list[i - 1].own + s.list[i - 1].count);
        assert_true(s.list[i].own + s.list[i].count <= s.size);
        floats += s.list[i].count;
    }
    for (size_t i = 0; i < p.count; ++i) numbers += p.sizes[i];
    assert_int_equal(floats, numbers);
    assert_int_equal(s.size, p.at[p.count]);
    bb_stretches_free(&s);
    bb_buckets_free(&b);
    bb_parameters_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_buckets), cmocka_unit_test(test_all),
                                       cmocka_unit_test(test_share_of_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
