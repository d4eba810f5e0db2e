/* Files that leave open what is what (HDF5, MATLAB, .npz): what people call the samples, the sampling rate
 * and the channels' names, and the rules by which one of many is taken. Every name is compared without case
 * and without '_', '-', '.', ':' and blanks. docs/recordings.md gives the rules. */
#ifndef BB_RECORDING_LAYOUT_GUESS_H
#define BB_RECORDING_LAYOUT_GUESS_H

#include "recording/recording.h"

/* How well a name alone (of a variable, a field, a dataset; no path) fits: 0 is best, -1 not at all. */
int bb_guess_data_rank(const char *name);
int bb_guess_channels_rank(const char *name);
bool bb_guess_is_unit(const char *name);

/* Whether the unit `text` goes before what was found: beside the samples any unit counts, elsewhere a voltage
 * alone, as other things have units too. */
bool bb_guess_unit_is_better(const char *text, bool beside, bool found, bool found_beside);

/* The number that a text begins with ("2000 Hz"); NAN if none. */
double bb_guess_number(const char *text);

/* An array of numbers that may hold the samples. */
typedef struct bb_guess_array {
    const char *path, *name; /* the name is the path's last part */
    int64_t count;           /* of elements */
    bool flat;               /* a vector */
} bb_guess_array;

/* The best of those offered; begins as zeros. */
typedef struct bb_guess_data {
    bb_guess_array best;
    size_t index; /* its caller's number */
    size_t alike; /* how many are as likely; 0: none was offered that could be samples */
    char paths[512];
} bb_guess_data;

void bb_guess_offer_data(bb_guess_data *guess, const bb_guess_array *array, size_t index);

/* After an offer was taken: BB_ERR_ARGUMENT, with their names, if several paths are alike; warns if it was
 * taken for its size alone. */
bb_status bb_guess_settle_data(bb_recording *recording, const bb_guess_data *guess, bb_error *err);

/* The rate with the best name, those beside the samples first; begins as zeros. */
typedef struct bb_guess_rate {
    bool found;
    int rank;
    double rate_hz;
} bb_guess_rate;

/* `value` may be NaN. */
void bb_guess_offer_rate(bb_guess_rate *guess, const char *name, bool beside, double value);
int bb_guess_rate_rank(const char *name);
/* Whether a number can be the sampling rate of a recording, in Hz. */
bool bb_guess_rate_fits(double rate_hz);
/* The rate found, or 2048 Hz with a warning. */
double bb_guess_settle_rate(bb_recording *recording, const bb_guess_rate *guess);

/* The unit that the channels get and the factor that turns what is stored into it: of the caller's unit,
 * which must be a voltage (BB_ERR_ARGUMENT); else of the file's, `stated`; else (NULL or "") uV, with a
 * warning. A unit that is no voltage stays, with a warning. */
bb_status bb_guess_unit(bb_recording *recording, const bb_recording_options *options, const char *stated,
                        const char **unit, double *scale, bb_error *err);
/* The factor of the caller's unit; 1 if there is none. */
bb_status bb_guess_stated_unit(const bb_recording_options *options, double *scale, bb_error *err);

/* Which dimension of `rows` x `columns` channels lie along: the one as long as the list of names (`names`, 0:
 * none), else the shorter; a vector is one channel. Errors: BB_ERR_UNSUPPORTED for a square, BB_ERR_FORMAT
 * for more than BB_MAX_CHANNELS. */
bb_status bb_guess_orientation(const bb_recording *recording, const char *what, int64_t rows, int64_t columns,
                               int64_t names, bool *rows_are_channels, bb_error *err);

/* Warns that the list of `count` names at `path` was not used, as no dimension is as long. */
void bb_guess_warn_names(bb_recording *recording, const char *path, int64_t count);

/* Adds a channel, "chN" if `name` is NULL or blank; its type comes from name and unit. */
bb_status bb_guess_add_channel(bb_recording *recording, bb_channel *channel, bb_error *err);

#endif
