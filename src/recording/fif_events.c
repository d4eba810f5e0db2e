/* Annotations as MNE writes them: lists of onsets, of ends, and of labels with colons between them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/fif.h"

static const char SKIP_LABEL[] = "BAD_ACQ_SKIP"; /* what MNE calls it */

typedef struct lists {
    double *onsets, *ends;
    size_t onset_count, end_count;
    char *labels;
} lists;

static bb_status read_times(bb_recording *r, const bb_fif_tag *tag, double **out, size_t *count,
                            bb_error *err) {
    *count = 0;
    if (tag->kind == 0 || tag->size == 0) return BB_OK;
    const size_t most = (size_t)tag->size / 4 < BB_MAX_EVENTS ? (size_t)tag->size / 4 : BB_MAX_EVENTS;
    *out = bb_calloc(most, sizeof **out);
    if (!*out) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for events", r->info.path);
    return bb_fif_read_numbers(&r->file, tag, *out, most, count, err);
}

/* What has to be added to onsets so that they count from the first sample. Onsets count from a time of their
 * own, where one is given; else from the first sample; and from the start of the recording system's clock
 * where the file knows no date. */
static bb_status find_shift(bb_recording *r, const bb_fif_scan *scan, double *shift, bb_error *err) {
    bb_fif_date origin = {0}, start = {0};
    for (size_t i = 0; i < sizeof scan->dates / sizeof *scan->dates && !start.present; ++i)
        start = scan->dates[i];
    if (scan->origin.kind != 0) BB_TRY(bb_fif_read_date(&r->file, &scan->origin, &origin, err));
    const double clock = (double)scan->first_sample / scan->rate_hz;
    *shift = !start.known   ? -(double)scan->stated_first / scan->rate_hz
             : origin.known ? (double)(origin.us - start.us) * 1e-6 - clock
                            : 0;
    if (!start.known && origin.known)
        bb_recording_warn(r, "annotations have a date and the recording has none: they may be shifted");
    return BB_OK;
}

/* "{COLON}" back to ":", in place; returns the new length. */
static size_t unescape(char *text, size_t length) {
    static const char escape[] = "{COLON}";
    const size_t n = sizeof escape - 1;
    size_t out = 0;
    for (size_t at = 0; at < length; ++out) {
        const bool found = length - at >= n && memcmp(text + at, escape, n) == 0;
        text[out] = found ? ':' : text[at];
        at += found ? n : 1;
    }
    return out;
}

/* What MNE puts where recordings were joined or a piece was cut out: one or both of these. */
static bool is_boundary(const char *label, size_t length) {
    static const char *const labels[] = {"BAD boundary", "EDGE boundary"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; ++i)
        if (length == strlen(labels[i]) && memcmp(label, labels[i], length) == 0) return true;
    return false;
}

/* Cut to the recording; those outside it are left out. */
static bb_status add_event(bb_recording *r, double onset, double duration, const bb_fif_scan *scan,
                           const char *label, size_t length, size_t *outside, bb_error *err) {
    const double end = (double)scan->fif->samples / scan->rate_hz;
    if (!(duration >= 0)) duration = 0;
    if (!(onset <= end && onset + duration >= 0) || !isfinite(duration)) {
        ++*outside;
        return BB_OK;
    }
    if (onset < 0) {
        duration += onset;
        onset = 0;
    }
    if (duration > end - onset) duration = end - onset;
    if (is_boundary(label, length))
        BB_TRY(bb_recording_add_seam(r, round(onset * scan->rate_hz) / scan->rate_hz, err));
    return bb_recording_add_event(r, onset, duration, label, length, err);
}

static bb_status add_annotations(bb_recording *r, const bb_fif_scan *scan, lists *l, bb_error *err) {
    const size_t most = l->onset_count < l->end_count ? l->onset_count : l->end_count;
    size_t count = 0, outside = 0;
    double shift;
    BB_TRY(find_shift(r, scan, &shift, err));
    for (char *at = l->labels, *next; at && count < most; at = next, ++count) {
        char *stop = strchr(at, ':');
        next = stop ? stop + 1 : NULL;
        const size_t length = unescape(at, stop ? (size_t)(stop - at) : strlen(at));
        BB_TRY(add_event(r, l->onsets[count] + shift, l->ends[count] - l->onsets[count], scan, at, length,
                         &outside, err));
    }
    if (count != l->onset_count || count != l->end_count)
        bb_recording_warn(r,
                          "annotations have %zu onsets, %zu ends and %zu labels or more; the first %zu count",
                          l->onset_count, l->end_count, count, count);
    if (outside > 0) bb_recording_warn(r, "%zu annotations lie outside the recording, left out", outside);
    return BB_OK;
}

static bb_status read_annotations(bb_recording *r, const bb_fif_scan *scan, bb_error *err) {
    lists l = {0};
    bb_status status = read_times(r, &scan->onsets, &l.onsets, &l.onset_count, err);
    if (status == BB_OK) status = read_times(r, &scan->ends, &l.ends, &l.end_count, err);
    if (status == BB_OK && scan->labels.kind != 0)
        status = bb_fif_read_text(&r->file, &scan->labels, BB_FIF_MAX_TEXT, &l.labels, err);
    if (status == BB_OK) status = add_annotations(r, scan, &l, err);
    bb_free(l.onsets);
    bb_free(l.ends);
    bb_free(l.labels);
    return status;
}

/* Whether one of the first `count` events, in order of onset, says of a skip what the skip itself says: MNE
 * writes both. *from moves on to the first that can matter for later skips. */
static bool is_told(const bb_recording *r, size_t count, double onset, double tolerance, size_t *from) {
    while (*from < count && r->events[*from].onset_s < onset - tolerance) ++*from;
    for (size_t i = *from; i < count && r->events[i].onset_s <= onset + tolerance; ++i)
        if (strcmp(r->events[i].label, SKIP_LABEL) == 0) return true;
    return false;
}

static bb_status add_skips(bb_recording *r, const bb_fif_scan *scan, bb_error *err) {
    const size_t annotated = r->event_count;
    const bb_fif *fif = scan->fif;
    size_t skips = 0, from = 0;
    double seconds = 0;
    if (annotated > 1) qsort(r->events, annotated, sizeof *r->events, bb_event_compare);
    for (size_t i = 0; i < fif->piece_count; ++i) {
        const bb_fif_piece *p = &fif->pieces[i];
        if (p->type != BB_FIF_ZEROS) continue;
        const double onset = (double)p->first / scan->rate_hz, duration = (double)p->samples / scan->rate_hz;
        ++skips;
        seconds += duration;
        if (!is_told(r, annotated, onset, 0.5 / scan->rate_hz, &from))
            BB_TRY(bb_recording_add_event(r, onset, duration, SKIP_LABEL, sizeof SKIP_LABEL, err));
    }
    if (skips > 0)
        bb_recording_warn(r, "the recording was paused %zu times; %g s of zeros stand for that", skips,
                          seconds);
    return BB_OK;
}

bb_status bb_fif_add_events(bb_recording *r, const bb_fif_scan *scan, bb_error *err) {
    if (scan->annotation_blocks > 0) BB_TRY(read_annotations(r, scan, err));
    if (scan->annotation_blocks > 1)
        bb_recording_warn(r, "%zu lists of annotations; only the first is read", scan->annotation_blocks);
    return add_skips(r, scan, err);
}
