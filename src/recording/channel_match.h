/* Which row of a table beside a recording belongs to which of its channels. */
#ifndef BB_RECORDING_CHANNEL_MATCH_H
#define BB_RECORDING_CHANNEL_MATCH_H

#include <stddef.h>

#include "brainbert/status.h"

#define BB_NO_ROW ((size_t)-1)

/* Fills row_of[name_count] with indices into `rows`, or BB_NO_ROW, and tells how many channels have one.
 * First by the exact name, and the second of a name that occurs twice to the second; what is then left over
 * by the contact that the name stands for (bb_contact_parse): "POL LA1-Ref", "LA01" and "LA1" are one;
 * then by the bare name (bb_label_bare), where it is the only one of its list: "EEG Cz-Ref" and "CZ" are one.
 * Entries may be NULL: they match nothing. */
bb_status bb_match_names(const char *const *names, size_t name_count, const char *const *rows,
                         size_t row_count, size_t *row_of, size_t *matched, bb_error *err);

#endif
