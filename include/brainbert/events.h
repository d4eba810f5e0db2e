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
    bb_event *items; /* in the file's order; label: the trial_type column, "" where there is none */
} bb_events;

/* Needs a column `onset` (s); `duration` and `trial_type` are taken where they are. Lines whose onset is
 * "n/a" are left out. Errors name the line, what was expected and what was found. */
BB_API bb_status bb_events_read(const char *path, bb_events *out, bb_error *err);

/* The same from text in memory; `name` is for messages. */
BB_API bb_status bb_events_parse(const char *text, const char *name, bb_events *out, bb_error *err);

BB_API void bb_events_free(bb_events *events);

#ifdef __cplusplus
}
#endif
#endif
