#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "info.h"
#include "json.h"

static const command info_command = {
    "info", "PATH...", "What a recording, a tree of recordings, a prepared corpus or a model is.", 1, -1};

/* A prepared corpus; BB_ERR_UNSUPPORTED for what is none. */
static bb_status describe_corpus(const char *path, bool as_json, cJSON **json, bb_error *err) {
    bb_corpus *corpus;
    const bb_status status = bb_corpus_open(path, &corpus, err);
    if (status != BB_OK) return status;
    if (as_json)
        *json = info_corpus_json(bb_corpus_get_info(corpus));
    else
        info_corpus_print(bb_corpus_get_info(corpus));
    bb_corpus_close(corpus);
    return BB_OK;
}

/* A recording, or else a corpus; the recording's message stays in *err when it is neither. */
static bb_status describe_file(const char *path, const source_options *source, bool as_json, cJSON **json,
                               bb_error *err) {
    bb_recording *recording;
    bb_error other;
    bb_status status = source_open(source, path, &recording, err);
    if (status == BB_ERR_UNSUPPORTED) {
        status = describe_corpus(path, as_json, json, &other);
        if (status != BB_OK && status != BB_ERR_UNSUPPORTED) *err = other;
        return status;
    }
    if (status != BB_OK) return status;
    if (as_json)
        *json = info_recording_json(bb_recording_get_info(recording));
    else
        info_recording_print(bb_recording_get_info(recording));
    bb_recording_close(recording);
    return BB_OK;
}

/* One path; *json receives its object where JSON is asked for. */
static int describe(const char *path, const source_options *source, int heads, bool as_json, cJSON **json) {
    bb_error err, model_error;
    struct stat st;
    const bool directory = stat(path, &st) == 0 && S_ISDIR(st.st_mode),
               untrained = strncmp(path, "untrained:", 10) == 0;
    bb_status status = BB_ERR_UNSUPPORTED;
    if (!directory && !untrained) status = describe_file(path, source, as_json, json, &err);
    if (status == BB_OK) return EXIT_DONE;
    if (status != BB_ERR_UNSUPPORTED) return complain(EXIT_FAILED, "%s", err.message);
    bb_model *model;
    status = bb_model_open(path, heads, &model, &model_error);
    if (status != BB_OK && directory) return info_tree(path, source, as_json, json);
    /* A file that no reader knows: what each expected, as no one knows what it was meant to be. */
    if (status != BB_OK && !untrained) complain(EXIT_FAILED, "%s", err.message);
    if (status != BB_OK) return complain(EXIT_FAILED, "%s", model_error.message);
    if (as_json)
        *json = info_model_json(bb_model_get_info(model));
    else
        info_model_print(bb_model_get_info(model));
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
