/* The text files of a simulated BIDS-iEEG dataset (BIDS 1.8.0), and the truth. Each call creates the file or
 * fails. */
#ifndef BB_SIMULATE_BIDS_H
#define BB_SIMULATE_BIDS_H

#include "simulate/plan.h"

/* dataset_description.json, README, participants.tsv and task-words_events.json in `root`. */
bb_status bb_bids_write_dataset(const char *root, int subjects, uint64_t seed, bb_error *err);

/* What stands beside the recording; `folder` exists. */
bb_status bb_bids_write_recording(const char *folder, const bb_plan *plan, bb_error *err);

/* LABEL_truth.json in `folder`, which exists. */
bb_status bb_truth_write(const char *folder, const bb_plan *plan, bb_error *err);

/* "drift"; "none" for a sound contact. */
const char *bb_fault_text(bb_contact_fault fault);

/* Of the channel in row contact_count + extra. */
const char *bb_extra_name(int extra);

#endif
