/* Recordings split over several files, each of which names the next. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/fif.h"

enum { ROLE = 115, FILE_NUMBER = 117, FILE_NAME = 118, ROLE_EARLIER = 1, ROLE_NEXT = 2 };

void bb_fif_begin_reference(bb_fif_scan *scan) {
    scan->reference = (bb_fif_reference){.role = ROLE_NEXT, .number = -1};
}

void bb_fif_end_reference(bb_fif_scan *scan) {
    const bb_fif_reference *ref = &scan->reference;
    if (ref->role == ROLE_EARLIER) scan->continues = true;
    if (ref->role == ROLE_NEXT && scan->next.role == 0 && (ref->name[0] || ref->number > 0))
        scan->next = *ref;
}

bb_status bb_fif_take_reference(bb_fif_scan *scan, const bb_fif_tag *tag, bb_error *err) {
    bb_fif_reference *ref = &scan->reference;
    char *name;
    switch (tag->kind) {
    case ROLE:
        return bb_fif_read_integer(scan->file, tag, &ref->role, err);
    case FILE_NUMBER:
        return bb_fif_read_integer(scan->file, tag, &ref->number, err);
    case FILE_NAME:
        /* An earlier part may be called by a long path, which nobody follows. */
        if (ref->role != ROLE_NEXT) return BB_OK;
        BB_TRY(bb_fif_read_text(scan->file, tag, sizeof ref->name - 1, &name, err));
        snprintf(ref->name, sizeof ref->name, "%s", name);
        bb_free(name);
        return BB_OK;
    default:
        return BB_OK;
    }
}

/* Files that give a number alone are called NAME_raw.fif, NAME_raw-1.fif, NAME_raw-2.fif, ... */
static void name_by_number(const char *current, int32_t number, char *out, size_t room) {
    const size_t dot = strcspn(current, ".");
    size_t stem = dot;
    while (stem > 0 && isdigit((unsigned char)current[stem - 1])) --stem;
    stem = stem > 0 && stem < dot && current[stem - 1] == '-' ? stem - 1 : dot;
    snprintf(out, room, "%.*s-%d%s", (int)(stem < room ? stem : room), current, number, current + dot);
}

static const char *part_path(const bb_recording *r, size_t part) {
    const bb_fif *fif = r->state;
    return part == 0 ? r->info.path : fif->parts[part];
}

/* A file may name its next part, not a place elsewhere, and none that was read already. */
static bb_status check_name(bb_recording *r, const char *name, bb_error *err) {
    const bb_fif *fif = r->state;
    const char *current = part_path(r, fif->part_count - 1);
    if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return bb_fail(err, BB_ERR_REFUSED,
                       "%s: its next part is looked for in the same folder alone, found '%.255s'", current,
                       name);
    for (size_t i = 0; i < fif->part_count; ++i)
        if (strcmp(bb_path_name(part_path(r, i)), name) == 0)
            return bb_fail(err, BB_ERR_FORMAT, "%s: expected a next part, found '%s', which was read before",
                           current, name);
    if (fif->part_count == BB_FIF_MAX_PARTS)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected a recording of at most %d parts", r->info.path,
                       BB_FIF_MAX_PARTS);
    return BB_OK;
}

bb_status bb_fif_part_file(bb_recording *r, size_t part, const bb_input **out, bb_error *err) {
    bb_fif *fif = r->state;
    *out = part == 0 ? &r->file : &fif->open;
    if (part == 0 || part == fif->open_part) return BB_OK;
    bb_input_close(&fif->open);
    fif->open_part = 0;
    BB_TRY(bb_input_open(fif->parts[part], &fif->open, err));
    fif->open_part = part;
    return BB_OK;
}

bb_status bb_fif_open_next(bb_recording *r, const bb_fif_scan *scan, bool *found, bb_error *err) {
    bb_fif *fif = r->state;
    char name[sizeof scan->next.name + 32];
    *found = scan->next.role == ROLE_NEXT;
    if (!*found) return BB_OK;
    const char *current = part_path(r, fif->part_count - 1);
    if (scan->next.name[0])
        snprintf(name, sizeof name, "%s", scan->next.name);
    else
        name_by_number(bb_path_name(current), scan->next.number, name, sizeof name);
    BB_TRY(check_name(r, name, err));
    char *folder = bb_path_directory(r->info.path), *path = folder ? bb_path_join(folder, name) : NULL;
    bb_free(folder);
    if (!path ||
        bb_grow((void **)&fif->parts, &fif->part_capacity, fif->part_count + 1, sizeof *fif->parts)) {
        bb_free(path);
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    }
    fif->parts[fif->part_count++] = path;
    BB_TRY(bb_recording_add_file(r, path, err));
    if (!bb_file_exists(path))
        return bb_fail(err, BB_ERR_IO,
                       "%s: part %zu of the recording is missing: expected '%s' in the same folder", current,
                       fif->part_count, name);
    const bb_input *file;
    return bb_fif_part_file(r, fif->part_count - 1, &file, err);
}
