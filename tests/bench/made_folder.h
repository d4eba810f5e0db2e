/* A folder of a test's own, to see what is left there. */
#ifndef BB_TESTS_MADE_FOLDER_H
#define BB_TESTS_MADE_FOLDER_H

#include <dirent.h>
#include <sys/stat.h>

#include "support.h"

static inline const char *make_folder(void) {
    const char *folder = bb_temp_path("bench");
    mkdir(folder, 0700);
    return folder;
}

static inline void assert_empty(const char *folder) {
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (const struct dirent *entry; (entry = readdir(d));)
        if (entry->d_name[0] != '.') fail_msg("%s: %s is left", folder, entry->d_name);
    closedir(d);
}

#endif
