/* What the Brain Treebank keeps beside a recording: corrupted_elec.json, localization, word times. Layout and
 * alignment as in the published loaders (https://github.com/czlwang/BrainBERT, data/h5_data.py and
 * data/trial_data_reader.py; https://braintreebank.dev/). */
#ifndef BB_RECORDING_TREEBANK_TABLES_H
#define BB_RECORDING_TREEBANK_TABLES_H

#include "recording/bids_name.h"
#include "recording/recording.h"

/* Marks channels bad, gives them regions and positions, and adds a word as an event each, as far as the tree
 * around recording->info.path holds the tables; says which recording it is. Does nothing when the path is no
 * Brain Treebank one. `rate_stated`: the caller stated the rate; if not, and the trigger times were counted
 * at 2048 Hz times another power of two, that is taken. A table that is there and malformed is
 * BB_ERR_FORMAT. */
bb_status bb_treebank_take_tables(bb_recording *recording, bool rate_stated, bb_error *err);

/* Sets info.dataset, whose root is the folder of all_subject_data or data-by-subject, or else the
 * recording's. */
bb_status bb_treebank_take_dataset(bb_recording *recording, bb_error *err);

/* The path of one of a tree's files, or NULL if it is not there; bb_free. `movie` for transcripts alone. */
typedef enum bb_treebank_file {
    BB_TREEBANK_CORRUPTED,
    BB_TREEBANK_LOCALIZATION,
    BB_TREEBANK_TIMINGS,
    BB_TREEBANK_METADATA,
    BB_TREEBANK_TRANSCRIPT
} bb_treebank_file;
char *bb_treebank_find(const char *recording_path, const bb_treebank_name *name, bb_treebank_file file,
                       const char *movie);

/* The words of one movie as events of the recording. */
bb_status bb_treebank_take_words(bb_recording *recording, const char *timings_path,
                                 const char *transcript_path, bool rate_stated, bb_error *err);

#endif
