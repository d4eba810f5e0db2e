/* Channel types as tables beside a recording spell them. */
#ifndef BB_RECORDING_CHANNEL_TYPE_H
#define BB_RECORDING_CHANNEL_TYPE_H

#include "brainbert/recording.h"

/* The BIDS keywords in any case ("ECoG", "HEOG", "PUPIL", ...). False for another word.
 * https://bids-specification.readthedocs.io/en/stable/modality-specific-files/intracranial-electroencephalography.html
 */
bool bb_channel_type_parse(const char *keyword, bb_channel_type *out);

#endif
