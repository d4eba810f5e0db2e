#include "train/listed.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/names.h"

/* Entities are named with their BIDS prefix or without. */
static bool is_entity(const char *entity, const char *prefix, const char *name, size_t length) {
    const size_t skipped = length > 4 && strncmp(name, prefix, 4) == 0 ? 4 : 0;
    return entity && bb_names_same(entity, name + skipped, length - skipped);
}

static bool is_named(const bb_corpus_session *s, const char *name, size_t length) {
    const char *slash = memchr(name, '/', length);
    const size_t subject = slash ? (size_t)(slash - name) : length;
    if (bb_names_same(bb_path_name(s->source), name, length)) return true;
    if (!is_entity(s->subject, "sub-", name, subject)) return false;
    return !slash || is_entity(s->session, "ses-", slash + 1, length - subject - 1);
}

bool bb_session_listed(const char *list, const bb_corpus_session *session) {
    size_t length;
    for (const char *name; (name = bb_names_next(&list, &length));)
        if (is_named(session, name, length)) return true;
    return false;
}

bb_status bb_listed_check(const char *list, const bb_corpus_info *corpus, bb_error *err) {
    size_t length;
    for (const char *name; (name = bb_names_next(&list, &length));) {
        bool found = false;
        for (size_t i = 0; i < corpus->session_count && !found; ++i)
            found = is_named(&corpus->sessions[i], name, length);
        if (!found)
            return bb_fail(
                err, BB_ERR_ARGUMENT,
                "%s: expected subjects, sessions (07/2) or recordings (night1.edf) of it, found '%.*s'",
                corpus->path, (int)length, name);
    }
    return BB_OK;
}
