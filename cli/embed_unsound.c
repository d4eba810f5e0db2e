#include "embed_unsound.h"

#include <stdio.h>
#include <stdlib.h>

#include "options.h"
#include "paths.h"

/* "LA3 flat 12.0 s and clipped 2 ms" */
static void name_unsound(const bb_unsound_seconds *s, bool first, FILE *text) {
    const struct {
        const char *kind;
        double seconds;
    } kinds[] = {{"missing", s->missing_s}, {"flat", s->flat_s}, {"clipped", s->clipped_s}};
    fprintf(text, "%s%s", first ? "" : ", ", s->channel);
    for (size_t k = 0, told = 0; k < 3; ++k) {
        const bool long_enough = kinds[k].seconds >= 0.0995;
        if (kinds[k].seconds <= 0) continue;
        fprintf(text, "%s %s ", told++ ? " and" : "", kinds[k].kind);
        fprintf(text, long_enough ? "%.1f s" : "%.2g ms", kinds[k].seconds * (long_enough ? 1 : 1e3));
    }
}

static void tell_channels(const char *path, const bb_unsound_seconds *s, size_t count, const char *out) {
    enum { NAMED = 5 };
    size_t found = 0, size = 0;
    char *list = NULL;
    FILE *text = open_memstream(&list, &size);
    if (!text) return;
    for (size_t i = 0; i < count; ++i)
        if (s[i].missing_s + s[i].flat_s + s[i].clipped_s > 0 && ++found <= NAMED)
            name_unsound(&s[i], found == 1, text);
    if (found > NAMED) fputs(", ...", text);
    fclose(text);
    if (found > 0 && list)
        complain(0, "%s: %zu of %zu channels %s unsound stretches (%s): %s `unsound` marks their windows",
                 path, found, count, found == 1 ? "has" : "have", list,
                 path_ends_in(out, ".h5") ? "the dataset" : "the table's column");
    free(list);
}

void embed_tell_unsound(const char *path, int64_t repaired, const bb_unsound_seconds *unsound, size_t count,
                        const char *out) {
    if (repaired)
        complain(0, "%s: warning: %lld samples were not finite and were replaced by the last finite one",
                 path, (long long)repaired);
    tell_channels(path, unsound, count, out);
}
