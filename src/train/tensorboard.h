/* RUN/events.out.tfevents.0.brainbert: the curves and pictures of a run as TensorBoard reads them. Records
 * framed as in a TFRecord file, each an Event of TensorFlow's event.proto and summary.proto. */
#ifndef BB_TRAIN_TENSORBOARD_H
#define BB_TRAIN_TENSORBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/pretrain.h"

/* Leaves of RUN's events those up to `step`; where there are none the file begins anew. */
bb_status bb_events_begin(const char *run, int64_t step, bb_error *err);

/* Adds one event with all numbers of the step, and with the PNG file `picture` unless it is NULL. */
bb_status bb_events_append(const char *run, const bb_pretrain_step *step, const char *picture, bb_error *err);

/* The bytes at the beginning of an event file that hold whole records of steps up to `step`: up to the first
 * that is cut off, damaged or of a later step. */
size_t bb_events_kept(const uint8_t *data, size_t size, int64_t step);

/* The step of an Event, 0 where it says none; false for what is no message. */
bool bb_event_step(const uint8_t *data, size_t size, int64_t *step);

#endif
