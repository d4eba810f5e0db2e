/* The BIDS datasets of ../shared/data: what their sidecars say, counted by hand, as MNE-BIDS would take it.
 */
#include <math.h>

#include "brainbert/sources.h"
#include "made_tree.h"

typedef struct expectation {
    const char *folder, *subject, *session, *task, *run;
    size_t channels, bads, events, placed;
    double mains_hz;
    const char *system, *unit;
    size_t types[BB_CHANNEL_MISC + 1];
} expectation;

/* The one recording in a tree, opened. */
static bb_recording *open_tree(const char *folder) {
    const char *path = bb_shared_path(folder);
    bb_sources *list = NULL;
    bb_recording *r = NULL;
    if (!path) return NULL;
    assert_ok(bb_sources_find(&path, 1, NULL, &list, e));
    assert_int_equal(bb_sources_count(list), 1);
    assert_text(bb_tree_kind(path), "BIDS");
    assert_ok(bb_recording_open(bb_sources_get(list, 0)->path, NULL, &r, e));
    bb_sources_destroy(list);
    return r;
}

static bb_recording *check(const expectation *x) {
    bb_recording *r = open_tree(x->folder);
    if (!r) return NULL;
    const bb_recording_info *info = bb_recording_get_info(r);
    size_t bads = 0, placed = 0, types[BB_CHANNEL_MISC + 1] = {0};
    for (size_t i = 0; i < info->channel_count; ++i) {
        bads += info->channels[i].bad;
        placed += info->channels[i].has_position;
        ++types[info->channels[i].type];
        assert_text(info->channels[i].unit, "uV");
    }
    assert_text(info->subject, x->subject);
    assert_text(info->session, x->session);
    assert_text(info->task, x->task);
    assert_text(info->run, x->run);
    assert_int_equal(info->channel_count, x->channels);
    assert_int_equal(bads, x->bads);
    assert_int_equal(placed, x->placed);
    assert_int_equal(info->event_count, x->events);
    assert_memory_equal(types, x->types, sizeof types);
    assert_true(info->mains_hz == x->mains_hz);
    assert_text(info->coordinate_system, x->system);
    assert_text(info->coordinate_unit, x->unit);
    return r;
}

static void speech(void **state) {
    (void)state;
    bb_recording *r = check(&(expectation){.folder = "data/bids_speech_2000hz",
                                           .subject = "01",
                                           .task = "audiovisual",
                                           .run = "01",
                                           .channels = 6,
                                           .bads = 5,
                                           .events = 63,
                                           .mains_hz = 60,
                                           .types = {[BB_CHANNEL_ECOG] = 6}});
    if (!r) return;
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_false(info->channels[5].bad);
    assert_text(info->events[0].label, "incongruent");
    assert_true(info->events[0].onset_s == 4.9831 && info->events[0].duration_s == 0);
    assert_int_equal(info->warning_count, 0);
    bb_recording_close(r);
}

/* Byte order marks everywhere; the tables of another tool say V where the header says 0.1 uV a step. */
static void high_frequency_oscillations(void **state) {
    (void)state;
    bb_recording *r = check(&(expectation){.folder = "data/brainvision/bids_hfo_2000hz",
                                           .subject = "01",
                                           .session = "interictalsleep",
                                           .run = "01",
                                           .channels = 50,
                                           .events = 68,
                                           .mains_hz = 50,
                                           .types = {[BB_CHANNEL_ECOG] = 50}});
    if (!r) return;
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_text(info->events[0].label, "fr_PHR1-2");
    assert_true(info->events[1].duration_s == 0.0515);
    assert_true(has_warning(r, "states V for 50 channels (IAR1); the file's own unit was used"));
    bb_recording_close(r);
}

static void grip_force(void **state) {
    (void)state;
    bb_recording *r =
        check(&(expectation){.folder = "data/brainvision/bids_grip_1000hz",
                             .subject = "testsub",
                             .session = "EphysMedOff",
                             .task = "gripforce",
                             .run = "0",
                             .channels = 10,
                             .events = 0, /* neither the file nor the dataset has any */
                             .placed = 9,
                             .mains_hz = 60,
                             .system = "Other",
                             .unit = "m",
                             .types = {[BB_CHANNEL_DBS] = 3, [BB_CHANNEL_ECOG] = 6, [BB_CHANNEL_MISC] = 1}});
    if (!r) return;
    const bb_channel *c = bb_recording_get_info(r)->channels;
    assert_text(c[7].name, "ECOG_RIGHT_4");
    assert_true(c[7].position[0] == 0.03968813641 && c[7].position[1] == -0.005528024572);
    assert_false(c[9].has_position);
    bb_recording_close(r);
}

/* A flat folder; channels.tsv renames what the header only numbers, electrodes.tsv keeps the numbers. */
static void visual(void **state) {
    (void)state;
    bb_recording *r = check(&(expectation){.folder = "data/brainvision/bids_visual_3051hz",
                                           .subject = "01",
                                           .session = "01",
                                           .task = "visual",
                                           .run = "01",
                                           .channels = 118,
                                           .bads = 7,
                                           .events = 420,
                                           .placed = 117,
                                           .mains_hz = 60,
                                           .types = {[BB_CHANNEL_ECOG] = 118}});
    if (!r) return;
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_text(info->channels[0].name, "iEEG1");
    assert_text(info->channels[117].group, "7");
    assert_true(info->channels[117].bad && info->channels[0].position[0] == 19);
    assert_true(has_warning(r, "its 118 rows are taken in order"));
    assert_true(info->rate_hz ==
                3051.76); /* what the sidecar says; the header's interval is that of 3052 Hz */
    assert_false(has_warning(r, "the sidecar states"));
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech),
        cmocka_unit_test(high_frequency_oscillations),
        cmocka_unit_test(grip_force),
        cmocka_unit_test(visual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
