#include "source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

source_options source_defaults(void) { return (source_options){.highpass = NAN, .rate = NAN}; }

void source_file_rows(source_options *s, option out[FILE_OPTIONS]) {
    const option rows[FILE_OPTIONS] = {
        {"--rate", "HZ", OPTION_NUMBER, &s->rate, 1e-3, 1e7,
         "sampling rate of files that do not hold it; default: 2048"},
        {"--labels", "FILE", OPTION_WORD, &s->labels, 0, 0,
         "electrode_labels.json of a Brain Treebank file; default: looked for"},
    };
    memcpy(out, rows, sizeof rows);
}

void source_rows(source_options *s, option out[SOURCE_OPTIONS]) {
    const option rows[SOURCE_OPTIONS - FILE_OPTIONS] = {
        {"--notch", "HZ", OPTION_WORD, &s->notch, 0, 0,
         "mains frequency to take out with its harmonics, or 'none'; default: the recipe's"},
        {"--reference", "NAME", OPTION_WORD, &s->reference, 0, 0,
         "laplacian, bipolar, car or none; default: the recipe's"},
        {"--highpass", "HZ", OPTION_NUMBER, &s->highpass, 0, 1e6,
         "Butterworth high-pass of order 4; 0: none; default: the recipe's"},
        {"--channels", "LIST", OPTION_WORD, &s->channels, 0, 0,
         "names, separated by commas; default: all that record the brain"},
        {"--bads", "LIST", OPTION_WORD, &s->bads, 0, 0, "names of channels to count as bad"},
    };
    memcpy(out, rows, sizeof rows);
    source_file_rows(s, out + SOURCE_OPTIONS - FILE_OPTIONS);
}

/* 0 for "none", a frequency, or -1. */
static double notch_frequency(const char *text) {
    if (strcmp(text, "none") == 0) return 0;
    char *end;
    const double hz = strtod(text, &end);
    return end != text && !*end && hz > 0 && hz < 1e6 ? hz : -1;
}

int source_check(const source_options *s) {
    bb_reference reference;
    if (s->notch && notch_frequency(s->notch) < 0)
        return complain(EXIT_USAGE, "--notch: expected 60, 50, another frequency or none, found '%s'",
                        s->notch);
    if (s->reference && !bb_reference_from_name(s->reference, &reference))
        return complain(EXIT_USAGE, "--reference: expected laplacian, bipolar, car or none, found '%s'",
                        s->reference);
    return -1;
}

bb_status source_open(const source_options *s, const char *path, bb_recording **out, bb_error *err) {
    const bb_recording_options options = {.rate_hz = isnan(s->rate) ? 0 : s->rate, .labels_path = s->labels};
    return bb_recording_open(path, &options, out, err);
}

bb_signal_recipe source_recipe(const source_options *s, const bb_signal_recipe *recipe,
                               const bb_recording_info *info) {
    bb_signal_recipe r = *recipe;
    if (info->preprocessed) {
        r.notch_hz = r.highpass_hz = 0;
        r.reference = BB_REFERENCE_NONE;
    }
    if (s->notch) r.notch_hz = notch_frequency(s->notch);
    if (s->reference) bb_reference_from_name(s->reference, &r.reference);
    if (!isnan(s->highpass)) r.highpass_hz = s->highpass;
    return r;
}

void source_warn(const bb_recording_info *info, bool quiet) {
    for (size_t i = 0; i < info->warning_count && !quiet; ++i)
        complain(0, "%s: warning: %s", info->path, info->warnings[i]);
}
