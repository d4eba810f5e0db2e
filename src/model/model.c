#include "model/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "model/layout.h"
#include "model/model_config.h"

/* ---------------------------------------------------------------- tensors */

void bb_model_read_tensor(const bb_model *m, size_t index, float *out) {
    const bb_tensor_spec spec = bb_layout_at(&m->info.config, index);
    if (m->made)
        memcpy(out, m->made[index], (size_t)bb_spec_count(&spec) * sizeof *out);
    else
        bb_tensor_to_f32(m->tensors[index], out);
}

static bool is_contiguous(const bb_tensor *t) {
    int64_t stride = 1;
    for (size_t d = t->dims; d-- > 0; stride *= t->shape[d])
        if (t->strides[d] != stride) return false;
    return true;
}

const float *bb_model_map_tensor(const bb_model *m, size_t index) {
    if (m->made) return m->made[index];
    const bb_tensor *t = m->tensors[index];
    const bool direct = t->dtype == BB_F32 && is_contiguous(t) && (uintptr_t)t->data % sizeof(float) == 0 &&
                        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    return direct ? t->data : NULL;
}

void bb_model_release_tensor(const bb_model *m, size_t index) {
    if (!m->made) bb_weights_release(m->weights, m->tensors[index]);
}

/* braindecode calls the input encoding input_embedding; training wrappers put a prefix in front of every
 * name. */
static const bb_tensor *find_tensor(const bb_weights *weights, const char *name) {
    static const char *const prefixes[] = {"", "module.", "model.", "encoder."};
    static const char published[] = "input_encoding.", braindecode[] = "input_embedding.";
    const bool renamed = strncmp(name, published, sizeof published - 1) == 0;
    char text[BB_TENSOR_NAME_LENGTH + 64];
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; ++i)
        for (int other = 0; other <= renamed; ++other) {
            snprintf(text, sizeof text, "%s%s%s", prefixes[i], other ? braindecode : "",
                     other ? name + sizeof published - 1 : name);
            const bb_tensor *found = bb_weights_find(weights, text);
            if (found) return found;
        }
    return NULL;
}

static int64_t dimension(const bb_tensor *t, size_t d) { return d < t->dims ? t->shape[d] : 0; }

static bb_status find_config_in_shapes(const bb_model *m, bb_model_config *c, bb_error *err) {
    const bb_tensor *in = find_tensor(m->weights, "input_encoding.in_proj.weight");
    const bb_tensor *up = find_tensor(m->weights, "transformer.layers.0.linear1.weight");
    if (!in || !up)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: not a BrainBERT model: expected tensors input_encoding.in_proj.weight and "
                       "transformer.layers.0.linear1.weight, found %zu others",
                       m->path, bb_weights_count(m->weights));
    c->hidden_dim = (int)dimension(in, 0);
    c->input_dim = (int)dimension(in, 1);
    c->feed_forward_dim = (int)dimension(up, 0);
    for (c->layers = 0; c->layers < 1 << 10; ++c->layers) {
        char name[BB_TENSOR_NAME_LENGTH];
        snprintf(name, sizeof name, "transformer.layers.%d.linear1.weight", c->layers);
        if (!find_tensor(m->weights, name)) break;
    }
    return BB_OK;
}

static bb_status check_shape(const bb_model *m, const bb_tensor_spec *spec, const bb_tensor *t,
                             bb_error *err) {
    const size_t dims = spec->columns ? 2 : 1;
    if (t->dims == dims && t->shape[0] == spec->rows && (dims == 1 || t->shape[1] == spec->columns))
        return BB_OK;
    return bb_fail(err, BB_ERR_FORMAT,
                   "%s: tensor %s: expected shape [%lld%s%.0lld], found %zu dimensions, [%lld, %lld]",
                   m->path, spec->name, (long long)spec->rows, dims == 2 ? ", " : "",
                   (long long)spec->columns, t->dims, (long long)dimension(t, 0), (long long)dimension(t, 1));
}

static bb_status bind_tensors(bb_model *m, bb_error *err) {
    m->count = bb_layout_count(&m->info.config);
    m->tensors = bb_calloc(m->count, sizeof *m->tensors);
    if (!m->tensors) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu tensors", m->path, m->count);
    m->info.has_prediction_head = true;
    for (size_t i = 0; i < m->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(&m->info.config, i);
        m->tensors[i] = find_tensor(m->weights, spec.name);
        if (m->tensors[i]) {
            BB_TRY(check_shape(m, &spec, m->tensors[i], err));
            m->info.parameters += bb_spec_count(&spec);
        } else if (spec.optional) {
            m->info.has_prediction_head = false;
        } else {
            return bb_fail(err, BB_ERR_FORMAT, "%s: expected a tensor %s, found none of that name", m->path,
                           spec.name);
        }
    }
    return BB_OK;
}

/* ---------------------------------------------------------------- opening */

/* What is read where: `path` is a directory or a file. */
static bb_status find_files(const char *path, char **weights_path, char **config_path, bb_error *err) {
    const bool directory = bb_is_directory(path);
    char *folder = directory ? bb_strdup(path) : bb_path_directory(path);
    *weights_path = directory ? bb_path_join(path, "model.safetensors") : bb_strdup(path);
    *config_path = folder ? bb_path_join(folder, "config.json") : NULL;
    bb_free(folder);
    if (!*weights_path || !*config_path) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    if (directory && !bb_file_exists(*config_path))
        return bb_fail(err, BB_ERR_IO,
                       "%s: expected config.json and model.safetensors in it, found no config.json", path);
    return BB_OK;
}

/* A config.json counts for the safetensors beside it; a checkpoint holds its own. */
static bb_status read_settings(bb_model *m, const char *config_path, bb_model_settings *settings,
                               bb_error *err) {
    const bool own = strncmp(m->info.container, "pth", 3) == 0;
    if (!own && bb_file_exists(config_path)) {
        cJSON *json;
        BB_TRY(bb_json_read(config_path, &json, err));
        const bb_status status = bb_model_settings_read(json, config_path, settings, err);
        cJSON_Delete(json);
        return status;
    }
    const char *text = bb_weights_config(m->weights);
    if (!text) return BB_OK;
    cJSON *json;
    BB_TRY(bb_json_parse(text, m->path, &json, err));
    const bb_status status = bb_model_settings_read(json, m->path, settings, err);
    cJSON_Delete(json);
    return status;
}

static bb_status open_files(bb_model *m, const char *weights_path, const char *config_path, int heads,
                            bb_error *err) {
    bb_model_settings s = {.recipe = bb_recipe_default(), .trained = true};
    BB_TRY(bb_weights_open(weights_path, &m->weights, err));
    m->info.container = bb_weights_container(m->weights);
    BB_TRY(find_config_in_shapes(m, &m->info.config, err));
    bb_status status = read_settings(m, config_path, &s, err);
    m->provenance = s.provenance;
    if (status != BB_OK) return status;
    BB_TRY(bb_model_settings_agree(&s, &m->info.config, m->path, err));
    if (heads && s.config.heads && heads != s.config.heads)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: the file says it has %d heads, the call says %d", m->path,
                       s.config.heads, heads);
    m->info.heads_assumed = s.config.heads == 0 && heads == 0;
    m->info.config.heads = heads ? heads : s.config.heads ? s.config.heads : 12;
    if (m->info.heads_assumed && m->info.config.hidden_dim % 12 != 0)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: the number of attention heads is not in the file: put its config.json beside it "
                       "or state it (--heads)",
                       m->path);
    m->info.recipe = s.recipe;
    m->info.recipe_stated = s.recipe_stated;
    m->info.trained = s.trained;
    m->info.provenance = m->provenance;
    BB_TRY(bb_config_check(&m->info.config, m->path, err));
    m->info.recipe.spectrogram.bins = m->info.config.input_dim;
    return bind_tensors(m, err);
}

/* "untrained:SIZE" or "untrained:SIZE:SEED". */
static bb_status open_untrained(const char *path, const char *size, bb_model **out, bb_error *err) {
    bb_model_config config;
    const size_t length = strcspn(size, ":");
    const char *digits = size[length] ? size + length + 1 : "0";
    char name[16], *end;
    snprintf(name, sizeof name, "%.*s", length < sizeof name ? (int)length : 0, size);
    errno = 0;
    const unsigned long long seed = strtoull(digits, &end, 10);
    if (!bb_model_config_from_name(name, &config) || *digits < '0' || *digits > '9' || *end || errno)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "%s: expected untrained:small, untrained:base or untrained:large, with :SEED behind "
                       "it or without",
                       path);
    BB_TRY(bb_model_create(&config, seed, out, err));
    char *copy = bb_strdup(path);
    if (!copy) {
        bb_model_close(*out);
        *out = NULL;
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    }
    bb_free((*out)->path);
    (*out)->info.path = (*out)->path = copy;
    return BB_OK;
}

bb_status bb_model_open(const char *path, int heads, bb_model **out, bb_error *err) {
    static const char untrained[] = "untrained:";
    *out = NULL;
    if (strncmp(path, untrained, sizeof untrained - 1) == 0)
        return open_untrained(path, path + sizeof untrained - 1, out, err);
    char *weights_path = NULL, *config_path = NULL;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        --length; /* the last part of the path is the model's name */
    bb_model *m = bb_calloc(1, sizeof *m);
    if (!m || !(m->path = bb_strndup(path, length))) {
        bb_model_close(m);
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    }
    m->info.path = m->path;
    bb_status status = find_files(path, &weights_path, &config_path, err);
    if (status == BB_OK) status = open_files(m, weights_path, config_path, heads, err);
    bb_free(weights_path);
    bb_free(config_path);
    if (status == BB_OK)
        *out = m;
    else
        bb_model_close(m);
    return status;
}

void bb_model_close(bb_model *m) {
    if (!m) return;
    for (size_t i = 0; m->made && i < m->count; ++i) bb_free(m->made[i]);
    bb_free(m->made);
    bb_free(m->tensors);
    bb_weights_close(m->weights);
    free(m->provenance); /* from cJSON */
    bb_free(m->path);
    bb_free(m);
}

const bb_model_info *bb_model_get_info(const bb_model *m) { return &m->info; }

/* ---------------------------------------------------------------- making */

static bb_status make_tensor(bb_model *m, size_t index, uint64_t seed, bb_error *err) {
    const bb_tensor_spec spec = bb_layout_at(&m->info.config, index);
    const int64_t count = bb_spec_count(&spec);
    float *x = m->made[index] = bb_calloc((size_t)count, sizeof *x);
    if (!x) return bb_fail(err, BB_ERR_MEMORY, "no memory for %s", spec.name);
    m->info.parameters += count;
    if (spec.kind == BB_TENSOR_NORM_GAIN)
        for (int64_t i = 0; i < count; ++i) x[i] = 1;
    if (spec.kind == BB_TENSOR_MATRIX) {
#pragma omp parallel for
        for (int64_t i = 0; i < count; ++i) x[i] = (float)(0.02 * bb_random_normal(seed, index, (uint64_t)i));
    }
    return BB_OK;
}

bb_status bb_model_create(const bb_model_config *config, uint64_t seed, bb_model **out, bb_error *err) {
    *out = NULL;
    BB_TRY(bb_config_check(config, "new model", err));
    bb_model *m = bb_calloc(1, sizeof *m);
    if (!m) return bb_fail(err, BB_ERR_MEMORY, "no memory for a model");
    m->count = bb_layout_count(config);
    m->path = bb_strdup("untrained");
    m->made = bb_calloc(m->count, sizeof *m->made);
    m->info = (bb_model_info){
        .path = m->path, .container = "untrained", .config = *config, .has_prediction_head = true};
    m->info.recipe = bb_recipe_default();
    m->info.recipe.spectrogram.bins = config->input_dim;
    bb_status status = m->path && m->made ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for a model");
    for (size_t i = 0; i < m->count && status == BB_OK; ++i) status = make_tensor(m, i, seed, err);
    if (status == BB_OK)
        *out = m;
    else
        bb_model_close(m);
    return status;
}
