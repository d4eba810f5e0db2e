/* What every reader of recordings shares: the open file, the strings, channels, events and warnings that the
 * caller sees, and the table of formats. A new format is one file with a bb_reader in it and one line in
 * recording.c. */
#ifndef BB_RECORDING_RECORDING_H
#define BB_RECORDING_RECORDING_H

#include "base/file.h"
#include "brainbert/recording.h"

/* Bytes from the start of the file that a probe sees. */
enum { BB_PROBE_BYTES = 512 };

/* More channels than any recording has; larger counts come from damaged files and transposed arrays. */
enum { BB_MAX_CHANNELS = 65536, BB_MAX_EVENTS = 1000000 };

typedef struct bb_reader {
    const char *name; /* for the list of formats in messages */

    /* Whether the file is of this format: its first `count` bytes (up to BB_PROBE_BYTES), its size in bytes
     * and, for formats of several files, its path. */
    bool (*probe)(const unsigned char *head, size_t count, int64_t size, const char *path);

    /* Fills recording->state, adds channels, events and warnings, sets info.format and, where known,
     * info.preprocessed and info.duration_s. What state holds is released by `close` also when this fails. */
    bb_status (*open)(bb_recording *recording, const bb_recording_options *options, bb_error *err);

    /* As bb_recording_read, whose checks have been made; samples and channel_count are not 0. */
    bb_status (*read)(bb_recording *recording, const size_t *channels, size_t channel_count, int64_t first,
                      int64_t samples, double *out, bb_error *err);

    /* Releases recording->state, which may be NULL or half built. */
    void (*close)(bb_recording *recording);
} bb_reader;

struct bb_recording {
    bb_recording_info info; /* its lists are set by bb_recording_finish */
    const bb_reader *reader;
    void *state; /* the reader's own */
    /* Set by a reader whose file holds no rate or no unit and whose caller stated none: a sidecar's count. */
    bool rate_assumed, unit_assumed;
    bool rate_stated; /* by the caller, whose word counts more than a sidecar's */
    /* How far the truth may be from the rate that the file states, in Hz, as its header rounds it; 0: it does
     * not. */
    double rate_slack_hz;
    double *scales; /* by channel: what values are multiplied by after the reader; NULL: nothing is */
    bb_input file;
    bb_channel *channels;
    bb_event *events;
    const char **warnings;
    const char **files;
    double *seams;
    size_t file_count, file_capacity, seam_count, seam_capacity;
    size_t channel_count, channel_capacity, event_count, event_capacity, warning_count, warning_capacity;
    struct bb_text_block *texts;
};

/* bb_hdf5_reader sees what kind of HDF5 a file is, and leaves it to a reader like bb_treebank_reader. */
extern const bb_reader bb_brainvision_reader, bb_edf_reader, bb_fif_reader, bb_hdf5_reader, bb_mat5_reader,
    bb_npy_reader, bb_npz_reader, bb_treebank_reader;

/* A copy, owned by the recording, of up to `length` bytes of `text` (or up to its terminating zero) without
 * surrounding blanks, as UTF-8: other bytes are taken for Latin-1, control characters become '?'. NULL when
 * memory is short. */
const char *bb_recording_keep(bb_recording *recording, const char *text, size_t length);

/* Adds a channel; its strings are copied by bb_recording_keep (NULL stays NULL, but for name and unit). */
bb_status bb_recording_add_channel(bb_recording *recording, const bb_channel *channel, bb_error *err);

/* Notes a file that was read for the recording beside the one it was opened by, once; the path is copied. */
bb_status bb_recording_add_file(bb_recording *recording, const char *path, bb_error *err);

/* Adds an event, its label copied by bb_recording_keep; beyond BB_MAX_EVENTS it only warns. One without a
 * finite onset is left out; a duration that is no positive number is 0. */
bb_status bb_recording_add_event(bb_recording *recording, double onset_s, double duration_s,
                                 const char *label, size_t length, bb_error *err);

/* The same for a row of a table: all of `event` is taken. */
bb_status bb_recording_add_row(bb_recording *recording, const bb_event *event, bb_error *err);

/* Says which table the events come from: a path that bb_recording_add_file noted. */
void bb_recording_name_events(bb_recording *recording, const char *path);

/* Says that a piece recorded at another time than what lies before it begins at `second` of the recording, in
 * any order, and sets info.has_gaps; beyond BB_MAX_EVENTS it only warns. */
bb_status bb_recording_add_seam(bb_recording *recording, double second, bb_error *err);

/* Adds a warning. Best effort: when memory is short or there are 64 already, it is left out. */
void bb_recording_warn(bb_recording *recording, const char *format, ...) BB_PRINTF(2, 3);

/* Orders the events by onset and the seams, makes names unique ("LA1", "LA1-2", with a warning), and fills
 * the lists, the rate and, if it is still 0, the duration of `info`. */
bb_status bb_recording_finish(bb_recording *recording, bb_error *err);

/* For qsort: by onset, then duration, then label, then line. */
int bb_event_compare(const void *a, const void *b);

/* uV per unit of a voltage ("uV", with either micro sign or none, "mV", "V", "nV", or spelled out); 0 if
 * `unit` (UTF-8 or Latin-1) is no voltage. */
double bb_unit_to_uv(const char *unit);

/* What a channel is by its name and the unit of its values ("uV", "digital", "%"): an oximeter's percent is
 * no contact, whatever its name. */
bb_channel_type bb_channel_type_with_unit(const char *name, const char *unit);

/* Warns of channels that their unit made MISC. */
void bb_recording_warn_units(bb_recording *recording);

/* The tidiest number within `slack` of `rate_hz`: a multiple of 1000 before one of 500, ... before a whole
 * one; itself if there is none. For rates that come out of times or steps that were rounded. */
double bb_rate_tidy(double rate_hz, double slack);

/* The rate that `options` asks for, or 2048 Hz, in *rate_hz; BB_ERR_ARGUMENT if it is no positive number. */
bb_status bb_recording_stated_rate(const bb_recording_options *options, double *rate_hz, bb_error *err);

#endif
