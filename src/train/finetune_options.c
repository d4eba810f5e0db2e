#include "train/finetune_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "brainbert/pretrain.h"
#include "model/layout.h"
#include "train/run_folder.h"
#include "train/targets.h"

enum { DIGEST = 24 };

void bb_pooling_describe(const bb_pooling *pooling, char out[32]) {
    if (pooling->kind == BB_POOL_SEGMENTS)
        snprintf(out, 32, "segments:%d", pooling->segments);
    else
        snprintf(out, 32, "%s", pooling->kind == BB_POOL_CENTER ? "center" : "mean");
}

/* ---------------------------------------------------------------- checksums */

static void digest_of_model(const bb_model *m, char out[DIGEST]) {
    uint32_t sums[2] = {0, 0}; /* so far, and of the next tensor */
    for (size_t i = 0; i < bb_layout_head(&m->info.config, 0); ++i) {
        const bb_tensor_spec spec = bb_layout_at(&m->info.config, i);
        sums[1] = bb_crc32c(m->made[i], (size_t)bb_spec_count(&spec) * sizeof(float));
        sums[0] = bb_crc32c(sums, sizeof sums);
    }
    snprintf(out, DIGEST, "%08x", sums[0]);
}

static void digest_of_targets(const bb_targets *t, char out[DIGEST]) {
    uint32_t sums[1 + BB_TARGET_LISTS];
    sums[0] = t->classes ? bb_crc32c(t->labels, (size_t)t->count * sizeof *t->labels)
                         : bb_crc32c(t->numbers, (size_t)t->count * sizeof *t->numbers);
    for (int l = 0; l < BB_TARGET_LISTS; ++l) {
        const bb_target_list list = bb_targets_list(t, l);
        sums[1 + l] = bb_crc32c(list.items, (size_t)list.count * sizeof *list.items);
    }
    snprintf(out, DIGEST, "%08x", bb_crc32c(sums, sizeof sums));
}

static bool add_contents(cJSON *json, const bb_finetune_call *c) {
    const bb_finetune_input *in = c->input;
    char spectrograms[DIGEST], model[DIGEST], targets[DIGEST];
    const size_t cells = (size_t)(in->windows * in->frames * in->bins);
    snprintf(spectrograms, DIGEST, "%08x", bb_crc32c(in->spectrograms, cells * sizeof(float)));
    digest_of_model(c->model, model);
    digest_of_targets(c->targets, targets);
    return cJSON_AddStringToObject(json, "model", bb_path_name(c->begun_from)) &&
           cJSON_AddStringToObject(json, "model_digest", model) &&
           cJSON_AddNumberToObject(json, "windows", (double)in->windows) &&
           cJSON_AddNumberToObject(json, "frames", (double)in->frames) &&
           cJSON_AddStringToObject(json, "spectrograms_digest", spectrograms) &&
           cJSON_AddNumberToObject(json, "classes", c->targets->classes) &&
           cJSON_AddNumberToObject(json, "training_windows", (double)c->targets->train_count) &&
           cJSON_AddNumberToObject(json, "validation_windows", (double)c->targets->validation_count) &&
           cJSON_AddNumberToObject(json, "test_windows", (double)c->targets->test_count) &&
           cJSON_AddStringToObject(json, "targets_digest", targets);
}

/* ---------------------------------------------------------------- the call */

static bool add_options(cJSON *json, const bb_finetune_options *o) {
    char pooling[32];
    bb_pooling_describe(&o->pooling, pooling);
    return cJSON_AddStringToObject(json, "pooling", pooling) &&
           cJSON_AddNumberToObject(json, "steps", (double)o->steps) &&
           cJSON_AddNumberToObject(json, "batch", o->batch) &&
           cJSON_AddNumberToObject(json, "head_rate", o->head_rate) &&
           cJSON_AddNumberToObject(json, "encoder_rate", o->encoder_rate) &&
           cJSON_AddNumberToObject(json, "weight_decay", o->weight_decay) &&
           cJSON_AddNumberToObject(json, "clip", o->clip) &&
           cJSON_AddNumberToObject(json, "dropout", o->dropout) &&
           cJSON_AddNumberToObject(json, "patience", (double)o->patience) &&
           cJSON_AddNumberToObject(json, "factor", o->factor) &&
           cJSON_AddBoolToObject(json, "freeze", o->freeze) &&
           cJSON_AddNumberToObject(json, "memory", o->memory) &&
           cJSON_AddNumberToObject(json, "seed", (double)o->seed);
}

bb_status bb_finetune_call_describe(const bb_finetune_call *c, char **text, bb_error *err) {
    cJSON *json = cJSON_CreateObject();
    const bool ok = json && add_contents(json, c) && add_options(json, c->options) &&
                    cJSON_AddNumberToObject(json, "check_every", (double)c->check_every);
    *text = ok ? cJSON_Print(json) : NULL;
    cJSON_Delete(json);
    return *text ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for the options of a run");
}

static void show(const cJSON *item, char out[48]) {
    char *text = item ? cJSON_PrintUnformatted(item) : NULL;
    snprintf(out, 48, "%.47s", text ? text : "nothing");
    free(text);
}

/* The first of the call's words and numbers that the run has otherwise. */
static bb_status compare(const char *path, const cJSON *kept, const cJSON *call, bb_error *err) {
    for (const cJSON *item = call->child; item; item = item->next) {
        const cJSON *other = cJSON_GetObjectItemCaseSensitive(kept, item->string);
        char wanted[48], found[48];
        if (cJSON_Compare(item, other, 1)) continue;
        show(other, wanted);
        show(item, found);
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "%s: the run is of another call: expected \"%s\" to be %s, found %s", path,
                       item->string, wanted, found);
    }
    return BB_OK;
}

static bb_status compare_texts(const char *path, const char *text, bb_error *err) {
    cJSON *kept = NULL, *call = NULL;
    bb_status status = bb_json_read(path, &kept, err);
    if (status == BB_OK) status = bb_json_parse(text, "the call", &call, err);
    if (status == BB_OK) status = compare(path, kept, call, err);
    cJSON_Delete(kept);
    cJSON_Delete(call);
    return status;
}

bb_status bb_finetune_call_settle(const char *run, const char *text, bool resume, bool *goes_on,
                                  bb_error *err) {
    char path[BB_RUN_PATH];
    bb_run_inside(run, "options.json", path);
    *goes_on = resume && bb_file_exists(path);
    if (*goes_on) return compare_texts(path, text, err);
    BB_TRY(bb_pretrain_make_folder(run, err));
    return bb_file_write(path, text, strlen(text), err);
}
