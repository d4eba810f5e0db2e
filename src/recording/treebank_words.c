/* When each word of a movie was heard, in seconds of the recording. A timings table pairs moments of the
 * movie with samples; a word is placed by the nearest of them, as the published loader does
 * (estimate_sample_index in data/trial_data_reader.py). */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/table.h"
#include "recording/treebank_tables.h"

typedef struct trigger {
    double movie_s, sample;
} trigger;

typedef struct triggers {
    trigger *items; /* by movie time */
    size_t count, room;
    double last_s; /* movie time of the table's last row */
} triggers;

/* A number; *known is false for a cell that says nothing, as pandas writes it. */
static bb_status read_number(const bb_table *t, int column, double *out, bool *known, bb_error *err) {
    const char *cell = bb_table_value(t, column);
    *known = cell && strcasecmp(cell, "nan") != 0;
    if (*known && !bb_table_number(cell, out))
        return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected a number under '%s', found '%.32s'",
                       t->name, t->line, t->headings[column], cell);
    return BB_OK;
}

static bb_status need_columns(const bb_table *t, const char *const names[2], int out[2], bb_error *err) {
    for (size_t i = 0; i < 2; ++i) {
        out[i] = bb_table_column(t, names[i]);
        if (out[i] == BB_TABLE_NO_COLUMN)
            return bb_fail(err, BB_ERR_FORMAT,
                           "%s: line 1: expected comma-separated column names with '%s' among them", t->name,
                           names[i]);
    }
    return BB_OK;
}

static int compare_triggers(const void *a, const void *b) {
    const trigger *x = a, *y = b;
    if (x->movie_s != y->movie_s) return x->movie_s < y->movie_s ? -1 : 1;
    return x->sample < y->sample ? -1 : x->sample > y->sample;
}

static bb_status read_triggers(bb_table *t, triggers *out, bb_error *err) {
    static const char *const names[2] = {"movie_time", "index"};
    int columns[2];
    BB_TRY(need_columns(t, names, columns, err));
    for (bool more = true; more;) {
        bool has_time, has_sample;
        trigger x = {0};
        BB_TRY(bb_table_next(t, &more, err));
        if (!more) break;
        BB_TRY(read_number(t, columns[0], &x.movie_s, &has_time, err));
        BB_TRY(read_number(t, columns[1], &x.sample, &has_sample, err));
        if (!has_time || !has_sample) continue;
        if (bb_grow((void **)&out->items, &out->room, out->count + 1, sizeof *out->items))
            return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for trigger times", t->name);
        out->items[out->count++] = x;
        out->last_s = x.movie_s;
    }
    if (out->count > 1) qsort(out->items, out->count, sizeof *out->items, compare_triggers);
    return BB_OK;
}

static int compare_numbers(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Samples in a second of the movie: the median from one trigger to the next, which pauses leave alone. 0 if
 * it can't be told. */
static double measure_rate(const triggers *t) {
    size_t count = 0;
    double *slopes = bb_calloc(t->count, sizeof *slopes), rate = 0;
    for (size_t i = 1; slopes && i < t->count; ++i) {
        const double seconds = t->items[i].movie_s - t->items[i - 1].movie_s;
        if (seconds > 1e-6) slopes[count++] = (t->items[i].sample - t->items[i - 1].sample) / seconds;
    }
    if (count > 0) {
        qsort(slopes, count, sizeof *slopes, compare_numbers);
        rate = slopes[count / 2];
    }
    bb_free(slopes);
    return rate > 0 && isfinite(rate) ? rate : 0;
}

/* Not every subject was recorded at 2048 Hz, and the recordings do not hold their rate: one of the published
 * ones counts 1019 samples a second. */
static double settle_rate(bb_recording *r, double measured, bool rate_stated) {
    const double rate = r->channels[0].rate_hz;
    if (measured == 0 || fabs(log2(measured / rate)) < 0.5) return rate;
    const double other = rate * exp2(round(log2(measured / rate)));
    if (rate_stated || fabs(measured / other - 1) > 0.05 || other < 1 || other > 1e6) {
        bb_recording_warn(r, "the trigger times count %.6g samples a second, but %.6g Hz was %s", measured,
                          rate, rate_stated ? "stated" : "assumed");
        return rate;
    }
    bb_recording_warn(r,
                      "the trigger times count %.6g samples a second, so the rate is taken for %.6g Hz, not "
                      "%.6g Hz",
                      measured, other, rate);
    for (size_t i = 0; i < r->channel_count; ++i) r->channels[i].rate_hz = other;
    return other;
}

/* The sample of a moment of the movie; the earlier trigger of two as near. */
static double sample_at(const triggers *t, double movie_s, double rate_hz) {
    size_t low = 0, high = t->count; /* the first trigger not before movie_s */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (t->items[middle].movie_s < movie_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == t->count ||
        (low > 0 && movie_s - t->items[low - 1].movie_s <= t->items[low].movie_s - movie_s))
        --low;
    return round(t->items[low].sample + (movie_s - t->items[low].movie_s) * rate_hz);
}

/* A word behind the last trigger, or before the recording begins or after it ends, was not recorded. */
static bb_status take_word(bb_recording *r, const bb_table *t, const int columns[2], int end_column,
                           const triggers *trigs, double rate_hz, bb_error *err) {
    const char *word = bb_table_cell(t, columns[1]);
    double start_s = 0, end_s = 0;
    bool has_start, has_end;
    BB_TRY(read_number(t, columns[0], &start_s, &has_start, err));
    BB_TRY(read_number(t, end_column, &end_s, &has_end, err));
    if (!has_start || !word || !*word || start_s > trigs->last_s) return BB_OK;
    const double first = sample_at(trigs, start_s, rate_hz);
    if (!(first >= 0 && first < (double)r->channels[0].samples)) return BB_OK;
    const double last = has_end ? sample_at(trigs, end_s, rate_hz) : first;
    const bb_event event = {.onset_s = first / rate_hz,
                            .duration_s = last > first ? (last - first) / rate_hz : 0,
                            .label = word,
                            .line = t->line};
    return bb_recording_add_row(r, &event, err);
}

static bb_status read_words(bb_recording *r, bb_table *t, const triggers *trigs, double rate_hz,
                            bb_error *err) {
    static const char *const names[2] = {"start", "text"};
    int columns[2];
    BB_TRY(need_columns(t, names, columns, err));
    const int end = bb_table_column(t, "end");
    for (bool more = true; more && trigs->count > 0;) {
        BB_TRY(bb_table_next(t, &more, err));
        if (more) BB_TRY(take_word(r, t, columns, end, trigs, rate_hz, err));
    }
    return BB_OK;
}

bb_status bb_treebank_take_words(bb_recording *r, const char *timings_path, const char *transcript_path,
                                 bool rate_stated, bb_error *err) {
    bb_table table;
    triggers trigs = {0};
    BB_TRY(bb_recording_add_file(r, timings_path, err));
    if (transcript_path) BB_TRY(bb_recording_add_file(r, transcript_path, err));
    BB_TRY(bb_table_open(timings_path, ',', &table, err));
    bb_status status = read_triggers(&table, &trigs, err);
    bb_table_close(&table);
    const double rate_hz = status == BB_OK ? settle_rate(r, measure_rate(&trigs), rate_stated) : 0;
    if (status == BB_OK && transcript_path) {
        status = bb_table_open(transcript_path, ',', &table, err);
        bb_recording_name_events(r, transcript_path);
        if (status == BB_OK) status = read_words(r, &table, &trigs, rate_hz, err);
        bb_table_close(&table);
    }
    bb_free(trigs.items);
    return status;
}
