#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/brainvision.h"

typedef bb_brainvision_span span;

enum { MAX_MARKERS = 256 << 20 };

typedef struct markers {
    bb_recording *r;
    const bb_brainvision *bv;
    char *label; /* room for the longest one */
    size_t segments, joined, outside, malformed;
    bool found; /* the section */
} markers;

/* "Type/Description", or one of them if the other is empty. */
static size_t make_label(span type, span description, char *out) {
    size_t n = bb_brainvision_decode(type, out);
    if (n > 0 && description.length > 0) out[n++] = '/';
    return n + bb_brainvision_decode(description, out + n);
}

/* MkN=Type,Description,Position from 1,Size,Channel,Date; both in samples. */
static bb_status add_marker(markers *m, span value, bb_error *err) {
    const span type = bb_brainvision_field(value, 0), description = bb_brainvision_field(value, 1);
    int64_t position, size;
    if (!bb_brainvision_whole(bb_brainvision_field(value, 2), &position)) {
        ++m->malformed;
        return BB_OK;
    }
    if (!bb_brainvision_whole(bb_brainvision_field(value, 3), &size) || size < 0) size = 0;
    if (bb_brainvision_equals(type, "New Segment")) {
        if (m->segments++ == 0 || position <= 1 || position > m->bv->samples) return BB_OK;
        ++m->joined;
        return bb_recording_add_seam(m->r, (double)(position - 1) / m->bv->rate_hz, err);
    }
    if (position < 1 || position > m->bv->samples) {
        ++m->outside;
        return BB_OK;
    }
    const size_t length = make_label(type, description, m->label);
    return bb_recording_add_event(m->r, (double)(position - 1) / m->bv->rate_hz,
                                  (double)size / m->bv->rate_hz, m->label, length, err);
}

static bb_status add_markers(markers *m, const char *text, size_t size, bb_error *err) {
    bb_brainvision_lines lines;
    bb_brainvision_begin(&lines, text, size);
    while (bb_brainvision_next(&lines)) {
        if (!bb_brainvision_equals(lines.section, "Marker Infos")) continue;
        m->found = true;
        if (bb_brainvision_number(lines.key, "Mk") == 0)
            ++m->malformed;
        else
            BB_TRY(add_marker(m, lines.value, err));
    }
    return BB_OK;
}

static void warn(const markers *m) {
    if (m->malformed > 0)
        bb_recording_warn(m->r,
                          "%zu markers are not of the form type, description, position and are left out",
                          m->malformed);
    if (m->outside > 0) bb_recording_warn(m->r, "%zu markers outside the recording are left out", m->outside);
    if (m->joined > 0)
        bb_recording_warn(m->r, "%zu pieces recorded at different times are joined", m->joined + 1);
}

bb_status bb_brainvision_read_markers(bb_recording *r, const bb_brainvision *bv, bb_error *err) {
    if (!bv->marker_path) return BB_OK;
    markers m = {.r = r, .bv = bv};
    char *text;
    size_t size;
    BB_TRY(bb_recording_add_file(r, bv->marker_path, err));
    BB_TRY(bb_file_read(bv->marker_path, MAX_MARKERS, &text, &size, err));
    if (!bb_brainvision_is_text(text, size, "Marker File"))
        bb_recording_warn(r, "the first line of '%s' is not that of a marker file",
                          bb_path_name(bv->marker_path));
    m.label = bb_calloc(size + 2, 1);
    bb_status status = m.label ? add_markers(&m, text, size, err)
                               : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", bv->marker_path);
    bb_free(m.label);
    bb_free(text);
    if (status != BB_OK) return status;
    warn(&m);
    return BB_OK;
}
