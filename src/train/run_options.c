#include "train/run_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"

bb_status bb_run_write_json(const char *path, cJSON *json, bool ok, bb_error *err) {
    char *text = ok ? cJSON_Print(json) : NULL;
    cJSON_Delete(json);
    if (!text) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    const bb_status status = bb_file_write(path, text, strlen(text), err);
    free(text);
    return status;
}

/* What tells one corpus from another: its recordings, what was done to them and how many windows they gave.
 */
static bool digest_of(const bb_corpus_info *corpus, char out[BB_SHA256_TEXT]) {
    cJSON *all = cJSON_CreateArray();
    bool ok = all != NULL;
    for (size_t i = 0; i < corpus->session_count && ok; ++i) {
        const bb_corpus_session *s = &corpus->sessions[i];
        const double numbers[] = {(double)s->windows, (double)s->channel_count, (double)corpus->samples};
        ok = cJSON_AddItemToArray(all, cJSON_CreateString(bb_path_name(s->source))) &&
             cJSON_AddItemToArray(all, cJSON_CreateString(s->recipe_json)) &&
             cJSON_AddItemToArray(all, cJSON_CreateDoubleArray(numbers, sizeof numbers / sizeof *numbers));
    }
    char *text = ok ? cJSON_PrintUnformatted(all) : NULL;
    ok = text && bb_sha256_of_text(text, out);
    cJSON_free(text);
    cJSON_Delete(all);
    return ok;
}

static bool write_options(cJSON *o, const bb_pretrain_options *p, const bb_corpus_info *corpus) {
    char digest[BB_SHA256_TEXT];
    bool ok =
        digest_of(corpus, digest) && cJSON_AddStringToObject(o, "corpus", corpus->path) &&
        cJSON_AddStringToObject(o, "corpus_digest", digest) &&
        cJSON_AddStringToObject(o, "model", p->model) &&
        cJSON_AddNumberToObject(o, "steps", (double)p->steps) &&
        cJSON_AddNumberToObject(o, "batch", p->batch) && cJSON_AddNumberToObject(o, "rate", p->rate) &&
        cJSON_AddNumberToObject(o, "warm_up", p->warm_up) && cJSON_AddNumberToObject(o, "clip", p->clip) &&
        cJSON_AddNumberToObject(o, "dropout", p->dropout) && cJSON_AddStringToObject(o, "mask", p->mask) &&
        cJSON_AddNumberToObject(o, "mask_share", p->mask_share) &&
        cJSON_AddStringToObject(o, "optimizer", p->optimizer) &&
        cJSON_AddStringToObject(o, "precision", p->precision) &&
        cJSON_AddNumberToObject(o, "validation", p->validation) &&
        cJSON_AddNumberToObject(o, "check_every", (double)p->check_every) &&
        cJSON_AddBoolToObject(o, "published", p->published) &&
        cJSON_AddNumberToObject(o, "memory", p->memory) &&
        cJSON_AddNumberToObject(o, "seed", (double)p->seed);
    ok = ok && (!p->normalize || cJSON_AddStringToObject(o, "normalize", p->normalize));
    return ok && (!p->held_out || cJSON_AddStringToObject(o, "held_out", p->held_out));
}

bb_status bb_pretrain_make_folder(const char *run, bb_error *err) {
    char *path = bb_path_join(run, "options.json");
    if (!path) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", run);
    const bool taken = bb_file_exists(path);
    bb_free(path);
    if (taken)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: holds a run already: resume it, or name another folder",
                       run);
    return bb_make_directories(run, err);
}

bb_status bb_run_create(const char *run, const bb_pretrain_options *options, const bb_corpus_info *corpus,
                        bb_error *err) {
    BB_TRY(bb_pretrain_make_folder(run, err));
    char *path = bb_path_join(run, "options.json");
    if (!path) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", run);
    cJSON *json = cJSON_CreateObject();
    const bool ok = json && write_options(json, options, corpus);
    const bb_status status = bb_run_write_json(path, json, ok, err);
    bb_free(path);
    return status;
}

static bb_status read_word(const cJSON *o, const char *key, const char **out, const char *name,
                           bb_error *err) {
    *out = bb_json_string(o, key);
    return *out ? BB_OK : bb_fail(err, BB_ERR_FORMAT, "%s: \"%s\": expected a word, found none", name, key);
}

static bb_status read_whole(const cJSON *o, const char *key, double max, int64_t *out, const char *name,
                            bb_error *err) {
    double value = (double)*out;
    BB_TRY(bb_json_number(o, key, 0, max, &value, name, err));
    *out = (int64_t)value;
    return BB_OK;
}

static bb_status read_options(const cJSON *o, const char *name, bb_pretrain_options *p, bb_error *err) {
    int64_t seed = 0;
    BB_TRY(read_word(o, "model", &p->model, name, err));
    BB_TRY(read_word(o, "mask", &p->mask, name, err));
    BB_TRY(read_word(o, "optimizer", &p->optimizer, name, err));
    BB_TRY(read_whole(o, "steps", 1e12, &p->steps, name, err));
    BB_TRY(bb_json_int(o, "batch", 1, 1 << 20, &p->batch, name, err));
    BB_TRY(bb_json_number(o, "rate", 0, 1e3, &p->rate, name, err));
    BB_TRY(bb_json_number(o, "warm_up", 0, 1, &p->warm_up, name, err));
    BB_TRY(bb_json_number(o, "clip", 0, 1e9, &p->clip, name, err));
    BB_TRY(bb_json_number(o, "dropout", 0, 0.99, &p->dropout, name, err));
    BB_TRY(bb_json_number(o, "mask_share", 0, 1, &p->mask_share, name, err));
    BB_TRY(bb_json_number(o, "validation", 0, 0.9, &p->validation, name, err));
    BB_TRY(read_whole(o, "check_every", 1e12, &p->check_every, name, err));
    BB_TRY(read_whole(o, "seed", 9e15, &seed, name, err));
    BB_TRY(bb_json_number(o, "memory", 0, 1e18, &p->memory, name, err));
    p->seed = (uint64_t)seed;
    p->published = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "published"));
    p->normalize = bb_json_string(o, "normalize");
    p->held_out = bb_json_string(o, "held_out");
    p->precision = bb_json_string(o, "precision"); /* not in runs that began before there was a choice */
    return BB_OK;
}

/* Runs that began before there was a digest go on with what they are given. */
static bb_status compare_corpus(const cJSON *o, const char *name, const bb_corpus_info *corpus,
                                bb_error *err) {
    char digest[BB_SHA256_TEXT];
    const char *kept = bb_json_string(o, "corpus_digest");
    if (!kept) return BB_OK;
    if (!digest_of(corpus, digest)) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", name);
    if (strcmp(kept, digest) == 0) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "%s: the run is of another corpus than %s", name, corpus->path);
}

bb_status bb_run_options(const char *run, const bb_corpus_info *corpus, bb_pretrain_options *options,
                         cJSON **words, bb_error *err) {
    char *path = bb_path_join(run, "options.json");
    *words = NULL;
    if (!path) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", run);
    bb_status status = bb_json_read(path, words, err);
    if (status == BB_OK) status = read_options(*words, path, options, err);
    if (status == BB_OK) status = compare_corpus(*words, path, corpus, err);
    bb_free(path);
    return status;
}
