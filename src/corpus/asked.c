#include "corpus/asked.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"

bb_status bb_asked_begin(bb_asked *a, const char *what, const char *list, bb_error *err) {
    /* "none" takes back what is marked bad, and is no name. */
    const bool none = list && strcmp(what, "bads") == 0 && strcmp(list, "none") == 0;
    *a = (bb_asked){.what = what, .list = none ? NULL : list};
    a->found = bb_calloc(a->list ? strlen(a->list) + 1 : 0, sizeof *a->found);
    return a->found ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", what);
}

static bool has_output(const bb_session *s, const char *name, size_t length) {
    const bb_window_info *w = bb_window_stream_info(s->stream);
    for (size_t i = 0; i < w->channel_count; ++i)
        if (bb_names_same(w->channels[i], name, length)) return true;
    return false;
}

static bool has_input(const bb_session *s, const char *name, size_t length) {
    const bb_recording_info *r = bb_recording_get_info(s->recording);
    for (size_t i = 0; i < r->channel_count; ++i)
        if (bb_names_same(r->channels[i].name, name, length)) return true;
    return false;
}

void bb_asked_mark(bb_asked *a, const bb_session *session, bool outputs) {
    const char *list = a->list;
    size_t index = 0, length;
    for (const char *name; (name = bb_names_next(&list, &length)); ++index)
        if ((outputs ? has_output : has_input)(session, name, length)) a->found[index] = true;
}

bb_status bb_asked_check(const bb_asked *a, size_t recordings, bb_error *err) {
    const char *list = a->list;
    size_t index = 0, length;
    for (const char *name; (name = bb_names_next(&list, &length)); ++index)
        if (!a->found[index])
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "%s: '%.*s' is in none of the %zu recordings (of --channels, as they come out of "
                           "re-referencing)",
                           a->what, (int)(length < 64 ? length : 64), name, recordings);
    return BB_OK;
}

void bb_asked_end(bb_asked *a) { bb_free(a->found); }
