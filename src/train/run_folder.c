#include "train/run_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/memory.h"

enum { NAME = 64 };
static const char checkpoint_prefix[] = "checkpoint-";

const char *bb_run_inside(const char *directory, const char *name, char out[BB_RUN_PATH]) {
    if (snprintf(out, BB_RUN_PATH, "%s/%s", directory, name) >= BB_RUN_PATH) out[0] = '\0';
    return out;
}

/* RUN/NAME becomes a link to `target`, in one step. */
static bb_status link_to(const char *run, const char *name, const char *target, bb_error *err) {
    char path[BB_RUN_PATH], next[BB_RUN_PATH + 8];
    bb_run_inside(run, name, path);
    snprintf(next, sizeof next, "%s.next", path);
    unlink(next);
    if (symlink(target, next) != 0 || rename(next, path) != 0)
        return bb_fail_errno(err, "%s: cannot link to %s", path, target);
    return BB_OK;
}

/* Checkpoints that neither last nor best leads to, and those that were cut off. */
static void remove_others(const char *run) {
    char last[NAME] = "", best[NAME] = "", path[BB_RUN_PATH];
    bb_folder folder;
    bb_error ignored;
    if (readlink(bb_run_inside(run, "last", path), last, sizeof last - 1) < 0) return;
    if (readlink(bb_run_inside(run, "best", path), best, sizeof best - 1) < 0) best[0] = '\0';
    if (bb_folder_list(run, &folder, &ignored) == BB_OK)
        for (size_t i = 0; i < folder.count; ++i)
            if (strncmp(folder.names[i], checkpoint_prefix, strlen(checkpoint_prefix)) == 0 &&
                strcmp(folder.names[i], last) != 0 && strcmp(folder.names[i], best) != 0)
                bb_remove_tree(bb_run_inside(run, folder.names[i], path));
    bb_folder_free(&folder);
}

bb_status bb_run_place(const char *run, int64_t step, int64_t best_step, bb_checkpoint_writer write,
                       void *context, bb_error *err) {
    char name[NAME], best[NAME], torn[NAME + 8], from[BB_RUN_PATH], to[BB_RUN_PATH];
    snprintf(name, sizeof name, "%s%09lld", checkpoint_prefix, (long long)step);
    snprintf(best, sizeof best, "%s%09lld", checkpoint_prefix, (long long)best_step);
    snprintf(torn, sizeof torn, "%s.tmp", name);
    bb_run_inside(run, torn, from);
    bb_run_inside(run, name, to);
    bb_remove_tree(from);
    bb_status status = write(context, from, err);
    if (status == BB_OK) {
        bb_remove_tree(to); /* of a run that was interrupted between this rename and the link */
        if (rename(from, to) != 0) status = bb_fail_errno(err, "%s: cannot rename to %s", from, to);
    }
    if (status != BB_OK) {
        bb_remove_tree(from);
        return status;
    }
    /* A kill between the two must not leave a `last` that takes itself for the best one. */
    if (best_step > 0) BB_TRY(link_to(run, "best", best, err));
    BB_TRY(link_to(run, "last", name, err));
    remove_others(run);
    return BB_OK;
}

bool bb_run_checkpoint(const char *run, int64_t step, char path[BB_RUN_PATH]) {
    char name[NAME];
    snprintf(name, sizeof name, "%s%09lld", checkpoint_prefix, (long long)step);
    return bb_is_directory(bb_run_inside(run, name, path));
}

static bool is_whole_checkpoint(const char *name) {
    const size_t prefix = strlen(checkpoint_prefix);
    return strncmp(name, checkpoint_prefix, prefix) == 0 &&
           strspn(name + prefix, "0123456789") == strlen(name + prefix);
}

bool bb_run_find(const char *run, char path[BB_RUN_PATH]) {
    struct stat st;
    bb_folder folder;
    bb_error ignored;
    const char *newest = NULL; /* names are listed in order, and their numbers have one length */
    if (lstat(bb_run_inside(run, "last", path), &st) == 0) return true;
    if (bb_folder_list(run, &folder, &ignored) == BB_OK)
        for (size_t i = 0; i < folder.count; ++i)
            if (is_whole_checkpoint(folder.names[i])) newest = folder.names[i];
    if (newest) bb_run_inside(run, newest, path);
    bb_folder_free(&folder);
    return newest != NULL;
}

bb_status bb_metrics_trim(const char *run, int64_t step, bb_error *err) {
    char path[BB_RUN_PATH], *text, *end;
    size_t size;
    bb_run_inside(run, "metrics.jsonl", path);
    if (!bb_file_exists(path)) return BB_OK;
    BB_TRY(bb_file_read(path, (size_t)1 << 31, &text, &size, err));
    for (end = text; strncmp(end, "{\"step\": ", 9) == 0 && strtoll(end + 9, NULL, 10) <= step;) {
        char *next = strchr(end, '\n');
        if (!next) break; /* a line that was cut off */
        end = next + 1;
    }
    const bb_status status = bb_file_write(path, text, (size_t)(end - text), err);
    bb_free(text);
    return status;
}
