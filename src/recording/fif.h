/* FIF: the tagged files of Neuromag systems and MNE, as far as raw recordings need them.
 *
 * Elekta Neuromag, "Functional Image File Format Description", FIFF version 1.3, 2011; the numbers of tags,
 * blocks, types and units are listed at https://github.com/mne-tools/fiff-constants. All numbers are
 * big-endian. */
#ifndef BB_RECORDING_FIF_H
#define BB_RECORDING_FIF_H

#include "recording/recording.h"

enum {
    BB_FIF_TAG_BYTES = 16,
    BB_FIF_NAME_BYTES = 16,
    BB_FIF_MAX_PIECES = 1 << 20, /* buffers and skips, of all parts; a buffer is usually a second or more */
    BB_FIF_MAX_PARTS = 1000,     /* files of a split recording */
    BB_FIF_MAX_NAME = 1024,      /* bytes of a channel's full name */
    BB_FIF_MAX_TEXT = 64 << 20,  /* bytes of the labels of annotations */
    BB_FIF_MAX_SKIP_DAYS = 30
};

/* FIFFB_: blocks. */
enum {
    BB_FIF_ROOT = 0, /* ours: outside every block */
    BB_FIF_MEAS = 100,
    BB_FIF_MEAS_INFO = 101,
    BB_FIF_RAW_DATA = 102,
    BB_FIF_CONTINUOUS_DATA = 112,
    BB_FIF_CHANNEL_DETAILS = 113,
    BB_FIF_REFERENCE = 118,
    BB_FIF_SHIELDED_RAW_DATA = 119,
    BB_FIF_BAD_CHANNELS = 359,
    BB_FIF_ANNOTATIONS = 3810
};

/* FIFFT_: types. */
enum {
    BB_FIF_ZEROS = 0, /* ours: the piece is a skip */
    BB_FIF_SHORT = 2,
    BB_FIF_INT = 3,
    BB_FIF_FLOAT = 4,
    BB_FIF_DOUBLE = 5,
    BB_FIF_PACK16 = 16,
    BB_FIF_COMPLEX_FLOAT = 20,
    BB_FIF_COMPLEX_DOUBLE = 21
};

typedef struct bb_fif_tag {
    int32_t kind, type;
    int64_t size;  /* bytes of its data */
    int64_t place; /* of its data */
} bb_fif_tag;

typedef struct bb_fif_channel {
    char short_name[BB_FIF_NAME_BYTES + 1]; /* by which the list of bad channels calls it */
    char *name;                             /* the full one; NULL: the short one is all there is */
    int32_t kind, unit, exponent, frame;    /* FIFFV_..._CH, FIFF_UNIT_, FIFF_UNITM_, FIFFV_COORD_ */
    float range, calibration;
    float position[3]; /* m */
    bool bad;
} bb_fif_channel;

/* One buffer, [samples, channels], or a skip. */
typedef struct bb_fif_piece {
    int64_t first, samples; /* of the recording */
    int64_t place;          /* of the buffer in its part */
    int32_t type;
    uint32_t part;
} bb_fif_piece;

/* A time in microseconds since 1970; a file can hold one and say by it that none is known. */
typedef struct bb_fif_date {
    bool present, known;
    int64_t us;
} bb_fif_date;

/* The reference to another part that is being read. */
typedef struct bb_fif_reference {
    int32_t role, number; /* role 0: there is none; number -1: not said */
    char name[256];
} bb_fif_reference;

/* What one part says. */
typedef struct bb_fif_scan {
    const bb_input *file;
    uint32_t part;
    bb_recording *recording; /* takes the seams */
    struct bb_fif *fif;      /* takes the pieces */

    int64_t stated_channels; /* -1: not said */
    double rate_hz, mains_hz;
    bb_fif_channel *channels;
    size_t channel_count, channel_capacity, detailed; /* blocks of details that have begun */
    bb_fif_tag bads;                                  /* kind 0: none, as below */
    bb_fif_tag onsets, ends, labels, origin;
    size_t infos, annotation_blocks, raw_blocks;
    bb_fif_date dates[6]; /* of the measurement, then of identifiers; the first that is present counts */

    bool shielded;
    bool sampled;             /* the first sample is said */
    int64_t stated_first;     /* as it is said */
    int64_t first_sample;     /* on the clock of the system that recorded: behind a skip at the start */
    int64_t samples, skipped; /* samples of this part; those of its skips */
    int64_t skip;             /* one that awaits the length of its buffers */
    bool wide;                /* not all buffers are of 16 bits */

    bb_fif_reference reference, next; /* next.role 0: the last part */
    bool continues;                   /* an earlier part exists */
    bool cut_off, skips_in_samples;
    uint32_t held; /* kinds of content, by bit */
} bb_fif_scan;

typedef struct bb_fif {
    bb_fif_piece *pieces;
    size_t piece_count, piece_capacity;
    int64_t samples; /* of all pieces */
    size_t channel_count;
    double *scales; /* by channel */
    char **parts;   /* paths; the first is NULL: the recording's own */
    size_t part_count, part_capacity;
    bb_input open; /* part `open_part`, if that is not 0 */
    size_t open_part;
    unsigned char *buffer;
} bb_fif;

static inline uint32_t bb_fif_u32(const unsigned char *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline int32_t bb_fif_i32(const unsigned char *at) { return (int32_t)bb_fif_u32(at); }

float bb_fif_f32(const unsigned char *at);
double bb_fif_f64(const unsigned char *at);

/* Bytes of one number of a real type; 0 for every other type. */
int64_t bb_fif_width(int32_t type);

/* Up to `most` numbers of an integer or float tag as doubles; *count: how many. */
bb_status bb_fif_read_numbers(const bb_input *file, const bb_fif_tag *tag, double *out, size_t most,
                              size_t *count, bb_error *err);
/* The first number; a tag without one is BB_ERR_FORMAT. */
bb_status bb_fif_read_number(const bb_input *file, const bb_fif_tag *tag, double *out, bb_error *err);

/* The first integer of an integer tag. */
bb_status bb_fif_read_integer(const bb_input *file, const bb_fif_tag *tag, int32_t *out, bb_error *err);

/* A date as one tag says it: seconds, or seconds and microseconds. */
bb_status bb_fif_read_date(const bb_input *file, const bb_fif_tag *tag, bb_fif_date *out, bb_error *err);

/* The tag's bytes with a terminating zero, up to `limit`; free with bb_free. */
bb_status bb_fif_read_text(const bb_input *file, const bb_fif_tag *tag, size_t limit, char **out,
                           bb_error *err);

/* Follows the tags from the start of scan->file to the end and hands each to what takes its block. */
bb_status bb_fif_walk(bb_fif_scan *scan, bb_error *err);

/* What a file without raw data holds ("epochs"); never NULL. */
const char *bb_fif_content(uint32_t held);

/* The tags of one block, for bb_fif_walk. */
bb_status bb_fif_take_root(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err);
bb_status bb_fif_take_meas(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err);
bb_status bb_fif_take_info(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err);
bb_status bb_fif_take_details(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err);
bb_status bb_fif_take_bads(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err);
bb_status bb_fif_take_annotations(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err);
bb_status bb_fif_take_data(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err);
bb_status bb_fif_take_reference(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err);
void bb_fif_begin_reference(bb_fif_scan *scan);
void bb_fif_end_reference(bb_fif_scan *scan);

/* Opens the part that `scan` names as the next into fif->open; *found is false behind the last. */
bb_status bb_fif_open_next(bb_recording *r, const bb_fif_scan *scan, bool *found, bb_error *err);
/* The open file of a part. */
bb_status bb_fif_part_file(bb_recording *r, size_t part, const bb_input **out, bb_error *err);

/* Marks the bad ones, fills fif->scales and adds them all to the recording. */
bb_status bb_fif_add_channels(bb_recording *r, bb_fif_scan *scan, bb_error *err);
/* Whether its place is that of an electrode, and not of a coil. */
bool bb_fif_is_electrode(const bb_fif_channel *channel);
/* What a sample is multiplied by, in V and the like; 0 or no number where the file makes no sense. */
double bb_fif_calibration(const bb_fif_channel *channel);
const char *bb_fif_channel_name(const bb_fif_channel *channel);
void bb_fif_free_channels(bb_fif_scan *scan);

/* The annotations and the skips as events. */
bb_status bb_fif_add_events(bb_recording *r, const bb_fif_scan *scan, bb_error *err);

#endif
