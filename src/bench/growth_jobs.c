#include "bench/growth_jobs.h"

#include <string.h>

#include "base/error.h"
#include "bench/child.h"

typedef struct naming {
    const char *name, *saved;
} naming;

static bb_status look(const void *context, void *result, bb_error *err) {
    const naming *n = context;
    bb_model *model;
    BB_TRY(bb_model_open(n->name, 0, &model, err));
    const bb_model_info *info = bb_model_get_info(model);
    const bb_growth_model seen = {info->config, info->recipe, (double)info->parameters};
    memcpy(result, &seen, sizeof seen);
    const bb_status status =
        strcmp(info->container, "untrained") == 0 ? bb_model_save(model, n->saved, BB_F32, err) : BB_OK;
    bb_model_close(model);
    return status;
}

bb_status bb_growth_model_prepare(const char *name, const char *saved, bb_growth_model *out, bb_error *err) {
    const naming n = {name, saved};
    return bb_child_run(look, &n, out, sizeof *out, NULL, err);
}

static bb_status embed(const void *context, void *result, bb_error *err) {
    const bb_growth_job *g = context;
    bb_model *model;
    bb_encoder *encoder = NULL;
    bb_job_result out = {0};
    BB_TRY(bb_model_open(g->model, 0, &model, err));
    bb_status status = bb_encoder_create(model, BB_PRECISION_F32, g->threads, &encoder, err);
    const bb_job job = {.recording = g->recording,
                        .features = g->features,
                        .model = model,
                        .encoder = encoder,
                        .window_s = g->window_s,
                        .threads = g->threads};
    if (status == BB_OK) status = bb_job_run(&job, &out, err);
    memcpy(result, &out, sizeof out);
    bb_encoder_destroy(encoder);
    bb_model_close(model);
    return status;
}

bb_status bb_growth_job_run(const bb_growth_job *job, bb_job_result *result, double *peak_bytes,
                            bb_error *err) {
    return bb_child_run(embed, job, result, sizeof *result, peak_bytes, err);
}
