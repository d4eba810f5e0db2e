#include "train/finetune_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "train/finetune_options.h"
#include "train/finetune_state.h"
#include "train/provenance.h"
#include "train/run_folder.h"

bb_status bb_finetune_copy_model(const bb_model *model, const bb_finetune_options *o, bb_model **out,
                                 bb_error *err) {
    const bb_model_info *from = bb_model_get_info(model);
    BB_TRY(bb_model_create(&from->config, 0, out, err));
    bb_model_info *info = &(*out)->info;
    info->has_prediction_head = from->has_prediction_head;
    info->recipe = o->recipe ? *o->recipe : from->recipe;
    info->trained = from->trained || !o->freeze;
    for (size_t i = 0; i < (*out)->count; ++i)
        if (from->has_prediction_head || !bb_layout_at(&from->config, i).optional)
            bb_model_read_tensor(model, i, (*out)->made[i]);
    return BB_OK;
}

static bb_status set_provenance(const bb_finetune_run *r, bb_error *err) {
    const bb_learner_state *s = &r->learner->state;
    cJSON *json = cJSON_CreateObject();
    bool ok = json &&
              cJSON_AddStringToObject(json, "source", r->network ? "fine-tuning" : "frozen encoder") &&
              cJSON_AddStringToObject(json, "begun_from", bb_path_name(r->begun_from)) &&
              cJSON_AddNumberToObject(json, "steps", (double)s->step) &&
              cJSON_AddNumberToObject(json, "batch", r->options->batch);
    if (ok && isfinite(s->best_validation))
        ok = cJSON_AddNumberToObject(json, "best_validation_loss", s->best_validation) != NULL;
    return bb_provenance_give(r->model, json, ok, err);
}

/* ---------------------------------------------------------------- what the learner hands over */

static bb_status write_files(void *context, const char *folder, bb_error *err) {
    const bb_finetune_run *r = context;
    if (r->network) bb_checkpoint_give_back(r->network, r->model);
    BB_TRY(set_provenance(r, err));
    BB_TRY(bb_model_save(r->model, folder, BB_F32, err));
    return bb_finetune_state_write(r->learner, &r->options->pooling, folder, err);
}

static bb_status keep(void *keeper, bb_error *err) {
    bb_finetune_run *r = keeper;
    const bb_learner_state *s = &r->learner->state;
    return bb_run_place(r->folder, s->step, s->best_step, write_files, r, err);
}

static bb_status log_step(void *keeper, const bb_fit_step *s, bb_error *err) {
    const bb_finetune_run *r = keeper;
    char path[BB_RUN_PATH], line[512], validation[64] = "";
    if (!isnan(s->validation))
        snprintf(validation, sizeof validation, ", \"validation_loss\": %.9g", s->validation);
    const int length = snprintf(line, sizeof line,
                                "{\"step\": %lld, \"loss\": %.9g, \"gradient_norm\": %.9g, \"rate\": %.9g, "
                                "\"encoder_rate\": %.9g, \"windows_per_s\": %.4g%s}\n",
                                (long long)s->step, s->loss, s->gradient_norm, s->head_rate, s->encoder_rate,
                                s->windows_per_s, validation);
    return bb_file_append(bb_run_inside(r->folder, "metrics.jsonl", path), line, (size_t)length, err);
}

/* ---------------------------------------------------------------- beginning */

/* Both of the run's checkpoints that matter: where it stands, and its best weights. */
static bb_status go_on(bb_finetune_run *r, const char *last, bb_error *err) {
    char best[BB_RUN_PATH];
    BB_TRY(bb_finetune_state_read(last, r->learner, err));
    const int64_t step = r->learner->state.best_step;
    if (step == 0) return BB_OK;
    if (!bb_run_checkpoint(r->folder, step, best))
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected the checkpoint of the best step, %lld, found none",
                       r->folder, (long long)step);
    return bb_finetune_state_read_best(best, r->learner, err);
}

bb_status bb_finetune_run_begin(bb_finetune_run *r, const bb_finetune_input *input, bb_error *err) {
    char last[BB_RUN_PATH], *call;
    const bb_finetune_call content = {r->options,
                                      r->model,
                                      r->begun_from,
                                      input,
                                      r->learner->objective.targets,
                                      r->learner->learning.check_every};
    BB_TRY(bb_finetune_call_describe(&content, &call, err));
    bool goes_on;
    bb_status status = bb_finetune_call_settle(r->folder, call, r->options->resume, &goes_on, err);
    free(call);
    if (status == BB_OK && goes_on && bb_run_find(r->folder, last)) status = go_on(r, last, err);
    if (status == BB_OK) status = bb_metrics_trim(r->folder, r->learner->state.step, err);
    r->learner->log = log_step;
    r->learner->keep = keep;
    r->learner->keeper = r;
    return status;
}
