#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/layout.h"
#include "model/model.h"

/* A line for each tensor: its name and the checksum of its numbers. */
static bb_status describe_tensor(const bb_model *m, size_t index, FILE *text, bb_error *err) {
    const bb_tensor_spec spec = bb_layout_at(&m->info.config, index);
    const size_t count = (size_t)bb_spec_count(&spec);
    if (spec.optional && !m->info.has_prediction_head) return BB_OK;
    char digest[BB_SHA256_TEXT];
    float *copy = NULL;
    const float *x = bb_model_map_tensor(m, index);
    if (!x && (copy = bb_calloc(count, sizeof *copy))) {
        bb_model_read_tensor(m, index, copy);
        x = copy;
    }
    const bool known = x && bb_sha256_of_bytes(x, count * sizeof *x, digest);
    bb_free(copy);
    bb_model_release_tensor(m, index);
    if (!known)
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for the checksum of %s", m->path, spec.name);
    fprintf(text, "%s %s\n", spec.name, digest);
    return BB_OK;
}

static bb_status describe(const bb_model *m, FILE *text, bb_error *err) {
    const bb_model_config *c = &m->info.config;
    fprintf(text, "%d %d %d %d %d\n", c->hidden_dim, c->feed_forward_dim, c->heads, c->layers, c->input_dim);
    for (size_t i = 0; i < m->count; ++i) BB_TRY(describe_tensor(m, i, text, err));
    return BB_OK;
}

bb_status bb_model_digest(const bb_model *m, char out[BB_SHA256_TEXT], bb_error *err) {
    char *lines = NULL;
    size_t size = 0;
    FILE *text = open_memstream(&lines, &size);
    if (!text) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its checksum", m->path);
    bb_status status = describe(m, text, err);
    const bool whole = fclose(text) == 0 && lines;
    if (status == BB_OK && (!whole || !bb_sha256_of_text(lines, out)))
        status = bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its checksum", m->path);
    free(lines);
    return status;
}
