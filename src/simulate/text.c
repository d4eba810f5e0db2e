#include "simulate/text.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"

void bb_text_open(bb_text *text, const char *folder, const char *name, bb_error *err) {
    *text = (bb_text){.out = {.fd = -1}, .err = err};
    char *path = bb_path_join(folder, name);
    text->status = path ? bb_output_open(path, &text->out, err)
                        : bb_fail(err, BB_ERR_MEMORY, "%s/%s: no memory", folder, name);
    bb_free(path);
}

void bb_text_print(bb_text *text, const char *format, ...) {
    if (text->status != BB_OK) return;
    char line[1024]; /* longer than any line of these files */
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text->status = bb_output_printf(&text->out, text->err, "%s", line);
}

bb_status bb_text_close(bb_text *text) {
    if (text->status == BB_OK) text->status = bb_output_commit(&text->out, text->err);
    bb_output_discard(&text->out);
    return text->status;
}
