/* Channels that the caller names: over several recordings each has to be in one of them at least. */
#ifndef BB_CORPUS_ASKED_H
#define BB_CORPUS_ASKED_H

#include "corpus/session.h"

typedef struct bb_asked {
    const char *what, *list; /* "channels", "LA1, LA2"; NULL: none */
    bool *found;             /* [names in the list] */
} bb_asked;

bb_status bb_asked_begin(bb_asked *asked, const char *what, const char *list, bb_error *err);

/* Marks the names that the session has: of channels that come out of re-referencing, or of recorded ones. */
void bb_asked_mark(bb_asked *asked, const bb_session *session, bool outputs);

/* BB_ERR_ARGUMENT for a name that was in none of `recordings`. */
bb_status bb_asked_check(const bb_asked *asked, size_t recordings, bb_error *err);
void bb_asked_end(bb_asked *asked);

#endif
