#include <string.h>
#include <strings.h>

#include "recording/recording.h"

/* The micro sign as UTF-8 (U+00B5), as the Greek letter (U+03BC), as Latin-1, as UTF-8 of which each byte was
 * taken for Latin-1 and encoded again, as the letter u, as what programs put for a sign they can't write
 * (U+FFFD), and spelled out. */
static const struct {
    const char *text;
    double uv; /* in one volt so prefixed */
} prefixes[] = {{"\xc2\xb5", 1},
                {"\xce\xbc", 1},
                {"\xb5", 1},
                {"\xc3\x82\xc2\xb5", 1},
                {"\xef\xbf\xbd", 1},
                {"?", 1},
                {"u", 1},
                {"U", 1},
                {"micro", 1},
                {"Micro", 1},
                {"MICRO", 1},
                {"m", 1e3},
                {"milli", 1e3},
                {"Milli", 1e3},
                {"MILLI", 1e3},
                {"n", 1e-3},
                {"N", 1e-3},
                {"nano", 1e-3},
                {"Nano", 1e-3},
                {"NANO", 1e-3},
                {"", 1e6}};

static bool is_volt(const char *text) {
    static const char *const words[] = {"v", "volt", "volts"};
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
        if (strcasecmp(text, words[i]) == 0) return true;
    return false;
}

/* "MV" is left alone: nobody measures megavolts, but it is not for us to guess. "microvol" is what the eight
 * characters of EDF leave. */
double bb_unit_to_uv(const char *unit) {
    if (strcasecmp(unit, "microvol") == 0) return 1;
    if (strcasecmp(unit, "millivol") == 0) return 1e3;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; ++i) {
        const size_t n = strlen(prefixes[i].text);
        if (strncmp(unit, prefixes[i].text, n) == 0 && is_volt(unit + n)) return prefixes[i].uv;
    }
    return 0;
}

bb_channel_type bb_channel_type_with_unit(const char *name, const char *unit) {
    const bb_channel_type type = bb_channel_type_of(name);
    const bool voltage = strcmp(unit, "uV") == 0 || strcmp(unit, "digital") == 0;
    return bb_channel_is_brain(type) && !voltage ? BB_CHANNEL_MISC : type;
}

void bb_recording_warn_units(bb_recording *r) {
    size_t count = 0;
    const bb_channel *shown = NULL;
    for (size_t i = 0; i < r->channel_count; ++i) {
        const bb_channel *c = &r->channels[i];
        if (c->type != BB_CHANNEL_MISC || !bb_channel_is_brain(bb_channel_type_of(c->name))) continue;
        if (count++ == 0) shown = c;
    }
    if (count > 0)
        bb_recording_warn(
            r, "the unit '%.40s' of %zu channels (%.40s) is no voltage, so that they count as MISC",
            shown->unit, count, shown->name);
}
