/* The datasets of a plain HDF5 or MATLAB 7.3 file, and which of them are samples, rate and names. */
#ifndef BB_RECORDING_HDF5_CATALOG_H
#define BB_RECORDING_HDF5_CATALOG_H

#include "recording/hdf5_recording.h"

typedef struct bb_hdf5_item {
    char *path;
    const char *name; /* the path's last part */
    bb_hdf5_kind kind;
    int64_t rows, columns; /* one dimension: one row */
    bool characters;       /* MATLAB's texts, as numbers */
    char *target;          /* of a cell of samples: the dataset that is read; NULL: this one */
    size_t pieces;         /* how many samples' datasets the cell holds */
} bb_hdf5_item;

typedef struct bb_hdf5_catalog {
    const bb_input *file;
    hid_t id;
    bool matlab;
    bb_hdf5_item *items;
    size_t count, capacity;
    bool out_of_memory;
    bool hidden;     /* what `unread` is about has a name like the samples' */
    bb_error unread; /* about a dataset that can't be read, the first one or one like the samples */
} bb_hdf5_catalog;

/* Lists the datasets whose elements are numbers, texts or references. Free also after a failure. */
bb_status bb_hdf5_catalog_read(const bb_input *file, hid_t id, bool matlab, bb_hdf5_catalog *out,
                               bb_error *err);
void bb_hdf5_catalog_free(bb_hdf5_catalog *catalog);

/* Cells with a name like the samples' (FieldTrip's `trial`) stand for the largest of their datasets. */
bb_status bb_hdf5_catalog_enter_cells(bb_hdf5_catalog *catalog, bb_error *err);

/* The item that a caller calls `name`: a path with or without the first slash; for MATLAB "Struct.field" too.
 * BB_ERR_ARGUMENT, listing what there is. */
bb_status bb_hdf5_catalog_find(const bb_hdf5_catalog *catalog, const char *name, const bb_hdf5_item **out,
                               bb_error *err);

/* The samples: options->data_name, else by name and size. */
bb_status bb_hdf5_pick_data(bb_recording *r, const bb_hdf5_catalog *catalog,
                            const bb_recording_options *options, const bb_hdf5_item **out, bb_error *err);

/* Where attributes of the samples may be: on them, their group, the root. "" stands for a place named before.
 */
enum { BB_HDF5_PLACES = 3 };
void bb_hdf5_places(const bb_hdf5_item *data, char out[BB_HDF5_PLACES][BB_HDF5_PATH]);

/* The rate: what the options say, else an attribute or a single number or text with a name like a rate's,
 * else 2048 with a warning. */
bb_status bb_hdf5_pick_rate(bb_recording *r, const bb_hdf5_catalog *catalog,
                            const bb_recording_options *options, const bb_hdf5_item *data, double *rate_hz,
                            bb_error *err);

/* The unit that the file states: an attribute of the samples, else a text (of a list the first); "" if there
 * is none. */
void bb_hdf5_pick_unit(const bb_hdf5_catalog *catalog, const bb_hdf5_item *data, char out[BB_HDF5_LABEL]);

/* The list of names: options->channels_name, else a list as long as the samples' dataset is wide or high;
 * *out is NULL if there is none, with a warning if one is of another length. */
bb_status bb_hdf5_pick_names(bb_recording *r, const bb_hdf5_catalog *catalog,
                             const bb_recording_options *options, const bb_hdf5_item *data,
                             const bb_hdf5_item **out, bb_error *err);

/* How many names `item` holds: its elements, or for MATLAB's matrices of characters their rows. */
int64_t bb_hdf5_name_count(const bb_hdf5_item *item);

/* Its `count` names, each with BB_HDF5_LABEL bytes; bb_free. */
bb_status bb_hdf5_names_read(const bb_hdf5_catalog *catalog, const bb_hdf5_item *item, size_t count,
                             char **out, bb_error *err);

/* An attribute that is such a list, as long as the samples' dataset is wide or high: its names as above and
 * their number, else NULL and 0. */
bb_status bb_hdf5_names_attribute(bb_recording *r, const bb_hdf5_catalog *catalog, const bb_hdf5_item *data,
                                  char **out, size_t *count, bb_error *err);

#endif
