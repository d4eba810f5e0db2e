#include "support.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char buffers[8][4096];
static char temp_dir[256];

static char *next_buffer(void) {
    static unsigned turn;
    return buffers[turn++ % 8];
}

static const char *joined(const char *variable, const char *name) {
    const char *base = getenv(variable);
    char *path = next_buffer();
    snprintf(path, sizeof buffers[0], "%s/%s", base ? base : ".", name);
    return path;
}

const char *bb_test_path(const char *name) { return joined("BB_TESTS", name); }

const char *bb_shared_path(const char *name) {
    const char *path = joined("BB_SHARED", name);
    if (access(path, R_OK) == 0) return path;
    printf("skipped: needs ../shared/%s, which is not here\n", name);
    return NULL;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk) {
    (void)st, (void)type, (void)walk;
    return remove(path);
}

static void remove_temp_dir(void) { nftw(temp_dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS); }

const char *bb_temp_path(const char *name) {
    if (!temp_dir[0]) {
        const char *base = getenv("TMPDIR");
        snprintf(temp_dir, sizeof temp_dir, "%s/brainbert-test-XXXXXX", base ? base : "/tmp");
        if (!mkdtemp(temp_dir)) abort();
        atexit(remove_temp_dir);
    }
    char *path = next_buffer();
    snprintf(path, sizeof buffers[0], "%s/%s", temp_dir, name);
    return path;
}

const char *bb_temp_file(const char *name, const void *data, size_t size) {
    const char *path = bb_temp_path(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

unsigned char *bb_slurp(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("cannot open %s", path);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *data = malloc(*size + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *size, file), *size);
    fclose(file);
    return data;
}

bb_array bb_golden(const char *name) {
    char file[256];
    snprintf(file, sizeof file, "golden/%s", name);
    bb_array array;
    assert_ok(bb_array_read(bb_test_path(file), &array, e));
    return array;
}

bb_array_f64 bb_golden_f64(const char *name) {
    char file[256];
    snprintf(file, sizeof file, "golden/%s", name);
    bb_array_f64 array;
    assert_ok(bb_array_f64_read(bb_test_path(file), &array, e));
    return array;
}

double bb_max_error_f32(const float *a, const float *b, size_t count) {
    double worst = 0;
    for (size_t i = 0; i < count; ++i) {
        const double d = fabs((double)a[i] - (double)b[i]);
        if (isnan(d)) return INFINITY;
        if (d > worst) worst = d;
    }
    return worst;
}

double bb_max_error_f64(const double *a, const double *b, size_t count) {
    double worst = 0;
    for (size_t i = 0; i < count; ++i) {
        const double d = fabs(a[i] - b[i]);
        if (isnan(d)) return INFINITY;
        if (d > worst) worst = d;
    }
    return worst;
}

bool bb_contains(const char *text, const char *part) { return strstr(text, part) != NULL; }
