/* One text file under way: errors are kept until the end, so that lines can be written without looking. */
#ifndef BB_SIMULATE_TEXT_H
#define BB_SIMULATE_TEXT_H

#include "base/file.h"
#include "brainbert/status.h"

typedef struct bb_text {
    bb_output out;
    bb_status status;
    bb_error *err;
} bb_text;

/* FOLDER/NAME. */
void bb_text_open(bb_text *text, const char *folder, const char *name, bb_error *err);
void bb_text_print(bb_text *text, const char *format, ...) BB_PRINTF(2, 3);
/* Puts the file in place, or removes it after a failure. */
bb_status bb_text_close(bb_text *text);

#endif
