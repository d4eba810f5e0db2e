/* Pieces of HDF5 files, for tests that write their own; a failure ends the program. */
#ifndef BB_TESTS_HDF5_PARTS_H
#define BB_TESTS_HDF5_PARTS_H

#include <hdf5.h>

#include "export.h"

/* Writes `data` of `memory` type as a dataset; `chunk` NULL: in one piece. Closed already. */
void part_dataset(hid_t at, const char *name, hid_t type, int dims, const hsize_t *shape,
                  const hsize_t *chunk, bool packed, hid_t memory, const void *data);
void part_number(hid_t at, const char *name, double value);
/* A list of texts; `count` 0: a single one, texts[0]. */
void part_texts(hid_t at, const char *name, const char *const *texts, size_t count, bool variable);
void part_text_attribute(hid_t object, const char *name, const char *text, bool variable);
void part_number_attribute(hid_t object, const char *name, hid_t type, double value);
/* The same for an object by its name. */
void part_name_text(hid_t at, const char *object, const char *name, const char *text, bool variable);
void part_name_number(hid_t at, const char *object, const char *name, double value);

/* The signal's samples as the layout has them. */
void part_samples(hid_t at, const char *name, const export_signal *signal, const export_hdf5_layout *layout);

#endif
