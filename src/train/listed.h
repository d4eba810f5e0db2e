/* Sessions of a corpus that an option names: by subject ("07", "sub-07"), by subject and session ("07/2",
 * "sub-07/ses-2") or by the recording's file ("night1.edf"), separated by commas. */
#ifndef BB_TRAIN_LISTED_H
#define BB_TRAIN_LISTED_H

#include "brainbert/corpus.h"

bool bb_session_listed(const char *list, const bb_corpus_session *session);

/* BB_ERR_ARGUMENT for a name in the list that none of the corpus's sessions has. */
bb_status bb_listed_check(const char *list, const bb_corpus_info *corpus, bb_error *err);

#endif
