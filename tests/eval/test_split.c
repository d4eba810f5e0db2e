#include "brainbert/split.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/random.h"
#include "support.h"

enum { N = 120 };

typedef struct made {
    double start[N];
    int recording[N], label[N];
    int64_t group[N];
    bb_split_items items;
} made;

/* Two recordings of 5 s windows every 2 s, four to a trial, in scrambled order. */
static void make_items(made *m) {
    for (int k = 0; k < N; ++k) {
        const int i = k * 7 % N;
        m->recording[i] = 30 - k / 60;
        m->start[i] = 2.0 * (k % 60);
        m->group[i] = k / 4 * 11 - 50;
        m->label[i] = k / 4 % 3 == 0;
    }
    m->items = (bb_split_items){N, m->start, 5, m->recording, m->group, m->label};
}

static bool holds(const int64_t *list, int64_t count, int64_t item) {
    for (int64_t i = 0; i < count; ++i)
        if (list[i] == item) return true;
    return false;
}

/* Each of the `count` items is tested once, trained on in no fold that tests it, and ascending everywhere. */
static void assert_folds_are_sound(const bb_split *s, int64_t count) {
    int64_t tested = 0;
    for (int f = 0; f < bb_split_folds(s); ++f) {
        const bb_fold *fold = bb_split_fold(s, f);
        assert_int_equal(fold->train_count + fold->test_count + fold->left_out, count);
        assert_int_equal(fold->validation_count, 0);
        for (int64_t i = 1; i < fold->train_count; ++i) assert_true(fold->train[i - 1] < fold->train[i]);
        for (int64_t i = 0; i < fold->test_count; ++i) {
            if (i) assert_true(fold->test[i - 1] < fold->test[i]);
            assert_false(holds(fold->train, fold->train_count, fold->test[i]));
            for (int g = 0; g < f; ++g)
                assert_false(
                    holds(bb_split_fold(s, g)->test, bb_split_fold(s, g)->test_count, fold->test[i]));
        }
        tested += fold->test_count;
    }
    assert_int_equal(tested, count);
}

static double nearest(const made *m, const bb_fold *fold, int64_t item) {
    double least = INFINITY;
    for (int64_t i = 0; i < fold->test_count; ++i)
        if (m->recording[fold->test[i]] == m->recording[item])
            least = fmin(least, fabs(m->start[fold->test[i]] - m->start[item]));
    return least;
}

static void blocks_are_consecutive_and_apart(void **state) {
    (void)state;
    made m;
    make_items(&m);
    bb_split *s;
    const bb_split_options o = bb_split_options_default();
    assert_ok(bb_split_create(&m.items, &o, &s, e));
    assert_int_equal(bb_split_folds(s), 5);
    assert_folds_are_sound(s, N);
    for (int f = 0; f < 5; ++f) {
        const bb_fold *fold = bb_split_fold(s, f);
        assert_int_equal(fold->test_count, N / 5);
        for (int64_t i = 0; i < fold->train_count; ++i) assert_true(nearest(&m, fold, fold->train[i]) >= 5);
        /* Recordings in order of ids, so that the first blocks are of number 29, whose windows come second.
         * Block 2 is half of each. Two windows at each end are nearer than 5 s, where there are any. */
        assert_int_equal(fold->left_out, f == 0 || f == 4 ? 2 : 4);
        int64_t overlaps = -1;
        assert_ok(bb_split_overlaps(&m.items, fold, &overlaps, e));
        assert_int_equal(overlaps, 0);
    }
    assert_int_equal(m.recording[bb_split_fold(s, 0)->test[0]], 29);
    assert_null(bb_split_note(s));
    bb_split_destroy(s);
}

/* With windows back to back nothing is left out, whatever the rounding of their starts. */
static void back_to_back_windows_are_all_used(void **state) {
    (void)state;
    double start[50];
    for (int i = 0; i < 50; ++i) start[i] = 0.1 * i;
    const bb_split_items items = {.count = 50, .start_s = start, .window_s = 0.1};
    bb_split_options o = bb_split_options_default();
    bb_split *s;
    assert_ok(bb_split_create(&items, &o, &s, e));
    for (int f = 0; f < 5; ++f) assert_int_equal(bb_split_fold(s, f)->left_out, 0);
    bb_split_destroy(s);
    o.gap_s = 0.25; /* 0.1 and 0.2 before and behind */
    assert_ok(bb_split_create(&items, &o, &s, e));
    assert_int_equal(bb_split_fold(s, 0)->left_out, 2);
    assert_int_equal(bb_split_fold(s, 1)->left_out, 4);
    bb_split_destroy(s);
}

static void gaps_can_be_none_or_all(void **state) {
    (void)state;
    made m;
    make_items(&m);
    bb_split_options o = bb_split_options_default();
    bb_split *s;
    o.gap_s = 0;
    assert_ok(bb_split_create(&m.items, &o, &s, e));
    int64_t overlaps;
    assert_int_equal(bb_split_fold(s, 1)->left_out, 0);
    assert_ok(bb_split_overlaps(&m.items, bb_split_fold(s, 1), &overlaps, e));
    assert_int_equal(overlaps, 4); /* two at each end */
    bb_split_destroy(s);
    m.items.recording = NULL;
    o.gap_s = 1000;
    assert_fails(bb_split_create(&m.items, &o, &s, e), BB_ERR_ARGUMENT, "nothing to train on");
    assert_null(s);
}

static void blocks_without_a_class_are_told(void **state) {
    (void)state;
    made m;
    make_items(&m);
    for (int i = 0; i < N; ++i) m.label[i] = m.recording[i] == 29;
    bb_split *s;
    const bb_split_options o = bb_split_options_default();
    assert_ok(bb_split_create(&m.items, &o, &s, e));
    assert_string_equal(bb_split_note(s), "not every class is tested in fold 1, 2, 4, 5");
    bb_split_destroy(s);
    for (int i = 0; i < N; ++i) m.label[i] = m.recording[i] == 29 && m.start[i] < 20;
    assert_ok(bb_split_create(&m.items, &o, &s, e));
    assert_string_equal(
        bb_split_note(s),
        "not every class is tested in fold 2, 3, 4, 5, and not every class is trained on in fold 1");
    bb_split_destroy(s);
}

static void groups_stay_whole_and_classes_even(void **state) {
    (void)state;
    made m;
    make_items(&m);
    bb_split_options o = {.kind = BB_SPLIT_GROUPED, .folds = 5, .gap_s = NAN, .seed = 3};
    bb_split *s;
    assert_ok(bb_split_create(&m.items, &o, &s, e));
    assert_folds_are_sound(s, N);
    for (int f = 0; f < 5; ++f) {
        const bb_fold *fold = bb_split_fold(s, f);
        int ones = 0;
        for (int64_t i = 0; i < fold->test_count; ++i) {
            ones += m.label[fold->test[i]];
            for (int64_t j = 0; j < fold->train_count; ++j)
                assert_true(m.group[fold->train[j]] != m.group[fold->test[i]]);
        }
        /* 30 trials of 4, 10 of them of class 1: 6 and 2 to each of 5 folds. */
        assert_int_equal(fold->test_count, 24);
        assert_int_equal(ones, 8);
        int64_t overlaps;
        assert_ok(bb_split_overlaps(&m.items, fold, &overlaps, e));
        assert_true(overlaps > 0); /* trials 8 s apart, windows of 5 s every 2 s */
    }
    bb_split *again, *other;
    assert_ok(bb_split_create(&m.items, &o, &again, e));
    o.seed = 4;
    assert_ok(bb_split_create(&m.items, &o, &other, e));
    int differ = 0;
    for (int i = 0; i < 24; ++i) {
        assert_int_equal(bb_split_fold(s, 0)->test[i], bb_split_fold(again, 0)->test[i]);
        differ += bb_split_fold(s, 0)->test[i] != bb_split_fold(other, 0)->test[i];
    }
    assert_true(differ > 0);
    bb_split_destroy(s);
    bb_split_destroy(again);
    bb_split_destroy(other);
}

/* Groups of very different sizes: no fold is further from its share than the largest group is large. */
static void uneven_groups_are_spread(void **state) {
    (void)state;
    made m;
    make_items(&m);
    int sizes[15] = {0}, largest = 0;
    for (int i = 0; i < N; ++i) {
        const double u = bb_random_uniform(6, 0, (uint64_t)i);
        m.group[i] = (int)(15 * u * u);
        const int size = ++sizes[m.group[i]];
        largest = size > largest ? size : largest;
        m.label[i] = bb_random_uniform(6, 1, (uint64_t)i) < 0.3;
    }
    const bb_split_options o = {.kind = BB_SPLIT_GROUPED, .folds = 3, .gap_s = NAN};
    bb_split *s;
    assert_ok(bb_split_create(&m.items, &o, &s, e));
    assert_folds_are_sound(s, N);
    for (int f = 0; f < 3; ++f)
        assert_at_most(fabs((double)bb_split_fold(s, f)->test_count - N / 3.0), (double)largest);
    bb_split_destroy(s);
    bb_split_options many = o;
    many.folds = 40;
    assert_fails(bb_split_create(&m.items, &many, &s, e), BB_ERR_ARGUMENT, "40 groups or more");
}

/* Groups that each have a class of their own are dealt out evenly all the same. */
static void no_fold_is_empty(void **state) {
    (void)state;
    made m;
    make_items(&m);
    for (int i = 0; i < N; ++i) m.label[i] = (int)m.group[i];
    const bb_split_options o = {.kind = BB_SPLIT_GROUPED, .folds = 6, .gap_s = NAN};
    bb_split *s;
    assert_ok(bb_split_create(&m.items, &o, &s, e));
    for (int f = 0; f < 6; ++f) assert_int_equal(bb_split_fold(s, f)->test_count, N / 6);
    assert_string_equal(bb_split_note(s),
                        "not every class is tested in fold 1, 2, 3, 4, 5, ..., and not every class is "
                        "trained on in fold 1, 2, 3, 4, 5, ...");
    bb_split_destroy(s);
}

static void each_group_is_left_out(void **state) {
    (void)state;
    made m;
    make_items(&m);
    for (int i = 0; i < N; ++i) m.group[i] = m.recording[i];
    const bb_split_options o = {.kind = BB_SPLIT_LEAVE_GROUP_OUT, .gap_s = NAN};
    bb_split *s;
    assert_ok(bb_split_create(&m.items, &o, &s, e));
    assert_int_equal(bb_split_folds(s), 2);
    assert_folds_are_sound(s, N);
    for (int f = 0; f < 2; ++f) {
        assert_int_equal(bb_split_fold(s, f)->group, 29 + f);
        for (int i = 0; i < 60; ++i) assert_int_equal(m.recording[bb_split_fold(s, f)->test[i]], 29 + f);
    }
    bb_split_destroy(s);
    for (int i = 0; i < N; ++i) m.group[i] = 5;
    assert_fails(bb_split_create(&m.items, &o, &s, e), BB_ERR_ARGUMENT, "found 1");
}

static void a_training_part_is_split_by_the_same_rule(void **state) {
    (void)state;
    made m;
    make_items(&m);
    const bb_split_options o = bb_split_options_default();
    bb_split *s, *inner;
    assert_ok(bb_split_create(&m.items, &o, &s, e));
    const bb_fold *outer = bb_split_fold(s, 2);
    assert_ok(bb_split_create_subset(&m.items, outer->train, outer->train_count, &o, &inner, e));
    assert_folds_are_sound(inner, outer->train_count);
    for (int f = 0; f < 5; ++f) {
        const bb_fold *fold = bb_split_fold(inner, f);
        for (int64_t i = 0; i < fold->test_count; ++i)
            assert_true(holds(outer->train, outer->train_count, fold->test[i]));
        for (int64_t i = 0; i < fold->train_count; ++i) {
            assert_true(holds(outer->train, outer->train_count, fold->train[i]));
            assert_true(nearest(&m, fold, fold->train[i]) >= 5);
        }
    }
    const int64_t twice[6] = {1, 2, 3, 4, 5, 1};
    bb_split *none;
    assert_fails(bb_split_create_subset(&m.items, twice, 6, &o, &none, e), BB_ERR_ARGUMENT, "twice");
    bb_split_destroy(inner);
    bb_split_destroy(s);
}

static void assert_list(const cJSON *json, const char *key, const int64_t *list, int64_t count) {
    const cJSON *expected = cJSON_GetObjectItem(json, key), *item;
    assert_int_equal(cJSON_GetArraySize(expected), count);
    int64_t i = 0;
    cJSON_ArrayForEach(item, expected) assert_int_equal(item->valueint, list[i++]);
}

static void the_published_split_is_scikit_learns(void **state) {
    (void)state;
    cJSON *json;
    assert_ok(bb_json_read(bb_test_path("golden/split.json"), &json, e));
    const bb_split_items items = {.count = cJSON_GetObjectItem(json, "n")->valueint};
    const bb_split_options o = {.kind = BB_SPLIT_PUBLISHED, .gap_s = NAN};
    bb_split *s;
    assert_ok(bb_split_create(&items, &o, &s, e));
    assert_int_equal(bb_split_folds(s), 1);
    const bb_fold *fold = bb_split_fold(s, 0);
    assert_list(json, "train", fold->train, fold->train_count);
    assert_list(json, "val", fold->validation, fold->validation_count);
    assert_list(json, "test", fold->test, fold->test_count);
    bb_split_destroy(s);
    cJSON_Delete(json);
}

/* The published code forgets an item where 80 % is no whole number; all lengths split without a double. */
static void the_published_split_takes_any_length(void **state) {
    (void)state;
    const bb_split_options o = {.kind = BB_SPLIT_PUBLISHED, .gap_s = NAN};
    bb_split *s;
    for (int n = 6; n < 60; ++n) {
        const bb_split_items items = {.count = n};
        assert_ok(bb_split_create(&items, &o, &s, e));
        const bb_fold *fold = bb_split_fold(s, 0);
        int seen[60] = {0};
        for (int64_t i = 0; i < fold->train_count; ++i) ++seen[fold->train[i]];
        for (int64_t i = 0; i < fold->validation_count; ++i) ++seen[fold->validation[i]];
        for (int64_t i = 0; i < fold->test_count; ++i) ++seen[fold->test[i]];
        for (int i = 0; i < n; ++i) assert_true(seen[i] <= 1);
        assert_true(fold->left_out >= 0 && fold->left_out <= 1);
        assert_true(fold->validation_count > 0 && fold->test_count >= fold->validation_count);
        bb_split_destroy(s);
    }
    const bb_split_items few = {.count = 5};
    assert_fails(bb_split_create(&few, &o, &s, e), BB_ERR_ARGUMENT, "6 windows or more");
}

static void names_and_options_are_checked(void **state) {
    (void)state;
    made m;
    make_items(&m);
    bb_split *s;
    bb_split_kind kind = BB_SPLIT_BLOCKED;
    for (int k = 0; k <= BB_SPLIT_PUBLISHED; ++k) {
        assert_true(bb_split_kind_from_name(bb_split_kind_name((bb_split_kind)k), &kind));
        assert_int_equal(kind, k);
    }
    assert_false(bb_split_kind_from_name("random", &kind));
    bb_split_options o = bb_split_options_default();
    o.folds = 1;
    assert_fails(bb_split_create(&m.items, &o, &s, e), BB_ERR_ARGUMENT, "2 to 1000 folds");
    o.folds = 121;
    assert_fails(bb_split_create(&m.items, &o, &s, e), BB_ERR_ARGUMENT, "121 windows or more");
    o = bb_split_options_default();
    o.gap_s = -1;
    assert_fails(bb_split_create(&m.items, &o, &s, e), BB_ERR_ARGUMENT, "gap");
    o.gap_s = NAN;
    m.start[17] = NAN;
    assert_fails(bb_split_create(&m.items, &o, &s, e), BB_ERR_ARGUMENT, "window 17");
    m.items.start_s = NULL;
    assert_fails(bb_split_create(&m.items, &o, &s, e), BB_ERR_ARGUMENT, "times");
    bb_split_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_consecutive_and_apart),
        cmocka_unit_test(back_to_back_windows_are_all_used),
        cmocka_unit_test(gaps_can_be_none_or_all),
        cmocka_unit_test(blocks_without_a_class_are_told),
        cmocka_unit_test(groups_stay_whole_and_classes_even),
        cmocka_unit_test(uneven_groups_are_spread),
        cmocka_unit_test(no_fold_is_empty),
        cmocka_unit_test(each_group_is_left_out),
        cmocka_unit_test(a_training_part_is_split_by_the_same_rule),
        cmocka_unit_test(the_published_split_is_scikit_learns),
        cmocka_unit_test(the_published_split_takes_any_length),
        cmocka_unit_test(names_and_options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
