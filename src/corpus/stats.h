/* Session statistics of stored windows. */
#ifndef BB_CORPUS_STATS_H
#define BB_CORPUS_STATS_H

#include "corpus/piece.h"

/* Reads every row and fills the logarithms' columns of rows->stats, whose standard deviations are there
 * already. The result does not depend on the number of threads. `progress` is told of rows. */
bb_status bb_stats_gather(const bb_piece *rows, const bb_spectrogram_recipe *recipe, int threads,
                          bb_progress progress, void *progress_context, bb_error *err);

#endif
