/* What lies beside a recording, in a BIDS dataset or by its name alone: _ieeg.json, _channels.tsv,
 * _events.tsv, _electrodes.tsv, _coordsystem.json; docs/datasets.md tells what is taken from which and who
 * wins.
 * https://bids-specification.readthedocs.io/en/stable/modality-specific-files/intracranial-electroencephalography.html
 */
#ifndef BB_RECORDING_SIDECARS_H
#define BB_RECORDING_SIDECARS_H

#include "base/folder.h"
#include "recording/bids_name.h"
#include "recording/recording.h"

/* For an opened recording that bb_recording_finish has not seen yet: says which one it is by its path, and,
 * if its name is a BIDS one that ends in _ieeg or _eeg, applies what lies beside it. A file that is there and
 * malformed is BB_ERR_FORMAT: going on without it could lose a bad channel unnoticed. Beside a recording of
 * another name, STEM.ext, STEM_channels.tsv and the like are looked for, and a malformed one but that is
 * warned of. */
bb_status bb_sidecars_apply(bb_recording *recording, bb_error *err);

/* The folder of a recording and those above it up to its dataset's root, nearest first. */
enum { BB_SIDECAR_FOLDERS = 6 };
typedef struct bb_sidecars {
    bb_bids_name name; /* the recording's */
    char *root;        /* the dataset's root, an absolute path; NULL: it lies in none */
    size_t count;
    char *paths[BB_SIDECAR_FOLDERS];
    bb_folder folders[BB_SIDECAR_FOLDERS];
} bb_sidecars;

/* The root is the folder with dataset_description.json. Where there is none, folders called sub-*, ses-*,
 * ieeg or eeg are climbed out of and no others, and the root is the folder of sub-*. out->name is set by the
 * caller. Free with bb_sidecars_free, also after a failure. */
bb_status bb_sidecars_locate(const char *path, bb_sidecars *out, bb_error *err);
void bb_sidecars_free(bb_sidecars *sidecars);

/* The file of folder `level` with this suffix and extension that applies to the recording; of several the one
 * with the most entities. `space`: NULL allows any space-* entity (MNI* goes first, then natural order, and
 * *choices, may be NULL, tells how many there are), a text only that one or none. NULL if there is none;
 * bb_free. */
char *bb_sidecars_find(const bb_sidecars *sidecars, size_t level, const char *suffix, const char *extension,
                       const char *space, size_t *choices);

/* Sets info.dataset. */
bb_status bb_sidecars_take_dataset(bb_recording *recording, const bb_sidecars *sidecars, bb_error *err);

/* The steps, each for one file, which is noted if all went well. *rate_hz: the first rate a row states, left
 * alone if none does. `file_names`: the channels' names before a table renamed them. `labels`: only regions
 * are taken, for channels without one. */
bb_status bb_sidecars_take_channels(bb_recording *recording, const char *path, double *rate_hz,
                                    bb_error *err);
bb_status bb_sidecars_take_electrodes(bb_recording *recording, const char *path,
                                      const char *const *file_names, bool labels, bb_error *err);

#endif
