/* What is refused in .pth containers that are whole but say impossible things. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "brainbert/weights.h"
#include "support.h"

typedef struct entry {
    const char *name;
    const void *data;
    size_t size;
} entry;

static const float four[4] = {1, 2, 3, 4};

static const char *make_zip(const entry *entries, size_t count, int compression) {
    const char *path = bb_temp_path("made.pth");
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    for (size_t i = 0; i < count; ++i) {
        zip_source_t *source = zip_source_buffer(zip, entries[i].data, entries[i].size, 0);
        const zip_int64_t index = zip_file_add(zip, entries[i].name, source, 0);
        assert_true(index >= 0);
        zip_set_file_compression(zip, (zip_uint64_t)index, compression, 0);
    }
    assert_int_equal(zip_close(zip), 0);
    return path;
}

/* {'model': {'w': tensor}} with the tensor's storage type, element count, offset, sizes and strides. */
typedef struct description {
    const char *type;
    long long count, offset, sizes[2], strides[2];
} description;

static const description sound = {"FloatStorage", 4, 0, {2, 2}, {2, 1}};

static size_t make_pickle(char text[1024], const description *d) {
    return (size_t)snprintf(text, 1024,
                            "}S'model'\n}S'w'\nctorch._utils\n_rebuild_tensor_v2\n"
                            "((S'storage'\nctorch\n%s\nS'0'\nS'cpu'\nL%lldL\ntQ"
                            "L%lldL\n(L%lldL\nL%lldL\nt(L%lldL\nL%lldL\ntI00\nNtRss.",
                            d->type, d->count, d->offset, d->sizes[0], d->sizes[1], d->strides[0],
                            d->strides[1]);
}

/* An archive of that pickle and the four floats. */
static const char *make_pth(const description *d) {
    char pickle[1024];
    const entry entries[3] = {{"a/data.pkl", pickle, make_pickle(pickle, d)},
                              {"a/byteorder", "little", 6},
                              {"a/data/0", four, sizeof four}};
    return make_zip(entries, 3, ZIP_CM_STORE);
}

static void a_sound_archive_opens(void **state) {
    (void)state;
    char pickle[1024];
    const entry entries[2] = {{"b/data.pkl", pickle, make_pickle(pickle, &sound)},
                              {"b/data/0", four, sizeof four}};
    for (int deflated = 0; deflated < 2; ++deflated) {
        bb_weights *w;
        float values[4];
        const char *path = deflated ? make_zip(entries, 2, ZIP_CM_DEFLATE) : make_pth(&sound);
        assert_ok(bb_weights_open(path, &w, e));
        bb_tensor_to_f32(bb_weights_find(w, "w"), values);
        assert_memory_equal(values, four, sizeof four);
        assert_null(bb_weights_config(w));
        bb_weights_close(w);
    }
}

static void assert_refused(description d, bb_status status, const char *part) {
    bb_weights *w;
    assert_fails(bb_weights_open(make_pth(&d), &w, e), status, part);
    assert_null(w);
}

static void impossible_tensors_are_refused(void **state) {
    (void)state;
    description d = sound;
    d.offset = 1;
    assert_refused(d, BB_ERR_FORMAT, "tensor 'w': its shape reaches past its 3 elements");
    d = sound, d.offset = 5;
    assert_refused(d, BB_ERR_FORMAT, "starts at element 5 of 4");
    d = sound, d.offset = -1;
    assert_refused(d, BB_ERR_FORMAT, "expected a storage, an offset");
    d = sound, d.strides[0] = 3;
    assert_refused(d, BB_ERR_FORMAT, "reaches past");
    d = sound, d.strides[0] = -2;
    assert_refused(d, BB_ERR_FORMAT, "sizes and strides");
    d = sound, d.sizes[0] = INT64_MAX, d.strides[0] = INT64_MAX;
    assert_refused(d, BB_ERR_FORMAT, "reaches past");
    d = sound, d.sizes[0] = d.sizes[1] = 1LL << 20, d.strides[0] = d.strides[1] = 0;
    assert_refused(d, BB_ERR_FORMAT, "expected at most");
    d = sound, d.sizes[0] = INT64_MAX, d.sizes[1] = 0, d.strides[0] = 1;
    assert_refused(d, BB_ERR_FORMAT, "reaches past");
    d = sound, d.count = 5;
    assert_refused(d, BB_ERR_FORMAT, "a/data/0: expected 5 elements of torch.FloatStorage, found 16 bytes");
    d = sound, d.count = INT64_MAX;
    assert_refused(d, BB_ERR_FORMAT, "found 16 bytes");
    d = sound, d.count = -4;
    assert_refused(d, BB_ERR_FORMAT, "persistent references");
    d = sound, d.type = "ComplexFloatStorage";
    assert_refused(d, BB_ERR_UNSUPPORTED, "'w': elements of torch.ComplexFloatStorage");
    d = sound, d.type = "Size";
    assert_refused(d, BB_ERR_FORMAT, "persistent references");
    d = sound, d.type = "GenericStorage";
    assert_refused(d, BB_ERR_REFUSED, "torch.GenericStorage");
}

static void assert_zip_refused(const entry *entries, size_t count, bb_status status, const char *part) {
    bb_weights *w;
    assert_fails(bb_weights_open(make_zip(entries, count, ZIP_CM_STORE), &w, e), status, part);
}

static void impossible_archives_are_refused(void **state) {
    (void)state;
    char pickle[1024];
    const entry object = {"a/data.pkl", pickle, make_pickle(pickle, &sound)};
    const entry data = {"a/data/0", four, sizeof four};
    assert_zip_refused((entry[]){object}, 1, BB_ERR_FORMAT, "expected an entry 'a/data/0'");
    assert_zip_refused((entry[]){data}, 1, BB_ERR_FORMAT, "expected an entry 'a/data.pkl'");
    assert_zip_refused((entry[]){object, data, {"b/data.pkl", "N.", 2}}, 3, BB_ERR_FORMAT, "'b/data.pkl'");
    assert_zip_refused((entry[]){object, data, {"a/../x", "", 0}}, 3, BB_ERR_FORMAT, "found 'a/../x'");
    assert_zip_refused((entry[]){{"/data.pkl", "N.", 2}}, 1, BB_ERR_FORMAT, "found '/data.pkl'");
    assert_zip_refused((entry[]){object, data, {"a/byteorder", "big", 3}}, 3, BB_ERR_UNSUPPORTED, "'big'");
    assert_zip_refused((entry[]){{"a/data.pkl", "}.", 2}}, 1, BB_ERR_FORMAT, "expected tensors in");
    assert_zip_refused((entry[]){{"a/data.pkl", "K\1.", 3}}, 1, BB_ERR_FORMAT, "expected tensors in");
}

static void a_wrong_checksum_is_noticed(void **state) {
    (void)state;
    size_t size;
    unsigned char *file = bb_slurp(make_pth(&sound), &size);
    unsigned char *at = memmem(file, size, four, sizeof four);
    assert_non_null(at);
    *at ^= 1;
    bb_weights *w;
    assert_fails(bb_weights_open(bb_temp_file("crc.pth", file, size), &w, e), BB_ERR_FORMAT,
                 "a/data/0: CRC error");
    free(file);
}

static void a_zip_bomb_is_refused(void **state) {
    (void)state;
    const size_t size = 32 << 20;
    char *zeros = calloc(size, 1);
    assert_non_null(zeros);
    const entry entries[1] = {{"a/data.pkl", zeros, size}};
    bb_weights *w;
    assert_fails(bb_weights_open(make_zip(entries, 1, ZIP_CM_DEFLATE), &w, e), BB_ERR_FORMAT,
                 "a/data.pkl: expected at most");
    free(zeros);
}

/* Changes bytes of the legacy golden file and tries to open it. */
static void assert_legacy_refused(const char *from, const char *to, size_t length, bb_status status,
                                  const char *part) {
    size_t size;
    unsigned char *file = bb_slurp(bb_test_path("golden/views_legacy.pth"), &size);
    unsigned char *at = memmem(file, size, from, length);
    assert_non_null(at);
    memcpy(at, to, length);
    bb_weights *w;
    assert_fails(bb_weights_open(bb_temp_file("legacy.pth", file, size), &w, e), status, part);
    free(file);
}

static void impossible_legacy_files_are_refused(void **state) {
    (void)state;
    assert_legacy_refused("\x6c\xfc\x9c", "\x6d\xfc\x9c", 3, BB_ERR_FORMAT, "magic number");
    assert_legacy_refused("M\xe9\x03.", "M\xea\x03.", 4, BB_ERR_UNSUPPORTED, "expected protocol 1001");
    assert_legacy_refused("little_endianq\2\x88", "little_endianq\2\x89", 16, BB_ERR_UNSUPPORTED,
                          "little-endian machine");
    assert_legacy_refused("FloatStorage", "RigidStorage", 12, BB_ERR_REFUSED, "legacy.pth: object at byte");
    assert_legacy_refused("\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\x80\x3f", "\x19\0\0\0\0\0\0\0\0\0\0\0\0\0\x80\x3f",
                          16, BB_ERR_FORMAT,
                          "expected 24 elements of torch.FloatStorage, found a count of 25");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_archive_opens),
        cmocka_unit_test(impossible_tensors_are_refused),
        cmocka_unit_test(impossible_archives_are_refused),
        cmocka_unit_test(a_wrong_checksum_is_noticed),
        cmocka_unit_test(a_zip_bomb_is_refused),
        cmocka_unit_test(impossible_legacy_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
