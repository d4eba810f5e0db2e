/* Arrays of .npy files, for the tests that drive the program:
 *
 * npy_diff A.npy B.npy BOUND [FRAMES...]: prints max |a - b|; exit 1 where it is above BOUND or not finite,
 * or the shapes differ. With FRAMES, only the first FRAMES[b] rows of window b of [B,T,...] count: the rest
 * is padding.
 * npy_diff --rows A.npy B.npy RELATIVE COSINE: prints |a - b| / |b| and the least cosine of a row (of the
 * last dimension); exit 1 where it is above RELATIVE, or below COSINE.
 * npy_diff --shape A.npy: prints "2 190 64".
 * npy_diff --finite A.npy: exit 1 where a value is not finite. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/array.h"
#include "rounding.h"

static bb_array_f64 load(const char *path) {
    bb_array_f64 array;
    bb_error err;
    if (bb_array_f64_read(path, &array, &err) == BB_OK) return array;
    fprintf(stderr, "npy_diff: %s\n", err.message);
    exit(2);
}

static void print_shape(FILE *out, const bb_array_f64 *a) {
    for (size_t d = 0; d < a->dims; ++d) fprintf(out, "%s%lld", d ? " " : "", (long long)a->shape[d]);
    fputc('\n', out);
}

static double max_error(const double *a, const double *b, int64_t count) {
    double worst = 0;
    for (int64_t i = 0; i < count; ++i) {
        const double d = fabs(a[i] - b[i]);
        if (!(d <= worst)) worst = isnan(d) ? INFINITY : d;
    }
    return worst;
}

static int check_finite(const char *path) {
    bb_array_f64 a = load(path);
    int64_t others = 0;
    for (int64_t i = 0; i < bb_array_count(a.shape, a.dims); ++i) others += !isfinite(a.data[i]);
    if (others) fprintf(stderr, "npy_diff: %s: %lld values are not finite\n", path, (long long)others);
    bb_array_f64_free(&a);
    return others != 0;
}

static int compare_rows(const char *const paths[2], double relative, double cosine) {
    bb_array a, b;
    bb_error err;
    for (int i = 0; i < 2; ++i)
        if (bb_array_read(paths[i], i ? &b : &a, &err) != BB_OK)
            return fprintf(stderr, "npy_diff: %s\n", err.message), 2;
    bb_rounding r = {.cosine = 1};
    const bool alike =
        a.dims == b.dims && a.dims > 0 && memcmp(a.shape, b.shape, a.dims * sizeof *a.shape) == 0;
    if (alike) {
        const int64_t width = a.shape[a.dims - 1];
        bb_rounding_add(&r, a.data, b.data, bb_array_count(a.shape, a.dims - 1), width);
        printf("relative %.2g, least cosine %.6f\n", bb_rounding_relative(&r), r.cosine);
    }
    bb_array_free(&a);
    bb_array_free(&b);
    if (alike && bb_rounding_relative(&r) <= relative && r.cosine >= cosine) return 0;
    return fprintf(stderr, "npy_diff: %s and %s are further apart\n", paths[0], paths[1]), 1;
}

/* frames[b]: rows of window b that count; count == 0: all. */
static int compare(const char *const paths[2], double bound, char **frames, int count) {
    bb_array_f64 a = load(paths[0]), b = load(paths[1]);
    double worst = 0;
    int status = 1;
    if (a.dims != b.dims || memcmp(a.shape, b.shape, a.dims * sizeof *a.shape) != 0) {
        fprintf(stderr, "npy_diff: shapes differ:\n%s: ", paths[0]);
        print_shape(stderr, &a);
        fprintf(stderr, "%s: ", paths[1]);
        print_shape(stderr, &b);
    } else if (count > 0 && (a.dims < 2 || a.shape[0] != count)) {
        fprintf(stderr, "npy_diff: expected a number of frames for each window\n");
    } else {
        const int64_t all = bb_array_count(a.shape, a.dims), windows = count ? count : 1;
        const int64_t window = all / windows;
        for (int64_t w = 0; w < windows; ++w) {
            const int64_t rows = count ? window / a.shape[1] * atoll(frames[w]) : window;
            const double error = max_error(a.data + w * window, b.data + w * window, rows);
            if (error > worst) worst = error;
        }
        printf("%.3g\n", worst);
        status = !(worst <= bound);
        if (status)
            fprintf(stderr, "npy_diff: %s and %s differ by %.3g, bound %.3g\n", paths[0], paths[1], worst,
                    bound);
    }
    bb_array_f64_free(&a);
    bb_array_f64_free(&b);
    return status;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--shape") == 0) {
        bb_array_f64 a = load(argv[2]);
        print_shape(stdout, &a);
        bb_array_f64_free(&a);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--finite") == 0) return check_finite(argv[2]);
    if (argc == 6 && strcmp(argv[1], "--rows") == 0)
        return compare_rows((const char *const[]){argv[2], argv[3]}, atof(argv[4]), atof(argv[5]));
    if (argc < 4) return fputs("npy_diff A.npy B.npy BOUND [FRAMES...]\n", stderr), 2;
    return compare((const char *const[]){argv[1], argv[2]}, atof(argv[3]), argv + 4, argc - 4);
}
