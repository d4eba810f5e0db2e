/* What a corpus holds already: the same recording must not get into it twice, however it was treated. */
#ifndef BB_CORPUS_HELD_H
#define BB_CORPUS_HELD_H

#include "corpus/piece.h"
#include "corpus/session.h"

/* A session of a piece. */
typedef struct bb_held {
    const cJSON *session; /* NULL: none */
    size_t piece;
} bb_held;

/* The session of that key, or the one made of the same data as `files`. Data is the largest file that is no
 * table: tables and headers beside it say how it is treated, not which recording it is. */
bb_held bb_held_by_key(const bb_piece *pieces, size_t count, const char *key);
bb_held bb_held_by_data(const bb_piece *pieces, size_t count, const cJSON *files);

/* The SHA-256 of that file; NULL: `files` are tables, or none. */
const char *bb_held_data_digest(const cJSON *files);

/* In what the held session differs from the one at hand, in a few words. */
void bb_held_difference(const cJSON *held, const bb_prepare_options *options, const bb_session *own,
                        char *out, size_t room);

#endif
