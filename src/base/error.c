#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/version.h"

const char *bb_version(void) { return BB_VERSION; }

const char *bb_status_name(bb_status status) {
    switch (status) {
    case BB_OK:
        return "ok";
    case BB_ERR_ARGUMENT:
        return "argument";
    case BB_ERR_IO:
        return "io";
    case BB_ERR_FORMAT:
        return "format";
    case BB_ERR_UNSUPPORTED:
        return "unsupported";
    case BB_ERR_REFUSED:
        return "refused";
    case BB_ERR_MEMORY:
        return "memory";
    case BB_ERR_CANCELLED:
        return "cancelled";
    }
    return "unknown";
}

/* Names and labels in messages come from untrusted files: control characters must not reach a terminal. */
static void make_printable(char *text) {
    for (unsigned char *c = (unsigned char *)text; *c; ++c)
        if (*c < 0x20 || *c == 0x7f) *c = '?';
}

static void write_message(bb_error *err, bb_status status, const char *format, va_list args) {
    err->status = status;
    vsnprintf(err->message, sizeof err->message, format, args);
    make_printable(err->message);
}

bb_status bb_fail(bb_error *err, bb_status status, const char *format, ...) {
    if (err) {
        va_list args;
        va_start(args, format);
        write_message(err, status, format, args);
        va_end(args);
    }
    return status;
}

bb_status bb_fail_errno(bb_error *err, const char *format, ...) {
    const int code = errno;
    if (err) {
        va_list args;
        va_start(args, format);
        write_message(err, BB_ERR_IO, format, args);
        va_end(args);
        const size_t used = strlen(err->message);
        snprintf(err->message + used, sizeof err->message - used, ": %s", strerror(code));
    }
    return BB_ERR_IO;
}

bb_status bb_fail_prefix(bb_error *err, bb_status status, const char *prefix) {
    if (err) {
        char text[BB_ERROR_LENGTH];
        memcpy(text, err->message, sizeof text);
        snprintf(err->message, sizeof err->message, "%s: %.*s", prefix, BB_ERROR_LENGTH / 2, text);
        make_printable(err->message);
        err->status = status;
    }
    return status;
}
