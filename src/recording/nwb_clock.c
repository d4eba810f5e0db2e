/* When samples were taken, by NWB: a beginning and a rate, or a time for each of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/layout_guess.h"
#include "recording/nwb.h"

enum { TIMES = 4096 };

typedef struct stamps {
    bb_recording *r;
    bb_nwb_column *column;
    int64_t count;
    double times[TIMES]; /* read last */
    /* From one time to the next, by the first ones. Times that were rounded, or jump about a little, are
     * uneven all the same; `slack` is by how much. A step beyond `longest` is a gap. */
    double least, median, usual, most, slack, longest;
    bool regular; /* but for gaps, no time is further from an even one than rounding explains */
} stamps;

static bb_status read_times(stamps *t, int64_t first, int64_t count, double *out, bb_error *err) {
    return bb_hdf5_array_list(&t->column->array, &t->r->file, t->column->path, first, count, out, err);
}

static int compare_numbers(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* To the next number of the type that the times are stored in. */
static double spacing(const stamps *t, double second) {
    const bb_element e = t->column->array.element;
    return e.kind == 'f' && e.width == 4 ? (double)(nextafterf((float)second, INFINITY) - (float)second)
                                         : nextafter(second, INFINITY) - second;
}

static bool is_gap(double step, double longest) { return step > longest || step < 0; }

/* The mean step within pieces. */
static double mean_step(const double *times, int64_t n, double longest) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = 1; i < n; ++i) {
        const double step = times[i] - times[i - 1];
        if (is_gap(step, longest) || !isfinite(step)) continue;
        sum += step;
        ++count;
    }
    return count ? sum / (double)count : NAN;
}

/* Whether times within pieces stay where even ones are. Where single samples are missing here and there, they
 * do not, though no step is long. */
static bool is_regular(const stamps *t, int64_t n) {
    int64_t first = 0;
    for (int64_t i = 1; i < n; ++i) {
        if (is_gap(t->times[i] - t->times[i - 1], t->longest)) first = i;
        const double off = t->times[i] - t->times[first] - (double)(i - first) * t->usual;
        if (fabs(off) > 0.5 * t->usual + 2 * t->slack) return false;
    }
    return true;
}

/* By the first times; the rarest hundredth of the steps at either end, where gaps lie, does not count. */
static bb_status find_steps(stamps *t, double last, bb_error *err) {
    double steps[TIMES], sum = 0;
    const int64_t n = t->count < TIMES ? t->count : TIMES, m = n - 1;
    BB_TRY(read_times(t, 0, n, t->times, err));
    for (int64_t i = 0; i < m; ++i) {
        steps[i] = t->times[i + 1] - t->times[i];
        if (!isfinite(steps[i])) steps[i] = 0; /* no step; the median does not mind a few */
    }
    qsort(steps, (size_t)m, sizeof *steps, compare_numbers);
    const int64_t rare = (m + 99) / 100, few = m > 2 * rare ? rare : 0;
    for (int64_t i = few; i < m - few; ++i) sum += steps[i];
    t->least = steps[0];
    t->median = steps[m / 2];
    t->most = steps[m - 1];
    t->slack = fmax(steps[m - 1 - few] - steps[few], spacing(t, fmax(fabs(t->times[0]), fabs(last))));
    t->longest = 1.5 * sum / (double)(m - 2 * few) + t->slack;
    t->usual = mean_step(t->times, n, t->longest);
    t->regular = is_regular(t, n);
    if (t->regular) return BB_OK;
    t->usual = t->median;
    t->longest = 1.5 * t->median;
    return BB_OK;
}

/* Adds up the steps within pieces and, with a clock, adds the seams. */
static bb_status walk(stamps *t, bb_nwb_clock *clock, double seam_hz, double *sum, int64_t *steps,
                      size_t *gaps, bb_error *err) {
    double before = NAN;
    *sum = 0, *steps = 0, *gaps = 0;
    for (int64_t at = 0, n; at < t->count; at += n) {
        n = t->count - at < TIMES ? t->count - at : TIMES;
        BB_TRY(read_times(t, at, n, t->times, err));
        for (int64_t i = 0; i < n; before = t->times[i++]) {
            const double step = t->times[i] - before;
            if (!is_gap(step, t->longest)) {
                *sum += isfinite(step) ? step : 0;
                *steps += isfinite(step);
                continue;
            }
            if (clock && t->r->seam_count < BB_MAX_EVENTS) clock->pieces_s[*gaps] = t->times[i];
            if (clock) BB_TRY(bb_recording_add_seam(t->r, (double)(at + i) / seam_hz, err));
            ++*gaps;
        }
    }
    return BB_OK;
}

static bb_status add_seams(stamps *t, bb_nwb_clock *clock, double seam_hz, size_t gaps, bb_error *err) {
    double sum;
    int64_t steps;
    const size_t kept = gaps < BB_MAX_EVENTS ? gaps : BB_MAX_EVENTS;
    clock->pieces_s = bb_calloc(kept, sizeof *clock->pieces_s);
    if (!clock->pieces_s) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its gaps", t->r->info.path);
    BB_TRY(walk(t, clock, seam_hz, &sum, &steps, &gaps, err));
    for (size_t i = 0; i < kept && clock->pieces_s; ++i)
        if (!(clock->pieces_s[i] > (i ? clock->pieces_s[i - 1] : clock->start_s))) {
            bb_free(clock->pieces_s);
            clock->pieces_s = NULL;
        }
    bb_recording_warn(t->r, "%s: %zu gaps, the first after %g s; the pieces are joined without them%s",
                      t->column->path, gaps, t->r->seams[0],
                      clock->pieces_s ? "" : ", and as time goes back, events may lie elsewhere");
    return BB_OK;
}

/* A rate of which `slack` of `length` seconds is not known. */
static double rate_of(double steps, double length, double slack) {
    const double rate = steps / length, unsure = slack / length;
    return bb_rate_tidy(rate, rate * fmin(fmax(unsure, 1e-6), 5e-3));
}

/* All times have to be looked at, as pieces are missing or the clock is uneven. */
static bb_status read_uneven(stamps *t, double stated_hz, double last, bb_nwb_clock *clock, bb_error *err) {
    double sum;
    int64_t steps;
    size_t gaps;
    BB_TRY(walk(t, NULL, 0, &sum, &steps, &gaps, err));
    const double mean = steps ? sum / (double)steps : 0;
    clock->rate_hz = t->regular ? rate_of((double)steps, sum, t->slack * sqrt((double)gaps + 1))
                                : rate_of(1, t->median, 0);
    if (!bb_guess_rate_fits(clock->rate_hz))
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected times that grow, found steps of %g s",
                       t->r->info.path, t->column->path, t->median);
    if (gaps > 0) return add_seams(t, clock, stated_hz > 0 ? stated_hz : clock->rate_hz, gaps, err);
    t->r->info.has_gaps |= !t->regular || !(fabs(mean - t->usual) <= 1e-3 * t->usual);
    if (t->r->info.has_gaps || t->most - t->least > 1e-3 * t->usual)
        bb_recording_warn(t->r, "%s: steps from %g to %g s, on average %g s, are taken for even ones of %g s",
                          t->column->path, t->least, t->most,
                          (last - clock->start_s) / (double)(t->count - 1), 1 / clock->rate_hz);
    return BB_OK;
}

static bb_status read_timestamps(bb_recording *r, bb_nwb_column *c, double stated_hz, bb_nwb_clock *clock,
                                 bb_error *err) {
    double last;
    stamps t = {.r = r, .column = c, .count = c->array.rows * c->array.columns};
    if (t.count < 2) return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected times", r->info.path, c->path);
    BB_TRY(read_times(&t, t.count - 1, 1, &last, err));
    BB_TRY(find_steps(&t, last, err));
    clock->start_s = t.times[0];
    if (!isfinite(clock->start_s))
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected times, found %g", r->info.path, c->path,
                       clock->start_s);
    const double steps = (double)(t.count - 1), lasts = last - clock->start_s;
    const bool even = fmax(t.most - t.median, t.median - t.least) <= 1e-3 * t.median &&
                      fabs(lasts - steps * t.median) <= 0.5 * t.median;
    clock->rate_hz = even ? rate_of(steps, lasts, t.slack) : 0;
    return even && bb_guess_rate_fits(clock->rate_hz) ? BB_OK : read_uneven(&t, stated_hz, last, clock, err);
}

bb_status bb_nwb_clock_read(bb_recording *r, hid_t file, const char *path, double stated_hz,
                            bb_nwb_clock *clock, bb_error *err) {
    static const char *const start_names[] = {"starting_time", NULL}, *const time_names[] = {"timestamps",
                                                                                             NULL};
    bb_nwb_column column;
    bb_status status = BB_OK;
    *clock = (bb_nwb_clock){0};
    const bool regular = bb_nwb_column_open(r, file, path, start_names, BB_HDF5_NUMBERS, &column);
    if (regular) {
        const double start = bb_nwb_column_number(r, &column, 0);
        clock->start_s = isfinite(start) ? start : 0;
        if (!bb_hdf5_get_number(file, column.path, &r->file, "rate", &clock->rate_hz) ||
            !bb_guess_rate_fits(clock->rate_hz))
            status = bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected a rate in Hz", r->info.path, column.path);
    }
    bb_nwb_column_close(&column);
    if (regular) return status;
    if (bb_nwb_list_open(r, file, path, time_names, BB_HDF5_NUMBERS, &column))
        status = read_timestamps(r, &column, stated_hz, clock, err);
    else
        status = bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected starting_time or timestamps, found neither",
                         r->info.path, path);
    bb_nwb_column_close(&column);
    return status;
}

void bb_nwb_clock_close(bb_nwb_clock *clock) { bb_free(clock->pieces_s); }

double bb_nwb_clock_second(const bb_recording *r, const bb_nwb_clock *clock, double session_s) {
    size_t low = 0, high = clock->pieces_s ? r->seam_count : 0;
    const size_t count = high;
    while (low < high) { /* `low` pieces begin at or before that moment, but for the first of all */
        const size_t middle = (low + high) / 2;
        if (clock->pieces_s[middle] <= session_s)
            low = middle + 1;
        else
            high = middle;
    }
    const double second =
        low ? r->seams[low - 1] + (session_s - clock->pieces_s[low - 1]) : session_s - clock->start_s;
    return low < count && second > r->seams[low] ? r->seams[low] : second;
}
