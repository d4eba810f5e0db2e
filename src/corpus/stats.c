#include "corpus/stats.h"

#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Rows worked on at a time: each has moments of its own, which are then added up in order. */
enum { BLOCK = 64 };

typedef struct gatherer {
    const bb_piece *rows;
    bb_spectrogram_plan *plan;
    int threads;
    int64_t frames;
    size_t scratch_bytes, row_bytes, own_bytes;
    char *own;            /* [threads, own_bytes]: stored, unpacking, window, magnitudes, scratch */
    bb_moments *partial;  /* [BLOCK, bins] */
    bb_moments *channels; /* [channels, bins] */
} gatherer;

static size_t aligned(size_t bytes) { return (bytes + BB_ALIGNMENT - 1) / BB_ALIGNMENT * BB_ALIGNMENT; }

static bb_status gather_row(const gatherer *g, char *own, int64_t index, bb_moments *moments, bb_error *err) {
    const bb_piece *p = g->rows;
    const bb_row *r = &p->rows[index];
    char *stored = own, *scratch = stored + aligned(bb_row_room(&p->format)),
         *window = scratch + aligned(2 * g->row_bytes),
         *magnitudes = window + aligned((size_t)p->format.samples * sizeof(double)),
         *work = magnitudes + aligned((size_t)(g->frames * p->bins) * sizeof(float));
    double *x = (double *)(void *)window;
    float *m = (float *)(void *)magnitudes;
    BB_TRY(bb_piece_read(p, index, stored, err));
    if (!bb_row_unpack(&p->format, stored, r->bytes, r->scale, scratch, x))
        return bb_fail(err, BB_ERR_FORMAT, "%s: window %lld does not unpack", p->file.path, (long long)index);
    BB_TRY(bb_spectrogram_compute(g->plan, x, p->format.samples, NULL, work, m, err));
    memset(moments, 0, (size_t)p->bins * sizeof *moments);
    const double sd = p->stats[(size_t)r->channel * bb_stat_columns(p->bins) + BB_STAT_SD];
    bb_session_gather(m, g->frames, p->bins, bb_session_floor(sd), moments);
    return BB_OK;
}

static bb_status gather_block(gatherer *g, int64_t first, int64_t count, bb_error *err) {
    bb_status status = BB_OK;
    int64_t lowest = count; /* of several rows that fail the first is told, whichever thread is faster */
#pragma omp parallel for num_threads(g->threads) schedule(dynamic)
    for (int64_t i = 0; i < count; ++i) {
        bb_error own = {0};
        const bb_status one = gather_row(g, g->own + (size_t)omp_get_thread_num() * g->own_bytes, first + i,
                                         g->partial + i * g->rows->bins, &own);
        if (one != BB_OK) {
#pragma omp critical
            if (i < lowest) {
                lowest = i;
                status = one;
                if (err) *err = own;
            }
        }
    }
    if (status != BB_OK) return status;
    for (int64_t i = 0; i < count; ++i)
        for (int f = 0; f < g->rows->bins; ++f)
            bb_moments_add(&g->channels[g->rows->rows[first + i].channel * g->rows->bins + f],
                           &g->partial[i * g->rows->bins + f]);
    return BB_OK;
}

static bb_status allocate(gatherer *g, bb_error *err) {
    const bb_piece *p = g->rows;
    g->row_bytes = bb_row_bytes(&p->format);
    g->frames = bb_spectrogram_frames(g->plan, p->format.samples);
    if (g->frames < 1)
        return bb_fail(err, BB_ERR_ARGUMENT, "windows of %lld samples leave no spectrogram frame",
                       (long long)p->format.samples);
    g->own_bytes = aligned(bb_row_room(&p->format)) + aligned(2 * g->row_bytes) +
                   aligned((size_t)p->format.samples * sizeof(double)) +
                   aligned((size_t)(g->frames * p->bins) * sizeof(float)) +
                   aligned(bb_spectrogram_scratch(g->plan, p->format.samples));
    g->own = bb_calloc((size_t)g->threads, g->own_bytes);
    g->partial = bb_calloc(BLOCK * (size_t)p->bins, sizeof *g->partial);
    g->channels = bb_calloc(p->channel_count * (size_t)p->bins, sizeof *g->channels);
    return g->own && g->partial && g->channels ? BB_OK
                                               : bb_fail(err, BB_ERR_MEMORY, "no memory for statistics");
}

static void store(const gatherer *g) {
    const bb_piece *p = g->rows;
    for (size_t c = 0; c < p->channel_count; ++c)
        for (int f = 0; f < p->bins; ++f) {
            double *logs = p->stats + c * bb_stat_columns(p->bins) + BB_STAT_LOGS;
            const bb_moments *m = &g->channels[c * (size_t)p->bins + (size_t)f];
            logs[f] = m->mean;
            logs[p->bins + f] = bb_moments_sd(m);
        }
}

bb_status bb_stats_gather(const bb_piece *rows, const bb_spectrogram_recipe *recipe, int threads,
                          bb_progress progress, void *progress_context, bb_error *err) {
    gatherer g = {.rows = rows, .threads = threads};
    bb_spectrogram_recipe plain = *recipe;
    plain.normalization = BB_NORMALIZE_NONE;
    bb_status status = bb_spectrogram_plan_create(&plain, &g.plan, err);
    if (status == BB_OK) status = allocate(&g, err);
    for (int64_t first = 0; status == BB_OK && first < rows->row_count; first += BLOCK) {
        const int64_t left = rows->row_count - first;
        if (progress && progress(progress_context, first, rows->row_count) != 0) {
            status = bb_fail_stopped(err);
            break;
        }
        status = gather_block(&g, first, left < BLOCK ? left : BLOCK, err);
    }
    if (status == BB_OK) store(&g);
    bb_spectrogram_plan_destroy(g.plan);
    bb_free(g.own);
    bb_free(g.partial);
    bb_free(g.channels);
    return status;
}
