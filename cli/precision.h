/* What a call's encoder multiplies: --precision, the same in every command that has one. */
#ifndef BB_CLI_PRECISION_H
#define BB_CLI_PRECISION_H

#include "brainbert/model.h"
#include "options.h"

/* Its row of the command's table; *word holds the default. `automatic`: "auto" is one of the words. */
option precision_row(const char **word, bool automatic);

/* -1, or EXIT_USAGE after saying what is wrong. */
int precision_check(const char *word, bool automatic);

/* The encoder for a word that was checked. Says, unless quiet, what "auto" chose, or that float32 would be
 * faster here. */
bb_status precision_encoder(const bb_model *model, const char *word, const common_options *common,
                            bb_encoder **out, bb_error *err);

/* That float32 would be faster here, if it is so, unless quiet. */
void precision_warn(bb_precision precision, bool quiet);

#endif
