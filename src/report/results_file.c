#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "brainbert/report.h"

enum { BYTES_MOST = 64 << 20 };

bb_status bb_results_save(const char *results_json, const char *path, bb_error *err) {
    return bb_file_write(path, results_json, strlen(results_json), err);
}

bb_status bb_results_load(const char *path, char **results_json, bb_error *err) {
    char *text;
    size_t size;
    *results_json = NULL;
    BB_TRY(bb_file_read(path, BYTES_MOST, &text, &size, err));
    *results_json = strdup(text); /* the caller frees it as it frees others' */
    bb_free(text);
    return *results_json ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
}
