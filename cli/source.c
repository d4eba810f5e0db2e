#include "source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

source_options source_defaults(void) { return (source_options){.highpass = NAN, .rate = NAN}; }

void source_file_rows(source_options *s, option out[FILE_OPTIONS]) {
    const option rows[FILE_OPTIONS] = {
        {"--rate", "HZ", OPTION_NUMBER, &s->rate, 1e-3, 1e7,
         "sampling rate of files that do not hold it; default: 2048"},
        {"--data", "NAME", OPTION_WORD, &s->data, 0, 0,
         "variable or dataset of the samples in MAT, HDF5, NWB, npz; default: guessed"},
        {"--rate-from", "NAME", OPTION_WORD, &s->rate_from, 0, 0,
         "the one of the sampling rate; default: guessed"},
        {"--names", "NAME", OPTION_WORD, &s->names, 0, 0, "the one of the channels' names; default: guessed"},
        {"--unit", "UNIT", OPTION_WORD, &s->unit, 0, 0,
         "of samples in MAT, HDF5, npz, npy; default: what the file says, else uV"},
        {"--labels", "FILE", OPTION_WORD, &s->labels, 0, 0,
         "electrode_labels.json of a Brain Treebank file; default: looked for"},
    };
    memcpy(out, rows, sizeof rows);
}

void source_signal_rows(source_options *s, option out[SIGNAL_OPTIONS]) {
    const option rows[SIGNAL_OPTIONS] = {
        {"--notch", "HZ", OPTION_WORD, &s->notch, 0, 0,
         "mains frequency to take out with its harmonics, or 'none'; default: the recording's or the "
         "recipe's"},
        {"--harmonics", "N", OPTION_WORD, &s->harmonics, 0, 0,
         "notches, the mains frequency's own among them, or 'all' below half the rate; default: the recipe's "
         "6"},
        {"--reference", "NAME", OPTION_WORD, &s->reference, 0, 0,
         "laplacian, bipolar, car or none; default: the recipe's"},
        {"--highpass", "HZ", OPTION_NUMBER, &s->highpass, 0, 1e6,
         "Butterworth high-pass of order 4; 0: none; default: the recipe's"},
        {"--bandpass", "LOW-HIGH", OPTION_WORD, &s->bandpass, 0, 0,
         "Butterworth band-pass of order 5 in Hz, such as 70-250, or 'none'; default: the recipe's"},
        {"--channels", "LIST", OPTION_WORD, &s->channels, 0, 0,
         "names, separated by commas; default: all that record the brain"},
        {"--bads", "LIST", OPTION_WORD, &s->bads, 0, 0,
         "names of channels to count as bad beside those marked so; 'none': use marked ones too"},
    };
    memcpy(out, rows, sizeof rows);
}

void source_rows(source_options *s, option out[SOURCE_OPTIONS]) {
    source_signal_rows(s, out);
    source_file_rows(s, out + SIGNAL_OPTIONS);
}

bool source_signal_said(const source_options *s) {
    return s->notch || s->harmonics || s->reference || s->bandpass || s->channels || s->bads ||
           !isnan(s->highpass);
}

/* No power line is outside of these. */
static const double least_notch_hz = 10, most_notch_hz = 1000;

/* 0 for "none", a frequency, or -1. */
static double notch_frequency(const char *text) {
    if (strcmp(text, "none") == 0) return 0;
    char *end;
    const double hz = strtod(text, &end);
    return end != text && !*end && hz >= least_notch_hz && hz <= most_notch_hz ? hz : -1;
}

/* "70-250", or "none" for two zeros. */
static bool band_of(const char *text, double *low, double *high) {
    *low = *high = 0;
    if (strcmp(text, "none") == 0) return true;
    return parse_range(text, low, high) && *low > 0 && *low < *high && *high < 1e6;
}

/* How many notches; -1 for what is no number. */
static long harmonics_of(const char *text) {
    if (strcmp(text, "all") == 0) return BB_ALL_HARMONICS;
    char *end;
    const long count = strtol(text, &end, 10);
    return end != text && !*end && count >= 1 && count <= BB_ALL_HARMONICS ? count : -1;
}

int source_check(const source_options *s) {
    bb_reference reference;
    double low, high;
    if (s->notch && notch_frequency(s->notch) < 0)
        return complain(EXIT_USAGE,
                        "--notch: expected 60, 50, another frequency from %g to %g Hz or none, found '%s'",
                        least_notch_hz, most_notch_hz, s->notch);
    if (s->harmonics && harmonics_of(s->harmonics) < 0)
        return complain(EXIT_USAGE, "--harmonics: expected 1 to %d, or all, found '%s'", BB_ALL_HARMONICS,
                        s->harmonics);
    if (s->bandpass && !band_of(s->bandpass, &low, &high))
        return complain(EXIT_USAGE,
                        "--bandpass: expected two frequencies such as 70-250, or none, found '%s'",
                        s->bandpass);
    if (s->reference && !bb_reference_from_name(s->reference, &reference))
        return complain(EXIT_USAGE, "--reference: expected laplacian, bipolar, car or none, found '%s'",
                        s->reference);
    return -1;
}

bb_status source_fits(const source_options *s, const bb_signal_recipe *recipe, bb_error *err) {
    if (!s->notch || notch_frequency(s->notch) < recipe->rate_hz / 2) return BB_OK;
    return fail(err, BB_ERR_ARGUMENT, "--notch: expected less than half of the recipe's %g Hz, found '%s'",
                recipe->rate_hz, s->notch);
}

bb_recording_options source_recording(const source_options *s) {
    return (bb_recording_options){.rate_hz = isnan(s->rate) ? 0 : s->rate,
                                  .data_name = s->data,
                                  .rate_name = s->rate_from,
                                  .channels_name = s->names,
                                  .unit = s->unit,
                                  .labels_path = s->labels};
}

bb_status source_open(const source_options *s, const char *path, bb_recording **out, bb_error *err) {
    const bb_recording_options options = source_recording(s);
    return bb_recording_open(path, &options, out, err);
}

bb_signal_wishes source_wishes(const source_options *s) {
    bb_signal_wishes w = bb_signal_wishes_none();
    bb_reference reference;
    if (s->notch) w.notch_hz = notch_frequency(s->notch);
    if (s->harmonics) w.harmonics = (int)harmonics_of(s->harmonics);
    if (s->reference && bb_reference_from_name(s->reference, &reference)) w.reference = (int)reference;
    if (s->bandpass) band_of(s->bandpass, &w.bandpass_low_hz, &w.bandpass_high_hz);
    w.highpass_hz = s->highpass;
    return w;
}

bb_signal_recipe source_recipe(const source_options *s, const bb_signal_recipe *recipe,
                               const bb_recording_info *info) {
    const bb_signal_wishes wishes = source_wishes(s);
    return bb_signal_recipe_for(recipe, &wishes, info);
}

void source_warn(const bb_recording_info *info, bool quiet) {
    for (size_t i = 0; i < info->warning_count && !quiet; ++i)
        complain(0, "%s: warning: %s", info->path, info->warnings[i]);
}

void source_warn_unread(const bb_sources *sources, bool quiet) {
    const char *text = bb_sources_warning(sources);
    if (text && !quiet) complain(0, "warning: %s", text);
}

void source_warn_mains(const source_options *s, const bb_signal_recipe *recipe, const bb_recording_info *info,
                       bool quiet) {
    static bool told; /* the program makes one call */
    char text[128];
    const bb_signal_wishes wishes = source_wishes(s);
    if (quiet || told || !bb_mains_remark(recipe, &wishes, info, text, sizeof text)) return;
    complain(0, "%s: warning: %s", info->path, text);
    told = true;
}
