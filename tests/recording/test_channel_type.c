#include "recording/channel_type.h"
#include "support.h"

static void names_tell_the_type(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bb_channel_type type;
    } cases[] = {{"LA1", BB_CHANNEL_IEEG},
                 {"L'12", BB_CHANNEL_IEEG},
                 {"C3", BB_CHANNEL_IEEG},
                 {"EEG LA1-Ref", BB_CHANNEL_IEEG},
                 {"POL LA1", BB_CHANNEL_IEEG},
                 {"LA1-REF", BB_CHANNEL_IEEG},
                 {"LA1-LA2", BB_CHANNEL_IEEG},
                 {"SEEG LA1", BB_CHANNEL_SEEG},
                 {"seeg LA1", BB_CHANNEL_SEEG},
                 {"ECOG G1", BB_CHANNEL_ECOG},
                 {"ECoG G1", BB_CHANNEL_ECOG},
                 {"DBS L0", BB_CHANNEL_DBS},
                 {"EKG", BB_CHANNEL_ECG},
                 {"ECG1", BB_CHANNEL_ECG},
                 {"EKGL", BB_CHANNEL_ECG},
                 {"EEG EKG1-Ref", BB_CHANNEL_ECG},
                 {"POL EKG+", BB_CHANNEL_ECG},
                 {"ECG II", BB_CHANNEL_ECG},
                 {"EMG1", BB_CHANNEL_EMG},
                 {"EOG L", BB_CHANNEL_EOG},
                 {"DC1", BB_CHANNEL_MISC},
                 {"POL DC08", BB_CHANNEL_MISC},
                 {"TRIG", BB_CHANNEL_TRIG},
                 {"TRIG4", BB_CHANNEL_TRIG},
                 {"TTL", BB_CHANNEL_TRIG},
                 {"STI 014", BB_CHANNEL_TRIG},
                 {"Event", BB_CHANNEL_TRIG},
                 {"Status", BB_CHANNEL_TRIG},
                 {"EDF Annotations", BB_CHANNEL_TRIG},
                 {"MRK", BB_CHANNEL_TRIG},
                 {"*EKG1", BB_CHANNEL_ECG},
                 {"POL $DC01", BB_CHANNEL_MISC},
                 {"TRIG_IN", BB_CHANNEL_TRIG},
                 {"SYNC", BB_CHANNEL_TRIG},
                 {"DC_10", BB_CHANNEL_MISC},
                 {"DC4", BB_CHANNEL_MISC},
                 {"LFP_RIGHT_0", BB_CHANNEL_IEEG},
                 {"REF", BB_CHANNEL_REF},
                 {" REF1 ", BB_CHANNEL_REF},
                 {"Resp 1", BB_CHANNEL_MISC},
                 {"SpO2", BB_CHANNEL_MISC},
                 {"OSAT", BB_CHANNEL_MISC},
                 {"PR", BB_CHANNEL_MISC},
                 {"PR1", BB_CHANNEL_IEEG},
                 {"TEMP1", BB_CHANNEL_IEEG},
                 {"Pleth", BB_CHANNEL_MISC},
                 {"DCA1", BB_CHANNEL_IEEG},
                 {"REFA1", BB_CHANNEL_IEEG},
                 {"MARK", BB_CHANNEL_TRIG},
                 {"MARK1", BB_CHANNEL_TRIG},
                 {"MKR+", BB_CHANNEL_TRIG},
                 {"EVT", BB_CHANNEL_TRIG},
                 {"TRG1", BB_CHANNEL_TRIG},
                 {"PatEvent", BB_CHANNEL_TRIG},
                 {"L EOG", BB_CHANNEL_EOG},
                 {"LEOG", BB_CHANNEL_EOG},
                 {"LOC", BB_CHANNEL_EOG},
                 {"LOC1", BB_CHANNEL_IEEG},
                 {"POL CO2Wave", BB_CHANNEL_MISC},
                 {"Photic", BB_CHANNEL_MISC},
                 {"", BB_CHANNEL_IEEG},
                 {"EEG", BB_CHANNEL_IEEG},
                 {"a name far longer than any that a file could ever hold in its header", BB_CHANNEL_IEEG}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
        if (bb_channel_type_of(cases[i].name) != cases[i].type)
            fail_msg("%s: %s", cases[i].name, bb_channel_type_name(bb_channel_type_of(cases[i].name)));
}

static void keywords_of_tables_are_known(void **state) {
    (void)state;
    bb_channel_type type;
    static const struct {
        const char *word;
        bb_channel_type type;
    } cases[] = {{"SEEG", BB_CHANNEL_SEEG}, {"ECoG", BB_CHANNEL_ECOG}, {"ecog", BB_CHANNEL_ECOG},
                 {"DBS", BB_CHANNEL_DBS},   {"EEG", BB_CHANNEL_EEG},   {"ECG", BB_CHANNEL_ECG},
                 {"HEOG", BB_CHANNEL_EOG},  {"VEOG", BB_CHANNEL_EOG},  {"EMG", BB_CHANNEL_EMG},
                 {"REF", BB_CHANNEL_REF},   {"TRIG", BB_CHANNEL_TRIG}, {"PUPIL", BB_CHANNEL_MISC},
                 {"OTHER", BB_CHANNEL_MISC}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        assert_true(bb_channel_type_parse(cases[i].word, &type));
        assert_int_equal(type, cases[i].type);
    }
    assert_false(bb_channel_type_parse("DEPTH", &type) || bb_channel_type_parse("", &type));
}

static void types_have_names(void **state) {
    (void)state;
    assert_string_equal(bb_channel_type_name(BB_CHANNEL_IEEG), "IEEG");
    assert_string_equal(bb_channel_type_name(BB_CHANNEL_MISC), "MISC");
    assert_string_equal(bb_channel_type_name((bb_channel_type)99), "MISC");
    assert_true(bb_channel_is_brain(BB_CHANNEL_SEEG) && bb_channel_is_brain(BB_CHANNEL_DBS));
    assert_false(bb_channel_is_brain(BB_CHANNEL_EEG) || bb_channel_is_brain(BB_CHANNEL_REF));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell_the_type),
        cmocka_unit_test(keywords_of_tables_are_known),
        cmocka_unit_test(types_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
