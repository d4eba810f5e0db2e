#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "brainbert/model.h"
#include "brainbert/recording.h"
#include "commands.h"
#include "json.h"
#include "source.h"

static const command info_command = {"info", "PATH...", "What a recording or a model is.", 1, -1};

/* ---------------------------------------------------------------- recordings */

static cJSON *recording_json(const bb_recording_info *r) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "path", r->path);
    cJSON_AddStringToObject(json, "format", r->format);
    cJSON_AddNumberToObject(json, "rate_hz", r->rate_hz);
    cJSON_AddNumberToObject(json, "duration_s", r->duration_s);
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

static void print_recording(const bb_recording_info *r) {
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
    printf("  events      %zu\n", r->event_count);
    for (size_t i = 0; i < r->event_count && i < 10; ++i)
        printf("    %10.3f s  %s\n", r->events[i].onset_s, r->events[i].label);
    if (r->event_count > 10) printf("    and %zu more (--json lists all)\n", r->event_count - 10);
    for (size_t i = 0; i < r->warning_count; ++i) printf("  warning     %s\n", r->warnings[i]);
}

/* ---------------------------------------------------------------- models */

static cJSON *model_json(const bb_model_info *m) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "path", m->path);
    cJSON_AddStringToObject(json, "format", m->container);
    cJSON_AddNumberToObject(json, "parameters", (double)m->parameters);
    cJSON_AddNumberToObject(json, "hidden_dim", m->config.hidden_dim);
    cJSON_AddNumberToObject(json, "feed_forward_dim", m->config.feed_forward_dim);
    cJSON_AddNumberToObject(json, "layers", m->config.layers);
    cJSON_AddNumberToObject(json, "heads", m->config.heads);
    cJSON_AddNumberToObject(json, "input_dim", m->config.input_dim);
    cJSON_AddBoolToObject(json, "prediction_head", m->has_prediction_head);
    cJSON_AddBoolToObject(json, "trained", m->trained);
    char *recipe = bb_recipe_to_json(&m->recipe);
    cJSON_AddItemToObject(json, "recipe", recipe ? cJSON_Parse(recipe) : NULL);
    cJSON_free(recipe);
    cJSON_AddBoolToObject(json, "recipe_stated", m->recipe_stated);
    if (m->provenance) cJSON_AddItemToObject(json, "provenance", cJSON_Parse(m->provenance));
    return json;
}

static void print_model(const bb_model_info *m) {
    const bb_spectrogram_recipe *s = &m->recipe.spectrogram;
    const bb_signal_recipe *g = &m->recipe.signal;
    printf("%s\n  format      %s\n  parameters  %lld\n  hidden      %d\n  heads       %d%s\n  feed-forward "
           "%d\n  layers      %d\n",
           m->path, m->container, (long long)m->parameters, m->config.hidden_dim, m->config.heads,
           m->heads_assumed ? " (assumed: the file does not say)" : "", m->config.feed_forward_dim,
           m->config.layers);
    printf("  prediction  %s\n", m->has_prediction_head ? "yes" : "no head in the file");
    printf("  weights     %s\n", m->trained ? "as found in the file" : "untrained");
    printf("  recipe      %g Hz, notch %g Hz, %s reference; stft of %d samples every %d, %d bins, trim %d; "
           "windows of %g s%s\n",
           g->rate_hz, g->notch_hz, bb_reference_name(g->reference), s->segment, s->hop, s->bins, s->trim,
           m->recipe.window_s, m->recipe_stated ? "" : " (assumed: the file holds none)");
    if (m->provenance) printf("  provenance  %s\n", m->provenance);
}

/* ---------------------------------------------------------------- either */

static bool is_bids(const char *path) {
    char file[4096];
    struct stat st;
    snprintf(file, sizeof file, "%s/dataset_description.json", path);
    return stat(file, &st) == 0;
}

/* One path; *json receives its object where JSON is asked for. */
static int describe(const char *path, const source_options *source, int heads, bool as_json, cJSON **json) {
    bb_error recording_error, model_error;
    struct stat st;
    const bool directory = stat(path, &st) == 0 && S_ISDIR(st.st_mode),
               untrained = strncmp(path, "untrained:", 10) == 0;
    bb_recording *recording = NULL;
    bb_status status =
        directory || untrained ? BB_ERR_UNSUPPORTED : source_open(source, path, &recording, &recording_error);
    if (status == BB_OK) {
        if (as_json)
            *json = recording_json(bb_recording_get_info(recording));
        else
            print_recording(bb_recording_get_info(recording));
        bb_recording_close(recording);
        return EXIT_DONE;
    }
    if (status != BB_ERR_UNSUPPORTED) return complain(EXIT_FAILED, "%s", recording_error.message);
    if (directory && is_bids(path))
        return complain(EXIT_FAILED, "%s: BIDS datasets are not read as a whole yet: name a recording inside",
                        path);
    bb_model *model;
    status = bb_model_open(path, heads, &model, &model_error);
    /* A file that neither reader knows: what each expected. */
    if (status == BB_ERR_UNSUPPORTED && !directory && !untrained)
        complain(EXIT_FAILED, "%s", recording_error.message);
    if (status != BB_OK) return complain(EXIT_FAILED, "%s", model_error.message);
    if (as_json)
        *json = model_json(bb_model_get_info(model));
    else
        print_model(bb_model_get_info(model));
    bb_model_close(model);
    return EXIT_DONE;
}

int run_info(int argc, char **argv) {
    source_options source = source_defaults();
    int64_t heads = 0;
    option options[1 + FILE_OPTIONS] = {
        {"--heads", "N", OPTION_INTEGER, &heads, 0, 4096,
         "attention heads of a model file that does not say; 0: 12"},
    };
    source_file_rows(&source, options + 1);
    call c;
    int status = parse_call(&info_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status >= 0) return status;
    cJSON *all = cJSON_CreateArray();
    status = EXIT_DONE;
    for (int i = 0; i < c.count; ++i) {
        cJSON *json = NULL;
        if (describe(c.arguments[i], &source, (int)heads, c.common.json, &json) != EXIT_DONE)
            status = EXIT_FAILED;
        if (json) cJSON_AddItemToArray(all, json);
    }
    if (c.common.json && c.count == 1)
        print_json(cJSON_DetachItemFromArray(all, 0));
    else if (c.common.json)
        print_json(cJSON_Duplicate(all, 1));
    cJSON_Delete(all);
    return status;
}
