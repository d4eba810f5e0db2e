/* Text of results to a page: whatever it is, a page that holds no markup of the text's own, or one sentence.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "report/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How often `part` is in the page. */
static size_t count_of(const char *page, const char *part) {
    size_t count = 0;
    for (const char *at = page; (at = strstr(at, part)); at += strlen(part)) ++count;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    bb_results results;
    bb_error err = {0};
    bb_markup page = {0};
    if (!text) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    const char *const texts[] = {text};
    if (bb_results_read(texts, 1, &results, &err) == BB_OK) {
        bb_report_draw(&page, &results);
        if (page.failed || !bb_utf8_valid(page.text, page.length) || strlen(page.text) != page.length)
            abort();
        if (count_of(page.text, "<script") != 1 || count_of(page.text, "<img") != 0) abort();
        if (strstr(page.text, "=\"nan") || strstr(page.text, "=\"inf") || strstr(page.text, "=\"-nan"))
            abort();
    } else if (!err.message[0])
        abort();
    bb_markup_free(&page);
    bb_results_free(&results);
    free(text);
    return 0;
}
