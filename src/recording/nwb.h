/* Neurodata Without Borders 2, stored in HDF5: https://nwb-schema.readthedocs.io (ElectricalSeries,
 * TimeSeries, the table of electrodes, TimeIntervals). Every call lies between bb_hdf5_begin and bb_hdf5_end.
 */
#ifndef BB_RECORDING_NWB_H
#define BB_RECORDING_NWB_H

#include "recording/hdf5_recording.h"

/* The dataset at `path`/`name`, or the one in this file that a soft link there leads to; false if there is
 * none. */
bool bb_nwb_member(hid_t file, const char *path, const char *name, char out[BB_HDF5_PATH]);

/* One column of a table, or any list. */
typedef struct bb_nwb_column {
    char path[BB_HDF5_PATH];
    bb_hdf5_array array; /* closed: there is none */
} bb_nwb_column;

/* Opens the first of `names` (ended by NULL) that the table at `path` has, if it is of one of `kinds`. Close
 * it whatever comes back. */
bool bb_nwb_column_open(bb_recording *r, hid_t file, const char *path, const char *const *names,
                        unsigned kinds, bb_nwb_column *out);
void bb_nwb_column_close(bb_nwb_column *column);

/* Row `row` as a text: numbers are spelled; "" without such a row. */
void bb_nwb_column_text(bb_recording *r, bb_nwb_column *column, int64_t row, char out[BB_HDF5_LABEL]);

/* Row `row` as a number; NAN without such a row. */
double bb_nwb_column_number(bb_recording *r, bb_nwb_column *column, int64_t row);

/* When the series at `path` begins, in seconds of the session, and its rate. Adds the seams, by the rate that
 * the caller states (0: by the file's). */
bb_status bb_nwb_clock(bb_recording *r, hid_t file, const char *path, double stated_hz, double *start_s,
                       double *rate_hz, bb_error *err);

/* Adds the channels of the series at `path`, whose samples are open in `state`: names, places, soundness. */
bb_status bb_nwb_add_channels(bb_recording *r, const bb_hdf5_recording *state, const char *path,
                              double rate_hz, bb_error *err);

/* Adds the intervals of /intervals as events, counted from `start_s`. */
bb_status bb_nwb_add_events(bb_recording *r, hid_t file, double start_s, bb_error *err);

#endif
