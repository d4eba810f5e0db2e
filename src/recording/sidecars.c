#include "recording/sidecars.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "brainbert/events.h"

enum { MOST_HZ = 1000000000 };

static bb_status keep(bb_recording *r, const char **to, const char *text, bb_error *err) {
    if (!text || !*text) return BB_OK;
    if (!(*to = bb_recording_keep(r, text, SIZE_MAX)))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    return BB_OK;
}

/* A reader may know better; it has then set these already. */
static bb_status say_which(bb_recording *r, bb_error *err) {
    bb_identity id;
    bb_identify(r->info.path, &id);
    if (!r->info.subject) BB_TRY(keep(r, &r->info.subject, id.subject, err));
    if (!r->info.session) BB_TRY(keep(r, &r->info.session, id.session, err));
    if (!r->info.task) BB_TRY(keep(r, &r->info.task, id.task, err));
    return r->info.run ? BB_OK : keep(r, &r->info.run, id.run, err);
}

/* null and "n/a" say nothing. */
static const cJSON *stated(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    const char *text = cJSON_GetStringValue(item);
    return cJSON_IsNull(item) || (text && (!*text || strcasecmp(text, "n/a") == 0)) ? NULL : item;
}

static bb_status stated_number(const cJSON *object, const char *key, double *out, const char *path,
                               bb_error *err) {
    return stated(object, key) ? bb_json_number(object, key, 1e-9, MOST_HZ, out, path, err) : BB_OK;
}

/* The notch can be chosen by hand: what is wrong here loses no recording. Texts are common: "50", "60 Hz". */
static void take_mains(bb_recording *r, const cJSON *object, const char *path) {
    const cJSON *item = stated(object, "PowerLineFrequency");
    const char *text = cJSON_GetStringValue(item);
    double hz = cJSON_IsNumber(item) ? item->valuedouble : 0;
    if (!item) return;
    if (text && bb_decimal_parse(text, strlen(text), &hz) == 0) hz = 0;
    if (hz > 0 && hz <= MOST_HZ)
        r->info.mains_hz = hz;
    else
        bb_recording_warn(r, "%s: \"PowerLineFrequency\": expected a positive number of Hz; it is left out",
                          bb_path_name(path));
}

static bb_status read_object(const char *path, cJSON **out, bb_error *err) {
    *out = NULL;
    BB_TRY(bb_json_read(path, out, err));
    if (cJSON_IsObject(*out)) return BB_OK;
    cJSON_Delete(*out);
    *out = NULL;
    return bb_fail(err, BB_ERR_FORMAT, "%s: expected a JSON object, found another value", path);
}

/* Every _ieeg.json from the root inwards; a nearer one's values replace those of one further out. */
static bb_status take_json(bb_recording *r, const bb_sidecars *s, double *rate_hz, bb_error *err) {
    for (size_t level = s->count; level-- > 0;) {
        cJSON *object = NULL;
        char *path = bb_sidecars_find(s, level, s->name.suffix, ".json", "", NULL);
        if (!path) continue;
        bb_status status = bb_recording_add_file(r, path, err);
        if (status == BB_OK) status = read_object(path, &object, err);
        if (status == BB_OK) status = stated_number(object, "SamplingFrequency", rate_hz, path, err);
        if (status == BB_OK) take_mains(r, object, path);
        cJSON_Delete(object);
        bb_free(path);
        BB_TRY(status);
    }
    return BB_OK;
}

/* The file's own times, which are samples over its rate, at another rate. */
static void change_rate(bb_recording *r, double rate_hz) {
    const double factor = r->channels[0].rate_hz / rate_hz;
    r->info.duration_s = 0;
    for (size_t i = 0; i < r->channel_count; ++i) r->channels[i].rate_hz = rate_hz;
    for (size_t i = 0; i < r->seam_count; ++i) r->seams[i] *= factor;
    for (size_t i = 0; i < r->event_count; ++i) {
        r->events[i].onset_s *= factor;
        r->events[i].duration_s *= factor;
    }
}

static bool has_one_rate(const bb_recording *r) {
    for (size_t i = 1; i < r->channel_count; ++i)
        if (r->channels[i].rate_hz != r->channels[0].rate_hz) return false;
    return r->channel_count > 0;
}

/* The sidecar's rate counts; what differs by more than a header's rounding is warned of. One that fits none
 * of several rates cannot count for all of them. */
static void take_rate(bb_recording *r, double rate_hz) {
    if (r->rate_assumed) r->info.duration_s = 0; /* it may rest on the assumed one */
    if (rate_hz == 0 || r->channel_count == 0) return;
    const double own = r->channels[0].rate_hz;
    if (r->rate_assumed) {
        for (size_t i = 0; i < r->channel_count; ++i) r->channels[i].rate_hz = rate_hz;
    } else if (r->rate_stated) {
        if (fabs(own - rate_hz) > 1e-6 * rate_hz)
            bb_recording_warn(r, "the sidecar states %.10g Hz, the call %.10g Hz, which was used", rate_hz,
                              own);
    } else if (has_one_rate(r)) {
        if (fabs(own - rate_hz) > fmax(r->rate_slack_hz, 1e-6 * rate_hz))
            bb_recording_warn(r, "the sidecar states %.10g Hz, which was used, the file %.10g Hz", rate_hz,
                              own);
        if (own != rate_hz) change_rate(r, rate_hz);
    } else {
        bool known = false;
        for (size_t i = 0; i < r->channel_count; ++i)
            known = known || fabs(r->channels[i].rate_hz - rate_hz) <= 1e-6 * rate_hz;
        if (!known)
            bb_recording_warn(
                r, "the sidecar states %.10g Hz, the file others, %.10g Hz the first, which were used",
                rate_hz, own);
    }
}

/* The nearest file of this kind. */
static char *find_nearest(const bb_sidecars *s, const char *suffix, const char *extension, const char *space,
                          size_t *choices) {
    char *path = NULL;
    for (size_t level = 0; level < s->count && !path; ++level)
        path = bb_sidecars_find(s, level, suffix, extension, space, choices);
    return path;
}

/* The first of the file's own events, in order, at or behind `second`. */
static size_t find_event(const bb_recording *r, double second) {
    size_t low = 0, high = r->event_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (r->events[middle].onset_s < second)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether the table counts the seconds of the joined pieces, as the file's own events do: behind the first
 * gap all of its onsets are among theirs, but for a table's rounding to milliseconds. */
static bool counts_joined(bb_recording *r, const bb_events *events) {
    double first = INFINITY;
    const double near = 1e-3 + (r->channel_count ? 1.5 / r->channels[0].rate_hz : 0);
    if (events->count == 0) return false;
    for (size_t i = 0; i < r->seam_count; ++i) first = fmin(first, r->seams[i]);
    if (r->seam_count == 0) first = 0;
    if (r->event_count > 1) qsort(r->events, r->event_count, sizeof *r->events, bb_event_compare);
    for (size_t i = 0; i < events->count; ++i) {
        const double onset = events->items[i].onset_s;
        const size_t at = find_event(r, onset - near);
        if (onset >= first && (at == r->event_count || r->events[at].onset_s > onset + near)) return false;
    }
    return true;
}

/* Why the file's own events stay; NULL if the table's are used. */
static const char *why_own(bb_recording *r, const bb_events *events) {
    if (r->info.has_gaps && !counts_joined(r, events))
        return "counts from the first sample, but the recording has gaps";
    return !events->labelled && r->event_count > 0 ? "has no column of labels" : NULL;
}

static bb_status use_events(bb_recording *r, const bb_events *events, const char *path, bb_error *err) {
    const char *why = why_own(r, events), *file = bb_path_name(path);
    if (events->left_out > 0)
        bb_recording_warn(r, "%zu lines of %s have no onset and are left out", events->left_out, file);
    if (why) {
        bb_recording_warn(r, "%s %s: the file's own %zu events were used", file, why, r->event_count);
        return BB_OK;
    }
    if (r->event_count > 0 && r->event_count != events->count)
        bb_recording_warn(r, "%s lists %zu events, the file itself %zu; the former are used", file,
                          events->count, r->event_count);
    r->event_count = 0;
    bb_recording_name_events(r, path);
    for (size_t i = 0; i < events->count; ++i) BB_TRY(bb_recording_add_row(r, &events->items[i], err));
    return BB_OK;
}

static bb_status take_events(bb_recording *r, const char *path, bb_error *err) {
    bb_events events;
    BB_TRY(bb_events_read(path, &events, err));
    bb_status status = bb_recording_add_file(r, path, err);
    if (status == BB_OK) status = use_events(r, &events, path, err);
    bb_events_free(&events);
    return status;
}

static bb_status take_system(bb_recording *r, const char *path, bb_error *err) {
    static const char *const systems[] = {"iEEGCoordinateSystem", "EEGCoordinateSystem"};
    static const char *const units[] = {"iEEGCoordinateUnits", "EEGCoordinateUnits"};
    cJSON *object;
    BB_TRY(read_object(path, &object, err));
    bb_status status = bb_recording_add_file(r, path, err);
    for (size_t i = 2; i-- > 0 && status == BB_OK;) {
        status = keep(r, &r->info.coordinate_system, cJSON_GetStringValue(stated(object, systems[i])), err);
        if (status == BB_OK)
            status = keep(r, &r->info.coordinate_unit, cJSON_GetStringValue(stated(object, units[i])), err);
    }
    cJSON_Delete(object);
    return status;
}

/* The electrodes and the space they are in; the space of the file's name where no _coordsystem.json says. */
static bb_status take_electrodes(bb_recording *r, const bb_sidecars *s, const char *const *file_names,
                                 bb_error *err) {
    size_t choices = 0;
    char *path = find_nearest(s, "electrodes", ".tsv", NULL, &choices);
    if (!path) return BB_OK;
    bb_bids_name name;
    const char *space = bb_bids_name_parse(path, &name) ? bb_bids_name_get(&name, "space") : NULL;
    if (choices > 1)
        bb_recording_warn(r, "%zu tables of electrodes apply; %s was used", choices, bb_path_name(path));
    bb_status status = bb_sidecars_take_electrodes(r, path, file_names, false, err);
    char *system = find_nearest(s, "coordsystem", ".json", space, NULL);
    if (status == BB_OK && system) status = take_system(r, system, err);
    if (status == BB_OK && !r->info.coordinate_system)
        status = keep(r, &r->info.coordinate_system, space, err);
    bb_free(system);
    bb_free(path);
    return status;
}

static bb_status take_tree(bb_recording *r, const bb_sidecars *s, const char *const *file_names,
                           bb_error *err) {
    double rate_hz = 0, table_hz = 0;
    BB_TRY(take_json(r, s, &rate_hz, err));
    if (rate_hz > 0) take_rate(r, rate_hz); /* first, as the table's rates are compared with it */
    char *channels = find_nearest(s, "channels", ".tsv", "", NULL);
    bb_status status = channels ? bb_sidecars_take_channels(r, channels, &table_hz, err) : BB_OK;
    bb_free(channels);
    BB_TRY(status);
    if (rate_hz == 0) take_rate(r, r->rate_assumed ? table_hz : 0);
    char *events = find_nearest(s, "events", ".tsv", "", NULL);
    status = events ? take_events(r, events, err) : BB_OK;
    bb_free(events);
    BB_TRY(status);
    return take_electrodes(r, s, file_names, err);
}

static bb_status apply_tree(bb_recording *r, bb_sidecars *s, const char *const *file_names, bb_error *err) {
    bb_status status = bb_sidecars_locate(r->info.path, s, err);
    if (status == BB_OK) status = bb_sidecars_take_dataset(r, s, err);
    if (status == BB_OK) status = take_tree(r, s, file_names, err);
    bb_sidecars_free(s);
    return status;
}

/* ---------------------------------------------------------------- without a BIDS name */

enum { CHANNELS, EVENTS, ELECTRODES, LABELS, SYSTEM, BESIDE };

static bb_status take_beside(bb_recording *r, int kind, const char *path, const char *const *file_names,
                             bb_error *err) {
    double rate_hz = 0;
    switch (kind) {
    case CHANNELS:
        BB_TRY(bb_sidecars_take_channels(r, path, &rate_hz, err));
        take_rate(r, r->rate_assumed ? rate_hz : 0);
        return BB_OK;
    case EVENTS:
        return take_events(r, path, err);
    case SYSTEM:
        return take_system(r, path, err);
    default:
        return bb_sidecars_take_electrodes(r, path, file_names, kind == LABELS, err);
    }
}

/* Files that are known by nothing but their names may be others': what is wrong with one is warned of, unless
 * it could lose a bad channel. */
static bb_status apply_beside(bb_recording *r, const char *const *file_names, bb_error *err) {
    static const char *const endings[BESIDE] = {"_channels.tsv", "_events.tsv", "_electrodes.tsv",
                                                "_electrodes_labels.tsv", "_coordsystem.json"};
    const char *name = bb_path_name(r->info.path), *point = strrchr(name, '.');
    const size_t stem = (point ? (size_t)(point - name) : strlen(name)) + (size_t)(name - r->info.path);
    const size_t room = stem + 32;
    if (point == name) return BB_OK;
    char *path = bb_calloc(room, 1);
    bb_status status = path ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    for (int kind = 0; kind < BESIDE && status == BB_OK; ++kind) {
        bb_error own = {0};
        snprintf(path, room, "%.*s%s", (int)stem, r->info.path, endings[kind]);
        if (!bb_file_exists(path)) continue;
        status = take_beside(r, kind, path, file_names, &own);
        if (status == BB_OK) continue;
        if (kind != CHANNELS && status != BB_ERR_MEMORY) {
            bb_recording_warn(r, "%s: it is left out", own.message);
            status = BB_OK;
        } else if (err) {
            *err = own;
        }
    }
    bb_free(path);
    return status;
}

/* ---------------------------------------------------------------- both */

bb_status bb_sidecars_apply(bb_recording *r, bb_error *err) {
    bb_sidecars s = {0};
    BB_TRY(say_which(r, err));
    const bool tree = bb_bids_name_parse(r->info.path, &s.name) &&
                      (strcmp(s.name.suffix, "ieeg") == 0 || strcmp(s.name.suffix, "eeg") == 0);
    const char **file_names = bb_calloc(r->channel_count, sizeof *file_names);
    if (!file_names) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    for (size_t i = 0; i < r->channel_count; ++i) file_names[i] = r->channels[i].name;
    const bb_status status = tree ? apply_tree(r, &s, file_names, err) : apply_beside(r, file_names, err);
    bb_free(file_names);
    return status;
}
