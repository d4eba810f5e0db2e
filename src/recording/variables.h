/* The variables of a file that leaves open what is what (MAT, .npz), and the choice of those that hold the
 * samples, the sampling rate, the unit and the channels' names. docs/recordings.md gives the rules. */
#ifndef BB_RECORDING_VARIABLES_H
#define BB_RECORDING_VARIABLES_H

#include "recording/flat_array.h"

/* Files with more are not looked at any further; text is cut there. */
enum { BB_MAX_VARIABLES = 1 << 17, BB_VARIABLE_TEXT = 128, BB_VARIABLE_PATH = 256 };

/* One array of numbers, or one string. Cells of one cell array, rows of a matrix of characters, elements of
 * an array of strings and one field of all elements of a structure array share their path and are neighbours
 * in that order. */
typedef struct bb_variable {
    const char *path; /* "EEG.chanlocs.labels" */
    const char *text; /* NULL: numbers */
    bb_element element;
    bool column_major;
    size_t dims;           /* of which have not the length 1 */
    int64_t rows, columns; /* where those are at most 2; a vector is one row */
    int64_t count;         /* of elements */
    double value;          /* of the only element of a scalar, else NaN */
    double low, high;      /* limits of the type; both 0: none known */
    size_t source;         /* the reader's own: where the elements lie */
    int64_t offset;        /* grows within the source */
} bb_variable;

typedef struct bb_variables {
    bb_variable *items;
    size_t count, capacity;
    size_t damaged;  /* could not be read and are left out */
    bb_error damage; /* of the first of them */
} bb_variables;

/* Counts one that could not be read because of `why`, which costs the others nothing. */
void bb_variables_leave_out(bb_variables *variables, const bb_error *why);

/* Sets dims, rows, columns and count; false when the number of elements overflows. */
bool bb_variable_shape(bb_variable *variable, const int64_t *shape, size_t dims);

/* Adds a copy, whose path and text are kept by the recording. BB_ERR_UNSUPPORTED beyond BB_MAX_VARIABLES. */
bb_status bb_variables_add(bb_recording *recording, bb_variables *variables, const bb_variable *variable,
                           bb_error *err);

/* Brings those of one path together, in the order of source and offset. */
void bb_variables_sort(bb_variables *variables);

/* Chooses, adds the channels with names, types, rate and limits, and warns of what had to be guessed. Sets
 * *data and the shape, element and scale of `array`.
 * Errors: BB_ERR_ARGUMENT for a name in `options` that fits nothing, BB_ERR_UNSUPPORTED without samples; if
 * variables were left out, why the first of them was. */
bb_status bb_variables_choose(bb_recording *recording, const bb_recording_options *options,
                              const bb_variables *variables, const bb_variable **data, bb_flat_array *array,
                              bb_error *err);

void bb_variables_free(bb_variables *variables);

#endif
