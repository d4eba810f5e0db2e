/* What the readers of HDF5 share whose samples lie in one dataset: plain HDF5, MATLAB 7.3 and NWB. */
#ifndef BB_RECORDING_HDF5_RECORDING_H
#define BB_RECORDING_HDF5_RECORDING_H

#include "io/hdf5.h"
#include "recording/recording.h"

/* Bytes of a label, a unit, a name in a file. */
enum { BB_HDF5_LABEL = 128 };

typedef struct bb_hdf5_recording {
    hid_t file;              /* 0: not open */
    char name[BB_HDF5_PATH]; /* of the samples' dataset */
    bb_hdf5_array data;
    bool samples_first; /* [samples, channels], or [samples]; else [channels, samples] */
    double *gain;       /* by channel: value = stored * gain + offset */
    double offset;
} bb_hdf5_recording;

extern const bb_reader bb_plain_hdf5_reader, bb_mat73_reader, bb_nwb_reader;

/* Opens the file into a fresh r->state; what is in it is released by bb_hdf5_recording_close. */
bb_status bb_hdf5_recording_begin(bb_recording *r, bb_hdf5_recording **out, bb_error *err);

/* Opens the samples' dataset at `path` into the state and remembers the path. */
bb_status bb_hdf5_recording_take(bb_recording *r, bb_hdf5_recording *state, const char *path, bb_error *err);

size_t bb_hdf5_recording_channels(const bb_hdf5_recording *state);
int64_t bb_hdf5_recording_samples(const bb_hdf5_recording *state);

/* Sets the range that `channel` can hold, in its unit. */
void bb_hdf5_recording_limit(const bb_hdf5_recording *state, size_t index, bb_channel *channel);

/* For bb_reader. */
bb_status bb_hdf5_recording_read(bb_recording *r, const size_t *channels, size_t channel_count, int64_t first,
                                 int64_t samples, double *out, bb_error *err);
void bb_hdf5_recording_close(bb_recording *r);

#endif
