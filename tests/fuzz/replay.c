/* Runs a fuzz target over every file of the folders and files named, in builds without libFuzzer. A file
 * whose name ends in ".seed" is also replayed cut off and with bits flipped, the same ones each time. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t inputs;

static void run(const uint8_t *data, size_t size) {
    /* An exact copy: one byte read past the end is then an error the sanitizer sees. */
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    ++inputs;
}

static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void run_mutations(uint8_t *data, size_t size) {
    for (int i = 0; i < 32; ++i) run(data, size * (size_t)i / 32);
    for (uint64_t i = 0; i < 256 && size > 0; ++i) {
        /* Half of the flips go into the first kilobyte, where the headers are. */
        const size_t range = i % 2 && size > 1024 ? 1024 : size;
        const size_t at = mix(i + 1) % range;
        const uint8_t bit = (uint8_t)(1u << (mix(i + 1000) % 8));
        data[at] ^= bit;
        run(data, size);
        data[at] ^= bit;
    }
}

static int replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) return fprintf(stderr, "cannot open %s\n", path), 1;
    static uint8_t data[1 << 22];
    const size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    run(data, size);
    const size_t n = strlen(path);
    if (n > 5 && strcmp(path + n - 5, ".seed") == 0) run_mutations(data, size);
    return 0;
}

static int replay(const char *path) {
    DIR *folder = opendir(path);
    if (!folder) return replay_file(path);
    int failed = 0;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.') continue;
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        failed |= replay_file(file);
    }
    closedir(folder);
    return failed;
}

int main(int argc, char **argv) {
    int failed = 0;
    for (int i = 1; i < argc; ++i) failed |= replay(argv[i]);
    printf("%zu inputs replayed\n", inputs);
    return failed || inputs == 0;
}
