/* FIF files that are damaged, cut off, or of something else than a recording. */
#include "made_fif.h"

typedef struct patch {
    uint32_t kind; /* the `nth` tag of this kind */
    int nth;
    int place; /* bytes behind the tag's start */
    uint32_t value;
    bb_status status;
    const char *message;
} patch;

static unsigned char *made_bytes(size_t *size) {
    static const export_event events[] = {{0.5, 0.25, "one"}, {1, 0, "two"}};
    export_signal s = made_signal();
    s.events = events;
    s.event_count = 2;
    return bb_slurp(made_fif(&s, &(export_fif_options){.type = EXPORT_FIF_INT,
                                                       .buffer = 20,
                                                       .skip_from = 4,
                                                       .skip_count = 3,
                                                       .first_sample = 7,
                                                       .frame = 4,
                                                       .bads = "LA1"}),
                    size);
}

static void damaged_tags_are_refused(void **state) {
    (void)state;
    static const patch patches[] = {
        {203, 1, 8, 0xfffffff0, BB_ERR_FORMAT, "expected a size and the next tag's place"},
        {203, 1, 12, 0x7fffffff, BB_ERR_FORMAT, "expected a size and the next tag's place"},
        {203, 1, 8, 0x7fffffff, BB_ERR_FORMAT, "expected 2147483647 bytes"},
        {203, 1, 8, 92, BB_ERR_FORMAT, "channel 2: expected 96 bytes"},
        {203, 1, 12, 4, BB_ERR_FORMAT, "expected a size and the next tag's place"},
        {300, 3, 12, 36, BB_ERR_FORMAT, "the chain of tags runs in a circle"},
        {104, 1, 4, 4, BB_ERR_FORMAT, "expected an integer"},
        {105, 0, 16, 77, BB_ERR_FORMAT, "expected the end of block 359, found that of 77"},
        {104, 1, 0, 105, BB_ERR_FORMAT, "expected the end of block 100, found that of 101"},
        {200, 0, 16, 4, BB_ERR_FORMAT, "expected the 4 channels it states, found 3"},
        {201, 0, 16, 0, BB_ERR_FORMAT, "expected a positive number of Hz"},
        {201, 0, 16, 0x7fc00000, BB_ERR_FORMAT, "expected a positive number of Hz"},
        {201, 0, 4, 10, BB_ERR_FORMAT, "expected numbers, found type 10"},
        {300, 1, 4, 20, BB_ERR_UNSUPPORTED, "found complex numbers (type 20)"},
        {300, 1, 4, 13, BB_ERR_UNSUPPORTED, "found another type (type 13)"},
        {300, 1, 8, 236, BB_ERR_FORMAT, "expected a buffer of whole samples of 12 bytes, found 236"},
        {301, 0, 16, 0x7fffffff, BB_ERR_FORMAT, "expected skips of at most 30 days"},
        {351, 0, 4, 4, BB_ERR_FORMAT, "expected an integer"},
        {258, 0, 8, 2000, BB_ERR_FORMAT, "expected a text of at most 1024 bytes"},
        {3568, 0, 4, 10, BB_ERR_FORMAT, "expected numbers, found type 10"},
    };
    for (size_t i = 0; i < sizeof patches / sizeof *patches; ++i) {
        size_t size;
        unsigned char *bytes = made_bytes(&size);
        bb_recording *r = NULL;
        fif_set(bytes + find_tag(bytes, size, patches[i].kind, patches[i].nth) + patches[i].place,
                patches[i].value);
        const char *path = bb_temp_file("damaged_raw.fif", bytes, size);
        assert_fails(bb_recording_open(path, NULL, &r, e), patches[i].status, patches[i].message);
        free(bytes);
    }
}

static void what_is_odd_is_read_with_a_warning(void **state) {
    (void)state;
    static const patch patches[] = {
        {203, 1, 16 + 16, 0, BB_OK, NULL}, /* details say it right */
        {254, 1, 16, 0, BB_OK, "the calibration of 1 channels is 0 or no number"},
        {254, 1, 16, 0x7f800000, BB_OK, "the calibration of 1 channels is 0 or no number"},
        {257, 1, 16, 99, BB_OK, "the calibration of 1 channels is 0 or no number"},
        {256, 1, 16, 0, BB_OK, "1 brain channels have no unit, taken for V"},
        {351, 1, 16, 2003, BB_OK, "the places of 1 channels are not in head coordinates"},
        {3569, 0, 0, 3570, BB_OK, "annotations have 2 onsets, 0 ends and 0 labels or more"},
        {206, 0, 0, 207, BB_OK, "annotations have 2 onsets, 2 ends and 0 labels or more"},
        {301, 0, 0, 303, BB_OK, "pauses counted in samples, which are left out"},
    };
    for (size_t i = 0; i < sizeof patches / sizeof *patches; ++i) {
        size_t size;
        unsigned char *bytes = made_bytes(&size);
        fif_set(bytes + find_tag(bytes, size, patches[i].kind, patches[i].nth) + patches[i].place,
                patches[i].value);
        bb_recording *r = open_fif(bb_temp_file("odd_raw.fif", bytes, size));
        if (patches[i].message) assert_true(fif_warned(r, patches[i].message));
        bb_recording_close(r);
        free(bytes);
    }
}

/* Whole samples that lie before byte `cut`. */
static int64_t samples_before(const unsigned char *bytes, size_t cut) {
    int64_t samples = 0, skip = 0;
    for (size_t at = 0; at + 16 <= cut; at += 16 + fif_u32(bytes + at + 8)) {
        const size_t kind = fif_u32(bytes + at), size = fif_u32(bytes + at + 8);
        if (kind == 301) skip = fif_u32(bytes + at + 16);
        if (kind != 300) continue;
        const size_t left = cut - at - 16, there = (left < size ? left : size) / (4 * FIF_CHANNELS);
        if (there > 0) samples += skip * (int64_t)size / (4 * FIF_CHANNELS);
        if (there > 0) skip = 0;
        samples += (int64_t)there;
    }
    return samples;
}

static void a_file_cut_off_is_read_as_far_as_it_goes(void **state) {
    (void)state;
    size_t size;
    unsigned char *bytes = made_bytes(&size);
    const size_t begin = find_tag(bytes, size, 300, 0), end = find_tag(bytes, size, 108, 0);
    for (size_t cut = 0; cut < size; cut += cut < begin ? 7 : 1) {
        bb_recording *r = NULL;
        const char *path = bb_temp_file("cut_raw.fif", bytes, cut);
        if (cut < begin + 16 + 4 * FIF_CHANNELS) {
            assert_true(bb_recording_open(path, NULL, &r, NULL) != BB_OK);
            continue;
        }
        r = open_fif(path);
        const bb_channel *c = bb_recording_get_info(r)->channels;
        const size_t channel = 2;
        double out;
        assert_int_equal(c->samples, samples_before(bytes, cut));
        assert_ok(bb_recording_read(r, &channel, 1, c->samples - 1, 1, &out, e));
        assert_true(fif_warned(r, "cut_raw.fif is cut off") == (cut != end));
        bb_recording_close(r);
    }
    free(bytes);
}

static void what_is_no_recording_is_called_by_its_name(void **state) {
    (void)state;
    static const struct {
        uint32_t block;
        const char *message;
    } others[] = {{373, "expected a raw recording, found a FIF file of epochs"},
                  {104, "found a FIF file of averages"},
                  {352, "found a FIF file of a forward solution"},
                  {999, "found a FIF file of annotations alone"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; ++i) {
        size_t size;
        unsigned char *bytes = made_bytes(&size);
        bb_recording *r = NULL;
        for (size_t at = 0; at + 16 <= size; at += 16 + fif_u32(bytes + at + 8)) {
            const uint32_t kind = fif_u32(bytes + at);
            if ((kind == 104 || kind == 105) && fif_u32(bytes + at + 16) == 102)
                fif_set(bytes + at + 16, others[i].block);
        }
        assert_fails(bb_recording_open(bb_temp_file("other.fif", bytes, size), NULL, &r, e),
                     BB_ERR_UNSUPPORTED, others[i].message);
        free(bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_tags_are_refused),
        cmocka_unit_test(what_is_odd_is_read_with_a_warning),
        cmocka_unit_test(a_file_cut_off_is_read_as_far_as_it_goes),
        cmocka_unit_test(what_is_no_recording_is_called_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
