/* Which of the recordings found are wanted: by subject, and by a list of subjects and trials. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "sources/sources.h"

/* Without "sub-", "sub_" or "subject" in front. */
static const char *bare_subject(const char *text) {
    if (strncmp(text, "sub-", 4) == 0 || strncmp(text, "sub_", 4) == 0) return text + 4;
    return strncmp(text, "subject", 7) == 0 && text[7] ? text + 7 : text;
}

static const char *bare_trial(const char *text) {
    return strncmp(text, "ses-", 4) == 0 || strncmp(text, "run-", 4) == 0 ? text + 4 : text;
}

static bool is_subject(const bb_source *s, const char *wanted) {
    return s->subject && (strcmp(s->subject, wanted) == 0 || strcmp(s->subject, bare_subject(wanted)) == 0);
}

/* Whether the prefix of `wanted`, if any, and the rest fit the session or the run. */
static bool is_trial(const bb_source *s, const char *wanted) {
    const char *bare = bare_trial(wanted);
    const bool session = strncmp(wanted, "run-", 4) != 0 && s->session && strcmp(s->session, bare) == 0;
    return session || (strncmp(wanted, "ses-", 4) != 0 && s->run && strcmp(s->run, bare) == 0);
}

/* The first few of what is missing, for one message. */
typedef struct missing {
    size_t count;
    char text[256];
} missing;

static void add_missing(missing *m, const char *subject, const char *trial) {
    const size_t n = strlen(m->text);
    if (m->count++ < 4)
        snprintf(m->text + n, sizeof m->text - n, "%s%.40s%s%.40s", n ? ", " : "", subject, trial ? " " : "",
                 trial ? trial : "");
}

static bb_status fail_missing(const missing *m, const char *where, const bb_sources *list, bb_error *err) {
    const size_t more = m->count > 4 ? m->count - 4 : 0;
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "%s: expected every recording it names among the %zu found, but %zu are not there: %s%s",
                   where, list->count, m->count, m->text, more ? ", ..." : "");
}

static void keep_marked(bb_sources *list, const bool *kept) {
    size_t count = 0;
    for (size_t i = 0; i < list->count; ++i) {
        if (kept[i])
            list->items[count++] = list->items[i];
        else
            bb_source_clear(&list->items[i]);
    }
    list->count = count;
}

/* Comma-separated names, without blanks around them. */
static bb_status mark_subjects(const bb_sources *list, char *names, bool *kept, bb_error *err) {
    missing lost = {0};
    for (char *name; (name = strsep(&names, ","));) {
        bool found = false;
        name += strspn(name, " ");
        for (size_t n = strlen(name); n > 0 && name[n - 1] == ' ';) name[--n] = '\0';
        if (!*name) continue;
        for (size_t i = 0; i < list->count; ++i)
            if (is_subject(&list->items[i], name)) kept[i] = found = true;
        if (!found) add_missing(&lost, name, NULL);
    }
    return lost.count ? fail_missing(&lost, "subjects", list, err) : BB_OK;
}

static bb_status mark_trials(const bb_sources *list, const cJSON *subject, bool *kept, missing *lost,
                             const char *path, bb_error *err) {
    if (!cJSON_IsArray(subject))
        return bb_fail(err, BB_ERR_FORMAT, "%s: \"%.64s\": expected a list of trials", path, subject->string);
    for (const cJSON *item = subject->child; item; item = item->next) {
        const char *trial = cJSON_GetStringValue(item);
        bool found = false;
        if (!trial)
            return bb_fail(err, BB_ERR_FORMAT, "%s: \"%.64s\": expected the names of trials", path,
                           subject->string);
        for (size_t i = 0; i < list->count; ++i)
            if (is_subject(&list->items[i], subject->string) && is_trial(&list->items[i], trial))
                kept[i] = found = true;
        if (!found) add_missing(lost, subject->string, trial);
    }
    return BB_OK;
}

static bb_status mark_selection(const bb_sources *list, const char *path, bool *kept, bb_error *err) {
    cJSON *object = NULL;
    missing lost = {0};
    BB_TRY(bb_json_read(path, &object, err));
    bb_status status =
        cJSON_IsObject(object)
            ? BB_OK
            : bb_fail(err, BB_ERR_FORMAT, "%s: expected a JSON object of subjects and lists of trials", path);
    for (const cJSON *item = object->child; item && status == BB_OK; item = item->next)
        status = mark_trials(list, item, kept, &lost, path, err);
    cJSON_Delete(object);
    if (status == BB_OK && lost.count) return fail_missing(&lost, path, list, err);
    return status;
}

static bb_status select_by(bb_sources *list, const char *subjects, const char *selection, bb_error *err) {
    bool *kept = bb_calloc(list->count, sizeof *kept);
    char *names = subjects ? bb_strdup(subjects) : NULL;
    bb_status status = kept && (names || !subjects)
                           ? BB_OK
                           : bb_fail(err, BB_ERR_MEMORY, "no memory for %zu recordings", list->count);
    /* What was named as a file is wanted, whoever it is of. */
    for (size_t i = 0; kept && i < list->count; ++i) kept[i] = list->items[i].named;
    if (status == BB_OK)
        status = names ? mark_subjects(list, names, kept, err) : mark_selection(list, selection, kept, err);
    if (status == BB_OK) keep_marked(list, kept);
    bb_free(names);
    bb_free(kept);
    return status;
}

bb_status bb_sources_select(bb_sources *list, const bb_source_options *options, bb_error *err) {
    /* The list before the subjects, so that what it names is looked for among all. */
    if (options->selection) BB_TRY(select_by(list, NULL, options->selection, err));
    if (options->subjects) BB_TRY(select_by(list, options->subjects, NULL, err));
    if (list->count == 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "expected recordings, found none that are wanted");
    return BB_OK;
}
