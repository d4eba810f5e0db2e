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
 * it whatever comes back. Rows are read in any order, so that all unpacked chunks must fit into memory: one
 * with larger ones is left out with a warning. */
bool bb_nwb_column_open(bb_recording *r, hid_t file, const char *path, const char *const *names,
                        unsigned kinds, bb_nwb_column *out);

/* The same for a list of any length, to be read in order. */
bool bb_nwb_list_open(bb_recording *r, hid_t file, const char *path, const char *const *names, unsigned kinds,
                      bb_nwb_column *out);
void bb_nwb_column_close(bb_nwb_column *column);

/* Row `row` as a text: numbers are spelled; "" without such a row. */
void bb_nwb_column_text(bb_recording *r, bb_nwb_column *column, int64_t row, char out[BB_HDF5_LABEL]);

/* Row `row` as a number; NAN without such a row. */
double bb_nwb_column_number(bb_recording *r, bb_nwb_column *column, int64_t row);

/* Which second of the recording a second of the session is. */
typedef struct bb_nwb_clock {
    double start_s, rate_hz;
    double *pieces_s; /* when the piece behind each of the recording's seams begins; NULL: no telling */
} bb_nwb_clock;

/* Reads the clock of the series at `path` and adds the seams, by the rate that the caller states (0: by the
 * file's). Close it also after a failure. */
bb_status bb_nwb_clock_read(bb_recording *r, hid_t file, const char *path, double stated_hz,
                            bb_nwb_clock *out, bb_error *err);
void bb_nwb_clock_close(bb_nwb_clock *clock);

/* Where `session_s` lies among the joined pieces; what lies between two of them moves to the later one's
 * beginning. NAN stays NAN. */
double bb_nwb_clock_second(const bb_recording *r, const bb_nwb_clock *clock, double session_s);

/* Adds the channels of the series at `path`, whose samples are open in `state`: names, places, soundness. */
bb_status bb_nwb_add_channels(bb_recording *r, const bb_hdf5_recording *state, const char *path,
                              double rate_hz, bb_error *err);

/* Adds the intervals of /intervals as events. */
bb_status bb_nwb_add_events(bb_recording *r, hid_t file, const bb_nwb_clock *clock, bb_error *err);

#endif
