/* The pickle machine: what it reads, what it refuses, and that shared values cannot make it run away. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "support.h"
#include "weights/pickle.h"

#define BYTES(text) (text), sizeof(text) - 1

static void assert_json(const char *pickle, size_t size, const char *expected) {
    bb_pickle p;
    char *json;
    assert_ok(bb_pickle_read(pickle, size, "x.pth", "data.pkl", &p, e));
    assert_int_equal(p.consumed, size);
    assert_ok(bb_pickle_to_json(&p, p.root, "x.pth", &json, e));
    assert_string_equal(json, expected);
    bb_free(json);
    bb_pickle_free(&p);
}

static void numbers_and_texts_of_all_protocols(void **state) {
    (void)state;
    assert_json(BYTES("(I7\nI01\nI00\nL-12L\nF2.5\nS'one'\nV2\nNt."),
                "[7,true,false,-12,2.5,\"one\",\"2\",null]");
    assert_json(BYTES("]q\0(K\377M\377\377J\377\377\377\377X\2\0\0\0\303\251U\1aT\1\0\0\0be."),
                "[255,65535,-1,\"\303\251\",\"a\",\"b\"]");
    assert_json(BYTES("\200\2(\212\0\212\1\377\212\2\377\0G@\4\0\0\0\0\0\0\210\211t."),
                "[0,-1,255,2.5,true,false]");
    assert_json(BYTES("\200\4\225\12\0\0\0\0\0\0\0}\224\214\1k\224K\1\205\224s."), "{\"k\":[1]}");
    assert_json(BYTES("(\213\2\0\0\0\1\1\215\1\0\0\0\0\0\0\0zC\1xB\1\0\0\0xl."), "[257,\"z\",null,null]");
    assert_json(BYTES("\200\4\217(K\1K\2\220."), "[1,2]");
    assert_json(BYTES("(K\1K\2\221."), "[1,2]");
    assert_json(BYTES("(S'a'\nK\1S'b'\nK\2d."), "{\"a\":1,\"b\":2}");
}

static void the_memo_and_the_stack(void **state) {
    (void)state;
    assert_json(BYTES("](K\5p0\ng0\nh\0j\0\0\0\0e."), "[5,5,5,5]");
    assert_json(BYTES("](K\5r\1\0\0\0h\1e."), "[5,5]");
    assert_json(BYTES("](K\1K\0020(K\3K\0041K\0052e."), "[1,5,5]");
    assert_json(BYTES("]]K\1aaK\2a."), "[[1],2]");
    assert_json(BYTES("}(K\1K\2K\1K\3u."), "{\"1\":3}"); /* the last of equal keys counts */
}

static void appending_to_many_lists_in_turn(void **state) {
    (void)state;
    static const char both[12] = {'h', 1, 'K', 1, 'a', '0', 'h', 2, 'K', 2, 'a', '0'};
    char pickle[2048] = "]q\1]q\2", json[4096] = "[[";
    size_t n = 6;
    for (int i = 0; i < 100; ++i, n += sizeof both) memcpy(pickle + n, both, sizeof both);
    memcpy(pickle + n, "\206.", 2);
    for (int list = 1; list <= 2; ++list)
        for (int i = 0; i < 100; ++i)
            sprintf(json + strlen(json), "%d%s", list, i < 99 ? "," : list == 1 ? "],[" : "]]");
    assert_json(pickle, n + 2, json);
}

static void objects_are_inert(void **state) {
    (void)state;
    assert_json(BYTES("ccollections\nOrderedDict\n)R(S'a'\nK\1u."), "{\"a\":1}");
    assert_json(BYTES("ccollections\nOrderedDict\n(](](S'a'\nK\1e](S'b'\nK\2eetR."), "{\"a\":1,\"b\":2}");
    assert_json(BYTES("ccollections\ndefaultdict\nc__builtin__\nlist\n\205RS'a'\nK\1s."), "{\"a\":1}");
    assert_json(BYTES("\200\4\214\13collections\214\7Counter\223)}\222."), "{}");
    assert_json(BYTES("c__builtin__\nset\n](K\1e\205R."), "null");
    assert_json(BYTES("(K\1S'cpu'\ntQ."), "null");
}

static void omegaconf_is_unwrapped(void **state) {
    (void)state;
    assert_json(BYTES("comegaconf.dictconfig\nDictConfig\n)\201}(S'_parent'\nNS'_content'\n}(S'n'\n"
                      "comegaconf.nodes\nIntegerNode\n)\201}S'_val'\nK\7sbS'l'\n"
                      "comegaconf.listconfig\nListConfig\n)\201}S'_content'\n](K\1Nesbuub."),
                "{\"n\":7,\"l\":[1,null]}");
    assert_json(BYTES("comegaconf.dictconfig\nDictConfig\n)\201."), "null");
}

static void assert_refused(const char *pickle, size_t size, bb_status status, const char *part) {
    bb_pickle p;
    assert_fails(bb_pickle_read(pickle, size, "x.pth", "data.pkl", &p, e), status, part);
    assert_null(p.nodes);
}

static void names_off_the_list_are_refused(void **state) {
    (void)state;
    assert_refused(BYTES("cposix\nsystem\n(S'ls'\ntR."), BB_ERR_REFUSED,
                   "x.pth: data.pkl at byte 0: refuses to load 'posix.system'");
    assert_refused(BYTES("\200\4\214\2os\214\6system\223."), BB_ERR_REFUSED,
                   "byte 14: refuses to load 'os.system'");
    assert_refused(BYTES("cbuiltins\neval\n."), BB_ERR_REFUSED, "builtins.eval");
    assert_refused(BYTES("c__builtin__\ngetattr\n."), BB_ERR_REFUSED, "__builtin__.getattr");
    assert_refused(BYTES("ctorch\nload\n."), BB_ERR_REFUSED, "torch.load");
    assert_refused(BYTES("ccollections\nOrderedDict\0\n."), BB_ERR_REFUSED, "OrderedDict");
    assert_refused(BYTES("c\n\n."), BB_ERR_REFUSED, "'.'");
    assert_refused(BYTES("(iposix\nsystem\n."), BB_ERR_REFUSED, "opcode 0x69");
    assert_refused(BYTES("\202\1."), BB_ERR_REFUSED, "opcode 0x82"); /* the extension registry */
    assert_refused(BYTES("\200\2ccollections\nOrderedDict\n)R)R."), BB_ERR_REFUSED, "not a known name");
    assert_refused(BYTES("K\1)R."), BB_ERR_REFUSED, "not a known name");
}

static void broken_pickles_are_refused(void **state) {
    (void)state;
    assert_refused(BYTES(""), BB_ERR_FORMAT, "cut off");
    assert_refused(BYTES("K"), BB_ERR_FORMAT, "cut off");
    assert_refused(BYTES("X\377\377\377\377abc."), BB_ERR_FORMAT, "byte 0: the pickle is cut off");
    assert_refused(BYTES("\216\377\377\377\377\377\377\377\377abc."), BB_ERR_FORMAT, "cut off");
    assert_refused(BYTES("cno line"), BB_ERR_FORMAT, "inside a line");
    assert_refused(BYTES("."), BB_ERR_FORMAT, "the stack is empty");
    assert_refused(BYTES("K\1(0."), BB_ERR_FORMAT, "the stack is empty"); /* not below a mark */
    assert_refused(BYTES("K\1t."), BB_ERR_FORMAT, "needs a mark");
    assert_refused(BYTES("K\1\206."), BB_ERR_FORMAT, "more values");
    assert_refused(BYTES("h\0."), BB_ERR_FORMAT, "memo");
    assert_refused(BYTES("K\1r\377\377\377\377."), BB_ERR_FORMAT, "memo's number");
    assert_refused(BYTES("(K\1d."), BB_ERR_FORMAT, "key without");
    assert_refused(BYTES("}(K\1u."), BB_ERR_FORMAT, "key without");
    assert_refused(BYTES("K\1K\1a."), BB_ERR_FORMAT, "not a container");
    assert_refused(BYTES("(K\1a."), BB_ERR_FORMAT, "no container");
    assert_refused(BYTES("}}b."), BB_ERR_FORMAT, "an object");
    assert_refused(BYTES("ccollections\nOrderedDict\nK\1R."), BB_ERR_FORMAT, "tuple of arguments");
    assert_refused(BYTES("X\1\0\0\0\377."), BB_ERR_FORMAT, "UTF-8");
    assert_refused(BYTES("X\3\0\0\0\355\240\200."), BB_ERR_FORMAT, "UTF-8"); /* a surrogate */
    assert_refused(BYTES("I12x\n."), BB_ERR_FORMAT, "number");
    assert_refused(BYTES("L99999999999999999999L\n."), BB_ERR_FORMAT, "64 bits");
    assert_refused(BYTES("S'a\n."), BB_ERR_FORMAT, "quoted");
    assert_refused(BYTES("Va\\u0041\n."), BB_ERR_UNSUPPORTED, "escaped");
    assert_refused(BYTES("\200\6N."), BB_ERR_UNSUPPORTED, "protocol");
    assert_refused(BYTES("K\1K\2\223."), BB_ERR_FORMAT, "two texts");
}

static void assert_no_json(const char *pickle, size_t size, const char *part) {
    bb_pickle p;
    char *json;
    assert_ok(bb_pickle_read(pickle, size, "x.pth", "data.pkl", &p, e));
    assert_fails(bb_pickle_to_json(&p, p.root, "x.pth", &json, e), BB_ERR_FORMAT, part);
    assert_null(json);
    bb_pickle_free(&p);
}

static void shared_values_do_not_multiply(void **state) {
    (void)state;
    /* Each list holds the one before it twice: 2^50 values if they were copied out. */
    char pickle[512] = "]";
    size_t n = 1;
    for (int i = 0; i < 50; ++i, n += 3) memcpy(pickle + n, "2\206\224", 3);
    pickle[n++] = '.';
    assert_no_json(pickle, n, "too many values");
    assert_no_json(BYTES("]q\0h\0a."), "inside themselves");
    assert_no_json(BYTES("}N]s."), "neither text nor a number");
    assert_no_json(BYTES("X\3\0\0\0a\0b."), "zero byte");
    assert_no_json(BYTES("ccollections\nOrderedDict\n(](K\1etR."), "key without");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_texts_of_all_protocols),
        cmocka_unit_test(the_memo_and_the_stack),
        cmocka_unit_test(appending_to_many_lists_in_turn),
        cmocka_unit_test(objects_are_inert),
        cmocka_unit_test(omegaconf_is_unwrapped),
        cmocka_unit_test(names_off_the_list_are_refused),
        cmocka_unit_test(broken_pickles_are_refused),
        cmocka_unit_test(shared_values_do_not_multiply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
