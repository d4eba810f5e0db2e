/* Parts of one corpus, made by many ranks. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "corpus/held.h"
#include "corpus/prepare_job.h"
#include "ranks/collective.h"
#include "ranks/deal.h"

/* ---------------------------------------------------------------- whose recordings they are */

/* Progress is of what this rank does: its own parts and, on rank 0, the joining of all. */
static void count_own_work(bb_prepare_job *j, const int *owner) {
    for (size_t i = 0; i < bb_sources_count(j->sources); ++i)
        if (owner[i] != bb_ranks_me(j->options->ranks)) j->total -= (BB_PREPARE_PASSES - 1) * j->work[i];
}

static bool is_own(const bb_prepare_job *j, const int *owner, size_t source) {
    return j->usable[source] && owner[source] == bb_ranks_me(j->options->ranks);
}

/* ---------------------------------------------------------------- what they are */

static bb_status identify(bb_prepare_job *j, size_t source, bb_error *err) {
    bb_session s;
    bb_status status = bb_prepare_open_session(j, source, &s, err);
    if (status == BB_OK) status = bb_session_identify(j->options, &j->format, &s, bb_prepare_pass_on, j, err);
    if (status == BB_OK) bb_session_hand_on(&s, &j->shares[source].identity);
    bb_session_close(&s);
    return bb_prepare_may_skip(j, status) ? BB_OK : status;
}

/* names[sources]: the first digits of what the recording is made of; all ones where that is not known. */
static bb_status identify_all(bb_prepare_job *j, const int *owner, uint64_t *names, bb_error *err) {
    const size_t count = bb_sources_count(j->sources);
    for (size_t i = 0; i < count; ++i) {
        names[i] = UINT64_MAX;
        if (!is_own(j, owner, i)) continue;
        BB_TRY(identify(j, i, err));
        const bb_session *own = &j->shares[i].identity;
        const char *digest = bb_held_data_digest(own->files);
        char digits[17];
        if (!own->files) continue;
        memcpy(digits, digest ? digest : own->key, 16);
        digits[16] = '\0';
        names[i] = strtoull(digits, NULL, 16);
    }
    bb_ranks_merge(j->options->ranks, names, count);
    return BB_OK;
}

/* Two ranks must not write one part, and a copy's would be made for nothing. */
static bool is_copy(const uint64_t *names, size_t source) {
    for (size_t i = 0; i < source; ++i)
        if (names[i] == names[source]) return true;
    return false;
}

/* ---------------------------------------------------------------- their parts */

static bb_status take_part(bb_prepare_job *j, bb_share *share, bb_session *s, const char *path,
                           bb_error *err) {
    bb_piece finished;
    if (bb_prepare_open_finished(j, path, s->key, &finished)) {
        bb_piece_close(&finished);
        share->is_there = true;
        return BB_OK;
    }
    /* The part's description takes the session's files. */
    if (!(share->identity.files = cJSON_Duplicate(s->files, 1)))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    const bb_status status = bb_session_write(j->options, &j->format, s, path, bb_prepare_pass_on, j, err);
    if (status != BB_OK) return bb_prepare_may_skip(j, status) ? BB_OK : status;
    share->is_there = share->is_new = true;
    share->left_out = s->left_out;
    share->channel_hours = bb_prepare_channel_hours(s);
    return BB_OK;
}

static bb_status take_session(bb_prepare_job *j, size_t source, bb_session *s, bb_error *err) {
    bb_share *share = &j->shares[source];
    bb_session_hand_on(&share->identity, s);
    BB_TRY(bb_prepare_check_new(j, s, err));
    char *path = bb_prepare_part_path(j, s->key);
    const bb_status status =
        path ? take_part(j, share, s, path, err) : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", j->path);
    bb_free(path);
    if (!share->identity.files) bb_session_hand_on(s, &share->identity);
    return status;
}

static bb_status make_part(bb_prepare_job *j, size_t source, bb_error *err) {
    bb_session s;
    bb_status status = bb_prepare_open_session(j, source, &s, err);
    if (status == BB_OK)
        status = take_session(j, source, &s, err);
    else if (bb_prepare_may_skip(j, status))
        status = BB_OK;
    bb_session_close(&s);
    return status;
}

static bb_status make_all(bb_prepare_job *j, const int *owner, const uint64_t *names, bb_error *err) {
    for (size_t i = 0; i < bb_sources_count(j->sources); ++i) {
        if (!is_own(j, owner, i)) continue;
        const bb_session *own = &j->shares[i].identity;
        const bool wanted =
            own->files && !is_copy(names, i) && !bb_held_by_key(j->pieces, j->piece_count, own->key).session;
        if (wanted) BB_TRY(make_part(j, i, err));
        j->done += (BB_PREPARE_PASSES - 1) * j->work[i];
    }
    return BB_OK;
}

/* ---------------------------------------------------------------- telling rank 0 */

static void describe_share(cJSON *list, size_t source, const bb_share *share) {
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddNumberToObject(entry, "source", (double)source);
    cJSON_AddStringToObject(entry, "key", share->identity.key);
    cJSON_AddItemReferenceToObject(entry, "files", share->identity.files);
    cJSON_AddBoolToObject(entry, "is_there", share->is_there);
    cJSON_AddBoolToObject(entry, "is_new", share->is_new);
    cJSON_AddNumberToObject(entry, "left_out", (double)share->left_out);
    cJSON_AddNumberToObject(entry, "channel_hours", share->channel_hours);
    cJSON_AddItemToArray(list, entry);
}

static char *describe_own(const bb_prepare_job *j) {
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < bb_sources_count(j->sources); ++i)
        if (j->shares[i].identity.files) describe_share(list, i, &j->shares[i]);
    char *text = cJSON_PrintUnformatted(list);
    cJSON_Delete(list);
    return text;
}

static const cJSON *get(const cJSON *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static void note_share(bb_prepare_job *j, cJSON *entry) {
    bb_share *share = &j->shares[(size_t)cJSON_GetNumberValue(get(entry, "source"))];
    const char *key = bb_json_string(entry, "key");
    if (share->identity.files || !key || strlen(key) >= sizeof share->identity.key) return; /* rank 0's own */
    strcpy(share->identity.key, key);
    share->identity.files = cJSON_DetachItemFromObjectCaseSensitive(entry, "files");
    share->is_there = cJSON_IsTrue(get(entry, "is_there"));
    share->is_new = cJSON_IsTrue(get(entry, "is_new"));
    share->left_out = (int64_t)cJSON_GetNumberValue(get(entry, "left_out"));
    share->channel_hours = cJSON_GetNumberValue(get(entry, "channel_hours"));
}

/* `texts`: one of each rank, with its terminating zero. */
static bb_status note_all(bb_prepare_job *j, const char *texts, const size_t *starts, bb_error *err) {
    for (int r = 0; r < bb_ranks_count(j->options->ranks); ++r) {
        cJSON *list = NULL;
        BB_TRY(bb_json_parse(texts + starts[r], "what a rank made", &list, err));
        for (cJSON *entry = list->child; entry; entry = entry->next) note_share(j, entry);
        cJSON_Delete(list);
    }
    return BB_OK;
}

static bb_status tell_first(bb_prepare_job *j, bb_error *err) {
    const bb_ranks *ranks = j->options->ranks;
    char *own = describe_own(j), *all = NULL;
    size_t *starts = bb_calloc((size_t)bb_ranks_count(ranks) + 1, sizeof *starts);
    bb_status status = own && starts ? bb_ranks_gather(ranks, own, strlen(own) + 1, &all, starts, err)
                                     : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", j->path);
    if (status == BB_OK && all) status = note_all(j, all, starts, err);
    bb_free(all);
    bb_free(starts);
    cJSON_free(own);
    return status;
}

bb_status bb_prepare_spread(bb_prepare_job *j, bb_error *err) {
    const size_t count = bb_sources_count(j->sources);
    int *owner = bb_calloc(count, sizeof *owner);
    uint64_t *names = bb_calloc(count, sizeof *names);
    j->shares = bb_calloc(count, sizeof *j->shares);
    bb_status status =
        owner && names && j->shares ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", j->path);
    if (status == BB_OK)
        status = bb_ranks_deal(j->work, count, bb_ranks_count(j->options->ranks), owner, err);
    if (status == BB_OK) {
        count_own_work(j, owner);
        status = identify_all(j, owner, names, err);
    }
    if (status == BB_OK) status = make_all(j, owner, names, err);
    if (status == BB_OK) status = tell_first(j, err);
    bb_free(owner);
    bb_free(names);
    return status;
}
