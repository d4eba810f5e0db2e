#include "corpus/description.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/utf8.h"

/* ---------------------------------------------------------------- writing */

void bb_description_add_text(cJSON *object, const char *key, const char *text) {
    if (!text || bb_utf8_valid(text, strlen(text))) {
        if (text) cJSON_AddStringToObject(object, key, text);
        return;
    }
    char *clean = bb_calloc(2 * strlen(text) + 4, 1);
    size_t n = 0;
    for (; clean && *text; ++text) n += bb_utf8_put((unsigned char)*text, clean + n);
    cJSON_AddStringToObject(object, key, clean ? clean : "?");
    bb_free(clean);
}

/* JSON has no word for infinity and NaN: cJSON writes null, which no reader takes for a number. */
static double finite_or_zero(double value) { return isfinite(value) ? value : 0; }

static cJSON *recipe_json(const bb_recipe *recipe) {
    char *text = bb_recipe_to_json(recipe);
    cJSON *json = text ? cJSON_Parse(text) : NULL;
    cJSON_free(text);
    return json;
}

static void add_channels(cJSON *session, const bb_recording_info *r, const bb_window_info *w) {
    cJSON *list = cJSON_AddArrayToObject(session, "channels");
    for (size_t i = 0; i < w->channel_count; ++i) {
        const bb_channel *c = &r->channels[w->sources[i]];
        cJSON *channel = cJSON_CreateObject();
        cJSON_AddStringToObject(channel, "name", w->channels[i]);
        cJSON_AddStringToObject(channel, "type", bb_channel_type_name(c->type));
        if (c->bad) cJSON_AddStringToObject(channel, "status", "bad");
        bb_description_add_text(channel, "group", c->group);
        bb_description_add_text(channel, "region", c->region);
        if (c->has_position && isfinite(c->position[0] + c->position[1] + c->position[2]))
            cJSON_AddItemToObject(channel, "position", cJSON_CreateDoubleArray(c->position, 3));
        cJSON_AddItemToArray(list, channel);
    }
}

/* The marks that the recording's owners made, used or not: who looks for what is missing finds it here. */
static void add_bads(cJSON *session, const bb_recording_info *r) {
    cJSON *list = cJSON_AddArrayToObject(session, "bads");
    for (size_t i = 0; i < r->channel_count; ++i) {
        if (!r->channels[i].bad) continue;
        cJSON *bad = cJSON_CreateObject();
        bb_description_add_text(bad, "name", r->channels[i].name);
        bb_description_add_text(bad, "remark", r->channels[i].remark);
        cJSON_AddItemToArray(list, bad);
    }
}

static void add_events(cJSON *session, const bb_recording_info *r) {
    cJSON *list = cJSON_AddArrayToObject(session, "events");
    for (size_t i = 0; i < r->event_count; ++i) {
        if (!isfinite(r->events[i].onset_s)) continue; /* at no time of the recording */
        cJSON *event = cJSON_CreateArray();
        cJSON_AddItemToArray(event, cJSON_CreateNumber(r->events[i].onset_s));
        cJSON_AddItemToArray(event, cJSON_CreateNumber(finite_or_zero(r->events[i].duration_s)));
        cJSON_AddItemToArray(event, cJSON_CreateString(r->events[i].label));
        cJSON_AddItemToArray(list, event);
    }
}

/* What was wrong with the channels, for those with anything wrong. */
static void add_unsound(cJSON *session, bb_window_stream *stream) {
    size_t count;
    const bb_unsound_seconds *all = bb_window_stream_unsound_seconds(stream, &count);
    cJSON *list = cJSON_AddArrayToObject(session, "unsound");
    for (size_t i = 0; i < count; ++i) {
        const bb_unsound_seconds *u = &all[i];
        if (u->missing_s + u->flat_s + u->clipped_s == 0) continue;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "channel", u->channel);
        cJSON_AddNumberToObject(item, "missing_s", u->missing_s);
        cJSON_AddNumberToObject(item, "flat_s", u->flat_s);
        cJSON_AddNumberToObject(item, "clipped_s", u->clipped_s);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_program(cJSON *object) {
    char program[64];
    snprintf(program, sizeof program, "brainbert %s", bb_version());
    cJSON_AddStringToObject(object, "program", program);
}

cJSON *bb_description_of_treatment(const bb_recording_info *r, const bb_recipe *recipe, double stride_s) {
    cJSON *s = cJSON_CreateObject(), *steps = recipe_json(recipe);
    if (!s || !steps) {
        cJSON_Delete(s);
        cJSON_Delete(steps);
        return NULL;
    }
    add_program(s);
    bb_description_add_text(s, "dataset", r->dataset);
    bb_description_add_text(s, "subject", r->subject);
    bb_description_add_text(s, "session", r->session);
    bb_description_add_text(s, "task", r->task);
    bb_description_add_text(s, "run", r->run);
    cJSON_AddNumberToObject(s, "stride_s", stride_s);
    cJSON_AddItemToObject(s, "recipe", steps);
    return s;
}

cJSON *bb_description_of_session(const bb_recording_info *r, const bb_recipe *recipe, double stride_s,
                                 bb_window_stream *stream, const char *key, cJSON *files) {
    cJSON *s = bb_description_of_treatment(r, recipe, stride_s);
    if (!s) {
        cJSON_Delete(files);
        return NULL;
    }
    cJSON_AddStringToObject(s, "key", key);
    bb_description_add_text(s, "source", r->path);
    cJSON_AddItemToObject(s, "files", files);
    cJSON_AddStringToObject(s, "format", r->format);
    cJSON_AddNumberToObject(s, "rate_hz", r->rate_hz);
    cJSON_AddNumberToObject(s, "duration_s", r->duration_s);
    bb_description_add_text(s, "coordinate_system", r->coordinate_system);
    bb_description_add_text(s, "coordinate_unit", r->coordinate_unit);
    add_channels(s, r, bb_window_stream_info(stream));
    add_bads(s, r);
    add_events(s, r);
    add_unsound(s, stream);
    cJSON *warnings = cJSON_AddArrayToObject(s, "warnings");
    for (size_t i = 0; i < r->warning_count; ++i)
        cJSON_AddItemToArray(warnings, cJSON_CreateString(r->warnings[i]));
    return s;
}

cJSON *bb_description_of_corpus(const bb_row_format *format, const bb_recipe *recipe) {
    cJSON *d = cJSON_CreateObject(), *steps = recipe_json(recipe);
    cJSON_AddStringToObject(d, "format", "brainbert corpus");
    add_program(d);
    cJSON_AddStringToObject(d, "encoding", format->encoding == BB_SAMPLES_INT16 ? "int16" : "float32");
    cJSON_AddBoolToObject(d, "compressed", format->compressed);
    cJSON_AddNumberToObject(d, "samples", (double)format->samples);
    cJSON_AddNumberToObject(d, "bins", recipe->spectrogram.bins);
    cJSON_AddItemToObject(d, "recipe", steps);
    cJSON_AddArrayToObject(d, "sessions");
    return d;
}

/* The signal's value of `key` that all sessions agree on, or NULL. */
static const cJSON *common_value(const cJSON *sessions, const char *key) {
    const cJSON *common = NULL;
    for (const cJSON *s = sessions ? sessions->child : NULL; s; s = s->next) {
        const cJSON *recipe = cJSON_GetObjectItemCaseSensitive(s, "recipe"),
                    *signal = cJSON_GetObjectItemCaseSensitive(recipe, "signal"),
                    *own = cJSON_GetObjectItemCaseSensitive(signal, key);
        if (!own || (common && !cJSON_Compare(common, own, 1))) return NULL;
        common = own;
    }
    return common;
}

void bb_description_settle_recipe(cJSON *description) {
    const cJSON *sessions = cJSON_GetObjectItemCaseSensitive(description, "sessions"),
                *recipe = cJSON_GetObjectItemCaseSensitive(description, "recipe");
    cJSON *signal = cJSON_GetObjectItemCaseSensitive(recipe, "signal");
    for (cJSON *item = signal ? signal->child : NULL, *next; item; item = next) {
        const cJSON *common = item->string ? common_value(sessions, item->string) : NULL;
        cJSON *copy = common ? cJSON_Duplicate(common, 1) : NULL;
        next = item->next;
        if (copy) cJSON_ReplaceItemViaPointer(signal, item, copy);
    }
}

/* ---------------------------------------------------------------- reading */

typedef struct reader {
    const char *path;
    bb_corpus_session *sessions;
    bb_corpus_channel *channels;
    bb_event *events;
    char **recipes;
    size_t session_count, channel_count, channel, event;
} reader;

static bb_status fail_entry(const reader *r, size_t session, const char *expected, bb_error *err) {
    return bb_fail(err, BB_ERR_FORMAT, "%s: /description: session %zu: expected %s", r->path, session,
                   expected);
}

static bb_channel_type type_from_name(const char *name) {
    for (bb_channel_type t = BB_CHANNEL_IEEG; name && t <= BB_CHANNEL_MISC; ++t)
        if (strcmp(name, bb_channel_type_name(t)) == 0) return t;
    return BB_CHANNEL_MISC;
}

static bool read_position(const cJSON *list, double position[3]) {
    int n = 0;
    for (const cJSON *item = cJSON_IsArray(list) ? list->child : NULL; item && n < 3; item = item->next)
        position[n++] = cJSON_IsNumber(item) ? item->valuedouble : NAN;
    return n == 3;
}

static bb_status read_channels(reader *r, size_t session, const cJSON *list, bb_error *err) {
    bb_corpus_session *s = &r->sessions[session];
    s->first_channel = r->channel;
    for (const cJSON *item = list->child; item; item = item->next) {
        const char *name = bb_json_string(item, "name"), *status = bb_json_string(item, "status");
        if (!name || r->channel == r->channel_count)
            return fail_entry(r, session, "as many named channels as the tables hold", err);
        bb_corpus_channel *c = &r->channels[r->channel++];
        *c = (bb_corpus_channel){.name = name,
                                 .type = type_from_name(bb_json_string(item, "type")),
                                 .bad = status && strcmp(status, "bad") == 0,
                                 .group = bb_json_string(item, "group"),
                                 .region = bb_json_string(item, "region"),
                                 .session = session};
        c->has_position = read_position(cJSON_GetObjectItemCaseSensitive(item, "position"), c->position);
    }
    s->channel_count = r->channel - s->first_channel;
    return BB_OK;
}

static bb_status read_events(reader *r, size_t session, const cJSON *list, bb_error *err) {
    bb_corpus_session *s = &r->sessions[session];
    s->events = r->events + r->event;
    for (const cJSON *item = list->child; item; item = item->next) {
        const cJSON *onset = cJSON_IsArray(item) ? item->child : NULL, *duration = onset ? onset->next : NULL,
                    *label = duration ? duration->next : NULL;
        if (!cJSON_IsNumber(onset) || !cJSON_IsNumber(duration) || !cJSON_IsString(label))
            return fail_entry(r, session, "events as [onset, duration, label]", err);
        r->events[r->event++] = (bb_event){
            .onset_s = onset->valuedouble, .duration_s = duration->valuedouble, .label = label->valuestring};
        ++s->event_count;
    }
    return BB_OK;
}

static bb_status read_session(reader *r, size_t index, const cJSON *item, bb_error *err) {
    const cJSON *recipe = cJSON_GetObjectItemCaseSensitive(item, "recipe"),
                *channels = cJSON_GetObjectItemCaseSensitive(item, "channels"),
                *events = cJSON_GetObjectItemCaseSensitive(item, "events"),
                *duration = cJSON_GetObjectItemCaseSensitive(item, "duration_s");
    const char *source = bb_json_string(item, "source");
    if (!source || !cJSON_IsObject(recipe) || !cJSON_IsArray(channels) || !cJSON_IsArray(events) ||
        !cJSON_IsNumber(duration))
        return fail_entry(r, index, "source, recipe, channels, events, duration_s", err);
    r->recipes[index] = cJSON_PrintUnformatted(recipe);
    if (!r->recipes[index]) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->path);
    r->sessions[index] = (bb_corpus_session){.dataset = bb_json_string(item, "dataset"),
                                             .subject = bb_json_string(item, "subject"),
                                             .session = bb_json_string(item, "session"),
                                             .task = bb_json_string(item, "task"),
                                             .run = bb_json_string(item, "run"),
                                             .source = source,
                                             .recipe_json = r->recipes[index],
                                             .duration_s = duration->valuedouble};
    BB_TRY(read_channels(r, index, channels, err));
    return read_events(r, index, events, err);
}

static size_t count_events(const cJSON *sessions) {
    size_t count = 0;
    for (const cJSON *s = sessions->child; s; s = s->next)
        count += (size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(s, "events"));
    return count;
}

bb_status bb_description_read(const cJSON *description, const char *path, size_t channels,
                              bb_corpus_session **sessions, size_t *session_count,
                              bb_corpus_channel **channel_list, bb_event **events, char ***recipes,
                              bb_error *err) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(description, "sessions");
    reader r = {.path = path, .channel_count = channels};
    r.session_count = *session_count = (size_t)cJSON_GetArraySize(list);
    r.sessions = *sessions = bb_calloc(r.session_count, sizeof *r.sessions);
    r.channels = *channel_list = bb_calloc(channels, sizeof *r.channels);
    r.events = *events = bb_calloc(count_events(list), sizeof *r.events);
    r.recipes = *recipes = bb_calloc(r.session_count, sizeof *r.recipes);
    if (!r.sessions || !r.channels || !r.events || !r.recipes) {
        if (!r.recipes) *session_count = 0;
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu sessions", path, r.session_count);
    }
    size_t index = 0;
    for (const cJSON *item = list->child; item; item = item->next, ++index)
        BB_TRY(read_session(&r, index, item, err));
    if (r.channel != channels)
        return bb_fail(err, BB_ERR_FORMAT, "%s: /description: expected %zu channels, found %zu", path,
                       channels, r.channel);
    return BB_OK;
}
