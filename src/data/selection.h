/* Which channels go into the chain, and which of its outputs are wanted. */
#ifndef BB_DATA_SELECTION_H
#define BB_DATA_SELECTION_H

#include "brainbert/recording.h"
#include "brainbert/signal.h"

/* Whether `name` is one of the comma-separated names in `list` (blanks around names do not count). */
bool bb_list_holds(const char *list, const char *name);

/* The channels to read: indices into info->channels and the chain's view of them. The brain channels of the
 * recording's rate that are not bad; without a reference only those that `names` asks for, of whatever type.
 * Arrays are freshly allocated (bb_free). BB_ERR_ARGUMENT when a name in `names` or `bads` is unknown, or
 * nothing is left. */
bb_status bb_select_inputs(const bb_recording_info *info, bb_reference reference, const char *names,
                           const char *bads, size_t **indices, bb_chain_channel **channels, size_t *count,
                           bb_error *err);

/* The outputs that `names` asks for (NULL: all) of the chain made of these channels, as indices, freshly
 * allocated. */
bb_status bb_select_outputs(const bb_chain *chain, const bb_chain_channel *channels, size_t channel_count,
                            const char *names, const char *path, size_t **outputs, size_t *count,
                            bb_error *err);

#endif
