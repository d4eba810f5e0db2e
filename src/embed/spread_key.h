/* Keys: the SHA-256 of all that the features of a job over ranks depend on. */
#ifndef BB_EMBED_SPREAD_KEY_H
#define BB_EMBED_SPREAD_KEY_H

#include "base/checksum.h"
#include "brainbert/embed_ranks.h"

typedef struct bb_embed_identity {
    char digest[BB_SHA256_TEXT]; /* of a recording's path, files, channels and windows */
    int64_t windows;
} bb_embed_identity;

/* Files are told by their sizes and times. */
bb_status bb_embed_identify(const bb_embed_source *source, bb_embed_identity *out, bb_error *err);

/* recordings[job->recordings]. */
bb_status bb_embed_key(const bb_embed_job *job, const bb_feature_layout *layout,
                       const bb_embed_identity *recordings, char out[BB_SHA256_TEXT], bb_error *err);

#endif
