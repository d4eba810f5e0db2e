/* Arrays within arrays: which of them are numbers, which are texts, and what they are called. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/mat5.h"

enum { MAX_DEPTH = 6, MAX_RANK = 16, MAX_NAMES = 1 << 18, MAX_ARRAYS = 1 << 20 };
enum { FLAG_COMPLEX = 0x0800, FLAG_LOGICAL = 0x0200 };

/* One array under way: what stands before its contents. */
typedef struct array_head {
    int class;
    bool complex, logical;
    int64_t shape[MAX_RANK];
    size_t dims;
    int64_t end; /* position behind the array */
} array_head;

static bb_status walk_one(bb_mat5_walk *w, bb_mat5_stream *s, const char *path, int depth, int64_t count,
                          bb_error *err);

static bb_status fail_array(const bb_mat5_stream *s, const char *path, const char *expected, bb_error *err) {
    return bb_fail(err, BB_ERR_FORMAT, "%s: array '%s': byte %lld: expected %s", s->file->path, path,
                   (long long)s->position, expected);
}

uint32_t bb_mat5_u32(const bb_mat5_stream *s, const unsigned char *b) {
    return s->big_endian ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]
                         : (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

bb_status bb_mat5_read_tag(bb_mat5_stream *s, int64_t end, bb_mat5_tag *out, bb_error *err) {
    unsigned char bytes[8];
    *out = (bb_mat5_tag){0};
    if (end - s->position < 8) return fail_array(s, "", "an element, found the array's end", err);
    BB_TRY(bb_mat5_stream_read(s, bytes, sizeof bytes, err));
    const uint32_t word = bb_mat5_u32(s, bytes);
    out->small = word >> 16 != 0;
    out->type = out->small ? word & 0xffff : word;
    out->count = out->small ? word >> 16 : bb_mat5_u32(s, bytes + 4);
    memcpy(out->bytes, bytes + 4, 4);
    if (out->small ? out->count > 4 : out->count > end - s->position)
        return fail_array(s, "", "an element that ends within its array", err);
    return BB_OK;
}

/* Elements begin at multiples of eight bytes; some writers leave out the filling at an array's end. */
static void skip_filling(bb_mat5_stream *s, const bb_mat5_tag *tag, int64_t end) {
    const int64_t filling = tag->small ? 0 : -(int64_t)tag->count & 7, left = end - s->position;
    bb_mat5_stream_skip(s, filling < left ? filling : left);
}

/* An element of at most `most` bytes, of which *count are there. */
static bb_status read_element(bb_mat5_stream *s, int64_t end, const char *what, void *out, size_t most,
                              size_t *count, bb_error *err) {
    bb_mat5_tag tag;
    BB_TRY(bb_mat5_read_tag(s, end, &tag, err));
    if (tag.count > most) return fail_array(s, "", what, err);
    *count = tag.count;
    if (tag.small)
        memcpy(out, tag.bytes, tag.count);
    else
        BB_TRY(bb_mat5_stream_read(s, out, tag.count, err));
    skip_filling(s, &tag, end);
    return BB_OK;
}

static bb_status read_head(bb_mat5_stream *s, int64_t end, array_head *h, bb_error *err) {
    unsigned char bytes[4 * MAX_RANK];
    size_t count;
    *h = (array_head){.end = end};
    BB_TRY(read_element(s, end, "eight bytes of flags", bytes, 8, &count, err));
    if (count != 8) return fail_array(s, "", "eight bytes of flags", err);
    const uint32_t flags = bb_mat5_u32(s, bytes);
    h->class = (int)(flags & 0xff);
    h->complex = flags & FLAG_COMPLEX;
    h->logical = flags & FLAG_LOGICAL;
    /* Functions, objects of newer classes and the like are laid out in ways of their own. */
    if (h->class < MX_CELL || h->class > MX_UINT64) return BB_OK;
    BB_TRY(read_element(s, end, "up to 16 dimensions", bytes, sizeof bytes, &count, err));
    if (count < 8 || count % 4) return fail_array(s, "", "at least two dimensions", err);
    for (h->dims = 0; h->dims < count / 4; ++h->dims)
        h->shape[h->dims] = (int32_t)bb_mat5_u32(s, bytes + 4 * h->dims);
    return BB_OK;
}

static bb_element element_of(uint32_t type, bool big_endian) {
    switch (type) {
    case MI_INT8:
        return (bb_element){'i', 1, big_endian};
    case MI_UINT8:
        return (bb_element){'u', 1, big_endian};
    case MI_INT16:
        return (bb_element){'i', 2, big_endian};
    case MI_UINT16:
        return (bb_element){'u', 2, big_endian};
    case MI_INT32:
        return (bb_element){'i', 4, big_endian};
    case MI_UINT32:
        return (bb_element){'u', 4, big_endian};
    case MI_SINGLE:
        return (bb_element){'f', 4, big_endian};
    case MI_DOUBLE:
        return (bb_element){'f', 8, big_endian};
    case MI_INT64:
        return (bb_element){'i', 8, big_endian};
    case MI_UINT64:
        return (bb_element){'u', 8, big_endian};
    default:
        return (bb_element){0};
    }
}

/* What the array's class can hold, not the type it is stored in: doubles that are whole numbers are stored as
 * integers. */
static void class_limits(int class, double *low, double *high) {
    const int step = class - MX_INT8;
    *low = *high = 0;
    if (class >= MX_INT8)
        bb_element_limits((bb_element){step % 2 ? 'u' : 'i', (size_t)1 << step / 2, false}, low, high);
}

static bb_status walk_numbers(bb_mat5_walk *w, bb_mat5_stream *s, const char *path, const array_head *h,
                              bb_variable *v, bb_error *err) {
    bb_mat5_tag tag;
    unsigned char bytes[8];
    BB_TRY(bb_mat5_read_tag(s, h->end, &tag, err));
    v->element = element_of(tag.type, s->big_endian);
    if (!v->element.width) return fail_array(s, path, "numbers", err);
    if (v->count != (int64_t)(tag.count / v->element.width) || tag.count % v->element.width)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: array '%s': expected %lld elements of %zu bytes, found %u bytes", s->file->path,
                       path, (long long)v->count, v->element.width, tag.count);
    v->value = NAN;
    v->column_major = true;
    v->source = w->source;
    /* The samples of a scalar may stand in the tag, where its last four bytes are. */
    v->offset = s->position - (tag.small ? 4 : 0);
    class_limits(h->class, &v->low, &v->high);
    if (v->count == 1) {
        if (!tag.small) BB_TRY(bb_mat5_stream_read(s, bytes, v->element.width, err));
        bb_elements_to_f64(v->element, tag.small ? tag.bytes : bytes, 1, 1, 1, &v->value);
    }
    v->path = path;
    return bb_variables_add(w->recording, w->variables, v, err);
}

static bb_status walk_text(bb_mat5_walk *w, bb_mat5_stream *s, const char *path, const array_head *h,
                           const bb_variable *v, bb_error *err) {
    bb_mat5_tag tag;
    /* Left out, an empty label would shift or lose those of all other channels. */
    if (v->count == 0) {
        const bb_variable empty = {.path = path, .text = "", .source = w->source, .offset = s->position};
        return bb_variables_add(w->recording, w->variables, &empty, err);
    }
    if (v->dims > 2 || h->shape[0] > BB_MAX_CHANNELS) return BB_OK;
    BB_TRY(bb_mat5_read_tag(s, h->end, &tag, err));
    return bb_mat5_read_text(w, s, &tag, path, h->shape[0], v->count / h->shape[0], err);
}

static bb_status walk_child(bb_mat5_walk *w, bb_mat5_stream *s, const char *path, int depth, int64_t end,
                            bb_error *err) {
    bb_mat5_tag tag;
    BB_TRY(bb_mat5_read_tag(s, end, &tag, err));
    if (tag.type != MI_MATRIX || tag.small) return fail_array(s, path, "an array", err);
    return walk_one(w, s, path, depth + 1, tag.count, err);
}

static bb_status walk_cells(bb_mat5_walk *w, bb_mat5_stream *s, const char *path, int depth,
                            const array_head *h, int64_t count, bb_error *err) {
    for (int64_t i = 0; i < count; ++i) BB_TRY(walk_child(w, s, path, depth, h->end, err));
    return BB_OK;
}

/* Fields of the first element, fields of the second, ... */
static bb_status walk_fields(bb_mat5_walk *w, bb_mat5_stream *s, const char *path, int depth,
                             const array_head *h, int64_t count, bb_error *err) {
    unsigned char length[4];
    char *names = NULL, field[2 * BB_VARIABLE_PATH];
    size_t size = 0, width = 0;
    BB_TRY(read_element(s, h->end, "the length of field names", length, 4, &size, err));
    if (size == 4) width = bb_mat5_u32(s, length);
    if (width < 1 || width > BB_VARIABLE_PATH) return fail_array(s, path, "names of 1 to 256 bytes", err);
    bb_mat5_tag tag;
    BB_TRY(bb_mat5_read_tag(s, h->end, &tag, err));
    if (tag.count > MAX_NAMES) return fail_array(s, path, "fewer fields", err);
    if (!(names = bb_calloc(tag.count + 1, 1))) return bb_fail(err, BB_ERR_MEMORY, "no memory");
    bb_status status = BB_OK;
    if (tag.small)
        memcpy(names, tag.bytes, tag.count);
    else
        status = bb_mat5_stream_read(s, names, tag.count, err);
    skip_filling(s, &tag, h->end);
    const size_t fields = tag.count / width;
    for (int64_t i = 0; i < count && fields > 0 && status == BB_OK; ++i)
        for (size_t f = 0; f < fields && status == BB_OK; ++f) {
            snprintf(field, sizeof field, "%s.%.*s", path, (int)width, names + f * width);
            status = walk_child(w, s, field, depth, h->end, err);
        }
    bb_free(names);
    return status;
}

static bb_status walk_contents(bb_mat5_walk *w, bb_mat5_stream *s, const char *path, int depth,
                               const array_head *h, bb_error *err) {
    bb_variable v = {0};
    if (!bb_variable_shape(&v, h->shape, h->dims)) return fail_array(s, path, "lengths that can be", err);
    if (h->class == MX_CHAR) return walk_text(w, s, path, h, &v, err);
    if (h->class >= MX_DOUBLE && h->class <= MX_UINT64 && !h->complex && !h->logical)
        return walk_numbers(w, s, path, h, &v, err);
    if (h->class == MX_CELL && depth < MAX_DEPTH) return walk_cells(w, s, path, depth, h, v.count, err);
    if (h->class == MX_STRUCT && depth < MAX_DEPTH) return walk_fields(w, s, path, depth, h, v.count, err);
    return BB_OK;
}

static bb_status walk_one(bb_mat5_walk *w, bb_mat5_stream *s, const char *path, int depth, int64_t count,
                          bb_error *err) {
    const int64_t end = s->position + count;
    char name[BB_VARIABLE_PATH] = "";
    array_head h;
    size_t length;
    if (++w->arrays > MAX_ARRAYS)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: more than %d arrays", s->file->path, MAX_ARRAYS);
    if (count == 0) return BB_OK; /* an empty array of no class */
    BB_TRY(read_head(s, end, &h, err));
    if (h.class >= MX_CELL && h.class <= MX_UINT64) {
        BB_TRY(read_element(s, end, "a name of at most 255 bytes", name, sizeof name - 1, &length, err));
        const char *known = depth == 0 ? name : path;
        /* Without a name: MATLAB's own notes. Too long a path: nothing anybody could ask for. */
        if (known[0] && strlen(known) < BB_VARIABLE_PATH) BB_TRY(walk_contents(w, s, known, depth, &h, err));
    }
    if (s->position > end) return fail_array(s, path, "elements that fit into their array", err);
    bb_mat5_stream_skip(s, end - s->position);
    return BB_OK;
}

bb_status bb_mat5_walk_array(bb_mat5_walk *walk, bb_mat5_stream *stream, int64_t count, bb_error *err) {
    return walk_one(walk, stream, "", 0, count, err);
}
