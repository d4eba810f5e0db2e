#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Compares the numbers at *a and *b by their digits, so that their length has no bound, and moves behind
 * them. */
static int compare_numbers(const char **a, const char **b) {
    while (**a == '0') ++*a;
    while (**b == '0') ++*b;
    size_t n = 0, m = 0;
    while (is_digit((*a)[n])) ++n;
    while (is_digit((*b)[m])) ++m;
    const int order = n != m ? (n < m ? -1 : 1) : memcmp(*a, *b, n);
    *a += n;
    *b += m;
    return order;
}

int bb_natural_compare(const char *a, const char *b) {
    const char *x = a, *y = b;
    while (*x && *y) {
        if (is_digit(*x) && is_digit(*y)) {
            const int order = compare_numbers(&x, &y);
            if (order) return order;
        } else {
            if (*x != *y) return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
            ++x;
            ++y;
        }
    }
    return *x ? 1 : *y ? -1 : strcmp(b, a); /* the same but for leading zeros: "1", then "01" */
}

static int compare_names(const void *a, const void *b) {
    return bb_natural_compare(*(char *const *)a, *(char *const *)b);
}

static bb_status take_name(bb_folder *f, const char *path, const char *name, bb_error *err) {
    if (f->count == BB_FOLDER_NAMES)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected a folder of at most %d names", path,
                       BB_FOLDER_NAMES);
    if (bb_grow((void **)&f->names, &f->room, f->count + 1, sizeof *f->names) ||
        !(f->names[f->count] = bb_strdup(name)))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for the folder's names", path);
    ++f->count;
    return BB_OK;
}

bb_status bb_folder_list(const char *path, bb_folder *out, bb_error *err) {
    *out = (bb_folder){0};
    DIR *folder = opendir(path);
    if (!folder) return bb_fail_errno(err, "%s: cannot open the folder", path);
    bb_status status = BB_OK;
    const struct dirent *entry;
    errno = 0;
    while (status == BB_OK && (entry = readdir(folder))) {
        if (entry->d_name[0] != '.') status = take_name(out, path, entry->d_name, err);
        errno = 0;
    }
    if (status == BB_OK && errno != 0) status = bb_fail_errno(err, "%s: cannot read the folder", path);
    closedir(folder);
    if (out->count > 1) qsort(out->names, out->count, sizeof *out->names, compare_names);
    return status;
}

void bb_folder_free(bb_folder *f) {
    for (size_t i = 0; i < f->count; ++i) bb_free(f->names[i]);
    bb_free(f->names);
    *f = (bb_folder){0};
}
