/* BrainVision: the input is the header, the markers and the samples, parted by lines of "----". */
#include <stdlib.h>
#include <string.h>

#include "recording_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const endings[] = {"vhdr", "vmrk", "eeg"};
enum { FILES = sizeof endings / sizeof *endings };

static char folder[] = "/tmp/brainbert-fuzz-XXXXXX";

static const char *file_path(int i) {
    static char path[sizeof folder + 16];
    snprintf(path, sizeof path, "%s/a.%s", folder, endings[i]);
    return path;
}

static void remove_folder(void) {
    for (int i = 0; i < FILES; ++i) unlink(file_path(i));
    rmdir(folder);
}

/* Writes the next part and returns where the one behind it begins. */
static size_t write_part(int i, const uint8_t *data, size_t size) {
    static const char separator[] = "----\n";
    const size_t n = sizeof separator - 1;
    size_t end = 0;
    while (end < size && (i == FILES - 1 || end + n > size || memcmp(data + end, separator, n) != 0)) ++end;
    FILE *file = fopen(file_path(i), "wb");
    if (!file || fwrite(data, 1, end, file) != end || fclose(file) != 0) abort();
    return end < size ? end + n : size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int registered;
    if (!registered++) {
        if (!mkdtemp(folder)) abort();
        atexit(remove_folder);
    }
    for (int i = 0; i < FILES; ++i) {
        const size_t used = write_part(i, data, size);
        data += used;
        size -= used;
    }
    bb_recording *r = NULL;
    bb_error err = {0};
    if (bb_recording_open(file_path(0), NULL, &r, &err) == BB_OK)
        read_ends(r);
    else if (!err.message[0])
        abort();
    bb_recording_close(r);
    return 0;
}
