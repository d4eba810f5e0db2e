#include "bench/scratch.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

bb_status bb_scratch_make(const char *folder, char **path, bb_error *err) {
    char *name = bb_path_join(folder, "brainbert-bench-XXXXXX");
    if (!name) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for a path", folder);
    if (!mkdtemp(name)) {
        const bb_status status = bb_fail_create(err, name);
        bb_free(name);
        return status;
    }
    *path = name;
    return BB_OK;
}

void bb_scratch_remove(char *path) {
    if (path) bb_remove_tree(path);
    bb_free(path);
}
