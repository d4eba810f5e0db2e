/* How the windows of many recordings are cut into chunks, and whose they are. */
#ifndef BB_EMBED_CHUNK_PLAN_H
#define BB_EMBED_CHUNK_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"

/* Windows x channels of a chunk, about: seconds to a minute of the encoder's work, so that little is lost
 * with a rank, and few enough files for any folder. */
enum { BB_CHUNK_PAIRS = 1024 };

typedef struct bb_chunk_place {
    size_t recording;
    int64_t first, count; /* windows of that recording */
} bb_chunk_place;

typedef struct bb_chunk_plan {
    bb_chunk_place *chunks; /* in order of recording and window */
    int64_t count;
} bb_chunk_plan;

/* windows[recordings]. The same for any number of ranks; no chunk holds windows of two recordings. */
bb_status bb_chunk_plan_make(const int64_t *windows, size_t recordings, int64_t channels, bb_chunk_plan *out,
                             bb_error *err);
void bb_chunk_plan_free(bb_chunk_plan *plan);

/* Those of the chunks that are not `finished` which fall to one of the ranks, as numbers in the plan: mine[0
 * .. *count), with room for all of them; the r-th equal part of them in order, so that a rank reads few
 * recordings. */
void bb_chunk_plan_deal(const bb_chunk_plan *plan, const bool *finished, int ranks, int me, int64_t *mine,
                        int64_t *count);

#endif
