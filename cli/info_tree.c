#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "info.h"
#include "json.h"

typedef struct tree {
    bool as_json;
    cJSON *list; /* of recordings */
    size_t taken, failed, channels, subjects;
    double channel_hours;
    const char *subject; /* of the recording before */
    char *dataset;       /* of the first recording that says */
} tree;

static void take(tree *t, const bb_recording_info *r, const char *subject) {
    size_t brain = 0, bad = 0;
    for (size_t i = 0; i < r->channel_count; ++i) {
        brain += bb_channel_is_brain(r->channels[i].type);
        bad += bb_channel_is_brain(r->channels[i].type) && r->channels[i].bad;
    }
    t->channels += brain;
    t->channel_hours += (double)brain * r->duration_s / 3600;
    /* Those without one count as one, as in a corpus. */
    const bool known =
        t->taken++ > 0 && (subject && t->subject ? strcmp(t->subject, subject) == 0 : subject == t->subject);
    t->subjects += !known;
    t->subject = subject;
    if (!t->dataset && r->dataset) t->dataset = strdup(r->dataset);
    if (!t->as_json) {
        printf("  %-10s %-8s %-4s %-12s %8.6g Hz %10.1f s %5zu channels %4zu bad %6zu events  %s\n",
               subject ? subject : "-", r->session ? r->session : "-", r->run ? r->run : "-", r->format,
               r->rate_hz, r->duration_s, brain, bad, r->event_count, r->path);
        return;
    }
    cJSON *item = info_recording_json(r);
    cJSON_AddItemToArray(t->list, item);
}

static void describe_sources(tree *t, const bb_sources *sources, const source_options *options) {
    for (size_t i = 0; i < bb_sources_count(sources); ++i) {
        const bb_source *s = bb_sources_get(sources, i);
        bb_recording *recording;
        bb_error err;
        if (source_open(options, s->path, &recording, &err) == BB_OK) {
            take(t, bb_recording_get_info(recording), s->subject);
            bb_recording_close(recording);
        } else {
            complain(0, "%s", err.message);
            ++t->failed;
        }
    }
}

int info_tree(const char *path, const source_options *options, bool as_json, cJSON **json) {
    bb_sources *sources;
    bb_error err;
    if (bb_sources_find(&path, 1, NULL, &sources, &err) != BB_OK)
        return complain(EXIT_FAILED, "%s", err.message);
    const char *kind = bb_tree_kind(path);
    tree t = {.as_json = as_json, .list = as_json ? cJSON_CreateArray() : NULL};
    if (!as_json)
        printf("%s\n  format      %s, %zu recording%s\n", path, kind ? kind : "folder",
               bb_sources_count(sources), bb_sources_count(sources) == 1 ? "" : "s");
    describe_sources(&t, sources, options);
    const char *warning = bb_sources_warning(sources);
    if (as_json) {
        *json = cJSON_CreateObject();
        cJSON_AddStringToObject(*json, "path", path);
        cJSON_AddStringToObject(*json, "format", kind ? kind : "folder");
        json_add_text(*json, "dataset", t.dataset);
        cJSON_AddNumberToObject(*json, "subjects", (double)t.subjects);
        cJSON_AddNumberToObject(*json, "channel_hours", t.channel_hours);
        cJSON_AddItemToObject(*json, "recordings", t.list);
        cJSON *warnings = cJSON_AddArrayToObject(*json, "warnings");
        if (warning) cJSON_AddItemToArray(warnings, cJSON_CreateString(warning));
    } else {
        if (t.dataset) printf("  dataset     %s\n", t.dataset);
        printf("  in all      %zu subject%s, %.4g hours of one channel\n", t.subjects,
               t.subjects == 1 ? "" : "s", t.channel_hours);
        if (warning) printf("  warning     %s\n", warning);
    }
    free(t.dataset);
    bb_sources_destroy(sources);
    return t.failed ? EXIT_FAILED : EXIT_DONE;
}
