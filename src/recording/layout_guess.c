#include "recording/layout_guess.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/decimal.h"
#include "base/error.h"

enum { WORD = 32 };

/* Best first. "trial" is FieldTrip's, "Data" RIPPLELAB's, "timeseries" that of the RAM project's files. */
static const char *const data_names[] = {"timeseries", "data",    "signal", "signals",   "ieeg",  "seeg",
                                         "ecog",       "eeg",     "lfp",    "voltage",   "raw",   "rawdata",
                                         "eegdata",    "lfpdata", "traces", "recording", "trial", "samples",
                                         "analog",     "values",  "wave",   "wav",       "gdat",  "x"};
static const char *const rate_names[] = {"samplingrate",
                                         "samplerate",
                                         "samplingfrequency",
                                         "samplefrequency",
                                         "sfreq",
                                         "srate",
                                         "fs",
                                         "fsample",
                                         "samprate",
                                         "sampfreq",
                                         "ratehz",
                                         "fshz",
                                         "sampling",
                                         "samplingratehz",
                                         "sampleratehz",
                                         "sf",
                                         "samplingfreq",
                                         "samplefreq",
                                         "sr",
                                         "rate",
                                         "hz"};
static const char *const channel_names[] = {
    "channelnames", "chnames",    "channellabels", "chlabels",    "labels",         "label",
    "names",        "chanlabels", "channame",      "channelname", "electrodenames", "contactnames",
    "elecnames",    "contacts",   "chanlocs",      "channels",    "electrodes"};

/* Lower case, without what separates words; "" if it is longer than any name here. */
static void flatten(const char *name, char out[WORD]) {
    size_t n = 0;
    for (; *name; ++name) {
        if (strchr("_-.: ", *name)) continue;
        if (n == WORD - 1) {
            n = 0;
            break;
        }
        out[n++] = *name >= 'A' && *name <= 'Z' ? (char)(*name + ('a' - 'A')) : *name;
    }
    out[n] = '\0';
}

static int find(const char *name, const char *const *names, size_t count) {
    char word[WORD];
    flatten(name, word);
    for (size_t i = 0; i < count; ++i)
        if (strcmp(word, names[i]) == 0) return (int)i;
    return -1;
}

int bb_guess_data_rank(const char *name) {
    return find(name, data_names, sizeof data_names / sizeof *data_names);
}

int bb_guess_rate_rank(const char *name) {
    return find(name, rate_names, sizeof rate_names / sizeof *rate_names);
}

int bb_guess_channels_rank(const char *name) {
    return find(name, channel_names, sizeof channel_names / sizeof *channel_names);
}

bool bb_guess_is_unit(const char *name) {
    static const char *const unit_names[] = {"unit", "units"};
    return find(name, unit_names, 2) >= 0;
}

bool bb_guess_unit_is_better(const char *text, bool beside, bool found, bool found_beside) {
    return found ? beside && !found_beside : beside || bb_unit_to_uv(text) != 0;
}

double bb_guess_number(const char *text) {
    double value;
    return bb_decimal_parse(text, strlen(text), &value) ? value : NAN;
}

bool bb_guess_rate_fits(double rate_hz) { return isfinite(rate_hz) && rate_hz >= 1 && rate_hz <= 1e6; }

/* Numbers that could be samples: those called a time or a rate are not. */
static bool may_be_data(const bb_guess_array *a) {
    const bool time = strncasecmp(a->name, "time", 4) == 0 || strcasecmp(a->name, "t") == 0 ||
                      strcasecmp(a->name, "tvec") == 0;
    return a->count > 1 && bb_guess_rate_rank(a->name) < 0 && (!time || bb_guess_data_rank(a->name) >= 0);
}

/* Whether `a` is the likelier one: by the better name, then a matrix before a vector, unless the other is far
 * larger; then by size. 0: no telling. */
static int compare_data(const bb_guess_array *a, const bb_guess_array *b) {
    /* -1, no name that fits, comes last. */
    const unsigned x = (unsigned)bb_guess_data_rank(a->name), y = (unsigned)bb_guess_data_rank(b->name);
    const int order = x != y ? (x < y ? 1 : -1) : b->flat - a->flat;
    if (order != 0 && (order > 0 ? a : b)->count >= (order > 0 ? b : a)->count / 16) return order;
    return (a->count > b->count) - (a->count < b->count);
}

/* Arrays of one path are the cells of one, of which any will do. */
void bb_guess_offer_data(bb_guess_data *guess, const bb_guess_array *array, size_t index) {
    if (!may_be_data(array)) return;
    const int order = guess->alike ? compare_data(array, &guess->best) : 1;
    if (order < 0 || (order == 0 && strcmp(array->path, guess->best.path) == 0)) return;
    const size_t n = order > 0 ? 0 : strlen(guess->paths);
    snprintf(guess->paths + n, sizeof guess->paths - n, "%s%s", n ? ", " : "", array->path);
    guess->alike = order > 0 ? 1 : guess->alike + 1;
    if (order == 0) return;
    guess->best = *array;
    guess->index = index;
}

bb_status bb_guess_settle_data(bb_recording *r, const bb_guess_data *guess, bb_error *err) {
    if (guess->alike > 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "%s: which array holds the samples? %s are alike: name one (--data NAME)",
                       r->info.path, guess->paths);
    if (bb_guess_data_rank(guess->best.name) < 0)
        bb_recording_warn(r, "'%s', the largest array, is taken for the samples (--data NAME)",
                          guess->best.path);
    return BB_OK;
}

void bb_guess_offer_rate(bb_guess_rate *guess, const char *name, bool beside, double value) {
    const int rank = bb_guess_rate_rank(name), order = beside ? rank : rank + 1000;
    if (rank < 0 || !bb_guess_rate_fits(value) || (guess->found && order >= guess->rank)) return;
    *guess = (bb_guess_rate){true, order, value};
}

double bb_guess_settle_rate(bb_recording *r, const bb_guess_rate *guess) {
    r->rate_assumed = !guess->found;
    if (guess->found) return guess->rate_hz;
    bb_recording_warn(r, "no sampling rate is stated; 2048 Hz is assumed (--rate HZ)");
    return 2048;
}

bb_status bb_guess_stated_unit(const bb_recording_options *options, double *scale, bb_error *err) {
    *scale = options->unit ? bb_unit_to_uv(options->unit) : 1;
    if (*scale != 0) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "unit: expected uV, mV, V or nV, found '%.40s'", options->unit);
}

bb_status bb_guess_unit(bb_recording *r, const bb_recording_options *options, const char *stated,
                        const char **unit, double *scale, bb_error *err) {
    *unit = "uV";
    BB_TRY(bb_guess_stated_unit(options, scale, err));
    if (options->unit) return BB_OK;
    r->unit_assumed = !stated || !stated[0];
    if (r->unit_assumed) {
        bb_recording_warn(r, "no unit is stated; the samples are taken for uV (--unit UNIT)");
        return BB_OK;
    }
    *scale = bb_unit_to_uv(stated);
    if (*scale != 0) return BB_OK;
    bb_recording_warn(r, "the unit '%.40s' is no voltage, so that its channels count as MISC", stated);
    *unit = stated;
    *scale = 1;
    return BB_OK;
}

bb_status bb_guess_orientation(const bb_recording *r, const char *what, int64_t rows, int64_t columns,
                               int64_t names, bool *rows_are_channels, bb_error *err) {
    const bool flat = rows == 1 || columns == 1;
    *rows_are_channels = flat || (names != rows && names != columns) ? rows <= columns : names == rows;
    if (rows == columns && rows > 1)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: %s: expected more samples than channels, found %lld x %lld: no telling which is "
                       "which",
                       r->info.path, what, (long long)rows, (long long)columns);
    if ((*rows_are_channels ? rows : columns) > BB_MAX_CHANNELS)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected at most %d channels, found %lld x %lld",
                       r->info.path, what, BB_MAX_CHANNELS, (long long)rows, (long long)columns);
    return BB_OK;
}

void bb_guess_warn_names(bb_recording *r, const char *path, int64_t count) {
    if (count > 1)
        bb_recording_warn(r,
                          "'%.200s' lists %lld names, but no dimension of the samples is as long: not used",
                          path, (long long)count);
}

bb_status bb_guess_add_channel(bb_recording *r, bb_channel *channel, bb_error *err) {
    char number[32];
    snprintf(number, sizeof number, "ch%zu", r->channel_count + 1);
    if (!channel->name || channel->name[strspn(channel->name, " ")] == '\0') channel->name = number;
    channel->type = bb_channel_type_with_unit(channel->name, channel->unit);
    return bb_recording_add_channel(r, channel, err);
}
