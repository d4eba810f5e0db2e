/* What `pretrain` trains on: a prepared corpus, or recordings, which are prepared first. */
#ifndef BB_CLI_PRETRAIN_CORPUS_H
#define BB_CLI_PRETRAIN_CORPUS_H

#include "prepare.h"

/* Rows of the command's table: how recordings are prepared. */
enum { PREPARATION_OPTIONS = WINDOW_OPTIONS + 1 + SIGNAL_OPTIONS };
void pretrain_preparation_rows(prepare_options *p, option out[PREPARATION_OPTIONS]);

/* Opens the corpus that the call names, or RUN/corpus.h5, which must be of the recordings that it names: made
 * now, as `asked` says, unless the run is resumed. A call that was interrupted meanwhile goes on where it
 * ended. */
bb_status pretrain_corpus_open(const call *c, const prepare_options *asked, const char *run, bool resume,
                               bb_corpus **out, bb_error *err);

#endif
