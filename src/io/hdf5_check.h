/* Checks of HDF5's metadata, made before the library is asked to read them: HDF5 1.10 believes most of what
 * it finds. They are of what files hold that this program reads; what it never needs (tables of shared
 * messages, images of the metadata cache, other drivers' blocks, data in other files) is refused. */
#ifndef BB_IO_HDF5_CHECK_H
#define BB_IO_HDF5_CHECK_H

#include "io/hdf5.h"

/* What is known of a file open for reading. */
typedef struct bb_hdf5_ground {
    bb_input input;
    uint64_t base;           /* where addresses count from */
    unsigned leaf_k, tree_k; /* of groups: names in a leaf and children of a node are at most twice as many */
    uint64_t *known;         /* what was found of headers looked at: an open-addressed set; 0: free */
    size_t known_count, known_capacity;
} bb_hdf5_ground;

/* That of the file which `object` lies in, opened by bb_hdf5_open; NULL on failure. */
bb_hdf5_ground *bb_hdf5_ground_of(hid_t object);

/* Reads the superblock, sets what it says, and checks it and the root group. `path` is for messages. */
bb_status bb_hdf5_check_superblock(bb_hdf5_ground *ground, const char *path, bb_error *err);

/* Whether the object header at `address` is sound, and the group's lists of names if it is one. */
bool bb_hdf5_is_sound(bb_hdf5_ground *ground, uint64_t address);

/* Whether the header is whole and `is_wrong` found none of its messages wrong. */
bool bb_hdf5_every_message(const bb_hdf5_ground *ground, uint64_t address,
                           bool (*is_wrong)(void *data, const bb_hdf5_message *message), void *data);

/* Whether a group's tree of names and the heap that holds them are sound (III.A.1, III.B, III.D). */
bool bb_hdf5_symbols_are_sound(const bb_hdf5_ground *ground, uint64_t tree, uint64_t heap);

/* The same for groups of many names in the latest format. */
bool bb_hdf5_dense_names_are_sound(const bb_hdf5_ground *ground, uint64_t heap, uint64_t tree);

/* Whether a tree of version 2 is sound, of `type` and with records of that size, each of which `fits`. */
bool bb_hdf5_second_tree_is_sound(const bb_hdf5_ground *ground, uint64_t address, unsigned type,
                                  size_t record, bool (*fits)(void *data, const unsigned char *record),
                                  void *data);

/* A list of chunks in the latest format. */
typedef struct bb_hdf5_index {
    unsigned kind;          /* as the file has it; 0: none */
    uint64_t address;       /* UINT64_MAX: nowhere */
    uint64_t chunks, bytes; /* how many it has to list; of one of them, unpacked */
    size_t dims;
    bool packed;
} bb_hdf5_index;

bool bb_hdf5_index_is_sound(const bb_hdf5_ground *ground, const bb_hdf5_index *index);

/* Whether the bytes of a link are all there (IV.A.2.g). */
bool bb_hdf5_link_fits(const unsigned char *bytes, size_t size);

/* `size` bytes at `address`; false if they do not lie in the file. */
bool bb_hdf5_get(const bb_hdf5_ground *ground, uint64_t address, unsigned char *out, size_t size);

void bb_hdf5_ground_free(bb_hdf5_ground *ground); /* all but the input */

#endif
