/* Curves: how well is told what was learned from few windows. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/probe.h"

/* Windows to learn from in the smallest fold. */
static int64_t most_shots(const bb_views *views) {
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < views->count; ++i) {
        const bb_split *split = bb_decoding_plan_split(views->list[i].plan);
        for (int k = 0; k < bb_split_folds(split); ++k) {
            const bb_fold *f = bb_split_fold(split, k);
            const int64_t count = f->train_count + f->validation_count;
            if (count < least) least = count;
        }
    }
    return least;
}

typedef struct curve_point {
    double mean, squares; /* over runs, of the mean over electrodes */
    double *draws;        /* [draws] */
} curve_point;

static bb_status run_shots(const bb_views *views, size_t spec, int64_t shots, int run, int draws,
                           curve_point *p, bb_error *err) {
    bb_decoding_options o = bb_probe_decoding(views->list[0].run);
    bb_decoding *d = NULL;
    bb_decoding_mean mean;
    o.shots = shots;
    o.controls = 0;
    o.draws = draws;
    o.shot_run = run;
    const int64_t count = bb_views_decodings(views);
    bb_status status = bb_views_decode(views, &o, spec, "learning from few", &d, err);
    if (status == BB_OK) status = bb_decoding_average(d, count, draws, 0, &mean, err);
    if (status == BB_OK) {
        p->mean += mean.score;
        p->squares += mean.score * mean.score;
        for (int k = 0; k < draws && mean.electrodes == 0; ++k) p->draws[k] = NAN;
        for (int64_t e = 0; e < count; ++e)
            for (int k = 0; k < draws && isfinite(d[e].score); ++k)
                p->draws[k] += d[e].draws[k] / (double)mean.electrodes;
    }
    bb_decodings_free(d, count);
    return status;
}

static bb_status add_point(bb_probe_run *run, const bb_views *views, size_t spec, int64_t shots,
                           bb_error *err) {
    enum { DRAWS = 200 };
    const int runs = run->o->runs;
    curve_point p = {.draws = bb_calloc(DRAWS, sizeof *p.draws)};
    bb_status status = p.draws ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for a curve");
    for (int r = 0; r < runs && status == BB_OK; ++r)
        status = run_shots(views, spec, shots, r, DRAWS, &p, err);
    bb_interval range;
    for (int k = 0; k < DRAWS && status == BB_OK; ++k) p.draws[k] /= runs;
    if (status == BB_OK) status = bb_percentile_interval(p.draws, DRAWS, 0.95, &range, err);
    if (status == BB_OK) {
        const double mean = p.mean / runs;
        bb_results_add_point(run, spec, shots, mean, sqrt(fmax(0, p.squares / runs - mean * mean)), range);
    }
    bb_free(p.draws);
    return status;
}

bb_status bb_probe_few_shots(bb_probe_run *run, const bb_views *views, bb_error *err) {
    const int64_t most = most_shots(views);
    for (size_t s = 0; s < run->spec_count; ++s)
        for (int k = 0; k < run->o->shot_count && run->specs[s].shown; ++k)
            if (run->o->shots[k] <= most) BB_TRY(add_point(run, views, s, run->o->shots[k], err));
    int beyond = 0;
    for (int k = 0; k < run->o->shot_count; ++k) beyond += run->o->shots[k] > most;
    if (beyond > 0)
        bb_results_warn(run,
                        "few-shot curves end at %lld windows: that is all there is to learn from in a fold",
                        (long long)most);
    return BB_OK;
}
