#include "train/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "model/model.h"
#include "train/blocks.h"
#include "train/run_folder.h"
#include "train/run_options.h"

/* ---------------------------------------------------------------- checkpoints */

static bb_status write_moments(const char *path, const bb_parameters *p, const float *moments,
                               const float *squares, bb_error *err) {
    bb_blocks b;
    BB_TRY(bb_blocks_create(2 * p->count, &b, err));
    bb_blocks_add_model(&b, "moment.", p, moments);
    bb_blocks_add_model(&b, "square.", p, squares);
    const bb_status status = bb_safetensors_write(path, b.tensors, b.count, NULL, err);
    bb_blocks_free(&b);
    return status;
}

static bb_status write_state(const char *path, const bb_progress_state *s, bb_error *err) {
    cJSON *json = cJSON_CreateObject();
    const bool ok =
        json && cJSON_AddNumberToObject(json, "step", (double)s->step) &&
        cJSON_AddNumberToObject(json, "best_step", (double)s->best_step) &&
        cJSON_AddNumberToObject(json, "first_loss", s->first_loss) &&
        (isinf(s->best_validation) || cJSON_AddNumberToObject(json, "best_validation", s->best_validation));
    return bb_run_write_json(path, json, ok, err);
}

void bb_checkpoint_give_back(const bb_network *n, bb_model *model) {
    for (size_t i = 0; i < n->parameters.count; ++i)
        memcpy(model->made[i], n->weights + n->parameters.at[i],
               (size_t)n->parameters.sizes[i] * sizeof(float));
}

static bb_status write_files(void *context, const char *folder, bb_error *err) {
    const bb_checkpoint *c = context;
    char path[BB_RUN_PATH];
    bb_checkpoint_give_back(c->network, c->model);
    BB_TRY(bb_model_save(c->model, folder, BB_F32, err));
    BB_TRY(write_moments(bb_run_inside(folder, "training.safetensors", path), &c->network->parameters,
                         c->moments, c->squares, err));
    return write_state(bb_run_inside(folder, "state.json", path), c->state, err);
}

bb_status bb_checkpoint_write(const char *run, const bb_checkpoint *checkpoint, bool validates,
                              bb_error *err) {
    bb_checkpoint copy = *checkpoint;
    const int64_t best = validates ? copy.state->best_step : copy.state->step;
    return bb_run_place(run, copy.state->step, best, write_files, &copy, err);
}

static bb_status read_block(const char *path, const bb_parameters *p, const char *prefix, float *block,
                            bb_error *err) {
    bb_weights *w;
    BB_TRY(bb_weights_open(path, &w, err));
    const bb_status status = bb_blocks_read_model(w, path, prefix, p, block, err);
    bb_weights_close(w);
    return status;
}

static bb_status read_state(const char *path, bb_progress_state *s, bb_error *err) {
    cJSON *json;
    double step = -1, best_step = 0;
    s->best_validation = INFINITY;
    BB_TRY(bb_json_read(path, &json, err));
    bb_status status = bb_json_number(json, "step", 0, 1e12, &step, path, err);
    if (status == BB_OK) status = bb_json_number(json, "best_step", 0, 1e12, &best_step, path, err);
    if (status == BB_OK) status = bb_json_number(json, "first_loss", 0, 1e30, &s->first_loss, path, err);
    if (status == BB_OK)
        status = bb_json_number(json, "best_validation", -1e30, 1e30, &s->best_validation, path, err);
    cJSON_Delete(json);
    if (status == BB_OK && step < 0)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected \"step\", found none", path);
    s->step = (int64_t)step;
    s->best_step = (int64_t)best_step;
    return status;
}

bb_status bb_checkpoint_read(const char *folder, const bb_checkpoint *c, bb_error *err) {
    char path[BB_RUN_PATH];
    const bb_parameters *p = &c->network->parameters;
    BB_TRY(read_state(bb_run_inside(folder, "state.json", path), c->state, err));
    BB_TRY(read_block(bb_run_inside(folder, "model.safetensors", path), p, "", c->network->weights, err));
    BB_TRY(read_block(bb_run_inside(folder, "training.safetensors", path), p, "moment.", c->moments, err));
    return read_block(path, p, "square.", c->squares, err);
}

/* ---------------------------------------------------------------- metrics.jsonl */

bb_status bb_metrics_append(const char *run, const bb_pretrain_step *s, bb_error *err) {
    char path[BB_RUN_PATH], line[512], validation[64] = "", ranks[128] = "";
    if (!isnan(s->validation))
        snprintf(validation, sizeof validation, ", \"validation_loss\": %.9g", s->validation);
    if (s->ranks > 1)
        snprintf(ranks, sizeof ranks,
                 ", \"ranks\": %d, \"step_s\": %.4g, \"exchange_s\": %.4g, \"exposed_s\": %.4g", s->ranks,
                 s->step_s, s->exchange_s, s->exposed_s);
    const int length =
        snprintf(line, sizeof line,
                 "{\"step\": %lld, \"loss\": %.9g, \"l1\": %.9g, \"content\": %.9g, \"gradient_norm\": %.9g, "
                 "\"rate\": %.9g, \"windows_per_s\": %.4g, \"gflop_per_s\": %.4g%s%s}\n",
                 (long long)s->step, s->loss, s->l1, s->content, s->gradient_norm, s->rate, s->windows_per_s,
                 s->gflop_per_s, ranks, validation);
    return bb_file_append(bb_run_inside(run, "metrics.jsonl", path), line, (size_t)length, err);
}
