/* A page under way: markup of our own, and text of unknown origin inside it. Calls do not fail: what memory
 * did not hold is remembered in `failed`, and asked for once at the end. */
#ifndef BB_REPORT_MARKUP_H
#define BB_REPORT_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "brainbert/status.h"

typedef struct bb_markup {
    char *text; /* terminated; NULL while it is empty */
    size_t length, room;
    bool failed;
} bb_markup;

/* The most characters that are shown of a sentence, and of a name. */
enum { BB_SHOWN_WORDS = 2000, BB_SHOWN_NAME = 120 };

/* Our own markup; never text from the results. */
void bb_markup_raw(bb_markup *m, const char *markup);
void bb_markup_printf(bb_markup *m, const char *format, ...) BB_PRINTF(2, 3);

/* Text from the results, safe between tags and inside quoted attributes: the characters that mean something
 * there are escaped; what is not UTF-8, control characters and those that turn the direction of writing are
 * replaced by U+FFFD. After `most` characters it ends in an ellipsis. NULL writes nothing. */
void bb_markup_text(bb_markup *m, const char *text, size_t most);

/* <tag>text</tag>; nothing where `text` is NULL or empty. */
void bb_markup_element(bb_markup *m, const char *tag, const char *text);

/* With `decimals` digits behind the point and a true minus sign; an en dash for what is not known. */
void bb_markup_number(bb_markup *m, double value, int decimals);

/* Without trailing zeros: 2, 0.25. */
void bb_markup_quantity(bb_markup *m, double value);

void bb_markup_free(bb_markup *m);

#endif
