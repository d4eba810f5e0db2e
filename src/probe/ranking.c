/* The best electrodes: those at which the whole window's voltage decodes best, each by itself. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/probe.h"

typedef struct ranked {
    double score;
    size_t electrode;
} ranked;

/* Electrodes are numbered through all subjects. */
static int compare_ranked(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return x->electrode < y->electrode ? -1 : x->electrode > y->electrode;
}

static size_t count_chosen(const bb_views *views) {
    size_t count = 0;
    for (size_t i = 0; i < views->count; ++i) count += views->list[i].chosen_count;
    return count;
}

static void rank(const bb_views *views, const bb_decoding *d, ranked *list) {
    size_t at = 0;
    for (size_t i = 0; i < views->count; ++i)
        for (size_t e = 0; e < views->list[i].chosen_count; ++e, ++at)
            list[at] = (ranked){isnan(d[at].score) ? -INFINITY : d[at].score, views->list[i].chosen[e]};
    qsort(list, at, sizeof *list, compare_ranked);
}

/* Of a view what is among the best, in its old order. */
static void keep(bb_view *v, const ranked *list, size_t best) {
    size_t kept = 0;
    for (size_t e = 0; e < v->chosen_count; ++e)
        for (size_t k = 0; k < best; ++k)
            if (list[k].electrode == v->chosen[e]) {
                v->chosen[kept++] = v->chosen[e];
                break;
            }
    v->chosen_count = kept;
}

/* Views of which nothing was chosen go. */
static void drop_empty(bb_views *views) {
    size_t kept = 0;
    for (size_t i = 0; i < views->count; ++i) {
        const bb_view own = views->list[i];
        if (own.chosen_count > 0)
            views->list[kept++] = own;
        else
            bb_view_free(&views->list[i]);
    }
    views->count = kept;
}

static void use(bb_views *views, bb_electrode_use how) {
    for (size_t i = 0; i < views->count; ++i) views->list[i].use = how;
}

bb_status bb_probe_rank(bb_probe_run *run, bb_views *views, bb_error *err) {
    const size_t best = (size_t)run->o->best, all = count_chosen(views);
    if (best == 0 || best >= all || views->list[0].stacked) return BB_OK;
    bb_decoding_options o = bb_probe_decoding(run);
    bb_decoding *d = NULL;
    ranked *list = bb_calloc(all, sizeof *list);
    o.decoder = BB_DECODER_CONVEX;
    o.controls = o.draws = 0;
    o.repeats = 1;
    use(views, BB_ELECTRODES_EACH);
    bb_status status = list ? bb_views_decode(views, &o, run->spec_count - 1, "ranking electrodes", &d, err)
                            : bb_fail(err, BB_ERR_MEMORY, "no memory to rank electrodes");
    if (status == BB_OK) rank(views, d, list);
    bb_decodings_free(d, (int64_t)all);
    use(views, run->o->electrodes);
    for (size_t i = 0; i < views->count && status == BB_OK; ++i) keep(&views->list[i], list, best);
    bb_free(list);
    if (status != BB_OK) return status;
    drop_empty(views);
    bb_results_warn(
        run,
        "the %zu of %zu electrodes at which the voltage decodes best, as found on the windows that "
        "are scored here: their scores are too high for a new session",
        best, all);
    return BB_OK;
}
