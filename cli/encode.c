#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/array.h"
#include "brainbert/model.h"
#include "commands.h"
#include "json.h"
#include "options.h"
#include "paths.h"
#include "precision.h"

static const command encode_command = {"encode", "SPEC.npy --model M --out Y.npy",
                                       "Spectrograms [T,F] or [B,T,F] through the model.", 1, 1};

typedef struct encode_options {
    const char *model, *out, *output, *pool, *lengths, *precision;
    int64_t heads;
} encode_options;

typedef struct job {
    bb_model *model;
    bb_encoder *encoder;
    bb_array input;
    bool single; /* [T,F]: the results have no first dimension either */
    int64_t *lengths;
    float *out;
    bb_pooling pooling;
} job;

static bb_status read_lengths(const char *path, job *j, bb_error *err) {
    bb_array_f64 array;
    const bb_status status = bb_array_f64_read(path, &array, err);
    if (status != BB_OK) return status;
    const int64_t B = j->input.shape[0], count = bb_array_count(array.shape, array.dims);
    j->lengths = calloc((size_t)B + 1, sizeof *j->lengths);
    bool sound = array.dims == 1 && count == B && j->lengths;
    for (int64_t b = 0; sound && b < B; ++b) {
        sound = array.data[b] >= 1 && array.data[b] <= (double)j->input.shape[1] &&
                array.data[b] == floor(array.data[b]);
        j->lengths[b] = sound ? (int64_t)array.data[b] : 0;
    }
    bb_array_f64_free(&array);
    if (sound) return BB_OK;
    return fail(err, BB_ERR_ARGUMENT, "%s: expected %lld whole numbers from 1 to %lld", path, (long long)B,
                (long long)j->input.shape[1]);
}

static bb_status read_input(const char *path, const encode_options *o, job *j, bb_error *err) {
    bb_status status = bb_array_read(path, &j->input, err);
    if (status != BB_OK) return status;
    const int F = bb_model_get_info(j->model)->config.input_dim;
    bb_array *a = &j->input;
    j->single = a->dims == 2;
    if (j->single) {
        a->dims = 3;
        a->shape[2] = a->shape[1];
        a->shape[1] = a->shape[0];
        a->shape[0] = 1;
    }
    if (a->dims != 3 || a->shape[2] != F || a->shape[1] < 1)
        return fail(err, BB_ERR_ARGUMENT,
                    "%s: expected [T, %d] or [B, T, %d], found %zu dimensions, the last of %lld", path, F, F,
                    j->single ? 2 : a->dims, a->dims ? (long long)a->shape[a->dims - 1] : 0LL);
    return o->lengths ? read_lengths(o->lengths, j, err) : BB_OK;
}

static bb_status compute(const encode_options *o, job *j, int64_t shape[3], size_t *dims, bb_error *err) {
    const bb_model_config *c = &bb_model_get_info(j->model)->config;
    const int64_t B = j->input.shape[0], T = j->input.shape[1];
    const bb_batch batch = {.spectrograms = j->input.data, .windows = B, .frames = T, .lengths = j->lengths};
    const bool pooled = strcmp(o->output, "pooled") == 0, predicted = strcmp(o->output, "prediction") == 0;
    *dims = 0;
    if (!j->single) shape[(*dims)++] = B;
    if (!pooled) shape[(*dims)++] = T;
    shape[(*dims)++] = pooled      ? bb_pooling_size(&j->pooling, T, c->hidden_dim)
                       : predicted ? c->input_dim
                                   : c->hidden_dim;
    j->out = calloc((size_t)(bb_array_count(shape, *dims) + 1), sizeof *j->out);
    if (!j->out) return fail(err, BB_ERR_MEMORY, "no memory for the output");
    if (pooled) return bb_encoder_pool(j->encoder, &batch, &j->pooling, j->out, err);
    if (predicted) return bb_encoder_predict(j->encoder, &batch, j->out, err);
    return bb_encoder_encode(j->encoder, &batch, j->out, err);
}

static bb_status run(const encode_options *o, const call *c, job *j, bb_error *err) {
    int64_t shape[3];
    size_t dims;
    bb_status status = path_spare(c->arguments[0], o->out, false, err);
    if (status == BB_OK) status = path_spare(o->lengths, o->out, false, err);
    if (status == BB_OK) status = path_spare(o->model, o->out, false, err);
    if (status == BB_OK) status = bb_model_open(o->model, (int)o->heads, &j->model, err);
    if (status == BB_OK) status = read_input(c->arguments[0], o, j, err);
    if (status == BB_OK) status = precision_encoder(j->model, o->precision, &c->common, &j->encoder, err);
    if (status == BB_OK) status = compute(o, j, shape, &dims, err);
    if (status == BB_OK) status = bb_array_write(o->out, j->out, shape, dims, err);
    if (status == BB_OK && c->common.json) print_written(o->out, shape, dims);
    return status;
}

int run_encode(int argc, char **argv) {
    encode_options o = {.output = "encoder", .pool = "center", .precision = "f32"};
    const option options[] = {
        {"--model", "M", OPTION_WORD, &o.model, 0, 0,
         "directory, .safetensors, .pth, or untrained:small|base|large"},
        {"--out", "FILE", OPTION_WORD, &o.out, 0, 0, "Y.npy"},
        {"--output", "NAME", OPTION_WORD, &o.output, 0, 0,
         "encoder [B,T,D], prediction [B,T,F] or pooled [B,D]"},
        {"--pool", "NAME", OPTION_WORD, &o.pool, 0, 0, "of pooled output: center, mean, segments:K"},
        {"--lengths", "FILE", OPTION_WORD, &o.lengths, 0, 0,
         "Y.npy [B]: frames of each window; the rest is padding"},
        precision_row(&o.precision, true),
        {"--heads", "N", OPTION_INTEGER, &o.heads, 0, 4096,
         "attention heads of a model file that does not say; 0: 12"},
    };
    call c;
    int status = parse_call(&encode_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status >= 0) return status;
    job j = {0};
    if (!o.model || !o.out) return complain(EXIT_USAGE, "encode: --model and --out are needed");
    if (strcmp(o.output, "encoder") != 0 && strcmp(o.output, "prediction") != 0 &&
        strcmp(o.output, "pooled") != 0)
        return complain(EXIT_USAGE, "--output: expected encoder, prediction or pooled, found '%s'", o.output);
    if (!bb_pooling_from_name(o.pool, &j.pooling) || j.pooling.kind == BB_POOL_NONE)
        return complain(EXIT_USAGE, "--pool: expected center, mean or segments:K, found '%s'", o.pool);
    if ((status = precision_check(o.precision, true)) >= 0) return status;
    if (!path_ends_in(o.out, ".npy"))
        return complain(EXIT_USAGE, "--out: expected a name that ends in .npy, found '%s'", o.out);
    bb_error err;
    status = run(&o, &c, &j, &err) == BB_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", err.message);
    bb_encoder_destroy(j.encoder);
    bb_model_close(j.model);
    bb_array_free(&j.input);
    free(j.lengths);
    free(j.out);
    return status;
}
