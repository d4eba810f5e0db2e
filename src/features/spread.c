#include "features/spread.h"

#include "base/error.h"
#include "base/memory.h"
#include "ranks/collective.h"

enum { FLOATS = 1 << 18 }; /* of all ranks on their way at once, or a row of each */

/* Rows are counted through windows in order of time, and in each through channels. */
typedef struct spread {
    const bb_survey *survey;
    bb_cache_writer *writer;
    int64_t size; /* of a row on its way: its numbers, and its mark as one more */
    float *block; /* [rows on their way, size] */
} spread;

static int64_t first_row(const bb_ranks *ranks, const bb_survey *s, int rank) {
    int64_t first, end;
    bb_ranks_part(s->windows, bb_ranks_count(ranks), rank, &first, &end);
    return first * s->channels;
}

static bb_status read_rows(const spread *s, int64_t first, int64_t count, float *out, bb_error *err) {
    const int64_t C = s->survey->channels;
    for (int64_t i = first; i < first + count; ++i, out += s->size) {
        const int64_t window = s->survey->row_of[i / C];
        BB_TRY(bb_cache_read(s->writer, i % C, window, out, err));
        out[s->size - 1] = bb_cache_marked(s->writer, i % C, window);
    }
    return BB_OK;
}

static bb_status write_rows(const spread *s, int64_t first, int64_t count, const float *rows, bb_error *err) {
    const int64_t C = s->survey->channels;
    for (int64_t i = first; i < first + count; ++i, rows += s->size) {
        const int64_t window = s->survey->row_of[i / C];
        bb_cache_mark(s->writer, i % C, window, (unsigned char)rows[s->size - 1]);
        BB_TRY(bb_cache_write(s->writer, i % C, window, rows, err));
    }
    return BB_OK;
}

/* Of every rank the rows from number `at` of its own on, `each` at most. `starts` [ranks + 1] is scratch. */
static bb_status exchange(const spread *s, const bb_ranks *ranks, int64_t at, int64_t each, int64_t *starts,
                          bb_error *err) {
    const int count = bb_ranks_count(ranks), me = bb_ranks_me(ranks);
    for (int r = 0; r < count; ++r) {
        const int64_t left = first_row(ranks, s->survey, r + 1) - first_row(ranks, s->survey, r) - at;
        starts[r + 1] = starts[r] + (left > each ? each : left > 0 ? left : 0) * s->size;
    }
    BB_TRY(read_rows(s, first_row(ranks, s->survey, me) + at, (starts[me + 1] - starts[me]) / s->size,
                     s->block + starts[me], err));
    bb_ranks_spread_floats(ranks, starts, s->block);
    for (int r = 0; r < count; ++r)
        if (r != me)
            BB_TRY(write_rows(s, first_row(ranks, s->survey, r) + at, (starts[r + 1] - starts[r]) / s->size,
                              s->block + starts[r], err));
    return BB_OK;
}

bb_status bb_rows_spread(const bb_ranks *ranks, const bb_survey *survey, int64_t dim, bb_cache_writer *writer,
                         bb_error *err) {
    const int count = bb_ranks_count(ranks);
    if (count == 1) return BB_OK;
    spread s = {.survey = survey, .writer = writer, .size = dim + 1};
    const int64_t most = first_row(ranks, survey, 1), /* rank 0 has the most */
        fit = FLOATS / (s.size * count), each = fit > 0 ? fit : 1;
    s.block = bb_calloc((size_t)(count * each * s.size), sizeof *s.block);
    int64_t *starts = bb_calloc((size_t)count + 1, sizeof *starts);
    bb_status status =
        s.block && starts ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for rows of %d ranks", count);
    /* Asleep until the slowest has made its rows; from here on they only travel. */
    if (status == BB_OK) bb_ranks_barrier(ranks);
    for (int64_t at = 0; at < most && status == BB_OK; at += each)
        status = exchange(&s, ranks, at, each, starts, err);
    bb_free(s.block);
    bb_free(starts);
    return status;
}
