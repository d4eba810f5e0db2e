/* Channels as the recording shows them: types, units, bad ones, electrodes' places. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/fif.h"

/* FIFFV_..._CH. */
enum { KIND_EEG = 2, KIND_TRIGGER = 3, KIND_SEEG = 802, KIND_DBS = 803, KIND_ECOG = 902 };

enum { UNIT_NONE = -1, UNIT_UNITLESS = 0, UNIT_VOLT = 107, MAX_EXPONENT = 24 };

static const struct {
    int32_t kind;
    bb_channel_type type;
} kinds[] = {{KIND_EEG, BB_CHANNEL_EEG}, {KIND_TRIGGER, BB_CHANNEL_TRIG}, {202, BB_CHANNEL_EOG},
             {302, BB_CHANNEL_EMG},      {402, BB_CHANNEL_ECG},           {KIND_SEEG, BB_CHANNEL_SEEG},
             {KIND_DBS, BB_CHANNEL_DBS}, {KIND_ECOG, BB_CHANNEL_ECOG}};

/* FIFF_UNIT_. */
static const struct {
    int32_t unit;
    const char *name;
} units[] = {{1, "m"},      {2, "kg"},   {3, "s"},       {4, "A"},     {5, "K"},     {6, "mol"},
             {7, "rad"},    {8, "sr"},   {9, "cd"},      {10, "M"},    {101, "Hz"},  {102, "N"},
             {103, "Pa"},   {104, "J"},  {105, "W"},     {106, "C"},   {107, "V"},   {108, "F"},
             {109, "ohm"},  {110, "S"},  {111, "Wb"},    {112, "T"},   {113, "H"},   {114, "oC"},
             {115, "lm"},   {116, "lx"}, {117, "V/m^2"}, {201, "T/m"}, {202, "A*m"}, {203, "A/m"},
             {204, "A/m^2"}};

/* FIFFV_COORD_ and FIFFV_MNE_COORD_, by the names MNE gives them. */
static const struct {
    int32_t frame;
    const char *name;
} frames[] = {{1, "meg"},        {4, "head"},          {5, "mri"},           {2002, "ras"},
              {2003, "mni_tal"}, {2004, "fs_tal_gtz"}, {2005, "fs_tal_ltz"}, {2006, "fs_tal"}};

typedef struct faults {
    size_t unscaled, unitless, elsewhere;
} faults;

static bb_channel_type type_of(int32_t kind) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; ++i)
        if (kinds[i].kind == kind) return kinds[i].type;
    return BB_CHANNEL_MISC;
}

static const char *unit_name(int32_t unit) {
    for (size_t i = 0; i < sizeof units / sizeof *units; ++i)
        if (units[i].unit == unit) return units[i].name;
    return "n/a";
}

static const char *frame_name(int32_t frame) {
    for (size_t i = 0; i < sizeof frames / sizeof *frames; ++i)
        if (frames[i].frame == frame) return frames[i].name;
    return NULL;
}

bool bb_fif_is_electrode(const bb_fif_channel *c) {
    return c->kind == KIND_EEG || c->kind == KIND_SEEG || c->kind == KIND_DBS || c->kind == KIND_ECOG;
}

const char *bb_fif_channel_name(const bb_fif_channel *c) { return c->name ? c->name : c->short_name; }

double bb_fif_calibration(const bb_fif_channel *c) {
    const double scale = (double)c->range * (double)c->calibration;
    if (c->unit == UNIT_NONE || c->unit == UNIT_UNITLESS || c->exponent == 0) return scale;
    return abs(c->exponent) > MAX_EXPONENT ? NAN : scale * pow(10, c->exponent);
}

void bb_fif_free_channels(bb_fif_scan *scan) {
    for (size_t i = 0; i < scan->channel_count; ++i) bb_free(scan->channels[i].name);
    bb_free(scan->channels);
    scan->channels = NULL;
    scan->channel_count = 0;
}

static int compare_short(const void *a, const void *b) {
    const bb_fif_channel *const *x = a, *const *y = b;
    return strcmp((*x)->short_name, (*y)->short_name);
}

static int compare_full(const void *a, const void *b) {
    const bb_fif_channel *const *x = a, *const *y = b;
    return strcmp(bb_fif_channel_name(*x), bb_fif_channel_name(*y));
}

/* Marks those among `names`, separated by colons, that `compare` finds, and takes them off the
 * list. */
static void mark_bads(bb_fif_channel **order, size_t count, char *names,
                      int (*compare)(const void *, const void *)) {
    qsort(order, count, sizeof *order, compare);
    for (char *at = names, *stop; at; at = stop ? stop + 1 : NULL) {
        stop = strchr(at, ':');
        if (stop) *stop = '\0';
        bb_fif_channel key = {.name = at}, *const pointer = &key;
        snprintf(key.short_name, sizeof key.short_name, "%s", at);
        bb_fif_channel **found = bsearch(&pointer, order, count, sizeof *order, compare);
        const bool fits = compare != compare_short || strlen(at) <= BB_FIF_NAME_BYTES;
        if (stop) *stop = ':';
        if (!found || !fits || at == stop || *at == '\0') continue;
        (*found)->bad = true;
        memset(at, ':', stop ? (size_t)(stop - at) : strlen(at));
    }
}

static size_t count_left(const char *names) {
    size_t left = 0;
    for (bool begun = false; *names; ++names) {
        left += !begun && *names != ':';
        begun = *names != ':';
    }
    return left;
}

/* The list is of short names, by which the channels' full ones were replaced; other programs may differ. */
static bb_status find_bads(bb_recording *r, bb_fif_scan *scan, bb_error *err) {
    char *names;
    if (scan->bads.kind == 0) return BB_OK;
    BB_TRY(
        bb_fif_read_text(scan->file, &scan->bads, scan->channel_count * (BB_FIF_MAX_NAME + 1), &names, err));
    bb_fif_channel **order = bb_calloc(scan->channel_count, sizeof *order);
    if (order) {
        for (size_t i = 0; i < scan->channel_count; ++i) order[i] = &scan->channels[i];
        mark_bads(order, scan->channel_count, names, compare_short);
        mark_bads(order, scan->channel_count, names, compare_full);
        const size_t left = count_left(names);
        if (left > 0)
            bb_recording_warn(r, "%zu names in the list of bad channels are of no channel, left out", left);
    }
    bb_free(names);
    bb_free(order);
    return order ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
}

/* The frame of the recording is that of its first electrode with a place. */
static void set_position(bb_recording *r, const bb_fif_channel *c, bb_channel *channel, faults *found) {
    const char *frame = frame_name(c->frame);
    const float *p = c->position;
    if (!bb_fif_is_electrode(c) || !frame || !isfinite(p[0]) || !isfinite(p[1]) || !isfinite(p[2])) return;
    if (p[0] == 0 && p[1] == 0 && p[2] == 0) return;
    if (!r->info.coordinate_system) {
        r->info.coordinate_system = frame;
        r->info.coordinate_unit = "m";
    }
    if (strcmp(r->info.coordinate_system, frame) != 0) {
        ++found->elsewhere;
        return;
    }
    channel->has_position = true;
    for (int i = 0; i < 3; ++i) channel->position[i] = (double)p[i];
}

/* What samples are multiplied by, and the unit they then have. A trigger's numbers are codes, whatever unit
 * the file gives for them. */
static double set_scale(const bb_fif_channel *c, bb_channel *channel, faults *found) {
    const bool brain = bb_channel_is_brain(channel->type), none = strcmp(unit_name(c->unit), "n/a") == 0;
    const double scale = bb_fif_calibration(c);
    if (!isfinite(scale) || scale == 0) {
        ++found->unscaled;
        channel->unit = "digital";
        return 1;
    }
    channel->unit = channel->type == BB_CHANNEL_TRIG ? "n/a" : unit_name(c->unit);
    if (c->unit == UNIT_VOLT && channel->type != BB_CHANNEL_TRIG) channel->unit = "uV";
    if (none && brain) {
        ++found->unitless;
        channel->unit = "uV";
    }
    /* A current density is no voltage, whatever the electrode. */
    if (brain && strcmp(channel->unit, "uV") != 0) channel->type = BB_CHANNEL_MISC;
    return strcmp(channel->unit, "uV") == 0 ? scale * 1e6 : scale;
}

static void warn_faults(bb_recording *r, const faults *found) {
    size_t brain = 0, scalp = 0;
    for (size_t i = 0; i < r->channel_count; ++i) {
        brain += bb_channel_is_brain(r->channels[i].type);
        scalp += r->channels[i].type == BB_CHANNEL_EEG;
    }
    if (found->unscaled > 0)
        bb_recording_warn(r, "the calibration of %zu channels is 0 or no number, so their values are digital",
                          found->unscaled);
    if (found->unitless > 0)
        bb_recording_warn(r, "%zu brain channels have no unit, taken for V", found->unitless);
    if (found->elsewhere > 0)
        bb_recording_warn(r, "the places of %zu channels are not in %s coordinates as the first, left out",
                          found->elsewhere, r->info.coordinate_system);
    if (brain == 0 && scalp > 0)
        bb_recording_warn(r, "no channel is of an intracranial type (sEEG, ECoG, DBS); %zu are of type EEG",
                          scalp);
}

bb_status bb_fif_add_channels(bb_recording *r, bb_fif_scan *scan, bb_error *err) {
    bb_fif *fif = scan->fif;
    faults found = {0};
    BB_TRY(find_bads(r, scan, err));
    fif->channel_count = scan->channel_count;
    fif->scales = bb_calloc(scan->channel_count, sizeof *fif->scales);
    if (!fif->scales) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    for (size_t i = 0; i < scan->channel_count; ++i) {
        const bb_fif_channel *c = &scan->channels[i];
        const char *name = bb_fif_channel_name(c);
        char number[32];
        snprintf(number, sizeof number, "ch%zu", i + 1);
        bb_channel channel = {.name = name[strspn(name, " ")] ? name : number,
                              .type = type_of(c->kind),
                              .bad = c->bad,
                              .rate_hz = scan->rate_hz,
                              .samples = fif->samples};
        const double scale = fif->scales[i] = set_scale(c, &channel, &found);
        if (!scan->wide) {
            channel.low = fmin(INT16_MIN * scale, INT16_MAX * scale);
            channel.high = fmax(INT16_MIN * scale, INT16_MAX * scale);
        }
        set_position(r, c, &channel, &found);
        BB_TRY(bb_recording_add_channel(r, &channel, err));
    }
    warn_faults(r, &found);
    return BB_OK;
}
