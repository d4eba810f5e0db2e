#include <string.h>
#include <strings.h>

#include "recording/recording.h"

/* The micro sign as UTF-8 (U+00B5), as the Greek letter (U+03BC), as Latin-1, as UTF-8 of which each byte was
 * taken for Latin-1 and encoded again, and as the letter u. */
static const char *const micro[] = {"\xc2\xb5", "\xce\xbc", "\xb5", "\xc3\x82\xc2\xb5", "u", "U"};

double bb_unit_to_uv(const char *unit) {
    for (size_t i = 0; i < sizeof micro / sizeof *micro; ++i) {
        const size_t n = strlen(micro[i]);
        if (strncmp(unit, micro[i], n) == 0 && strcasecmp(unit + n, "V") == 0) return 1;
    }
    if (strcasecmp(unit, "V") == 0 || strcasecmp(unit, "Volt") == 0) return 1e6;
    /* "MV" is left alone: nobody measures megavolts, but it is not for us to guess. */
    if (strcmp(unit, "mV") == 0 || strcmp(unit, "mv") == 0) return 1e3;
    if (strcasecmp(unit, "nV") == 0) return 1e-3;
    return 0;
}

bb_channel_type bb_channel_type_with_unit(const char *name, const char *unit) {
    const bb_channel_type type = bb_channel_type_of(name);
    const bool voltage = strcmp(unit, "uV") == 0 || strcmp(unit, "digital") == 0;
    return bb_channel_is_brain(type) && !voltage ? BB_CHANNEL_MISC : type;
}
