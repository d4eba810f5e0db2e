/* Events from BIDS events.tsv files.
 * https://bids-specification.readthedocs.io/en/stable/modality-specific-files/task-events.html */
#ifndef BRAINBERT_EVENTS_H
#define BRAINBERT_EVENTS_H

#include "brainbert/recording.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bb_events {
    size_t count;
    bb_event *items; /* in the file's order, each with its line; label: "" where there is none */
    size_t left_out; /* lines without an onset */
    bool labelled;   /* there is a column of labels */
} bb_events;

/* Needs a column `onset` (s); `duration` is taken where it is, the label from the first of `trial_type`,
 * `value`, `event_type`, `event` and `stim_type` that says something. Lines whose onset is blank, "n/a" or
 * "nan" are left out. Errors name the line, what was expected and what was found. */
BB_API bb_status bb_events_read(const char *path, bb_events *out, bb_error *err);

/* The same from text in memory; `name` is for messages. */
BB_API bb_status bb_events_parse(const char *text, const char *name, bb_events *out, bb_error *err);

BB_API void bb_events_free(bb_events *events);

#ifdef __cplusplus
}
#endif
#endif
