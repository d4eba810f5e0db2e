#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

static cJSON *parsed(const char *text) {
    cJSON *json;
    assert_ok(bb_json_parse(text, "x.json", &json, e));
    return json;
}

static void numbers_are_taken_within_their_bounds(void **state) {
    (void)state;
    cJSON *json = parsed("{\"a\": 2.5, \"b\": \"word\", \"c\": 3, \"huge\": 1e999, \"null\": null}");
    double x = -1;
    assert_ok(bb_json_number(json, "missing", 0, 1, &x, "x.json", e));
    assert_true(x == -1);
    assert_ok(bb_json_number(json, "a", 2.5, 2.5, &x, "x.json", e));
    assert_true(x == 2.5);
    assert_fails(bb_json_number(json, "a", 3, 4, &x, "x.json", e), BB_ERR_FORMAT,
                 "x.json: \"a\": expected 3 to 4, found 2.5");
    assert_fails(bb_json_number(json, "huge", 0, 1e300, &x, "x.json", e), BB_ERR_FORMAT, "huge");
    assert_fails(bb_json_number(json, "b", 0, 1, &x, "x.json", e), BB_ERR_FORMAT, "expected a number");
    assert_fails(bb_json_number(json, "null", 0, 1, &x, "x.json", e), BB_ERR_FORMAT, "expected a number");
    assert_true(x == 2.5);
    cJSON_Delete(json);
}

static void whole_numbers_are_whole(void **state) {
    (void)state;
    cJSON *json = parsed("{\"a\": 2.5, \"c\": 3}");
    int i = 7;
    assert_ok(bb_json_int(json, "missing", 0, 1, &i, "x.json", e));
    assert_int_equal(i, 7);
    assert_ok(bb_json_int(json, "c", 3, 3, &i, "x.json", e));
    assert_int_equal(i, 3);
    assert_fails(bb_json_int(json, "a", 0, 9, &i, "x.json", e), BB_ERR_FORMAT, "whole number, found 2.5");
    assert_fails(bb_json_int(json, "c", 4, 9, &i, "x.json", e), BB_ERR_FORMAT, "expected 4 to 9");
    assert_int_equal(i, 3);
    cJSON_Delete(json);
}

static void strings_are_strings(void **state) {
    (void)state;
    cJSON *json = parsed("{\"a\": \"word\", \"b\": 1, \"A\": \"other\"}");
    assert_string_equal(bb_json_string(json, "a"), "word");
    assert_null(bb_json_string(json, "b"));
    assert_null(bb_json_string(json, "missing"));
    assert_null(bb_json_string(NULL, "a"));
    cJSON_Delete(json);
}

static void what_is_not_json_is_refused_with_its_place(void **state) {
    (void)state;
    cJSON *json;
    assert_fails(bb_json_parse("{\"a\": x}", "x.json", &json, e), BB_ERR_FORMAT,
                 "x.json: byte 6: expected JSON, found 'x}'");
    assert_null(json);
    assert_fails(bb_json_parse("", "x.json", &json, e), BB_ERR_FORMAT, "x.json");
    assert_fails(bb_json_parse("{} {}", "x.json", &json, e), BB_ERR_FORMAT, "x.json");
    assert_fails(bb_json_read(bb_temp_file("y.json", "{", 1), &json, e), BB_ERR_FORMAT, "y.json");
    assert_fails(bb_json_read(bb_temp_path("none.json"), &json, e), BB_ERR_IO, "none.json");
}

/* A parser that recurses for every bracket would run out of stack. */
static void deep_nesting_is_refused(void **state) {
    (void)state;
    enum { DEPTH = 1000000 };
    char *text = malloc(DEPTH + 1);
    memset(text, '[', DEPTH);
    text[DEPTH] = '\0';
    cJSON *json;
    assert_fails(bb_json_parse(text, "x.json", &json, e), BB_ERR_FORMAT, "x.json");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_taken_within_their_bounds),
        cmocka_unit_test(whole_numbers_are_whole),
        cmocka_unit_test(strings_are_strings),
        cmocka_unit_test(what_is_not_json_is_refused_with_its_place),
        cmocka_unit_test(deep_nesting_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
