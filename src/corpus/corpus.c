/* A corpus for its users: the description as structures, windows in uV. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "corpus/description.h"
#include "corpus/piece.h"

struct bb_corpus {
    bb_corpus_info info;
    bb_piece piece;
    bb_corpus_session *sessions;
    bb_corpus_channel *channels;
    bb_event *events; /* of all sessions */
    char **recipes;   /* [sessions] */
};

static bb_status fail_count(const bb_corpus *c, const char *table, size_t channel, bb_error *err) {
    return bb_fail(err, BB_ERR_FORMAT, "%s: %s: channel %zu: it says otherwise than the windows do",
                   c->info.path, table, channel);
}

/* Tables that say the same twice have to agree: readers may use either. */
static bb_status compare_tables(const bb_corpus *c, bb_error *err) {
    int64_t *windows = bb_calloc(c->info.channel_count, sizeof *windows);
    if (!windows) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its channels", c->info.path);
    bb_status status = BB_OK;
    for (int64_t i = 0; i < c->piece.row_count; ++i) ++windows[c->piece.rows[i].channel];
    for (size_t k = 0; k < c->info.channel_count && status == BB_OK; ++k) {
        if (windows[k] != c->channels[k].windows) status = fail_count(c, "/channels/windows", k, err);
        if (c->piece.sessions[k] != (int64_t)c->channels[k].session)
            status = fail_count(c, "/channels/session", k, err);
    }
    bb_free(windows);
    return status;
}

/* Windows lie in order of their sessions, so that each session's are counted in one pass. */
static bb_status count_windows(bb_corpus *c, bb_error *err) {
    size_t last = 0;
    for (int64_t i = 0; i < c->piece.row_count; ++i) {
        const size_t s = c->channels[c->piece.rows[i].channel].session;
        if (s < last)
            return bb_fail(err, BB_ERR_FORMAT, "%s: window %lld: expected windows in order of their sessions",
                           c->info.path, (long long)i);
        if (c->sessions[s].windows++ == 0) c->sessions[s].first_window = i;
        last = s;
    }
    return BB_OK;
}

static bool same(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

/* A subject of one dataset is none of another's, whatever it is called. */
static size_t count_subjects(const bb_corpus *c) {
    size_t count = 0;
    for (size_t s = 0; s < c->info.session_count; ++s) {
        bool known = false;
        const bb_corpus_session *one = &c->sessions[s];
        for (size_t before = 0; before < s && !known; ++before) {
            const bb_corpus_session *other = &c->sessions[before];
            known = same(one->subject, other->subject) && same(one->dataset, other->dataset);
        }
        count += !known;
    }
    return count;
}

static void fill_stats(bb_corpus *c) {
    const size_t columns = bb_stat_columns(c->piece.bins);
    for (size_t i = 0; i < c->info.channel_count; ++i) {
        const double *s = c->piece.stats + i * columns;
        bb_corpus_channel *channel = &c->channels[i];
        channel->windows = (int64_t)s[BB_STAT_WINDOWS];
        channel->left_out = (int64_t)s[BB_STAT_LEFT_OUT];
        channel->mean_uv = s[BB_STAT_MEAN];
        channel->sd_uv = s[BB_STAT_SD];
        channel->log_mean = s + BB_STAT_LOGS;
        channel->log_sd = s + BB_STAT_LOGS + c->piece.bins;
    }
}

/* Corpora of earlier versions state what was asked for before the call's wishes: the sessions know better. */
static bb_status load_recipe(bb_corpus *c, bb_error *err) {
    bb_description_settle_recipe(c->piece.description);
    char *text = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(c->piece.description, "recipe"));
    c->info.recipe = bb_recipe_default();
    const bb_status status =
        text ? bb_recipe_from_json(text, c->info.path, &c->info.recipe, err)
             : bb_fail(err, BB_ERR_FORMAT, "%s: /description: expected a recipe", c->info.path);
    cJSON_free(text);
    return status;
}

static bb_status load(bb_corpus *c, const char *path, bb_error *err) {
    BB_TRY(bb_corpus_piece_open(path, &c->piece, err));
    const cJSON *d = c->piece.description;
    bb_corpus_info *info = &c->info;
    info->path = c->piece.file.path;
    info->program = bb_json_string(d, "program") ? bb_json_string(d, "program") : "";
    BB_TRY(bb_description_read(d, info->path, c->piece.channel_count, &c->sessions, &info->session_count,
                               &c->channels, &c->events, &c->recipes, err));
    info->channel_count = c->piece.channel_count;
    info->sessions = c->sessions;
    info->channels = c->channels;
    info->encoding = c->piece.format.encoding;
    info->compressed = c->piece.format.compressed;
    info->samples = c->piece.format.samples;
    info->windows = c->piece.row_count;
    BB_TRY(load_recipe(c, err));
    if (info->recipe.spectrogram.bins != c->piece.bins)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: /description: expected a recipe of the tables' %d bins, found %d", path,
                       c->piece.bins, info->recipe.spectrogram.bins);
    info->rate_hz = info->recipe.signal.rate_hz;
    info->window_s = (double)info->samples / info->rate_hz;
    info->hours = (double)info->windows * info->window_s / 3600;
    info->subject_count = count_subjects(c);
    fill_stats(c);
    BB_TRY(count_windows(c, err));
    BB_TRY(compare_tables(c, err));
    if (c->piece.whole) return BB_OK;
    return bb_fail(err, BB_ERR_FORMAT, "%s: its tables or its description are not those that were written",
                   path);
}

bb_status bb_corpus_open(const char *path, bb_corpus **out, bb_error *err) {
    *out = NULL;
    bb_corpus *c = bb_calloc(1, sizeof *c);
    if (!c) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    c->piece.file.fd = -1;
    const bb_status status = load(c, path, err);
    if (status == BB_OK)
        *out = c;
    else
        bb_corpus_close(c);
    return status;
}

void bb_corpus_close(bb_corpus *c) {
    if (!c) return;
    for (size_t s = 0; s < c->info.session_count; ++s) cJSON_free(c->recipes[s]);
    bb_free(c->recipes);
    bb_free(c->sessions);
    bb_free(c->channels);
    bb_free(c->events);
    bb_piece_close(&c->piece);
    bb_free(c);
}

const bb_corpus_info *bb_corpus_get_info(const bb_corpus *c) { return &c->info; }

size_t bb_corpus_window_channel(const bb_corpus *c, int64_t window) {
    return (size_t)c->piece.rows[window].channel;
}

double bb_corpus_window_start(const bb_corpus *c, int64_t window) { return c->piece.rows[window].start_s; }

/* ---------------------------------------------------------------- reading */

/* One window of a batch: where it lies, and which of the caller's it is. */
typedef struct asked_row {
    int64_t at;
    size_t index;
} asked_row;

static int compare_places(const void *a, const void *b) {
    const asked_row *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Into the order of the file, whatever the caller's is. */
static bb_status order_rows(const bb_corpus *c, const int64_t *windows, size_t count, asked_row *rows,
                            bb_error *err) {
    for (size_t i = 0; i < count; ++i) {
        if (windows[i] < 0 || windows[i] >= c->piece.row_count)
            return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected a window below %lld, found %lld", c->info.path,
                           (long long)c->piece.row_count, (long long)windows[i]);
        rows[i] = (asked_row){c->piece.rows[windows[i]].at, i};
    }
    qsort(rows, count, sizeof *rows, compare_places);
    return BB_OK;
}

/* The disk reads what is not in memory at once, and not one row after the other; neighbours in one go. */
static void call_for(const bb_corpus *c, const int64_t *windows, const asked_row *rows, size_t count) {
    int64_t first = 0, end = 0;
    for (size_t i = 0; i < count; ++i) {
        if (rows[i].at > end) {
            if (end > first) posix_fadvise(c->piece.file.fd, first, end - first, POSIX_FADV_WILLNEED);
            first = rows[i].at;
        }
        end = rows[i].at + c->piece.rows[windows[rows[i].index]].bytes;
    }
    if (end > first) posix_fadvise(c->piece.file.fd, first, end - first, POSIX_FADV_WILLNEED);
}

static bb_status read_one(const bb_corpus *c, int64_t window, void *stored, void *scratch, double *out,
                          bb_error *err) {
    BB_TRY(bb_piece_read(&c->piece, window, stored, err));
    const bb_row *r = &c->piece.rows[window];
    if (bb_row_unpack(&c->piece.format, stored, r->bytes, r->scale, scratch, out)) return BB_OK;
    return bb_fail(err, BB_ERR_FORMAT, "%s: window %lld: its %u bytes do not unpack to %lld samples",
                   c->info.path, (long long)window, r->bytes, (long long)c->info.samples);
}

bb_status bb_corpus_read(const bb_corpus *c, const int64_t *windows, size_t count, double *out,
                         bb_error *err) {
    const size_t unpacking = c->info.compressed ? 2 * bb_row_bytes(&c->piece.format) : 0;
    char *stored = bb_calloc(bb_row_room(&c->piece.format), 1), *scratch = bb_calloc(unpacking, 1);
    asked_row *rows = bb_calloc(count, sizeof *rows);
    bb_status status = stored && scratch && rows ? order_rows(c, windows, count, rows, err)
                                                 : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", c->info.path);
    if (status == BB_OK && count > 1) call_for(c, windows, rows, count);
    for (size_t i = 0; i < count && status == BB_OK; ++i)
        status = read_one(c, windows[rows[i].index], stored, scratch,
                          out + (int64_t)rows[i].index * c->info.samples, err);
    bb_free(stored);
    bb_free(scratch);
    bb_free(rows);
    return status;
}
