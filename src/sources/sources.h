/* The list of recordings under way, and the kinds of trees it is filled from. */
#ifndef BB_SOURCES_SOURCES_H
#define BB_SOURCES_SOURCES_H

#include <stdbool.h>

#include "base/folder.h"
#include "brainbert/sources.h"

enum { BB_MAX_SOURCES = 1000000 };

struct bb_sources {
    bb_source *items; /* their texts belong to the list */
    size_t count, room;
    size_t unread;     /* recordings in formats that are not read */
    char warning[512]; /* what is said of them; "": nothing */
};

/* Adds the file at `path`, with what its path says about it. */
bb_status bb_sources_add(bb_sources *list, const char *path, bb_error *err);

/* Notes a recording in a format that is not read. */
void bb_sources_note_unread(bb_sources *list, const char *name);

/* A kind of tree: whether one begins at `folder`, whose names are `names`, and what is in it. `collect` may
 * add nothing. */
typedef struct bb_tree {
    const char *kind; /* NULL: a plain folder */
    bool (*probe)(const char *folder, const bb_folder *names);
    bb_status (*collect)(bb_sources *list, const char *folder, const bb_folder *names, bb_error *err);
} bb_tree;

extern const bb_tree bb_tree_treebank, bb_tree_bids, bb_tree_plain;

/* Whether `name` ends like a recording, letters compared without case: .edf, .vhdr, ... For formats of
 * several files it is the one to be opened. */
bool bb_is_recording_name(const char *name);

/* Whether the file at `path` may be a recording: a regular file, or a link to what is not there, so that its
 * absence is told and not passed over. */
bool bb_is_recording_file(const char *path);

/* Whether the file at `path` is a corpus or features that this program wrote. */
bool bb_is_own_output(const char *path);

/* Keeps the subjects and trials that `options` ask for. */
bb_status bb_sources_select(bb_sources *list, const bb_source_options *options, bb_error *err);

/* Frees its texts and leaves it empty. */
void bb_source_clear(bb_source *source);

#endif
