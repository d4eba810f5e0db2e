#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "info.h"
#include "json.h"

static cJSON *session_json(const bb_corpus_info *c, const bb_corpus_session *s) {
    cJSON *item = cJSON_CreateObject();
    json_add_text(item, "dataset", s->dataset);
    json_add_text(item, "subject", s->subject);
    json_add_text(item, "session", s->session);
    json_add_text(item, "task", s->task);
    json_add_text(item, "run", s->run);
    cJSON_AddStringToObject(item, "source", s->source);
    cJSON_AddNumberToObject(item, "duration_s", s->duration_s);
    cJSON_AddNumberToObject(item, "first_window", (double)s->first_window);
    cJSON_AddNumberToObject(item, "windows", (double)s->windows);
    cJSON_AddNumberToObject(item, "events", (double)s->event_count);
    cJSON_AddItemToObject(item, "recipe", cJSON_Parse(s->recipe_json));
    cJSON *list = cJSON_AddArrayToObject(item, "channels");
    for (size_t i = 0; i < s->channel_count; ++i) {
        const bb_corpus_channel *h = &c->channels[s->first_channel + i];
        cJSON *channel = cJSON_CreateObject();
        cJSON_AddStringToObject(channel, "name", h->name);
        cJSON_AddStringToObject(channel, "type", bb_channel_type_name(h->type));
        cJSON_AddStringToObject(channel, "status", h->bad ? "bad" : "good");
        json_add_text(channel, "group", h->group);
        json_add_text(channel, "region", h->region);
        if (h->has_position)
            cJSON_AddItemToObject(channel, "position", cJSON_CreateDoubleArray(h->position, 3));
        cJSON_AddNumberToObject(channel, "windows", (double)h->windows);
        cJSON_AddNumberToObject(channel, "windows_left_out", (double)h->left_out);
        cJSON_AddNumberToObject(channel, "sd_uv", h->sd_uv);
        cJSON_AddItemToArray(list, channel);
    }
    return item;
}

cJSON *info_corpus_json(const bb_corpus_info *c) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "path", c->path);
    cJSON_AddStringToObject(json, "format", "brainbert corpus");
    cJSON_AddStringToObject(json, "program", c->program);
    cJSON_AddNumberToObject(json, "windows", (double)c->windows);
    cJSON_AddNumberToObject(json, "subjects", (double)c->subject_count);
    cJSON_AddNumberToObject(json, "channels", (double)c->channel_count);
    cJSON_AddNumberToObject(json, "hours", c->hours);
    cJSON_AddNumberToObject(json, "rate_hz", c->rate_hz);
    cJSON_AddNumberToObject(json, "window_s", c->window_s);
    cJSON_AddStringToObject(json, "encoding", c->encoding == BB_SAMPLES_INT16 ? "int16" : "float32");
    cJSON_AddBoolToObject(json, "compressed", c->compressed);
    char *recipe = bb_recipe_to_json(&c->recipe);
    cJSON_AddItemToObject(json, "recipe", recipe ? cJSON_Parse(recipe) : NULL);
    cJSON_free(recipe);
    cJSON *sessions = cJSON_AddArrayToObject(json, "sessions");
    for (size_t i = 0; i < c->session_count; ++i)
        cJSON_AddItemToArray(sessions, session_json(c, &c->sessions[i]));
    return json;
}

static int compare_numbers(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The sessions' notches, rising, each once; their count. */
static size_t list_notches(const bb_corpus_info *c, double *notches) {
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < c->session_count; ++i) {
        bb_recipe own = c->recipe;
        if (bb_recipe_from_json(c->sessions[i].recipe_json, c->path, &own, NULL) == BB_OK)
            notches[count++] = own.signal.notch_hz;
    }
    if (count > 1) qsort(notches, count, sizeof *notches, compare_numbers);
    for (size_t i = 0; i < count; ++i)
        if (kept == 0 || notches[i] != notches[kept - 1]) notches[kept++] = notches[i];
    return kept;
}

/* "notch 60 Hz", or "notch by session: 50, 60 Hz"; 0 is none. */
static void print_notch(const bb_corpus_info *c) {
    double *notches = calloc(c->session_count + 1, sizeof *notches);
    const size_t count = notches ? list_notches(c, notches) : 0;
    printf(count > 1 ? "notch by session: " : "notch ");
    for (size_t i = 0; i < count; ++i) printf("%s%g", i ? ", " : "", notches[i]);
    if (count == 0) printf("%g", c->recipe.signal.notch_hz);
    printf(" Hz");
    free(notches);
}

void info_corpus_print(const bb_corpus_info *c) {
    enum { SHOWN = 20 };
    printf("%s\n  format      prepared corpus, %s%s, written by %s\n", c->path,
           c->encoding == BB_SAMPLES_INT16 ? "int16" : "float32", c->compressed ? ", compressed" : "",
           c->program);
    printf("  windows     %lld of %g s at %g Hz, one channel each\n", (long long)c->windows, c->window_s,
           c->rate_hz);
    printf("  hours       %.4g\n  subjects    %zu\n  sessions    %zu\n  channels    %zu\n", c->hours,
           c->subject_count, c->session_count, c->channel_count);
    fputs("  recipe      ", stdout);
    print_notch(c);
    printf(", %s reference; session statistics of ", bb_reference_name(c->recipe.signal.reference));
    info_spectrogram_print(&c->recipe.spectrogram);
    putchar('\n');
    for (size_t i = 0; i < c->session_count && i < SHOWN; ++i) {
        const bb_corpus_session *s = &c->sessions[i];
        if (s->dataset &&
            (i == 0 || !c->sessions[i - 1].dataset || strcmp(s->dataset, c->sessions[i - 1].dataset) != 0))
            printf("    dataset %s\n", s->dataset);
        printf("    %-10s %-10s %4zu channels %8lld windows %6zu events  %s\n", s->subject ? s->subject : "-",
               s->session ? s->session : "-", s->channel_count, (long long)s->windows, s->event_count,
               s->source);
    }
    if (c->session_count > SHOWN) printf("    and %zu more (--json lists all)\n", c->session_count - SHOWN);
}
