#include "train/finetune_state.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "train/blocks.h"
#include "train/finetune_options.h"
#include "train/run_folder.h"
#include "train/run_options.h"

/* ---------------------------------------------------------------- tensors */

/* A fine-tuning's head is one linear layer. */
static void add_head(bb_blocks *b, const char *prefix, const bb_perceptron *head, const float *block) {
    const int64_t *at = head->parameters.at;
    bb_blocks_add(b, prefix, "head.weight", head->widths[1], head->widths[0], block + at[0]);
    bb_blocks_add(b, prefix, "head.bias", head->widths[1], 0, block + at[1]);
}

static bb_status read_head(const bb_weights *w, const char *path, const char *prefix,
                           const bb_perceptron *head, float *block, bb_error *err) {
    const int64_t *at = head->parameters.at;
    BB_TRY(
        bb_blocks_read(w, path, prefix, "head.weight", head->widths[1], head->widths[0], block + at[0], err));
    return bb_blocks_read(w, path, prefix, "head.bias", head->widths[1], 0, block + at[1], err);
}

/* What it takes to use the head: of what it is given the mean over which frames, and what it answers. */
static bb_status write_head(const bb_learner *l, const bb_pooling *pooling, const char *path, bb_error *err) {
    char how[32], metadata[256];
    bb_blocks b;
    bb_pooling_describe(pooling, how);
    snprintf(metadata, sizeof metadata,
             "{\"format\": \"pt\", \"pooling\": \"%s\", \"classes\": \"%d\", \"mean\": \"%.17g\", \"sd\": "
             "\"%.17g\"}",
             how, l->objective.targets->classes, l->objective.mean, l->objective.sd);
    BB_TRY(bb_blocks_create(2, &b, err));
    add_head(&b, "", &l->head, l->head.weights);
    const bb_status status = bb_safetensors_write(path, b.tensors, b.count, metadata, err);
    bb_blocks_free(&b);
    return status;
}

static const bb_group *encoder_of(const bb_learner *l) {
    return l->group_count > BB_GROUP_ENCODER ? &l->groups[BB_GROUP_ENCODER] : NULL;
}

static bb_status write_moments(const bb_learner *l, const char *path, bb_error *err) {
    const bb_group *head = &l->groups[BB_GROUP_HEAD], *encoder = encoder_of(l);
    bb_blocks b;
    BB_TRY(bb_blocks_create(4 + (encoder ? 2 * encoder->parameters->count : 0), &b, err));
    add_head(&b, "moment.", &l->head, head->moments);
    add_head(&b, "square.", &l->head, head->squares);
    if (encoder) {
        bb_blocks_add_model(&b, "moment.", encoder->parameters, encoder->moments);
        bb_blocks_add_model(&b, "square.", encoder->parameters, encoder->squares);
    }
    const bb_status status = bb_safetensors_write(path, b.tensors, b.count, NULL, err);
    bb_blocks_free(&b);
    return status;
}

static bb_status read_group(const bb_learner *l, int group, const char *path, const char *prefix,
                            float *block, bb_error *err) {
    bb_weights *w;
    BB_TRY(bb_weights_open(path, &w, err));
    const bb_status status =
        group == BB_GROUP_HEAD
            ? read_head(w, path, prefix, &l->head, block, err)
            : bb_blocks_read_model(w, path, prefix, l->groups[group].parameters, block, err);
    bb_weights_close(w);
    return status;
}

static bb_status read_weights(const char *folder, const bb_learner *l, int group, float *block,
                              bb_error *err) {
    const char *name = group == BB_GROUP_HEAD ? "head.safetensors" : "model.safetensors";
    char path[BB_RUN_PATH];
    return read_group(l, group, bb_run_inside(folder, name, path), "", block, err);
}

/* ---------------------------------------------------------------- state.json */

static bool add_checks(cJSON *json, const bb_learner_state *s) {
    cJSON *checks = cJSON_AddArrayToObject(json, "checks");
    bool ok = checks != NULL;
    for (size_t i = 0; i < s->check_count && ok; ++i) {
        const double pair[] = {(double)s->checks[i].step, s->checks[i].loss};
        ok = cJSON_AddItemToArray(checks, cJSON_CreateDoubleArray(pair, 2));
    }
    return ok;
}

static bb_status write_state(const char *path, const bb_learner_state *s, bb_error *err) {
    cJSON *json = cJSON_CreateObject();
    const bool ok =
        json && cJSON_AddNumberToObject(json, "step", (double)s->step) &&
        cJSON_AddNumberToObject(json, "best_step", (double)s->best_step) &&
        cJSON_AddNumberToObject(json, "since", (double)s->since) &&
        cJSON_AddNumberToObject(json, "reductions", s->reductions) &&
        (isinf(s->best_validation) || cJSON_AddNumberToObject(json, "best_validation", s->best_validation)) &&
        add_checks(json, s);
    return bb_run_write_json(path, json, ok, err);
}

static bb_status read_step(const cJSON *json, const char *key, int64_t most, int64_t *out, const char *path,
                           bb_error *err) {
    double value = -1;
    BB_TRY(bb_json_number(json, key, 0, (double)most, &value, path, err));
    if (value < 0 || value != floor(value))
        return bb_fail(err, BB_ERR_FORMAT, "%s: \"%s\": expected a whole number, found %s", path, key,
                       value < 0 ? "none" : "a broken one");
    *out = (int64_t)value;
    return BB_OK;
}

/* Pairs of a step and a loss, the steps rising. */
static bb_status read_checks(const cJSON *json, const char *path, bb_learner_state *s, bb_error *err) {
    const cJSON *checks = cJSON_GetObjectItemCaseSensitive(json, "checks"), *pair;
    int64_t before = 0;
    if (!cJSON_IsArray(checks)) return bb_fail(err, BB_ERR_FORMAT, "%s: expected \"checks\"", path);
    s->check_room = (size_t)cJSON_GetArraySize(checks);
    s->checks = bb_calloc(s->check_room, sizeof *s->checks);
    if (!s->checks) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for the checks", path);
    cJSON_ArrayForEach(pair, checks) {
        const cJSON *step = cJSON_GetArrayItem(pair, 0), *loss = cJSON_GetArrayItem(pair, 1);
        if (!cJSON_IsNumber(step) || !cJSON_IsNumber(loss) || !isfinite(loss->valuedouble) ||
            !(step->valuedouble > (double)before && step->valuedouble <= (double)s->step))
            return bb_fail(
                err, BB_ERR_FORMAT,
                "%s: \"checks\": expected pairs of a step and a loss, the steps rising up to %lld; "
                "number %zu is none",
                path, (long long)s->step, s->check_count);
        before = (int64_t)step->valuedouble;
        s->checks[s->check_count++] = (bb_check){before, loss->valuedouble};
    }
    return BB_OK;
}

static bb_status read_state(const cJSON *json, const char *path, int64_t steps, bb_learner_state *s,
                            bb_error *err) {
    *s = (bb_learner_state){.best_validation = INFINITY};
    BB_TRY(read_step(json, "step", steps, &s->step, path, err));
    BB_TRY(read_step(json, "best_step", s->step, &s->best_step, path, err));
    BB_TRY(read_step(json, "since", s->step, &s->since, path, err));
    BB_TRY(bb_json_int(json, "reductions", 0, 1 << 30, &s->reductions, path, err));
    BB_TRY(bb_json_number(json, "best_validation", -1e308, 1e308, &s->best_validation, path, err));
    if ((s->best_step == 0) != (isinf(s->best_validation) != 0))
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: expected \"best_validation\" where there is a best step, and there alone", path);
    return read_checks(json, path, s, err);
}

bb_status bb_learner_state_read(const char *path, int64_t steps, bb_learner_state *out, bb_error *err) {
    cJSON *json;
    *out = (bb_learner_state){.best_validation = INFINITY};
    BB_TRY(bb_json_read(path, &json, err));
    const bb_status status = read_state(json, path, steps, out, err);
    cJSON_Delete(json);
    return status;
}

/* ---------------------------------------------------------------- all of it */

bb_status bb_finetune_state_write(const bb_learner *l, const bb_pooling *pooling, const char *folder,
                                  bb_error *err) {
    char path[BB_RUN_PATH];
    BB_TRY(write_head(l, pooling, bb_run_inside(folder, "head.safetensors", path), err));
    BB_TRY(write_moments(l, bb_run_inside(folder, "training.safetensors", path), err));
    return write_state(bb_run_inside(folder, "state.json", path), &l->state, err);
}

bb_status bb_finetune_state_read(const char *folder, bb_learner *l, bb_error *err) {
    char path[BB_RUN_PATH];
    bb_free(l->state.checks);
    BB_TRY(
        bb_learner_state_read(bb_run_inside(folder, "state.json", path), l->learning.steps, &l->state, err));
    bb_run_inside(folder, "training.safetensors", path);
    for (int g = 0; g < l->group_count; ++g) {
        BB_TRY(read_weights(folder, l, g, l->groups[g].weights, err));
        BB_TRY(read_group(l, g, path, "moment.", l->groups[g].moments, err));
        BB_TRY(read_group(l, g, path, "square.", l->groups[g].squares, err));
    }
    return BB_OK;
}

bb_status bb_finetune_state_read_best(const char *folder, bb_learner *l, bb_error *err) {
    for (int g = 0; g < l->group_count; ++g) BB_TRY(read_weights(folder, l, g, l->groups[g].best, err));
    return BB_OK;
}
