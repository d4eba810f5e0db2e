/* From what a lab has to a list of recordings: files, BIDS-iEEG trees, Brain Treebank trees.
 * Sidecars that belong to a recording (BIDS tables, Brain Treebank's labels, localization, word times) are
 * read by bb_recording_open itself, whichever way the file was found. */
#ifndef BRAINBERT_SOURCES_H
#define BRAINBERT_SOURCES_H

#include "brainbert/recording.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bb_source {
    const char *path;                           /* of the recording's file */
    const char *subject, *session, *task, *run; /* as in bb_recording_info */
    bool named;                                 /* by the caller itself, not found in a folder */
} bb_source;

typedef struct bb_source_options {
    const char *subjects;  /* comma-separated, with or without "sub-"; NULL: all */
    const char *selection; /* a JSON file {"sub_1": ["trial001", ...], ...}, like the published pretraining
                              split: these subjects and trials (BIDS: sessions or runs) alone; NULL: all */
    const char *except;    /* a file that is passed over in folders, such as the output; NULL: none */
} bb_source_options;

typedef struct bb_sources bb_sources;

/* What `paths` hold, in their order, within a tree by subject, session, task and run; no file twice. A path
 * that is no directory stands for itself, whatever it is, and options narrow only what folders hold. A plain
 * folder's corpora and features of this program are passed over. `options` may be NULL. Errors:
 * BB_ERR_UNSUPPORTED for a directory that is no tree we know (what was looked for, what was found),
 * BB_ERR_ARGUMENT when the options leave nothing or name what is not there. */
BB_API bb_status bb_sources_find(const char *const *paths, size_t path_count,
                                 const bb_source_options *options, bb_sources **out, bb_error *err);
BB_API void bb_sources_destroy(bb_sources *sources);

BB_API size_t bb_sources_count(const bb_sources *sources);
BB_API const bb_source *bb_sources_get(const bb_sources *sources, size_t index);

/* What the caller should be told of what the folders hold beside that: recordings, by their BIDS names, in
 * formats that are not read, their number and the first few. NULL: there are none. */
BB_API const char *bb_sources_warning(const bb_sources *sources);

/* "BIDS", "Brain Treebank", or NULL: the kind of tree that begins at this directory. */
BB_API const char *bb_tree_kind(const char *path);

#ifdef __cplusplus
}
#endif
#endif
