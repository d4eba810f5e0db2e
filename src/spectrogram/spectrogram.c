/* The one way to a spectrogram, whatever its method: magnitudes of the frames that are needed, normalisation,
 * trimming. */
#include "brainbert/spectrogram.h"

#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "spectrogram/stft.h"
#include "spectrogram/wavelets.h"

struct bb_spectrogram_plan {
    bb_spectrogram_recipe recipe;
    bb_stft *stft; /* one of the two */
    bb_wavelets *wavelets;
};

static const char *const names[] = {[BB_SPECTROGRAM_STFT] = "stft",
                                    [BB_SPECTROGRAM_SUPERLET] = "superlet",
                                    [BB_SPECTROGRAM_MORLET] = "morlet"};

const char *bb_spectrogram_method_name(bb_spectrogram_method method) { return names[method]; }

int bb_spectrogram_method_from_name(const char *name, bb_spectrogram_method *out) {
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strcmp(name, names[i]) == 0) return *out = (bb_spectrogram_method)i, 1;
    return 0;
}

bb_spectrogram_recipe bb_spectrogram_recipe_for(bb_spectrogram_method method) {
    bb_spectrogram_recipe r = {.method = method,
                               .rate_hz = 2048,
                               .hop = 50,
                               .bins = 40,
                               .trim = 10,
                               .normalization = BB_NORMALIZE_WINDOW_TRIM_FIRST,
                               .segment = 400,
                               .low_hz = 0.1,
                               .high_hz = 200,
                               .cycles = 1,
                               .order_min = 3,
                               .order_max = 30,
                               .adaptive = 1};
    if (method == BB_SPECTROGRAM_STFT) r.normalization = BB_NORMALIZE_WINDOW;
    if (method == BB_SPECTROGRAM_SUPERLET) r.trim = 5;
    if (method == BB_SPECTROGRAM_MORLET) {
        r.hop = 60;
        r.bins = 48;
        r.low_hz = 10;
        r.high_hz = 198;
        r.cycles = 7;
    }
    return r;
}

bb_spectrogram_recipe bb_spectrogram_recipe_default(void) {
    return bb_spectrogram_recipe_for(BB_SPECTROGRAM_STFT);
}

bb_spectrogram_recipe bb_spectrogram_recipe_demo(void) {
    bb_spectrogram_recipe recipe = bb_spectrogram_recipe_default();
    recipe.trim = 5;
    recipe.normalization = BB_NORMALIZE_WINDOW_TRIM_FIRST;
    return recipe;
}

int bb_spectrogram_normalize(bb_spectrogram_recipe *r, const char *name) {
    if (strcmp(name, "window") == 0)
        r->normalization = bb_spectrogram_recipe_for(r->method).normalization;
    else if (strcmp(name, "session") == 0)
        r->normalization = BB_NORMALIZE_SESSION;
    else if (strcmp(name, "none") == 0)
        r->normalization = BB_NORMALIZE_NONE;
    else
        return 0;
    return 1;
}

/* ---------------------------------------------------------------- the plan */

static bb_status check_recipe(const bb_spectrogram_recipe *r, bb_error *err) {
    if ((unsigned)r->method >= sizeof names / sizeof *names)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "spectrogram: unknown method %d", (int)r->method);
    if (!(r->rate_hz > 0) || r->hop < 1 || r->hop > 1 << 16 || r->bins < 1 || r->trim < 0)
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "spectrogram: expected a hop of 1 to 65536 samples, 1 bin or more and a trim of 0 or more, "
            "found %d, %d, %d at %g Hz",
            r->hop, r->bins, r->trim, r->rate_hz);
    return BB_OK;
}

bb_status bb_spectrogram_plan_create(const bb_spectrogram_recipe *recipe, bb_spectrogram_plan **out,
                                     bb_error *err) {
    *out = NULL;
    BB_TRY(check_recipe(recipe, err));
    bb_spectrogram_plan *p = bb_calloc(1, sizeof *p);
    if (!p) return bb_fail(err, BB_ERR_MEMORY, "no memory for a spectrogram plan");
    p->recipe = *recipe;
    const bb_status status = recipe->method == BB_SPECTROGRAM_STFT
                                 ? bb_stft_create(recipe, &p->stft, err)
                                 : bb_wavelets_create(recipe, &p->wavelets, err);
    if (status == BB_OK)
        *out = p;
    else
        bb_spectrogram_plan_destroy(p);
    return status;
}

void bb_spectrogram_plan_destroy(bb_spectrogram_plan *p) {
    if (!p) return;
    bb_stft_destroy(p->stft);
    bb_wavelets_destroy(p->wavelets);
    bb_free(p);
}

const bb_spectrogram_recipe *bb_spectrogram_plan_recipe(const bb_spectrogram_plan *p) { return &p->recipe; }

static int64_t untrimmed_frames(const bb_spectrogram_plan *p, int64_t samples) {
    if (samples < 1) return 0;
    return p->stft ? bb_stft_frames(&p->recipe, samples) : bb_wavelets_frames(&p->recipe, samples);
}

int64_t bb_spectrogram_frames(const bb_spectrogram_plan *p, int64_t samples) {
    return samples < 1 ? 0 : untrimmed_frames(p, samples) - 2 * (int64_t)p->recipe.trim;
}

double bb_spectrogram_frame_time(const bb_spectrogram_plan *p, int64_t frame) {
    return (double)((frame + p->recipe.trim) * p->recipe.hop) / p->recipe.rate_hz;
}

double bb_spectrogram_bin_frequency(const bb_spectrogram_plan *p, int bin) {
    return p->stft ? bin * p->recipe.rate_hz / p->recipe.segment : bb_wavelets_frequency(&p->recipe, bin);
}

/* The frames that are computed: those that are kept, and the trimmed ones where they count for the z-score.
 */
static void computed_frames(const bb_spectrogram_plan *p, int64_t samples, int64_t *first, int64_t *frames) {
    const bool all = p->recipe.normalization == BB_NORMALIZE_WINDOW;
    *first = all ? 0 : p->recipe.trim;
    *frames = all ? untrimmed_frames(p, samples) : bb_spectrogram_frames(p, samples);
    if (*frames < 0) *frames = 0;
}

/* ---------------------------------------------------------------- computing */

static size_t aligned(size_t bytes) { return (bytes + BB_ALIGNMENT - 1) / BB_ALIGNMENT * BB_ALIGNMENT; }

static size_t method_scratch(const bb_spectrogram_plan *p, int64_t samples, int64_t frames) {
    return aligned(p->stft ? bb_stft_scratch(p->stft, frames)
                           : bb_wavelets_scratch(p->wavelets, samples, frames));
}

size_t bb_spectrogram_scratch(const bb_spectrogram_plan *p, int64_t samples) {
    int64_t first, frames;
    computed_frames(p, samples, &first, &frames);
    return method_scratch(p, samples, frames) + aligned((size_t)(frames * p->recipe.bins) * sizeof(double));
}

double bb_spectrogram_flop(const bb_spectrogram_plan *p, int64_t samples) {
    int64_t first, frames;
    computed_frames(p, samples, &first, &frames);
    if (p->wavelets) return bb_wavelets_flop(p->wavelets, samples, first, frames);
    return bb_stft_flop(p->stft, frames);
}

static bool by_window(const bb_spectrogram_recipe *r) {
    return r->normalization == BB_NORMALIZE_WINDOW || r->normalization == BB_NORMALIZE_WINDOW_TRIM_FIRST;
}

/* Mean and population sd of one bin; sd 0 -> 1. */
static void bin_statistics(const double *x, int64_t F, int64_t frames, double *mean, double *sd) {
    double sum = 0, squares = 0;
    for (int64_t t = 0; t < frames; ++t) sum += x[t * F];
    *mean = sum / (double)frames;
    for (int64_t t = 0; t < frames; ++t) squares += (x[t * F] - *mean) * (x[t * F] - *mean);
    *sd = sqrt(squares / (double)frames);
    if (*sd == 0) *sd = 1;
}

bb_status bb_spectrogram_compute(const bb_spectrogram_plan *p, const double *window, int64_t samples,
                                 const bb_session_scale *session, void *scratch, float *out, bb_error *err) {
    const bb_spectrogram_recipe *r = &p->recipe;
    const bool by_session = r->normalization == BB_NORMALIZE_SESSION;
    const int64_t kept = bb_spectrogram_frames(p, samples), F = r->bins;
    int64_t first, frames;
    if (kept < 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "spectrogram: a window of %lld samples leaves no frame after trimming %d at each end: "
                       "expected at least %lld samples",
                       (long long)samples, r->trim,
                       (long long)((2LL * r->trim + (p->stft ? -1 : 0)) * r->hop + 1));
    if (by_session && !session)
        return bb_fail(err, BB_ERR_ARGUMENT, "spectrogram: expected the channel's session, found none");
    computed_frames(p, samples, &first, &frames);
    double *magnitudes = (double *)(void *)((char *)scratch + method_scratch(p, samples, frames));
    if (p->stft)
        bb_stft_magnitudes(p->stft, window, samples, first, frames, scratch, magnitudes);
    else
        bb_wavelets_magnitudes(p->wavelets, window, samples, first, frames, scratch, magnitudes);
    const double *wanted = magnitudes + (r->trim - first) * F;
    for (int64_t k = 0; k < F; ++k) {
        double mean = 0, sd = 1;
        if (by_window(r)) bin_statistics(magnitudes + k, F, frames, &mean, &sd);
        for (int64_t t = 0; t < kept; ++t) {
            const double z = (wanted[t * F + k] - mean) / sd;
            out[t * F + k] = isnan(z) && !by_session ? 0 : (float)z;
        }
    }
    if (by_session) bb_session_normalize(out, kept, r->bins, session);
    return BB_OK;
}

bb_status bb_spectrogram_compute_many(const bb_spectrogram_plan *p, const double *windows, int64_t stride,
                                      int64_t count, int64_t samples, const bb_session_scale *sessions,
                                      int threads, void *scratch, float *out, bb_error *err) {
    const int64_t size = bb_spectrogram_frames(p, samples) * p->recipe.bins;
    const size_t bytes = bb_spectrogram_scratch(p, samples);
    bb_status status = BB_OK;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int64_t i = 0; i < count; ++i) {
        bb_error own = {0};
        const bb_status one = bb_spectrogram_compute(
            p, windows + i * stride, samples, sessions ? sessions + i : NULL,
            (char *)scratch + (size_t)omp_get_thread_num() * bytes, out + i * size, &own);
        if (one != BB_OK) {
#pragma omp critical
            {
                status = one;
                if (err) *err = own;
            }
        }
    }
    return status;
}
