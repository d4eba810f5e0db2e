#include "recording/bids_name.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

/* One part, between underscores; an entity if it has a hyphen with something on both sides. */
static bool take_entity(bb_bids_name *out, char *part) {
    char *hyphen = strchr(part, '-');
    if (!hyphen || hyphen == part || !hyphen[1] || out->count == BB_BIDS_ENTITIES) return false;
    *hyphen = '\0';
    out->keys[out->count] = part;
    out->values[out->count++] = hyphen + 1;
    return true;
}

bool bb_bids_name_parse(const char *path, bb_bids_name *out) {
    const char *name = bb_path_name(path);
    const size_t length = strlen(name);
    if (length + 2 > sizeof out->text) return false;
    memcpy(out->text, name, length + 1);
    out->count = 0;
    out->suffix = out->extension = "";
    char *rest = out->text, *last = strrchr(out->text, '_');
    char *point = strchr(last ? last : out->text, '.');
    if (point) { /* it ends the last part, and moves to where the extension begins */
        memmove(point + 1, point, strlen(point) + 1);
        *point = '\0';
        out->extension = point + 1;
    }
    for (char *part; (part = strsep(&rest, "_"));) {
        if (take_entity(out, part)) continue;
        if (rest || !*part) return false;
        out->suffix = part;
    }
    return true;
}

const char *bb_bids_name_get(const bb_bids_name *name, const char *key) {
    for (size_t i = 0; i < name->count; ++i)
        if (strcmp(name->keys[i], key) == 0) return name->values[i];
    return NULL;
}

bool bb_bids_name_applies(const bb_bids_name *sidecar, const bb_bids_name *recording, const char *ignored) {
    for (size_t i = 0; i < sidecar->count; ++i) {
        if (ignored && strcmp(sidecar->keys[i], ignored) == 0) continue;
        const char *value = bb_bids_name_get(recording, sidecar->keys[i]);
        if (!value || strcmp(value, sidecar->values[i]) != 0) return false;
    }
    return true;
}

/* The digits at `at`, up to `room` - 1 of them; 0 if there are none or more. */
static size_t count_digits(const char *at, size_t room) {
    const size_t n = strspn(at, "0123456789");
    return n < room ? n : 0;
}

/* "trial001" at `at` to out->trial; its length, or 0. */
static size_t take_trial(const char *at, bb_treebank_name *out) {
    const size_t digits = strncmp(at, "trial", 5) == 0 ? count_digits(at + 5, sizeof out->trial - 5) : 0;
    if (digits == 0) return 0;
    snprintf(out->trial, sizeof out->trial, "%.*s", (int)(5 + digits), at);
    return 5 + digits;
}

static bool parse_published(const char *name, bb_treebank_name *out) {
    const size_t digits = strncmp(name, "sub_", 4) == 0 ? count_digits(name + 4, sizeof out->subject) : 0;
    if (digits == 0 || name[4 + digits] != '_') return false;
    snprintf(out->subject, sizeof out->subject, "%.*s", (int)digits, name + 4);
    const char *trial = name + 5 + digits;
    const size_t length = take_trial(trial, out);
    return length > 0 && trial[length] == '.';
}

static bool parse_by_subject(const char *path, bb_treebank_name *out) {
    static const char folder[] = "data-by-subject/subject";
    const char *at = NULL;
    for (const char *next = path; (next = strstr(next, folder)); ++next)
        if (next == path || next[-1] == '/') at = next;
    if (!at) return false;
    at += sizeof folder - 1;
    const size_t digits = count_digits(at, sizeof out->subject);
    if (digits == 0 || strncmp(at + digits, "/data/trials/", 13) != 0) return false;
    snprintf(out->subject, sizeof out->subject, "%.*s", (int)digits, at);
    out->by_subject = true;
    out->subject_length = (size_t)(at + digits - path);
    const char *trial = at + digits + 13;
    const size_t length = take_trial(trial, out);
    return length > 0 && trial[length] == '/' && !strchr(trial + length + 1, '/');
}

bool bb_treebank_name_parse(const char *path, bb_treebank_name *out) {
    *out = (bb_treebank_name){0};
    if (parse_published(bb_path_name(path), out)) return true;
    *out = (bb_treebank_name){0};
    return parse_by_subject(path, out);
}

static void take_value(const bb_bids_name *name, const char *key, char out[BB_BIDS_LENGTH]) {
    const char *value = bb_bids_name_get(name, key);
    snprintf(out, BB_BIDS_LENGTH, "%s", value ? value : "");
}

void bb_identify(const char *path, bb_identity *out) {
    bb_treebank_name treebank;
    bb_bids_name bids;
    *out = (bb_identity){0};
    if (bb_treebank_name_parse(path, &treebank)) {
        snprintf(out->subject, sizeof out->subject, "%s", treebank.subject);
        snprintf(out->session, sizeof out->session, "%s", treebank.trial);
    } else if (bb_bids_name_parse(path, &bids)) {
        take_value(&bids, "sub", out->subject);
        take_value(&bids, "ses", out->session);
        take_value(&bids, "task", out->task);
        take_value(&bids, "run", out->run);
    }
}
