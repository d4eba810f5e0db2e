/* The description of a corpus: JSON that says what its channels are and where they come from
 * (docs/corpus.md).
 */
#ifndef BB_CORPUS_DESCRIPTION_H
#define BB_CORPUS_DESCRIPTION_H

#include <cJSON.h>

#include "corpus/piece.h"

/* A text that may not be UTF-8, as a path may be: other bytes are taken for Latin-1. NULL adds nothing. */
void bb_description_add_text(cJSON *object, const char *key, const char *text);

/* Who a recording is and how it is treated: what a session's entry begins with. NULL when memory is short. */
cJSON *bb_description_of_treatment(const bb_recording_info *recording, const bb_recipe *recipe,
                                   double stride_s);

/* A session's entry: who and what, the files read and their SHA-256, what was done to the signal, the
 * `outputs` of the stream as channels, the events. NULL when memory is short. `files` belongs to the new
 * entry. */
cJSON *bb_description_of_session(const bb_recording_info *recording, const bb_recipe *recipe, double stride_s,
                                 bb_window_stream *stream, const char *key, cJSON *files);

/* A whole corpus's without its sessions. */
cJSON *bb_description_of_corpus(const bb_row_format *format, const bb_recipe *recipe);

/* Gives the corpus's recipe the signal's values that all its sessions agree on; where they differ it keeps
 * what it says. */
void bb_description_settle_recipe(cJSON *description);

/* The structures of all sessions and channels; strings point into `description`. `channels` is how many the
 * tables hold, and has to agree. The arrays are freed with bb_free, each recipe with cJSON_free. */
bb_status bb_description_read(const cJSON *description, const char *path, size_t channels,
                              bb_corpus_session **sessions, size_t *session_count,
                              bb_corpus_channel **channel_list, bb_event **events, char ***recipes,
                              bb_error *err);

#endif
