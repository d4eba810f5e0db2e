/* Recordings: voltage traces of many channels, read by channel and stretch from any supported file.
 *
 * A recording is opened once and read in any order; reading keeps memory bounded by the stretch asked for,
 * whatever the file's length. A bb_recording is used by one thread at a time. */
#ifndef BRAINBERT_RECORDING_H
#define BRAINBERT_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* BIDS names. BB_CHANNEL_IEEG: an intracranial contact whose file does not say whether depth or surface. */
typedef enum bb_channel_type {
    BB_CHANNEL_IEEG,
    BB_CHANNEL_SEEG,
    BB_CHANNEL_ECOG,
    BB_CHANNEL_DBS,
    BB_CHANNEL_EEG,
    BB_CHANNEL_ECG,
    BB_CHANNEL_EMG,
    BB_CHANNEL_EOG,
    BB_CHANNEL_REF,
    BB_CHANNEL_TRIG,
    BB_CHANNEL_MISC
} bb_channel_type;

typedef struct bb_channel {
    const char *name;     /* as the file spells it, without surrounding blanks */
    const char *unit;     /* of the values bb_recording_read gives: "uV" for voltages, else the file's unit */
    bb_channel_type type; /* from the file where it says, else from the name (bb_channel_type_of) */
    bool bad;             /* marked bad by the recording's owners */
    double rate_hz;       /* samples per second */
    int64_t samples;      /* length of this channel */
    double low, high;   /* in `unit`: the least and the largest value the file can hold; both 0: not known */
    const char *group;  /* the shaft, strip or grid, as a table beside the file names it; NULL: not said */
    const char *region; /* of the brain, as a table beside the file names it; NULL: not said */
    const char *remark; /* why it is bad, in its owners' words; NULL: not said */
    bool has_position;
    double position[3]; /* in info->coordinate_unit of info->coordinate_system */
} bb_channel;

typedef struct bb_event {
    double onset_s; /* from the first sample */
    double duration_s;
    const char *label;
    size_t line; /* of the table it comes from, where its row begins (the heading's is 1); 0: of no table */
} bb_event;

typedef struct bb_recording_info {
    const char *path;
    const char *format; /* "EDF", "EDF+", "BDF", "BDF+", "BrainVision", "FIF", "NWB", "MAT", "MAT 7.3",
                           "HDF5", "Brain Treebank HDF5", "npy", "npz" */
    double rate_hz;     /* of the brain channels: the commonest among them */
    double duration_s;
    double mains_hz; /* of the power line, where it is stated; 0: not said */
    /* Which of several trees it lies in: the Name that a BIDS dataset states, else the name of the tree's
     * root folder, however the path is spelled; NULL outside of trees. */
    const char *dataset;
    /* Which recording this is, by the BIDS entities of its name or a Brain Treebank name, without their
     * prefixes ("01", "words"); NULL: not said. */
    const char *subject, *session, *task, *run;
    const char *coordinate_system, *coordinate_unit; /* "MNI152NLin2009cAsym", "mm"; NULL: not said */
    bool preprocessed; /* a bare array: counts as already filtered and re-referenced */
    bool has_gaps;     /* pieces recorded at different times are joined: later seconds are not the clock's */
    size_t seam_count; /* where the file tells the places */
    const double *seams_s; /* seconds of the recording at which a later piece begins, rising */
    size_t channel_count;
    const bb_channel *channels;
    size_t event_count;
    const bb_event *events;
    const char *events_path; /* the table they come from: BIDS events (tab-separated) or a Brain Treebank
                                transcript (comma-separated, "*.csv"); NULL: the file's own */
    size_t file_count;       /* all files that were read for it: this one, its data, the tables beside it */
    const char *const *files;
    size_t warning_count; /* what was wrong with the file and how it was read all the same */
    const char *const *warnings;
} bb_recording_info;

typedef struct bb_recording_options {
    double rate_hz; /* Hz; for files that do not hold it (.npy, .npz, MAT, HDF5); 0: what the file says, else
                       2048 */
    /* For MAT, HDF5 and .npz: names of the variables or datasets that hold the samples, the sampling rate and
     * the channels' names; NULL: the common layouts are tried (docs/recordings.md). */
    const char *data_name, *rate_name, *channels_name;
    const char *unit; /* of MAT, HDF5, .npz and .npy samples; NULL: what the file says, else uV */
    const char
        *labels_path; /* electrode_labels.json for Brain Treebank files; NULL: looked for near the file */
} bb_recording_options;

typedef struct bb_recording bb_recording;

/* Opens a recording of any supported format, found by content and not by name. `options` may be NULL.
 * Errors: BB_ERR_IO, BB_ERR_FORMAT (damaged: place, expected, found), BB_ERR_UNSUPPORTED (no reader knows
 * it). */
BB_API bb_status bb_recording_open(const char *path, const bb_recording_options *options, bb_recording **out,
                                   bb_error *err);
BB_API void bb_recording_close(bb_recording *recording);

/* Owned by the recording, valid until it is closed. */
BB_API const bb_recording_info *bb_recording_get_info(const bb_recording *recording);

/* Samples [first, first + samples) of `channel_count` channels (indices into info->channels, all of one rate)
 * to out[i * samples + t]. Voltages are in uV. A stretch outside the recording is BB_ERR_ARGUMENT. */
BB_API bb_status bb_recording_read(bb_recording *recording, const size_t *channels, size_t channel_count,
                                   int64_t first, int64_t samples, double *out, bb_error *err);

/* "SEEG", "ECG", "MISC": the BIDS name; BB_CHANNEL_IEEG is "IEEG". Never NULL. */
BB_API const char *bb_channel_type_name(bb_channel_type type);

/* Whether channels of this type record the brain from inside the skull. */
BB_API bool bb_channel_is_brain(bb_channel_type type);

/* What a channel is by its name alone: EKG, ECG -> ECG; DC1 -> MISC; TRIG, Status, EDF Annotations -> TRIG;
 * REF -> REF; "SEEG LA1" -> SEEG; everything else counts as intracranial. */
BB_API bb_channel_type bb_channel_type_of(const char *name);

/* One channel to be written. */
typedef struct bb_edf_channel {
    const char *name;       /* up to 16 characters are kept */
    double physical_min_uv; /* the range that the 16-bit samples span */
    double physical_max_uv;
} bb_edf_channel;

/* Samples per channel and record such that `samples` of them fill whole records: of one second where that
 * does, else the length nearest to it whose duration EDF's 8 characters hold exactly and whose record is no
 * longer than EDF recommends. 0: there is none (or `samples` is 0), and records of one second are padded. */
BB_API int64_t bb_edf_record_samples(size_t channel_count, int64_t rate_hz, int64_t samples);

/* Writes an EDF+ file as a stream: memory holds one record. `rate_hz` is a whole number, `samples` how many
 * will be appended per channel, by which the records' length is chosen (bb_edf_record_samples); 0: not known.
 * Nothing appears at `path` before bb_edf_writer_close. */
typedef struct bb_edf_writer bb_edf_writer;

BB_API bb_status bb_edf_writer_open(const char *path, const bb_edf_channel *channels, size_t channel_count,
                                    int64_t rate_hz, int64_t samples, const bb_event *events,
                                    size_t event_count, bb_edf_writer **out, bb_error *err);

/* Appends `samples` samples per channel, uV, from data[channel * samples + t]; any block length. Values
 * outside a channel's physical range are clipped to it. */
BB_API bb_status bb_edf_writer_append(bb_edf_writer *writer, const double *data, int64_t samples,
                                      bb_error *err);

/* Pads a last record that is not full with zeros, puts the file in place and frees the writer, whatever comes
 * back. */
BB_API bb_status bb_edf_writer_close(bb_edf_writer *writer, bb_error *err);

/* Frees the writer and removes what it wrote. NULL is fine. */
BB_API void bb_edf_writer_abandon(bb_edf_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
