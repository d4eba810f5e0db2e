/* HDF5 for reading files of unknown origin: without its messages on stderr, without plugins, and with checks
 * of what a dataset asks the library to do before it is read. The library tells where things are; what lies
 * there (numbers, texts, attributes, packed chunks) is read here, with every length checked: HDF5 1.10 trusts
 * a packed chunk to hold what it should, and an index into the global heap to be one of its objects. Before
 * the library is asked about an object, its header is looked at (hdf5_check.h).
 * Formats: HDF5 File Format Specification 3.0, https://docs.hdfgroup.org/hdf5/develop/_f_m_t3.html
 * HDF5 is not thread-safe: one thread at a time in the whole program. */
#ifndef BB_IO_HDF5_H
#define BB_IO_HDF5_H

#include <hdf5.h>
#include <stdint.h>

#include "base/file.h"
#include "io/element.h"

enum {
    BB_HDF5_FILTERS = 4,
    BB_HDF5_MAX_CHUNK = 64 << 20,  /* chunks are unpacked whole, so that their size is bounded */
    BB_HDF5_KEPT_BYTES = 64 << 20, /* of unpacked chunks, kept for the next stretch */
    BB_HDF5_KEPT = 4096,           /* of them, as they are looked for one by one */
    BB_HDF5_RANK = 8,              /* dimensions stored */
    BB_HDF5_PATH = 512             /* of an object inside a file, with its terminating zero */
};

/* A stored whole number of up to 8 bytes. */
static inline uint64_t bb_hdf5_word(const unsigned char *at, size_t width) {
    uint64_t value = 0;
    for (size_t i = 0; i < width && i < 8; ++i) value |= (uint64_t)at[i] << 8 * i;
    return value;
}

/* What was set before bb_hdf5_begin, to be put back by bb_hdf5_end. Every stretch of HDF5 calls lies between
 * the two. */
typedef struct bb_hdf5_guard {
    H5E_auto2_t print;
    void *print_data;
    unsigned plugins;
} bb_hdf5_guard;

void bb_hdf5_begin(bb_hdf5_guard *guard);
void bb_hdf5_end(const bb_hdf5_guard *guard);

/* Fails with the library's own reason behind "PATH: PLACE: ". */
bb_status bb_hdf5_fail(bb_error *err, const char *path, const char *place);

/* Whether HDF5's signature stands at byte 0, 512, 1024, 2048, ...; whatever lies before it is not HDF5's. */
bool bb_hdf5_is_hdf5(const bb_input *file, uint64_t *base);

/* Opens for reading; `out` is closed by H5Fclose, which also closes whatever is still open in it. */
bb_status bb_hdf5_open(const char *path, hid_t *out, bb_error *err);

/* Where the file's addresses count from: the length of what lies before HDF5's own (MATLAB's 512 bytes). */
uint64_t bb_hdf5_base(hid_t object);

typedef enum bb_hdf5_object { BB_HDF5_NOTHING, BB_HDF5_GROUP, BB_HDF5_DATASET } bb_hdf5_object;

/* What lies at `path` below `group`, reached by hard links alone: never through one into another file. */
bb_hdf5_object bb_hdf5_look(hid_t group, const char *path);

/* What bb_hdf5_walk has found: its path, from the root of the file, and the address of its object. */
typedef struct bb_hdf5_found {
    const char *path, *name; /* `name`: the path's last part */
    bb_hdf5_object object;
    uint64_t address;
} bb_hdf5_found;

/* Calls `visit` for what lies below the group at `path` ("/" or "/a/b"), groups before their contents, in
 * the file's order, down to `depth` levels, `limit` objects at most. Only hard links are followed. `visit`
 * returns whether to go into a group. False if the group does not open. */
bool bb_hdf5_walk(hid_t file, const char *path, int depth, size_t limit,
                  bool (*visit)(void *data, const bb_hdf5_found *found), void *data);

/* One message of an object's header: its type, bytes, and where in the file they lie. */
typedef struct bb_hdf5_message {
    unsigned type, flags;
    bool second; /* the header is of version 2 */
    const unsigned char *bytes;
    size_t size;
    int64_t place;
} bb_hdf5_message;

/* Calls `visit` for the messages of the header at `address` (already counted from the file's first byte, as
 * `base` says) until it returns true; returns whether it did. */
bool bb_hdf5_messages(const bb_input *file, uint64_t base, uint64_t address,
                      bool (*visit)(void *data, const bb_hdf5_message *message), void *data);

/* What a dataset's header says of where its bytes lie. */
typedef struct bb_hdf5_outline {
    int layout;      /* 0: in the header, 1: in one piece, 2: in chunks, 3: in other datasets */
    bool other_kind; /* of a type that is not read */
    bool empty_chunks;
    bool has_tree; /* the chunks are found in a tree of the early formats, which lies at... */
    uint64_t tree; /* UINT64_MAX: there are none yet */
} bb_hdf5_outline;

/* To be asked before the library opens a dataset: NULL, or what is wrong with the one whose header is at
 * `address` of the file that `object` lies in. */
const char *bb_hdf5_look_at_dataset(hid_t object, uint64_t address, bb_hdf5_outline *out);

typedef struct bb_hdf5_chunk {
    bool found; /* else it was never written */
    uint64_t address, size;
    uint32_t skipped; /* a bit for each filter that was not applied to it */
} bb_hdf5_chunk;

/* The chunk of `dims` dimensions whose first element is at `at`. False: the tree is damaged. */
bool bb_hdf5_find_chunk(hid_t object, uint64_t tree, const uint64_t *at, int dims, bb_hdf5_chunk *out);

/* Texts are stored in place, or in the file's global heap, to which 16 bytes lead (IV.B "Variable-length":
 * u32 length, u64 address of the collection, u32 index). */
typedef enum bb_hdf5_kind {
    BB_HDF5_NUMBERS = 1,
    BB_HDF5_TEXT = 2,
    BB_HDF5_HEAP_TEXT = 4,
    BB_HDF5_REFERENCES = 8, /* addresses of objects */
    BB_HDF5_TEXTS = BB_HDF5_TEXT | BB_HDF5_HEAP_TEXT
} bb_hdf5_kind;

/* The collection of the global heap that was read last. */
typedef struct bb_hdf5_heap {
    uint64_t address; /* 0: none */
    unsigned char *bytes;
    size_t size;
} bb_hdf5_heap;

/* The text that the 16 bytes at `id` lead to, cut to fit `room` with its zero; false if there is none. */
bool bb_hdf5_heap_text(bb_hdf5_heap *heap, const bb_input *file, uint64_t base, const unsigned char *id,
                       char *out, size_t room);
void bb_hdf5_heap_free(bb_hdf5_heap *heap);

/* An attribute; valid while it is visited. */
typedef struct bb_hdf5_attribute {
    const char *name;
    bb_hdf5_kind kind;
    bb_element element; /* of numbers */
    size_t width;       /* bytes of an element */
    size_t count;       /* elements, all of which are in `bytes` */
    const unsigned char *bytes;
    const bb_input *file;
    uint64_t base;
} bb_hdf5_attribute;

/* Calls `visit` for the attributes of the object at `path` below `group` ("." is the group itself) until it
 * returns true; returns whether it did. Attributes of other kinds than above, and those of objects with so
 * many that they lie outside of the object's header, are left out. */
bool bb_hdf5_attributes(hid_t group, const char *path, const bb_input *file,
                        bool (*visit)(void *data, const bb_hdf5_attribute *attribute), void *data);

/* Whether the object has so many that bb_hdf5_attributes sees none of them. */
bool bb_hdf5_has_hidden_attributes(hid_t group, const char *path, const bb_input *file);

/* Element `index` as a text ("" if it is none) or as a number (NAN). */
void bb_hdf5_attribute_text(const bb_hdf5_attribute *a, size_t index, char *out, size_t room);
double bb_hdf5_attribute_number(const bb_hdf5_attribute *a, size_t index);

/* The first element of the attribute `name` of the object at `path`; false if there is none of that kind. */
bool bb_hdf5_get_text(hid_t group, const char *path, const bb_input *file, const char *name, char *out,
                      size_t room);
bool bb_hdf5_get_number(hid_t group, const char *path, const bb_input *file, const char *name, double *out);

/* A dataset of up to two dimensions, not counting those of length 1 if it has more. One of a single dimension
 * has one row, a scalar one element. */
typedef struct bb_hdf5_array {
    hid_t dataset; /* 0: closed */
    bb_hdf5_kind kind;
    bb_element element; /* of numbers */
    size_t width;       /* bytes per element */
    int dims;           /* 0, 1, 2 */
    int axes[2];        /* which of the stored dimensions rows and columns are; of one: the latter */
    int rank;           /* how many are stored */
    int64_t rows, columns;
    int64_t place;                     /* in the file, of the first element; -1: in chunks */
    int64_t chunk_rows, chunk_columns; /* elements per chunk */
    uint64_t base;
    bb_hdf5_outline outline;
    int filter_count;
    bool bare_edges;                       /* chunks that stick out of the dataset are not packed */
    H5Z_filter_t filters[BB_HDF5_FILTERS]; /* in the order of writing */
    unsigned char fill[8];                 /* an element that was never written */
    struct bb_hdf5_kept *kept;
    size_t kept_count, kept_capacity;
    uint64_t clock;
    bb_hdf5_heap heap;
} bb_hdf5_array;

/* Opens the dataset at `name` below `group`, after checking that hard links lead to it, that it is of one of
 * `kinds` and stored inside this file, in one piece or in chunks, packed by deflate, shuffle and fletcher32
 * if at all. Close it also after a failure. Errors: BB_ERR_UNSUPPORTED for other kinds, more dimensions and
 * other filters; BB_ERR_FORMAT. */
bb_status bb_hdf5_array_open(hid_t group, const char *name, const bb_input *file, unsigned kinds,
                             bb_hdf5_array *out, bb_error *err);
void bb_hdf5_array_close(bb_hdf5_array *array);

/* Samples [first, first + samples) of channels to out[i * samples + t], as doubles. `samples_first`: rows are
 * samples and columns channels; else the other way round. Each chunk is unpacked once. Neither channels nor
 * samples outside of the array may be asked for. `file` is the open file, `name` for messages. */
bb_status bb_hdf5_array_read(bb_hdf5_array *array, const bb_input *file, const char *name, bool samples_first,
                             const size_t *channels, size_t channel_count, int64_t first, int64_t samples,
                             double *out, bb_error *err);

/* Elements [first, first + count) counted row by row, as doubles. */
bb_status bb_hdf5_array_list(bb_hdf5_array *array, const bb_input *file, const char *name, int64_t first,
                             int64_t count, double *out, bb_error *err);

/* Element `index`, counted row by row, of an array of texts, cut to fit; or of references, its address. */
bb_status bb_hdf5_array_text(bb_hdf5_array *array, const bb_input *file, const char *name, int64_t index,
                             char *out, size_t room, bb_error *err);
bb_status bb_hdf5_array_reference(bb_hdf5_array *array, const bb_input *file, const char *name, int64_t index,
                                  uint64_t *address, bb_error *err);

/* Gives up kept chunks beyond `limit` bytes, those used longest ago first. */
void bb_hdf5_array_trim(bb_hdf5_array *array, size_t limit);

/* The chunk whose first element is at (row, column), unpacked; valid until the next call. */
bb_status bb_hdf5_array_chunk(bb_hdf5_array *array, const bb_input *file, const char *name, int64_t row,
                              int64_t column, const unsigned char **out, bb_error *err);

#endif
