/* BrainVision Core Data Format 1.0 and 2.0: a header (.vhdr) and markers (.vmrk) as text in sections, and the
 * samples in a file of their own (.eeg, .dat, .avg). Brain Products, "Specification of BrainVision Core Data
 * Format 1.0", document version 2.5, 2019. */
#ifndef BB_RECORDING_BRAINVISION_H
#define BB_RECORDING_BRAINVISION_H

#include "recording/recording.h"

typedef enum bb_brainvision_sample {
    BB_BRAINVISION_INT_16,
    BB_BRAINVISION_UINT_16,
    BB_BRAINVISION_INT_32,
    BB_BRAINVISION_FLOAT_32
} bb_brainvision_sample;

typedef struct bb_brainvision {
    char *header_path, *data_path, *marker_path; /* marker_path: NULL if there is none */
    bb_brainvision_sample sample;
    size_t width; /* bytes of a sample */
    bool big_endian;
    bool vectorized; /* all samples of a channel lie together, not all channels of a sample */
    double rate_hz;
    size_t channel_count;
    double *gains;   /* by channel: value = gain * sample */
    int64_t points;  /* samples of a channel, as the header states them; -1: it does not */
    int64_t samples; /* of a channel, by the size of the data file */
    bb_input data;
    unsigned char *buffer;
} bb_brainvision;

/* A piece of a text; at = NULL: there is none. */
typedef struct bb_brainvision_span {
    const char *at;
    size_t length;
} bb_brainvision_span;

/* A walk over the lines "key=value" of a header or marker file, up to its free text behind [Comment]. */
typedef struct bb_brainvision_lines {
    const char *at, *end;
    size_t number; /* of the present line, from 1 */
    bb_brainvision_span section, key, value;
} bb_brainvision_lines;

/* Whether a text that starts like this is a header (kind "Header File") or a marker file ("Marker File"), by
 * its first line. */
bool bb_brainvision_is_text(const void *head, size_t count, const char *kind);

void bb_brainvision_begin(bb_brainvision_lines *lines, const char *text, size_t size);
/* False behind the last line. Comments, blank lines and lines without "=" are passed over. */
bool bb_brainvision_next(bb_brainvision_lines *lines);

/* Field `index` of a comma-separated value, without surrounding blanks; at = NULL if there are fewer. */
bb_brainvision_span bb_brainvision_field(bb_brainvision_span value, size_t index);
/* Letters are compared without case. */
bool bb_brainvision_equals(bb_brainvision_span span, const char *word);
/* N of a key such as "Ch12" or "Mk3"; 0 if the key is of another form. */
size_t bb_brainvision_number(bb_brainvision_span key, const char *stem);
/* A whole number up to 2^53; false if the span holds anything else. */
bool bb_brainvision_whole(bb_brainvision_span span, int64_t *out);
/* Copies to `out`, which has room for length + 1 bytes, with "\1" made a comma again; returns the length. */
size_t bb_brainvision_decode(bb_brainvision_span span, char *out);

/* The header of the recording of which `path` is the data or the marker file, by its name; NULL if there is
 * none; bb_free. */
char *bb_brainvision_find_header(const char *path);

/* Whether the path ends as those of data files do. */
bool bb_brainvision_is_data_name(const char *path);

/* Sets header_path from the file that was opened. */
bb_status bb_brainvision_set_header(bb_recording *recording, bb_brainvision *bv, bb_error *err);

/* Sets data_path and marker_path from what the header names; only files beside it are taken. */
bb_status bb_brainvision_set_files(bb_recording *recording, bb_brainvision *bv, bb_brainvision_span data,
                                   bb_brainvision_span markers, bb_error *err);

/* Fills all from `sample` to `samples`, opens `data`, and adds the channels. */
bb_status bb_brainvision_read_header(bb_recording *recording, bb_brainvision *bv, bb_error *err);

/* Adds the events of the marker file, if there is one. */
bb_status bb_brainvision_read_markers(bb_recording *recording, const bb_brainvision *bv, bb_error *err);

#endif
