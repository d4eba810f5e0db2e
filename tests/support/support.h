/* What every test needs: cmocka, the golden arrays, a folder to write in, the shared data where it is
 * present. */
#ifndef BB_TESTS_SUPPORT_H
#define BB_TESTS_SUPPORT_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

#include "brainbert/array.h"
#include "brainbert/status.h"

/* tests/NAME, e.g. bb_test_path("golden/wav.npy"); one of eight rotating buffers. */
const char *bb_test_path(const char *name);

/* ../shared/NAME, or NULL after a line that says the check is skipped for want of it. */
const char *bb_shared_path(const char *name);

/* A path inside a folder of this test's own, empty at its start and removed at its end. */
const char *bb_temp_path(const char *name);

/* Writes bytes to bb_temp_path(name) and returns that path. */
const char *bb_temp_file(const char *name, const void *data, size_t size);

/* The whole file; the test fails if it can't be read. free() it. */
unsigned char *bb_slurp(const char *path, size_t *size);

/* A golden array; the test fails if it can't be read. */
bb_array bb_golden(const char *name);
bb_array_f64 bb_golden_f64(const char *name);

/* max |a - b|; NaN anywhere gives infinity. */
double bb_max_error_f32(const float *a, const float *b, size_t count);
double bb_max_error_f64(const double *a, const double *b, size_t count);

/* The call must succeed; its message is printed if not. */
#define assert_ok(call)                                                                                      \
    do {                                                                                                     \
        bb_error assert_error = {0};                                                                         \
        bb_error *const e = &assert_error;                                                                   \
        if ((call) != BB_OK) fail_msg("%s: %s", #call, assert_error.message);                                \
    } while (0)

/* The call must fail with `code` and a message that holds `part`; `e` names the error record inside `call`.
 */
#define assert_fails(call, code, part)                                                                       \
    do {                                                                                                     \
        bb_error assert_error = {0};                                                                         \
        bb_error *const e = &assert_error;                                                                   \
        const bb_status assert_status = (call);                                                              \
        if (assert_status != (code) || !bb_contains(assert_error.message, part))                             \
            fail_msg("%s: status %s, message '%s', expected %s and '%s'", #call,                             \
                     bb_status_name(assert_status), assert_error.message, bb_status_name(code), part);       \
    } while (0)

bool bb_contains(const char *text, const char *part);

/* The bound comes with its reason in a comment at the call. */
#define assert_at_most(value, bound)                                                                         \
    do {                                                                                                     \
        const double assert_value = (value);                                                                 \
        if (!(assert_value <= (bound)))                                                                      \
            fail_msg("%s = %g, expected at most %g", #value, assert_value, (double)(bound));                 \
    } while (0)

#endif
