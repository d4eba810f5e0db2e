/* EDF, EDF+, BDF and BDF+: what their header says, as far as samples and events need it.
 *
 * Kemp et al., "A simple format for exchange of digitized polygraphic recordings", 1992; Kemp and Olivan,
 * "European data format 'plus' (EDF+)", 2003; https://www.edfplus.info/specs/. BDF is EDF with samples of 24
 * bits: https://www.biosemi.com/faq/file_format.htm */
#ifndef BB_RECORDING_EDF_H
#define BB_RECORDING_EDF_H

#include "recording/recording.h"

enum { BB_EDF_LABEL = 16, BB_EDF_NUMBER = 8, BB_EDF_BLOCK = 256 };

typedef struct bb_edf_signal {
    char label[BB_EDF_LABEL + 1];
    char unit[BB_EDF_NUMBER + 1]; /* "uV" for voltages */
    bool annotations;
    double gain, zero; /* value = gain * digital + zero */
    double low, high;  /* the values at the ends of the digital range; both 0: not known */
    int64_t samples;   /* in one data record; 0: left out */
    int64_t place;     /* of its first byte in a data record */
} bb_edf_signal;

typedef struct bb_edf {
    bool discontinuous;  /* EDF+D, BDF+D */
    size_t sample_bytes; /* 2, or 3 in BDF */
    int64_t data_start, record_bytes, records;
    double record_s;
    size_t signal_count;
    bb_edf_signal *signals;
    size_t *signal_of; /* by channel */
    unsigned char *buffer;
    size_t buffer_size;
} bb_edf;

/* Fills all but signal_of and buffer; sets info.format; warns of every rule the header breaks. */
bb_status bb_edf_read_header(bb_recording *recording, bb_edf *edf, bb_error *err);

/* Adds the events of the annotation signals, their onsets counted from the first sample. */
bb_status bb_edf_read_annotations(bb_recording *recording, const bb_edf *edf, bb_error *err);

#endif
