#include <stdio.h>
#include <string.h>

#include "brainbert/signal.h"
#include "support.h"

static void spellings_of_a_contact(void **state) {
    (void)state;
    static const struct {
        const char *label, *shaft;
        int number;
    } cases[] = {
        {"T1cIe11", "T1cIe", 11},
        {"F3bIaOFb#9", "F3bIaOFb", 9},
        {"LT3aHaE_4", "LT3aHaE", 4},
        {"*LAMY2", "LAMY", 2},
        {"LA1", "LA", 1},
        {"LA01", "LA", 1},
        {"LA 1", "LA", 1},
        {"LA-1", "LA", 1},
        {"LA'1", "LA'", 1},
        {"A'12", "A'", 12},
        {"A\342\200\23112", "A\342\200\231", 12}, /* a typographic apostrophe in UTF-8 */
        {"POL LA1-Ref", "LA", 1},
        {"POL LA1 -REF", "LA", 1},
        {"EEG LA1", "LA", 1},
        {"SEEG LA1", "LA", 1},
        {"seeg la1", "la", 1},
        {"ECOG G12", "G", 12},
        {"POL EEG G12", "G", 12},
        {"ECOG_RIGHT_0", "ECOGRIGHT", 0},
        {"LFP_RIGHT_2", "LFPRIGHT", 2},
        {"G_1", "G", 1},
        {"LA-01", "LA", 1},
        {"LT1-REF", "LT", 1},
        {"LA1_REF", "LA", 1},
        {"LA1 Ref", "LA", 1},
        {"LA1 - Ref", "LA", 1},
        {"LA1-AVG", "LA", 1},
        {"EEG LA1 - Avg", "LA", 1},
        {"LA1-CAR", "LA", 1},
        {"LA1-G2", "LA", 1},
        {"LA1-Reference", "LA", 1},
        {"EEG-LA1", "LA", 1},
        {"EEG:LA1-Ref", "LA", 1},
        {"iEEG LA1", "LA", 1},
        {"DBS L0", "L", 0},
        {"POL $A1", "$A", 1}, /* another input than A1 */
        {"POL$A1", "$A", 1},
        {"POL-1", "POL", 1},
        {"SEEG1", "SEEG", 1},
        {"RT2aA11#", "RT2aA", 11}, /* of the Brain Treebank */
        {"F1*0Fa5", "F10Fa", 5},
        {"RF2I*14", "RF2I", 14},
        {"RT3aHa1*", "RT3aHa", 1},
        {"iEEG118", "iEEG", 118},
        {"ch12", "ch", 12},
        {"1Ld3", "1Ld", 3}, /* digits before the shaft's letters */
        {"  LA12 \t", "LA", 12},
        {"LA1*", "LA", 1},
        {"T1_12", "T1", 12}, /* a separator keeps the shaft's digit out of the number */
        {"L-AMY3", "L-AMY", 3},
        {"A99999", "A", 99999},
        {"A000000000000000000001", "A", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_contact c;
        if (!bb_contact_parse(cases[i].label, &c)) fail_msg("'%s' is a contact", cases[i].label);
        assert_string_equal(c.shaft, cases[i].shaft);
        assert_int_equal(c.number, cases[i].number);
    }
}

static void labels_that_name_no_contact(void **state) {
    (void)state;
    static const char *const labels[] = {"",
                                         " ",
                                         "LA",
                                         "12",
                                         "EEG 12",
                                         "POL 001",
                                         "LA1-LA2",
                                         "LA1-2",
                                         "1-2",
                                         "LA1 AVG",
                                         "G1-G2",
                                         "LA1LA2",
                                         "LA1 LA2",
                                         "OFC14OFC1",
                                         "1Ld11Ld2",
                                         "21Ld721Ld3",
                                         "10Rd110Rd2",
                                         "1",
                                         "MOV_RIGHT",

                                         "EKGL",
                                         "TRIG",
                                         "-12",
                                         "'12",
                                         "A100000",
                                         "A4294967297",
                                         "A99999999999999999999999",
                                         "L\0011",
                                         "LA1\n",
                                         "*#_",
                                         "-Ref",
                                         "EEG",
                                         "POL ",
                                         "EDF Annotations"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; ++i) {
        bb_contact c;
        if (bb_contact_parse(labels[i], &c))
            fail_msg("'%s' gave shaft '%s', number %d", labels[i], c.shaft, c.number);
        assert_string_equal(c.shaft, "");
    }
}

static void long_labels_are_bounded(void **state) {
    (void)state;
    char label[4096];
    bb_contact c;
    for (size_t n = 1; n < sizeof label - 2; ++n) {
        memset(label, 'A', n);
        strcpy(label + n, "1");
        const bool fits = n < BB_SHAFT_LENGTH;
        assert_int_equal(bb_contact_parse(label, &c), fits);
        assert_int_equal(strlen(c.shaft), fits ? n : 0);
    }
}

/* Every electrode of a real implantation is found: "L'1" is L', 1. */
static void labels_of_a_real_implantation(void **state) {
    (void)state;
    const char *path = bb_shared_path("data/edf/sample_seeg_electrodes.tsv");
    if (!path) return;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[256], label[256], again[256];
    int contacts = 0;
    assert_non_null(fgets(line, sizeof line, file)); /* column names */
    while (fgets(line, sizeof line, file)) {
        bb_contact c;
        assert_int_equal(sscanf(line, "%255[^\t]", label), 1);
        assert_true(bb_contact_parse(label, &c));
        snprintf(again, sizeof again, "%s%d", c.shaft, c.number);
        assert_string_equal(again, label);
        ++contacts;
    }
    fclose(file);
    assert_true(contacts > 50);
}

static void labels_without_their_surroundings(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"EEG Cz-Ref", "cz"},     {"POL EKG", "ekg"}, {"EEG LA1-LA2", "la1-la2"},
        {"*C 3_4 - Avg ", "c34"}, {"Ref", "ref"},     {"", ""}};
    char out[8];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_label_bare(cases[i][0], out, sizeof out);
        assert_string_equal(out, cases[i][1]);
    }
    bb_label_bare("A far too long label", out, sizeof out);
    assert_string_equal(out, "afartoo");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_of_a_contact),
        cmocka_unit_test(labels_that_name_no_contact),
        cmocka_unit_test(long_labels_are_bounded),
        cmocka_unit_test(labels_of_a_real_implantation),
        cmocka_unit_test(labels_without_their_surroundings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
