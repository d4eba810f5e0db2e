/* EDF+ annotations: lists of "+onset[\x15duration]\x14text\x14...\x14\0" in the bytes of a signal (EDF+,
 * section 2.2.4). The first list of each record has an empty first text and tells when the record begins. */
#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/memory.h"
#include "recording/edf.h"

enum { MAX_BYTES = 1 << 20 }; /* of one annotation signal in one record; real ones have some hundred */

typedef struct lists {
    bb_recording *r;
    const bb_edf *edf;
    double *begins; /* by record, s; NAN where the record does not say */
    size_t malformed;
} lists;

/* The texts of one list, [at, end), each behind its \x14; empty ones say nothing. */
static bb_status add_texts(lists *l, double onset, double duration, const char *at, const char *end,
                           bb_error *err) {
    while (at < end) {
        const char *stop = memchr(at, '\x14', (size_t)(end - at));
        if (!stop) stop = end;
        if (stop > at) BB_TRY(bb_recording_add_event(l->r, onset, duration, at, (size_t)(stop - at), err));
        at = stop + 1;
    }
    return BB_OK;
}

/* One list, [at, end), without its terminating zero. */
static bb_status read_list(lists *l, const char *at, const char *end, double *begin, bb_error *err) {
    double onset = 0, duration = 0;
    const size_t used = *at == '+' || *at == '-' ? bb_decimal_parse(at, (size_t)(end - at), &onset) : 0;
    at += used;
    if (used > 0 && at < end && *at == '\x15') {
        const size_t more = bb_decimal_parse(at + 1, (size_t)(end - at - 1), &duration);
        at += 1 + more;
        if (duration < 0) duration = 0;
    }
    if (used == 0 || at == end || *at != '\x14') {
        ++l->malformed;
        return BB_OK;
    }
    if (begin && isnan(*begin) && at + 1 < end && at[1] == '\x14') *begin = onset;
    return add_texts(l, onset, duration, at + 1, end, err);
}

/* All lists in the bytes of one record. `begin` is NULL where they don't tell the record's time. */
static bb_status read_lists(lists *l, const char *at, const char *end, double *begin, bb_error *err) {
    while (at < end) {
        if (*at == '\0') {
            ++at;
            continue;
        }
        const char *stop = memchr(at, '\0', (size_t)(end - at));
        if (!stop) stop = end;
        BB_TRY(read_list(l, at, stop, begin, err));
        at = stop;
    }
    return BB_OK;
}

static bb_status read_signal(lists *l, const bb_edf_signal *s, bool keeps_time, char *bytes, size_t count,
                             bb_error *err) {
    for (int64_t record = 0; record < l->edf->records; ++record) {
        const int64_t place = l->edf->data_start + record * l->edf->record_bytes + s->place;
        BB_TRY(bb_input_read(&l->r->file, place, bytes, count, err));
        BB_TRY(read_lists(l, bytes, bytes + count, keeps_time ? &l->begins[record] : NULL, err));
    }
    return BB_OK;
}

static bb_status read_signals(lists *l, bb_error *err) {
    bool first = true;
    for (size_t i = 0; i < l->edf->signal_count; ++i) {
        const bb_edf_signal *s = &l->edf->signals[i];
        size_t count = (size_t)s->samples * l->edf->sample_bytes;
        if (!s->annotations || count == 0) continue;
        if (count > MAX_BYTES) {
            bb_recording_warn(l->r, "annotations of %zu bytes per record; only %d are read", count,
                              MAX_BYTES);
            count = MAX_BYTES;
        }
        char *bytes = bb_calloc(count, 1);
        if (!bytes) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for annotations", l->r->info.path);
        const bb_status status = read_signal(l, s, first, bytes, count, err);
        bb_free(bytes);
        BB_TRY(status);
        first = false;
    }
    return BB_OK;
}

/* Completes the records' begins and tells of gaps. A file that calls itself continuous is believed. */
static bb_status complete_begins(lists *l, bb_error *err) {
    const double length = l->edf->record_s;
    size_t gaps = 0;
    double first_gap = 0;
    if (isnan(l->begins[0])) l->begins[0] = 0;
    for (int64_t i = 1; i < l->edf->records; ++i) {
        const double expected = l->begins[i - 1] + length;
        if (!l->edf->discontinuous || isnan(l->begins[i]) || l->begins[i] < l->begins[i - 1])
            l->begins[i] = expected;
        if (length <= 0 || l->begins[i] <= expected + 0.001) continue;
        if (gaps++ == 0) first_gap = (double)i * length;
        BB_TRY(bb_recording_add_seam(l->r, (double)i * length, err));
    }
    if (gaps > 0)
        bb_recording_warn(l->r, "%zu gaps, the first after %g s; the pieces are joined without them", gaps,
                          first_gap);
    return BB_OK;
}

/* Seconds from the first sample when the records are joined; a time within a gap counts as its end. */
static double joined_time(const lists *l, double time) {
    if (!l->edf->discontinuous || l->edf->record_s == 0) return time - l->begins[0];
    int64_t low = 0, high = l->edf->records;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (l->begins[middle] <= time)
            low = middle;
        else
            high = middle;
    }
    double inside = time - l->begins[low];
    if (inside > l->edf->record_s && low + 1 < l->edf->records) inside = l->edf->record_s;
    return (double)low * l->edf->record_s + inside;
}

bb_status bb_edf_read_annotations(bb_recording *r, const bb_edf *edf, bb_error *err) {
    bool any = false;
    for (size_t i = 0; i < edf->signal_count; ++i)
        any |= edf->signals[i].annotations && edf->signals[i].samples > 0;
    if (!any) return BB_OK;
    lists l = {.r = r, .edf = edf, .begins = bb_calloc((size_t)edf->records, sizeof(double))};
    if (!l.begins)
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %lld records", r->info.path,
                       (long long)edf->records);
    for (int64_t i = 0; i < edf->records; ++i) l.begins[i] = NAN;
    bb_status status = read_signals(&l, err);
    if (status == BB_OK) status = complete_begins(&l, err);
    if (status == BB_OK) {
        for (size_t i = 0; i < r->event_count; ++i)
            r->events[i].onset_s = joined_time(&l, r->events[i].onset_s);
        if (l.malformed > 0)
            bb_recording_warn(r, "%zu annotations are not of the form onset, duration, text and are left out",
                              l.malformed);
    }
    bb_free(l.begins);
    return status;
}
