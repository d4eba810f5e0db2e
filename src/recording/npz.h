/* NumPy's .npz: a zip archive of .npy members, one for each array.
 * https://numpy.org/doc/stable/reference/generated/numpy.savez.html */
#ifndef BB_RECORDING_NPZ_H
#define BB_RECORDING_NPZ_H

#include <zip.h>

#include "recording/variables.h"

typedef struct bb_npz {
    zip_t *zip;
    zip_file_t *member; /* the samples, if they are stored as they are */
    bb_variables variables;
    bb_flat_array array;
    int64_t place; /* of the first sample in the member */
} bb_npz;

/* Lists the arrays of numbers and of text in the open archive; `source` of a variable is its member's number,
 * `offset` that of its first element within the member. */
bb_status bb_npz_list(bb_recording *recording, bb_npz *npz, bb_error *err);

/* Length and packing of a member, which the archive's directory only claims: checked against the file. */
bb_status bb_npz_stat(const bb_recording *recording, const bb_npz *npz, zip_uint64_t index, zip_stat_t *out,
                      bb_error *err);

/* Exactly `count` bytes, which come next. `name` is for messages. */
bb_status bb_npz_read(const bb_recording *recording, const char *name, zip_file_t *file, void *out,
                      size_t count, bb_error *err);

/* With libzip's reason; `file` may be NULL. */
bb_status bb_npz_fail(const bb_recording *recording, const char *name, zip_file_t *file, bb_error *err);

#endif
