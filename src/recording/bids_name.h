/* What a recording's path says about it: the entities of a BIDS name, or of a Brain Treebank path.
 * https://bids-specification.readthedocs.io/en/stable/common-principles.html#entities */
#ifndef BB_RECORDING_BIDS_NAME_H
#define BB_RECORDING_BIDS_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum { BB_BIDS_ENTITIES = 24, BB_BIDS_LENGTH = 256 };

/* "sub-01_task-words_ieeg.edf" in its parts, which point into `text`: a value of this type is not to be
 * copied. */
typedef struct bb_bids_name {
    char text[BB_BIDS_LENGTH];
    size_t count;
    const char *keys[BB_BIDS_ENTITIES], *values[BB_BIDS_ENTITIES];
    const char *suffix;    /* "ieeg"; "" when the name ends in an entity */
    const char *extension; /* ".edf"; "" */
} bb_bids_name;

/* Takes the last part of `path` apart. False when it is longer than any name, or when a part but the last is
 * no KEY-VALUE; *out is then unset. */
bool bb_bids_name_parse(const char *path, bb_bids_name *out);

/* The value of entity `key`, or NULL. */
const char *bb_bids_name_get(const bb_bids_name *name, const char *key);

/* Whether every entity of `sidecar`, `ignored` aside (may be NULL), is one of `recording` too: the
 * inheritance principle. */
bool bb_bids_name_applies(const bb_bids_name *sidecar, const bb_bids_name *recording, const char *ignored);

/* Which recording a path is; "" for what it does not say. */
typedef struct bb_identity {
    char subject[BB_BIDS_LENGTH], session[BB_BIDS_LENGTH], task[BB_BIDS_LENGTH], run[BB_BIDS_LENGTH];
} bb_identity;

/* Of "sub-01_ses-02_task-words_run-1_ieeg.edf": "01", "02", "words", "1". Of a Brain Treebank path (below): N
 * as subject, "trialMMM" as session. */
void bb_identify(const char *path, bb_identity *out);

/* Where a Brain Treebank recording lies. The published tree has ROOT/all_subject_data/sub_N_trialMMM.h5 (or
 * the file right in ROOT), the older one ROOT/data-by-subject/subjectN/data/trials/trialMMM/data-sharded.h5.
 */
typedef struct bb_treebank_name {
    char subject[16];      /* "3" */
    char trial[24];        /* "trial001" */
    bool by_subject;       /* the older tree */
    size_t subject_length; /* older tree: of the part of the path that ends in "subjectN" */
} bb_treebank_name;

bool bb_treebank_name_parse(const char *path, bb_treebank_name *out);

#endif
