#include "train/checkpoint.h"

#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/json.h"
#include "base/memory.h"
#include "model/model.h"
#include "train/run_options.h"

enum { NAME = 64 };
static const char checkpoint_prefix[] = "checkpoint-";

/* ---------------------------------------------------------------- checkpoints */

/* Tensors of a block under a prefix, as .safetensors wants them. */
static void name_tensors(const bb_parameters *p, const float *block, const char *prefix,
                         char (*names)[2 * NAME], bb_tensor *out) {
    for (size_t i = 0; i < p->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(&p->config, i);
        snprintf(names[i], sizeof names[i], "%s.%s", prefix, spec.name);
        out[i] = (bb_tensor){.name = names[i],
                             .dtype = BB_F32,
                             .dims = spec.columns ? 2 : 1,
                             .shape = {spec.rows, spec.columns},
                             .strides = {spec.columns ? spec.columns : 1, spec.columns ? 1 : 0},
                             .data = block + p->at[i]};
    }
}

static bb_status write_moments(const char *path, const bb_parameters *p, const float *moments,
                               const float *squares, bb_error *err) {
    char(*names)[2 * NAME] = bb_calloc(2 * p->count, sizeof *names);
    bb_tensor *tensors = bb_calloc(2 * p->count, sizeof *tensors);
    bb_status status = names && tensors ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    if (status == BB_OK) {
        name_tensors(p, moments, "moment", names, tensors);
        name_tensors(p, squares, "square", names + p->count, tensors + p->count);
        status = bb_safetensors_write(path, tensors, 2 * p->count, NULL, err);
    }
    bb_free(names);
    bb_free(tensors);
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

/* DIRECTORY/NAME; one too long for any file system becomes "", which no file is called. */
static const char *inside(const char *directory, const char *name, char out[4096]) {
    if (snprintf(out, 4096, "%s/%s", directory, name) >= 4096) out[0] = '\0';
    return out;
}

/* The network's weights become the model's, which knows how to save itself. */
static void give_back(const bb_network *n, bb_model *model) {
    for (size_t i = 0; i < n->parameters.count; ++i)
        memcpy(model->made[i], n->weights + n->parameters.at[i],
               (size_t)n->parameters.sizes[i] * sizeof(float));
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk) {
    (void)st, (void)type, (void)walk;
    return remove(path);
}

static void remove_folder(const char *path) { nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS); }

/* RUN/NAME becomes a link to `target`, in one step. */
static bb_status link_to(const char *run, const char *name, const char *target, bb_error *err) {
    char path[4096], next[4096 + 8];
    inside(run, name, path);
    snprintf(next, sizeof next, "%s.next", path);
    unlink(next);
    if (symlink(target, next) != 0 || rename(next, path) != 0)
        return bb_fail_errno(err, "%s: cannot link to %s", path, target);
    return BB_OK;
}

/* Checkpoints that neither last nor best leads to, and those that were cut off. */
static void remove_others(const char *run) {
    char last[NAME] = "", best[NAME] = "", path[4096];
    bb_folder folder;
    bb_error ignored;
    if (readlink(inside(run, "last", path), last, sizeof last - 1) < 0) return;
    if (readlink(inside(run, "best", path), best, sizeof best - 1) < 0) best[0] = '\0';
    if (bb_folder_list(run, &folder, &ignored) == BB_OK)
        for (size_t i = 0; i < folder.count; ++i)
            if (strncmp(folder.names[i], checkpoint_prefix, strlen(checkpoint_prefix)) == 0 &&
                strcmp(folder.names[i], last) != 0 && strcmp(folder.names[i], best) != 0)
                remove_folder(inside(run, folder.names[i], path));
    bb_folder_free(&folder);
}

static bb_status write_files(const char *folder, bb_model *model, const bb_network *n, const float *moments,
                             const float *squares, const bb_progress_state *state, bb_error *err) {
    char path[4096];
    give_back(n, model);
    BB_TRY(bb_model_save(model, folder, BB_F32, err));
    BB_TRY(
        write_moments(inside(folder, "training.safetensors", path), &n->parameters, moments, squares, err));
    return write_state(inside(folder, "state.json", path), state, err);
}

bb_status bb_checkpoint_write(const char *run, bb_model *model, const bb_network *network,
                              const float *moments, const float *squares, const bb_progress_state *state,
                              bool best, bb_error *err) {
    char name[NAME], torn[NAME + 8], from[4096], to[4096];
    snprintf(name, sizeof name, "%s%09lld", checkpoint_prefix, (long long)state->step);
    snprintf(torn, sizeof torn, "%s.tmp", name);
    inside(run, torn, from);
    inside(run, name, to);
    remove_folder(from);
    bb_status status = write_files(from, model, network, moments, squares, state, err);
    if (status == BB_OK) {
        remove_folder(to); /* of a run that was interrupted between this rename and the link */
        if (rename(from, to) != 0) status = bb_fail_errno(err, "%s: cannot rename to %s", from, to);
    }
    if (status != BB_OK) {
        remove_folder(from);
        return status;
    }
    /* A kill between the two must not leave a `last` that takes itself for the best one. */
    if (best) BB_TRY(link_to(run, "best", name, err));
    BB_TRY(link_to(run, "last", name, err));
    remove_others(run);
    return BB_OK;
}

static bb_status read_tensors(const bb_weights *w, const char *path, const bb_parameters *p,
                              const char *prefix, float *block, bb_error *err) {
    for (size_t i = 0; i < p->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(&p->config, i);
        char name[2 * NAME];
        snprintf(name, sizeof name, "%s%s", prefix, spec.name);
        const bb_tensor *t = bb_weights_find(w, name);
        const bool fits = t && t->dims == (spec.columns ? 2u : 1u) && t->shape[0] == spec.rows &&
                          (!spec.columns || t->shape[1] == spec.columns);
        if (!fits)
            return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected %lld numbers of this name, found %s", path,
                           name, (long long)p->sizes[i], t ? "another shape" : "none");
        bb_tensor_to_f32(t, block + p->at[i]);
    }
    return BB_OK;
}

static bb_status read_block(const char *path, const bb_parameters *p, const char *prefix, float *block,
                            bb_error *err) {
    bb_weights *w;
    BB_TRY(bb_weights_open(path, &w, err));
    const bb_status status = read_tensors(w, path, p, prefix, block, err);
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

static bool is_whole_checkpoint(const char *name) {
    const size_t prefix = strlen(checkpoint_prefix);
    return strncmp(name, checkpoint_prefix, prefix) == 0 &&
           strspn(name + prefix, "0123456789") == strlen(name + prefix);
}

bool bb_checkpoint_find(const char *run, char path[4096]) {
    struct stat st;
    bb_folder folder;
    bb_error ignored;
    const char *newest = NULL; /* names are listed in order, and their numbers have one length */
    if (lstat(inside(run, "last", path), &st) == 0) return true;
    if (bb_folder_list(run, &folder, &ignored) == BB_OK)
        for (size_t i = 0; i < folder.count; ++i)
            if (is_whole_checkpoint(folder.names[i])) newest = folder.names[i];
    if (newest) inside(run, newest, path);
    bb_folder_free(&folder);
    return newest != NULL;
}

bb_status bb_checkpoint_read(const char *folder, bb_network *n, float *moments, float *squares,
                             bb_progress_state *state, bb_error *err) {
    char path[4096];
    BB_TRY(read_state(inside(folder, "state.json", path), state, err));
    BB_TRY(read_block(inside(folder, "model.safetensors", path), &n->parameters, "", n->weights, err));
    BB_TRY(read_block(inside(folder, "training.safetensors", path), &n->parameters, "moment.", moments, err));
    return read_block(path, &n->parameters, "square.", squares, err);
}

/* ---------------------------------------------------------------- metrics.jsonl */

bb_status bb_metrics_append(const char *run, const bb_pretrain_step *s, bb_error *err) {
    char path[4096], line[512], validation[64] = "";
    if (!isnan(s->validation))
        snprintf(validation, sizeof validation, ", \"validation_loss\": %.9g", s->validation);
    const int length =
        snprintf(line, sizeof line,
                 "{\"step\": %lld, \"loss\": %.9g, \"l1\": %.9g, \"content\": %.9g, \"gradient_norm\": %.9g, "
                 "\"rate\": %.9g, \"windows_per_s\": %.4g, \"gflop_per_s\": %.4g%s}\n",
                 (long long)s->step, s->loss, s->l1, s->content, s->gradient_norm, s->rate, s->windows_per_s,
                 s->gflop_per_s, validation);
    return bb_file_append(inside(run, "metrics.jsonl", path), line, (size_t)length, err);
}

bb_status bb_metrics_trim(const char *run, int64_t step, bb_error *err) {
    char path[4096], *text, *end;
    size_t size;
    inside(run, "metrics.jsonl", path);
    if (!bb_file_exists(path)) return BB_OK;
    BB_TRY(bb_file_read(path, (size_t)1 << 31, &text, &size, err));
    for (end = text; strncmp(end, "{\"step\": ", 9) == 0 && strtoll(end + 9, NULL, 10) <= step;) {
        char *next = strchr(end, '\n');
        if (!next) break; /* a line that was cut off */
        end = next + 1;
    }
    const bb_status status = bb_file_write(path, text, (size_t)(end - text), err);
    bb_free(text);
    return status;
}
