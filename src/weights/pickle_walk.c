#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "weights/pickle.h"

bb_pickle_role bb_pickle_role_of(const bb_pickle *p, uint32_t id) {
    const bb_pickle_node *node = bb_pickle_at(p, id);
    if (node->kind == BB_PICKLE_OBJECT) node = bb_pickle_at(p, node->callable);
    return node->kind == BB_PICKLE_NAME ? node->name->role : BB_ROLE_INERT;
}

bool bb_pickle_is_text(const bb_pickle *p, uint32_t id, const char *text) {
    const bb_pickle_node *node = bb_pickle_at(p, id);
    return node->kind == BB_PICKLE_TEXT && node->count == strlen(text) &&
           memcmp(node->text, text, node->count) == 0;
}

static bool is_sequence(const bb_pickle *p, uint32_t id) {
    const bb_pickle_kind kind = bb_pickle_at(p, id)->kind;
    return kind == BB_PICKLE_TUPLE || kind == BB_PICKLE_LIST || kind == BB_PICKLE_SET;
}

bool bb_pickle_is_dict(const bb_pickle *p, uint32_t id) {
    const bb_pickle_kind kind = bb_pickle_at(p, id)->kind;
    return kind == BB_PICKLE_DICT || (kind == BB_PICKLE_OBJECT && bb_pickle_role_of(p, id) == BB_ROLE_DICT);
}

/* Python 2 pickles an OrderedDict as OrderedDict([[key, value], ...]): that list, or 0. */
static uint32_t pair_list(const bb_pickle *p, uint32_t id) {
    const bb_pickle_node *node = bb_pickle_at(p, id);
    if (node->kind != BB_PICKLE_OBJECT || node->count || bb_pickle_at(p, node->args)->count != 1) return 0;
    const uint32_t list = bb_pickle_item(p, node->args, 0);
    return is_sequence(p, list) ? list : 0;
}

size_t bb_pickle_entries(const bb_pickle *p, uint32_t id) {
    const uint32_t pairs = pair_list(p, id);
    return pairs ? bb_pickle_at(p, pairs)->count : bb_pickle_at(p, id)->count / 2;
}

bool bb_pickle_entry(const bb_pickle *p, uint32_t id, size_t i, uint32_t *key, uint32_t *value) {
    const uint32_t pairs = pair_list(p, id);
    size_t at = 2 * i;
    if (pairs) {
        id = bb_pickle_item(p, pairs, i);
        at = 0;
        if (!is_sequence(p, id) || bb_pickle_at(p, id)->count != 2) return false;
    }
    *key = bb_pickle_item(p, id, at);
    *value = bb_pickle_item(p, id, at + 1);
    return true;
}

uint32_t bb_pickle_find(const bb_pickle *p, uint32_t id, const char *key) {
    if (!bb_pickle_is_dict(p, id)) return 0;
    uint32_t k, value;
    for (size_t i = bb_pickle_entries(p, id); i-- > 0;)
        if (bb_pickle_entry(p, id, i, &k, &value) && bb_pickle_is_text(p, k, key)) return value;
    return 0;
}

/* ---- JSON */

/* A configuration has some dozens of values; these bounds keep shared and cyclic values from running away. */
enum { DEPTH_LIMIT = 64, VALUE_LIMIT = 10000 };

typedef struct walk {
    const bb_pickle *p;
    size_t values; /* visited so far, long texts and wide states counted for more */
    const char *problem;
} walk;

static cJSON *convert(walk *w, uint32_t id, size_t depth);

static cJSON *give_up(walk *w, cJSON *made, const char *problem) {
    if (!w->problem) w->problem = problem;
    cJSON_Delete(made);
    return NULL;
}

/* A copy of text as C holds it, or NULL. */
static char *terminated(walk *w, const bb_pickle_node *node) {
    w->values += node->count / 64;
    if (w->values > VALUE_LIMIT) return give_up(w, NULL, "too much text"), NULL;
    if (memchr(node->text, '\0', node->count)) return give_up(w, NULL, "text with a zero byte"), NULL;
    return bb_strndup(node->text, node->count);
}

static char *key_text(walk *w, uint32_t id) {
    const bb_pickle_node *node = bb_pickle_at(w->p, id);
    if (node->kind == BB_PICKLE_TEXT) return terminated(w, node);
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)node->integer);
    if (node->kind == BB_PICKLE_INT) return bb_strdup(number);
    return give_up(w, NULL, "a key that is neither text nor a number"), NULL;
}

static cJSON *convert_text(walk *w, const bb_pickle_node *node) {
    char *text = terminated(w, node);
    cJSON *made = text ? cJSON_CreateString(text) : NULL;
    bb_free(text);
    return made ? made : give_up(w, NULL, "no memory");
}

static cJSON *convert_sequence(walk *w, uint32_t id, size_t depth) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; array && i < bb_pickle_at(w->p, id)->count; ++i) {
        cJSON *item = convert(w, bb_pickle_item(w->p, id, i), depth);
        if (!item) return give_up(w, array, "no memory");
        cJSON_AddItemToArray(array, item);
    }
    return array;
}

static cJSON *convert_dict(walk *w, uint32_t id, size_t depth) {
    cJSON *object = cJSON_CreateObject();
    const size_t count = bb_pickle_entries(w->p, id);
    for (size_t i = 0; object && i < count; ++i) {
        uint32_t key, value;
        if (!bb_pickle_entry(w->p, id, i, &key, &value)) return give_up(w, object, "a key without a value");
        char *text = key_text(w, key);
        cJSON *item = text ? convert(w, value, depth) : NULL;
        if (item) {
            cJSON_DeleteItemFromObjectCaseSensitive(object, text); /* the last of equal keys counts */
            if (!cJSON_AddItemToObject(object, text, item)) {
                cJSON_Delete(item);
                item = NULL;
            }
        }
        bb_free(text);
        if (!item) return give_up(w, object, "no memory");
    }
    return object;
}

static cJSON *convert_object(walk *w, const bb_pickle_node *node, bb_pickle_role role, size_t depth) {
    if (role != BB_ROLE_CONFIG && role != BB_ROLE_CONFIG_NODE) return cJSON_CreateNull();
    w->values += bb_pickle_entries(w->p, node->state);
    const char *key = role == BB_ROLE_CONFIG ? "_content" : "_val";
    return convert(w, bb_pickle_find(w->p, node->state, key), depth);
}

static cJSON *convert(walk *w, uint32_t id, size_t depth) {
    const bb_pickle *p = w->p;
    const bb_pickle_node *node = bb_pickle_at(p, id);
    if (depth == DEPTH_LIMIT) return give_up(w, NULL, "values nested too deeply, or inside themselves");
    if (++w->values > VALUE_LIMIT) return give_up(w, NULL, "too many values");
    if (bb_pickle_is_dict(p, id)) return convert_dict(w, id, depth + 1);
    if (is_sequence(p, id)) return convert_sequence(w, id, depth + 1);
    switch (node->kind) {
    case BB_PICKLE_BOOL:
        return cJSON_CreateBool(node->integer != 0);
    case BB_PICKLE_INT:
        return cJSON_CreateNumber((double)node->integer);
    case BB_PICKLE_FLOAT:
        return cJSON_CreateNumber(node->real);
    case BB_PICKLE_TEXT:
        return convert_text(w, node);
    case BB_PICKLE_OBJECT:
        return convert_object(w, node, bb_pickle_role_of(p, id), depth + 1);
    default:
        return cJSON_CreateNull();
    }
}

bb_status bb_pickle_to_json(const bb_pickle *p, uint32_t id, const char *path, char **out, bb_error *err) {
    walk w = {.p = p};
    *out = NULL;
    cJSON *tree = convert(&w, id, 0);
    char *text = tree ? cJSON_PrintUnformatted(tree) : NULL;
    cJSON_Delete(tree);
    if (w.problem) return bb_fail(err, BB_ERR_FORMAT, "%s: model_cfg: %s", path, w.problem);
    *out = text ? bb_strdup(text) : NULL;
    cJSON_free(text);
    return *out ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: model_cfg: no memory", path);
}
