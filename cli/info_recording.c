#include <stdio.h>
#include <string.h>

#include "info.h"
#include "json.h"

cJSON *info_recording_json(const bb_recording_info *r) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "path", r->path);
    cJSON_AddStringToObject(json, "format", r->format);
    cJSON_AddNumberToObject(json, "rate_hz", r->rate_hz);
    cJSON_AddNumberToObject(json, "duration_s", r->duration_s);
    json_add_text(json, "dataset", r->dataset);
    json_add_text(json, "subject", r->subject);
    json_add_text(json, "session", r->session);
    json_add_text(json, "task", r->task);
    json_add_text(json, "run", r->run);
    json_add_text(json, "coordinate_system", r->coordinate_system);
    json_add_text(json, "coordinate_unit", r->coordinate_unit);
    if (r->mains_hz > 0) cJSON_AddNumberToObject(json, "mains_hz", r->mains_hz);
    cJSON *channels = cJSON_AddArrayToObject(json, "channels");
    for (size_t i = 0; i < r->channel_count; ++i) {
        const bb_channel *c = &r->channels[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", c->name);
        cJSON_AddStringToObject(item, "type", bb_channel_type_name(c->type));
        cJSON_AddStringToObject(item, "unit", c->unit);
        cJSON_AddStringToObject(item, "status", c->bad ? "bad" : "good");
        cJSON_AddNumberToObject(item, "rate_hz", c->rate_hz);
        cJSON_AddNumberToObject(item, "samples", (double)c->samples);
        json_add_text(item, "group", c->group);
        json_add_text(item, "region", c->region);
        json_add_text(item, "remark", c->remark);
        if (c->has_position) cJSON_AddItemToObject(item, "position", cJSON_CreateDoubleArray(c->position, 3));
        cJSON_AddItemToArray(channels, item);
    }
    cJSON *events = cJSON_AddArrayToObject(json, "events");
    for (size_t i = 0; i < r->event_count; ++i) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddNumberToObject(item, "onset_s", r->events[i].onset_s);
        cJSON_AddNumberToObject(item, "duration_s", r->events[i].duration_s);
        cJSON_AddStringToObject(item, "label", r->events[i].label);
        cJSON_AddItemToArray(events, item);
    }
    cJSON *warnings = cJSON_AddArrayToObject(json, "warnings");
    for (size_t i = 0; i < r->warning_count; ++i)
        cJSON_AddItemToArray(warnings, cJSON_CreateString(r->warnings[i]));
    return json;
}

/* The names of one type's channels, wrapped at the terminal's usual width. */
static void print_names(const bb_recording_info *r, bb_channel_type type) {
    size_t column = 0;
    for (size_t i = 0; i < r->channel_count; ++i) {
        const bb_channel *c = &r->channels[i];
        if (c->type != type) continue;
        const size_t length = strlen(c->name) + 1 + c->bad;
        if (column + length > 92) column = 0, fputs("\n", stdout);
        if (column == 0) fputs("              ", stdout);
        printf("%s%s ", c->name, c->bad ? "!" : "");
        column += length;
    }
    fputs("\n", stdout);
}

/* Where its electrodes are, as far as tables beside it tell. */
static void print_places(const bb_recording_info *r) {
    size_t placed = 0, named = 0;
    for (size_t i = 0; i < r->channel_count; ++i) {
        placed += r->channels[i].has_position;
        named += r->channels[i].region != NULL;
    }
    if (r->dataset) printf("  dataset     %s\n", r->dataset);
    if (r->subject)
        printf("  subject     %s%s%s\n", r->subject, r->session ? ", session " : "",
               r->session ? r->session : "");
    if (r->mains_hz > 0) printf("  mains       %g Hz\n", r->mains_hz);
    if (placed)
        printf("  positions   of %zu channels%s%s%s%s%s\n", placed, r->coordinate_system ? ", " : "",
               r->coordinate_system ? r->coordinate_system : "", r->coordinate_unit ? " (" : "",
               r->coordinate_unit ? r->coordinate_unit : "", r->coordinate_unit ? ")" : "");
    if (named) printf("  regions     of %zu channels\n", named);
}

void info_recording_print(const bb_recording_info *r) {
    printf("%s\n  format      %s\n  rate        %.10g Hz\n  duration    %.6g s\n  channels    %zu\n", r->path,
           r->format, r->rate_hz, r->duration_s, r->channel_count);
    for (bb_channel_type type = BB_CHANNEL_IEEG; type <= BB_CHANNEL_MISC; ++type) {
        size_t count = 0, bad = 0;
        for (size_t i = 0; i < r->channel_count; ++i) {
            count += r->channels[i].type == type;
            bad += r->channels[i].type == type && r->channels[i].bad;
        }
        if (count == 0) continue;
        printf("    %-10s%zu", bb_channel_type_name(type), count);
        if (bad) printf(" (%zu bad, marked !)", bad);
        putchar('\n');
        print_names(r, type);
    }
    print_places(r);
    printf("  events      %zu\n", r->event_count);
    for (size_t i = 0; i < r->event_count && i < 10; ++i)
        printf("    %10.3f s  %s\n", r->events[i].onset_s, r->events[i].label);
    if (r->event_count > 10) printf("    and %zu more (--json lists all)\n", r->event_count - 10);
    for (size_t i = 0; i < r->warning_count; ++i) printf("  warning     %s\n", r->warnings[i]);
}
