/* electrode_labels.json of the Brain Treebank: the names of the electrodes, by number. */
#ifndef BB_RECORDING_ELECTRODE_LABELS_H
#define BB_RECORDING_ELECTRODE_LABELS_H

#include <stddef.h>

#include "brainbert/status.h"

typedef struct bb_electrode_labels {
    char **labels; /* by number; NULL where there is none */
    size_t count;
    size_t named; /* how many are not NULL */
} bb_electrode_labels;

/* Parses ["LA1", ...], {"LA1": 0, ...} or {"0": "LA1", ...}. Numbers are below BB_MAX_CHANNELS. `name` is for
 * messages. Free with bb_electrode_labels_free, also after a failure. */
bb_status bb_electrode_labels_parse(const char *text, size_t size, const char *name, bb_electrode_labels *out,
                                    bb_error *err);

/* The same from a file. */
bb_status bb_electrode_labels_read(const char *path, bb_electrode_labels *out, bb_error *err);

/* The file that belongs to the recording at `path`: electrode_labels.json beside it, or for .../sub_N_*.h5
 * electrode_labels/sub_N/electrode_labels.json beside it or one folder up. NULL if there is none; bb_free. */
char *bb_electrode_labels_find(const char *path);

void bb_electrode_labels_free(bb_electrode_labels *labels);

#endif
