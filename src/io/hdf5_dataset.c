/* What a dataset's header says of its type, its shape and where its bytes lie (HDF5 File Format Specification
 * 3.0, IV.A.2), looked at before the library opens it. */
#include <string.h>

#include "io/hdf5_check.h"

enum {
    DATASPACE = 1,
    DATATYPE = 3,
    OLD_FILL = 4,
    FILL = 5,
    EXTERNAL_FILES = 7,
    LAYOUT = 8,
    FILTERS = 11,
    SHARED = 2, /* a flag */
    MAX_RANK = 32,
    COMPACT = 0,
    CONTIGUOUS = 1,
    CHUNKED = 2,
    VIRTUAL = 3
};
enum { FIXED = 0, FLOATING = 1, STRING = 3, REFERENCE = 7, ENUMERATION = 8, VARIABLE = 9 };

/* Bytes still to be read; once they are short, `short_of` stays set. */
typedef struct cursor {
    const unsigned char *at;
    size_t left;
    bool short_of;
} cursor;

static const unsigned char *skip(cursor *c, uint64_t count) {
    static const unsigned char nothing[8];
    if (c->short_of || count > c->left) {
        c->short_of = true;
        return nothing;
    }
    const unsigned char *at = c->at;
    c->at += count;
    c->left -= (size_t)count;
    return at;
}

static uint64_t word(cursor *c, size_t width) { return bb_hdf5_word(skip(c, width), width); }

/* ---------------------------------------------------------------- datatypes */

/* The names and values of an enumeration; early versions pad names to 8 bytes. */
static bool members_fit(cursor *c, size_t count, size_t width, bool padded) {
    for (size_t i = 0; i < count && !c->short_of; ++i) {
        const unsigned char *end = c->left ? memchr(c->at, 0, c->left) : NULL;
        if (!end) return false;
        const size_t length = (size_t)(end - c->at) + 1;
        skip(c, padded ? (length + 7) / 8 * 8 : length);
    }
    skip(c, count * width);
    return !c->short_of;
}

/* Types that this program reads, their width in `width`. One it does not read sets `other`. */
static bool type_fits(cursor *c, size_t *width, bool *other) {
    const unsigned char *head = skip(c, 8);
    const unsigned class = head[0] & 15, version = head[0] >> 4;
    const uint64_t size = bb_hdf5_word(head + 4, 4);
    if (c->short_of || version < 1 || version > 5 || size == 0) return false;
    *width = (size_t)size;
    if (class == FIXED || class == FLOATING) {
        skip(c, class == FIXED ? 4 : 12);
        return !c->short_of;
    }
    if (class == STRING || class == REFERENCE) return true;
    if (class != ENUMERATION && class != VARIABLE) {
        *other = true;
        return true;
    }
    size_t inner = 0;
    const unsigned base = c->left ? c->at[0] & 15 : 15;
    if (base != FIXED && !(class == VARIABLE && base == STRING)) {
        *other = true; /* lists of lists, of structures, ... */
        return true;
    }
    if (!type_fits(c, &inner, other)) return false;
    if (class == VARIABLE) return size == 16;
    return size == inner && members_fit(c, (size_t)bb_hdf5_word(head + 1, 2), inner, version < 3);
}

/* ---------------------------------------------------------------- all of a dataset */

typedef struct dataset {
    const bb_hdf5_ground *ground;
    bb_hdf5_outline *out;
    bool has_type, has_space, has_layout, other, external;
    uint64_t committed; /* where the header of a type with a name of its own lies; 0: none */
    size_t rank, chunk_rank, width, chunk_width, fill;
    uint64_t lengths[MAX_RANK]; /* that it may grow to; of dimensions without end, that it has */
    uint64_t chunk_lengths[MAX_RANK + 1];
    bb_hdf5_index index;
} dataset;

/* A type kept in a header of its own is led to in one of three ways. */
static bool take_committed(dataset *d, const bb_hdf5_message *m) {
    cursor c = {m->bytes, m->size, false};
    const uint64_t version = word(&c, 1), kind = word(&c, 1);
    if (version == 1) skip(&c, 6 + 8);
    d->committed = word(&c, 8);
    return !c.short_of && version >= 1 && version <= 3 && !(version == 3 && kind != 2) && d->committed != 0;
}

static bool take_type(dataset *d, const bb_hdf5_message *m) {
    if (d->has_type) return true;
    d->has_type = true;
    if (m->flags & SHARED) return take_committed(d, m);
    cursor c = {m->bytes, m->size, false};
    return type_fits(&c, &d->width, &d->other);
}

static bool take_space(dataset *d, const bb_hdf5_message *m) {
    cursor c = {m->bytes, m->size, false};
    const uint64_t version = word(&c, 1), rank = word(&c, 1), flags = word(&c, 1);
    skip(&c, version == 1 ? 5 : 1);
    if (version < 1 || version > 2 || rank > MAX_RANK) return false;
    for (size_t i = 0; i < rank; ++i) {
        const uint64_t length = word(&c, 8);
        if (!d->has_space) d->lengths[i] = length;
    }
    for (size_t i = 0; i < rank && flags & 1; ++i) {
        const uint64_t most = word(&c, 8);
        if (!d->has_space && most != UINT64_MAX && most > d->lengths[i]) d->lengths[i] = most;
    }
    if (!d->has_space) d->rank = (size_t)rank;
    d->has_space = true;
    return !c.short_of;
}

/* What finds the chunks, as the latest version of the format has it, and the sizes of its parts. */
static bool take_index(dataset *d, cursor *c, unsigned flags) {
    static const size_t sizes[] = {0, 0, 0, 1, 5, 6};
    const uint64_t kind = word(c, 1);
    if (c->short_of || kind < 1 || kind > 5) return false;
    const unsigned char *sized = skip(c, kind == 1 && flags & 2 ? 12 : sizes[kind]);
    for (size_t i = 0; i < sizes[kind] && kind < 5; ++i)
        if (sized[i] == 0 || sized[i] > 64) return false;
    d->index.kind = (unsigned)kind;
    d->index.address = word(c, 8);
    return !c->short_of;
}

/* The lengths of a chunk: one for each dimension, then that of an element. */
static bool take_lengths(dataset *d, cursor *c, size_t rank, size_t width) {
    uint64_t bytes = 1, length = 0;
    if (rank < 1 || rank > MAX_RANK + 1 || width < 1 || width > 8) return false;
    for (size_t i = 0; i < rank; ++i) {
        length = word(c, width);
        if (c->short_of) return false;
        d->chunk_lengths[i] = length;
        if (length == 0) d->out->empty_chunks = true;
        if (length != 0 && __builtin_mul_overflow(bytes, length, &bytes)) return false;
    }
    d->chunk_rank = rank;
    d->chunk_width = (size_t)length;
    d->index.bytes = bytes;
    return bytes <= UINT32_MAX;
}

static bool take_chunks(dataset *d, cursor *c, unsigned version) {
    const unsigned flags = version == 4 ? (unsigned)word(c, 1) : 0;
    const size_t rank = (size_t)word(c, 1);
    const size_t width = version == 4 ? (size_t)word(c, 1) : 4;
    if (version < 4) {
        d->out->has_tree = true;
        d->out->tree = word(c, 8);
    }
    if (!take_lengths(d, c, rank, width)) return false;
    return version < 4 || take_index(d, c, flags);
}

/* Versions 1 and 2 say first of how many dimensions, then of which kind. */
static bool take_early_layout(dataset *d, cursor *c) {
    const size_t rank = (size_t)word(c, 1);
    d->out->layout = (int)word(c, 1);
    skip(c, 5);
    if (d->out->layout != COMPACT) d->out->tree = word(c, 8);
    d->out->has_tree = d->out->layout == CHUNKED;
    if (d->out->has_tree) return take_lengths(d, c, rank, 4);
    skip(c, rank * 4);
    if (d->out->layout == COMPACT) skip(c, word(c, 4));
    return rank >= 1 && rank <= MAX_RANK + 1;
}

static bool take_layout(dataset *d, const bb_hdf5_message *m) {
    cursor c = {m->bytes, m->size, false};
    if (d->has_layout) return true;
    d->has_layout = true;
    const unsigned version = (unsigned)word(&c, 1);
    if (version < 1 || version > 4) return false;
    if (version < 3) return take_early_layout(d, &c) && !c.short_of;
    d->out->layout = (int)word(&c, 1);
    if (d->out->layout == COMPACT) skip(&c, word(&c, 2));
    if (d->out->layout == CONTIGUOUS) skip(&c, 16);
    if (d->out->layout == CHUNKED && !take_chunks(d, &c, version)) return false;
    return !c.short_of && d->out->layout <= VIRTUAL;
}

static bool take_fill(dataset *d, const bb_hdf5_message *m) {
    cursor c = {m->bytes, m->size, false};
    bool stated = true;
    if (m->type == FILL) {
        const uint64_t version = word(&c, 1);
        if (version < 1 || version > 3) return false;
        const unsigned char *rest = skip(&c, version == 3 ? 1 : 3);
        stated = version == 3 ? rest[0] & 32 : rest[2] != 0;
        if (version == 3 && (rest[0] & 48) == 48) return false;
    }
    if (!stated) return !c.short_of;
    const uint64_t size = word(&c, 4);
    if (size == UINT32_MAX && m->type == FILL) return !c.short_of; /* none */
    skip(&c, size);
    if (size > 0) d->fill = (size_t)size;
    return !c.short_of;
}

static bool take_filters(dataset *d, const bb_hdf5_message *m) {
    cursor c = {m->bytes, m->size, false};
    const uint64_t version = word(&c, 1), count = word(&c, 1);
    if (version < 1 || version > 2 || count > 32) return false;
    d->index.packed |= count > 0;
    if (version == 1) skip(&c, 6);
    for (uint64_t i = 0; i < count && !c.short_of; ++i) {
        const uint64_t filter = word(&c, 2), length = version == 1 || filter >= 256 ? word(&c, 2) : 0;
        skip(&c, 2);
        const uint64_t values = word(&c, 2);
        const unsigned char *name = skip(&c, length);
        if (!c.short_of && length > 0 && !memchr(name, 0, (size_t)length)) return false;
        skip(&c, 4 * values + (version == 1 && values % 2 ? 4 : 0));
    }
    return !c.short_of;
}

static bool is_wrong(void *data, const bb_hdf5_message *m) {
    dataset *d = data;
    switch (m->type) {
    case DATATYPE:
        return !take_type(d, m);
    case DATASPACE:
        return !take_space(d, m);
    case LAYOUT:
        return !take_layout(d, m);
    case FILL:
    case OLD_FILL:
        return !take_fill(d, m);
    case FILTERS:
        return !take_filters(d, m);
    case EXTERNAL_FILES:
        d->external = true;
        return false;
    default:
        return false;
    }
}

/* The type in a header of its own. */
static bool is_wrong_type(void *data, const bb_hdf5_message *m) {
    dataset *d = data;
    return m->type == DATATYPE && (m->flags & SHARED || !take_type(d, m));
}

static bool read_committed(dataset *d, bb_hdf5_ground *g) {
    d->has_type = false;
    return bb_hdf5_is_sound(g, d->committed) && bb_hdf5_every_message(g, d->committed, is_wrong_type, d) &&
           d->has_type;
}

/* Chunks have the dataset's dimensions and elements, and are listed where the library will look for them. */
static bool chunks_fit(dataset *d) {
    if (d->chunk_rank != d->rank + 1 || d->chunk_width != d->width) return false;
    d->index.chunks = 1;
    d->index.dims = d->rank;
    for (size_t i = 0; i < d->rank; ++i) {
        const uint64_t chunk = d->chunk_lengths[i], n = d->lengths[i] / chunk + (d->lengths[i] % chunk != 0);
        if (__builtin_mul_overflow(d->index.chunks, n, &d->index.chunks)) d->index.chunks = UINT64_MAX;
    }
    return d->index.kind == 0 || bb_hdf5_index_is_sound(d->ground, &d->index);
}

const char *bb_hdf5_look_at_dataset(hid_t object, uint64_t address, bb_hdf5_outline *out) {
    static const char damaged[] = "damaged HDF5: its header is damaged";
    bb_hdf5_ground *g = bb_hdf5_ground_of(object);
    *out = (bb_hdf5_outline){.tree = UINT64_MAX};
    dataset d = {.ground = g, .out = out};
    if (!g || !bb_hdf5_is_sound(g, address) || !bb_hdf5_every_message(g, address, is_wrong, &d))
        return damaged;
    if (d.committed && !read_committed(&d, g)) return damaged;
    if (!d.has_type || !d.has_space || !d.has_layout) return damaged;
    if (d.external) return "its data lie in another file";
    if (out->layout == VIRTUAL) return "its data lie in other datasets";
    if (out->empty_chunks) return "its chunks have no length";
    out->other_kind = d.other;
    if (d.other) return NULL;
    if (d.fill && d.fill != d.width && d.width <= 8) return damaged; /* of numbers */
    if (out->layout == CHUNKED && !chunks_fit(&d)) return damaged;
    return NULL;
}
