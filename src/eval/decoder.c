#include "brainbert/decoder.h"

#include <math.h>
#include <omp.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/fit.h"
#include "eval/row_kernels.h"
#include "eval/targets.h"

bb_fit_options bb_fit_options_default(void) { return (bb_fit_options){.strength = 1, .tolerance = 1e-6}; }

static bb_status solve(const bb_design *d, const bb_decoder_targets *t, const bb_fit_options *o, int threads,
                       double *w, int *evaluations, bb_error *err) {
    bb_metric metric;
    bb_status status = bb_metric_create(d->dim, d->squares, o->strength * bb_fit_bound(t), &metric, err);
    if (status == BB_OK)
        status = bb_fit(d, t, o->strength, &metric, o->tolerance, threads, w, evaluations, err);
    bb_metric_free(&metric);
    return status;
}

static bb_status keep(const bb_design *d, const bb_decoder_targets *t, const double *w,
                      bb_linear_decoder *out, bb_error *err) {
    out->outputs = bb_fit_outputs(t);
    out->dim = d->x->dim;
    out->weights = bb_calloc((size_t)(out->outputs * out->dim), sizeof *out->weights);
    out->intercepts = bb_calloc((size_t)out->outputs, sizeof *out->intercepts);
    if (!out->weights || !out->intercepts) return bb_fail(err, BB_ERR_MEMORY, "no memory for a decoder");
    for (int k = 0; k < out->outputs; ++k) {
        out->intercepts[k] = w[out->outputs * d->dim + k];
        BB_TRY(
            bb_design_to_features(d, w + k * d->dim, out->weights + k * out->dim, &out->intercepts[k], err));
    }
    return BB_OK;
}

bb_status bb_decoder_fit(const bb_rows *x, const int64_t *which, int64_t count,
                         const bb_decoder_targets *targets, const bb_fit_options *options,
                         bb_linear_decoder *out, bb_error *err) {
    const int threads = options->threads > 0 ? options->threads : omp_get_num_procs();
    *out = (bb_linear_decoder){0};
    if (!(options->strength > 0 && options->strength < 1e12))
        return bb_fail(err, BB_ERR_ARGUMENT, "a decoder's strength: expected more than 0, found %g",
                       options->strength);
    BB_TRY(bb_check_targets(targets, which, count, err));
    bb_design *d;
    BB_TRY(bb_design_create(x, which, count, NULL, 0, options->standardize, threads, &d, err));
    double *w = bb_calloc((size_t)bb_fit_size(d, targets), sizeof *w);
    bb_status status = w ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory to fit a decoder");
    if (status == BB_OK) status = solve(d, targets, options, threads, w, &out->iterations, err);
    if (status == BB_OK) status = keep(d, targets, w, out, err);
    if (status != BB_OK) bb_decoder_free(out);
    bb_free(w);
    bb_design_destroy(d);
    return status;
}

void bb_decoder_free(bb_linear_decoder *decoder) {
    bb_free(decoder->weights);
    bb_free(decoder->intercepts);
    *decoder = (bb_linear_decoder){0};
}

void bb_decoder_score(const bb_linear_decoder *decoder, const bb_rows *x, const int64_t *which, int64_t count,
                      double *out) {
    const bb_row_kernels *kernels = bb_row_kernels_get();
    for (int64_t i = 0; i < count; ++i)
        for (int k = 0; k < decoder->outputs; ++k)
            out[i * decoder->outputs + k] = kernels->dot(x->data + (which ? which[i] : i) * x->stride,
                                                         decoder->weights + k * decoder->dim, decoder->dim) +
                                            decoder->intercepts[k];
}
