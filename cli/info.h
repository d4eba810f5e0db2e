/* What `info` says of each kind of thing: printed, or as JSON (NULL when memory is short). */
#ifndef BB_CLI_INFO_H
#define BB_CLI_INFO_H

#include <cJSON.h>

#include "brainbert/corpus.h"
#include "brainbert/model.h"
#include "brainbert/recording.h"
#include "source.h"

cJSON *info_recording_json(const bb_recording_info *r);
void info_recording_print(const bb_recording_info *r);

cJSON *info_model_json(const bb_model_info *m);
void info_model_print(const bb_model_info *m);
/* "stft of 400 samples every 50, 40 bins, trim 10", without an end of line. */
void info_spectrogram_print(const bb_spectrogram_recipe *s);

cJSON *info_corpus_json(const bb_corpus_info *c);
void info_corpus_print(const bb_corpus_info *c);

/* A tree of recordings: a line for each, at once printed or put into *json. Recordings that can't be opened
 * are said so, and make it fail in the end. */
int info_tree(const char *path, const source_options *source, bool as_json, cJSON **json);

#endif
