/* One recording written in every format the tests can write, so that readers can be compared with each other.
 */
#ifndef BB_TESTS_SUPPORT_EXPORT_H
#define BB_TESTS_SUPPORT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct export_event {
    double onset_s, duration_s;
    const char *label;
} export_event;

typedef struct export_signal {
    double rate_hz;
    size_t channel_count;
    int64_t samples;
    const char *const *names;
    const double *data; /* uV, [channels, samples] */
    size_t event_count;
    const export_event *events;
} export_signal;

typedef struct export_brainvision_layout {
    const char *format; /* "INT_16", "UINT_16", "INT_32", "IEEE_FLOAT_32" */
    bool vectorized, big_endian;
    double resolution; /* of a step, in `unit` */
    const char *unit;  /* as the header spells it; "" and NULL: it does not */
    double unit_uv;    /* uV in one `unit` */
} export_brainvision_layout;

/* Writes a header at `path`, which ends in ".vhdr", and the samples (.eeg) and markers (.vmrk) beside it.
 * Values are rounded to whole steps; a label "Type/Description" is taken apart at its first slash. */
void export_brainvision(const export_signal *signal, const char *path,
                        const export_brainvision_layout *layout);
/* MAT of level 5: `data` [channels, samples], `fs`, the cells `labels`, `units`; as doubles or as int16 of 1
 * uV, each variable packed (-v7) or not (-v6). */
void export_mat5(const char *path, const export_signal *signal, bool packed, bool integers);

/* .npz: `data` [channels, samples], `sfreq`, `ch_names`; as doubles or as int16 of 1 uV. */
void export_npz(const char *path, const export_signal *signal, bool deflated, bool integers);
/* Types of samples in FIF, by their number in the format. */
enum {
    EXPORT_FIF_SHORT = 2,
    EXPORT_FIF_INT = 3,
    EXPORT_FIF_FLOAT = 4,
    EXPORT_FIF_DOUBLE = 5,
    EXPORT_FIF_PACK16 = 16
};

/* Integers are written in steps of 2^-24 V. */
typedef struct export_fif_options {
    int type;
    int64_t buffer;                /* samples per buffer */
    int64_t part_buffers;          /* buffers per file, PATH-1.fif, PATH-2.fif, ...; 0: all in one */
    bool numbered;                 /* parts are named by their number alone */
    int64_t skip_from, skip_count; /* these buffers are left out, a skip stands for them */
    int32_t first_sample;
    bool dated; /* the measurement has a date, from which onsets count; else from the clock's zero */
    const int *kinds, *units; /* by channel; NULL: 802 (sEEG), 107 (V) */
    int frame;                /* of the places, for channels with details; 0: there are no places */
    float mains_hz;           /* 0: not said */
    const char *bads;         /* short names with colons between them; NULL: none */
} export_fif_options;

/* A raw FIF file as MNE writes it; names of more than 15 letters, or a frame, bring blocks of details. */
void export_fif(const export_signal *signal, const char *path, const export_fif_options *options);
/* How samples are stored in HDF5. */
typedef struct export_hdf5_layout {
    bool samples_first;
    int64_t chunk_samples, chunk_channels; /* 0: in one piece */
    bool packed;                           /* shuffle, deflate and fletcher32 */
    bool variable;                         /* texts of variable length, in the global heap */
    double step;                           /* uV; whole numbers of 16 bits in such steps; 0: floats */
} export_hdf5_layout;

/* Plain HDF5: /timeseries, /names, /samplerate, the attribute unit of the samples. `step` is 1 or 0. */
void export_hdf5(const export_signal *signal, const char *path, const export_hdf5_layout *layout);

/* MATLAB 7.3 as RIPPLELAB has it: Data, Header.Sampling, Header.Labels. `step` is 1 or 0. */
void export_mat73(const export_signal *signal, const char *path, const export_hdf5_layout *layout);

/* What an NWB file says besides. */
typedef struct export_nwb_options {
    export_hdf5_layout layout; /* samples come first */
    bool timestamps;           /* instead of a starting time and a rate */
    double start_s;
    const bool *bad;         /* by channel; NULL: no such column */
    const double *positions; /* [channels, 3]; NULL: none */
    const char *group;       /* description of the only group of electrodes */
} export_nwb_options;

/* NWB 2 as its Python and MATLAB libraries write it: the last electrode of the table is the first channel's.
 * Events become the table of trials, with tags. */
void export_nwb(const export_signal *signal, const char *path, const export_nwb_options *options);

/* /data/electrode_N, and electrode_labels.json beside the file at `path`, if `labels_path` is not NULL there.
 */
void export_treebank(const export_signal *signal, const char *path, const char *labels_path);

#endif
