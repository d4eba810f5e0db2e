/* Attributes as object headers hold them: HDF5 File Format Specification 3.0, IV.A.2.m, with the datatype and
 * dataspace messages inside (IV.A.2.d, IV.A.2.b). */
#include <math.h>
#include <string.h>

#include "io/hdf5.h"

enum { ATTRIBUTE = 12, ATTRIBUTE_INFO = 21, SHARED = 2, MAX_NAME = 256 };
enum {
    CLASS_INTEGER = 0,
    CLASS_FLOAT = 1,
    CLASS_STRING = 3,
    CLASS_REFERENCE = 7,
    CLASS_ENUM = 8,
    CLASS_VLEN = 9
};

typedef struct search {
    const bb_input *file;
    uint64_t base;
    bool (*visit)(void *data, const bb_hdf5_attribute *attribute);
    void *data;
} search;

static bool take_type(const unsigned char *at, size_t size, bb_hdf5_attribute *a) {
    if (size < 8) return false;
    const unsigned class = at[0] & 15;
    const size_t width = (size_t)bb_hdf5_word(at + 4, 4);
    a->width = width;
    a->element = (bb_element){class == CLASS_FLOAT ? 'f' : at[1] & 8 ? 'i' : 'u', width, at[1] & 1};
    const bool known = bb_element_is_number(a->element);
    switch (class) {
    case CLASS_INTEGER:
        a->kind = BB_HDF5_NUMBERS;
        return known;
    case CLASS_FLOAT:
        a->kind = BB_HDF5_NUMBERS;
        return known && !(at[1] & 64);
    case CLASS_ENUM:
        a->kind = BB_HDF5_NUMBERS;
        return width == 1; /* a truth value */
    case CLASS_STRING:
        a->kind = BB_HDF5_TEXT;
        return width > 0;
    case CLASS_REFERENCE:
        a->kind = BB_HDF5_REFERENCES;
        return width == 8 && (at[1] & 15) == 0;
    case CLASS_VLEN:
        a->kind = BB_HDF5_HEAP_TEXT;
        return width == 16 && (at[1] & 15) == 1;
    default:
        return false;
    }
}

static bool take_space(const unsigned char *at, size_t size, size_t *count) {
    if (size < 4 || at[0] < 1 || at[0] > 2) return false;
    const size_t dims = at[1], first = at[0] == 1 ? 8 : 4;
    *count = at[0] == 2 && at[3] == 2 ? 0 : 1; /* a null dataspace */
    for (size_t d = 0; d < dims; ++d) {
        if (first + (d + 1) * 8 > size) return false;
        if (__builtin_mul_overflow(*count, bb_hdf5_word(at + first + 8 * d, 8), count)) return false;
    }
    return true;
}

static bool take_message(void *data, const bb_hdf5_message *message) {
    const search *s = data;
    const unsigned char *m = message->bytes;
    char name[MAX_NAME];
    if (message->type != ATTRIBUTE || message->flags & SHARED || message->size < 9) return false;
    const size_t version = m[0], pad = version == 1 ? 7 : 0, head = version == 3 ? 9 : 8;
    if (version < 1 || version > 3 || (version > 1 && m[1] & 3)) return false;
    const size_t sizes[3] = {(size_t)bb_hdf5_word(m + 2, 2), (size_t)bb_hdf5_word(m + 4, 2),
                             (size_t)bb_hdf5_word(m + 6, 2)};
    size_t at[4] = {head};
    for (int i = 0; i < 3; ++i) at[i + 1] = at[i] + ((sizes[i] + pad) & ~pad);
    bb_hdf5_attribute a = {.name = name, .file = s->file, .base = s->base, .bytes = m + at[3]};
    if (at[3] > message->size || sizes[0] >= MAX_NAME) return false;
    memcpy(name, m + at[0], sizes[0]);
    name[sizes[0]] = '\0';
    size_t bytes;
    if (!take_type(m + at[1], sizes[1], &a) || !take_space(m + at[2], sizes[2], &a.count) ||
        __builtin_mul_overflow(a.count, a.width, &bytes) || bytes > message->size - at[3])
        return false;
    return s->visit(s->data, &a);
}

bool bb_hdf5_attributes(hid_t group, const char *path, const bb_input *file,
                        bool (*visit)(void *data, const bb_hdf5_attribute *attribute), void *data) {
    H5O_info_t info;
    if (H5Oget_info_by_name2(group, path, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return false;
    search s = {.file = file, .base = bb_hdf5_base(group), .visit = visit, .data = data};
    return bb_hdf5_messages(file, s.base, info.addr, take_message, &s);
}

/* Where the heap with the attributes lies, if there is one (IV.A.2.v). */
static bool take_info(void *data, const bb_hdf5_message *m) {
    (void)data;
    if (m->type != ATTRIBUTE_INFO || m->size < 2) return false;
    const size_t at = m->bytes[1] & 1 ? 4 : 2;
    return m->size >= at + 8 && bb_hdf5_word(m->bytes + at, 8) != HADDR_UNDEF;
}

bool bb_hdf5_has_hidden_attributes(hid_t group, const char *path, const bb_input *file) {
    H5O_info_t info;
    return H5Oget_info_by_name2(group, path, &info, H5O_INFO_BASIC, H5P_DEFAULT) >= 0 &&
           bb_hdf5_messages(file, bb_hdf5_base(group), info.addr, take_info, NULL);
}

void bb_hdf5_attribute_text(const bb_hdf5_attribute *a, size_t index, char *out, size_t room) {
    out[0] = '\0';
    if (index >= a->count) return;
    const unsigned char *at = a->bytes + index * a->width;
    if (a->kind == BB_HDF5_TEXT) {
        const size_t n = a->width < room - 1 ? a->width : room - 1;
        memcpy(out, at, n);
        out[n] = '\0';
    } else if (a->kind == BB_HDF5_HEAP_TEXT) {
        bb_hdf5_heap heap = {0};
        if (!bb_hdf5_heap_text(&heap, a->file, a->base, at, out, room)) out[0] = '\0';
        bb_hdf5_heap_free(&heap);
    }
}

double bb_hdf5_attribute_number(const bb_hdf5_attribute *a, size_t index) {
    double value = NAN;
    if (a->kind == BB_HDF5_NUMBERS && index < a->count)
        bb_elements_to_f64(a->element, a->bytes + index * a->width, 1, 1, 1, &value);
    return value;
}

typedef struct wanted {
    const char *name;
    char *text;
    size_t room;
    double number;
} wanted;

static bool take_text(void *data, const bb_hdf5_attribute *a) {
    const wanted *w = data;
    if (strcmp(a->name, w->name) != 0 || !(a->kind & BB_HDF5_TEXTS)) return false;
    bb_hdf5_attribute_text(a, 0, w->text, w->room);
    return true;
}

static bool take_number(void *data, const bb_hdf5_attribute *a) {
    wanted *w = data;
    if (strcmp(a->name, w->name) != 0) return false;
    w->number = bb_hdf5_attribute_number(a, 0);
    return !isnan(w->number);
}

bool bb_hdf5_get_text(hid_t group, const char *path, const bb_input *file, const char *name, char *out,
                      size_t room) {
    out[0] = '\0';
    wanted w = {.name = name, .text = out, .room = room};
    return bb_hdf5_attributes(group, path, file, take_text, &w);
}

bool bb_hdf5_get_number(hid_t group, const char *path, const bb_input *file, const char *name, double *out) {
    wanted w = {.name = name};
    if (!bb_hdf5_attributes(group, path, file, take_number, &w)) return false;
    *out = w.number;
    return true;
}
