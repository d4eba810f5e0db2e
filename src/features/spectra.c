#include "features/spectra.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* What the method does not look at does not count. */
static bool same_recipe(const bb_spectrogram_recipe *a, const bb_spectrogram_recipe *b) {
    bb_recipe p = bb_recipe_default(), q = p;
    p.spectrogram = *a, q.spectrogram = *b;
    char *first = bb_recipe_to_json(&p), *second = bb_recipe_to_json(&q);
    const bool same = first && second && a->rate_hz == b->rate_hz && strcmp(first, second) == 0;
    free(first);
    free(second);
    return same;
}

static bb_status add(bb_spectra *s, const bb_spectrogram_recipe *recipe, const bb_survey *survey,
                     bb_error *err) {
    if (recipe->rate_hz != survey->rate_hz)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "spectrogram: expected a recipe for the signal's %g Hz, found %g Hz", survey->rate_hz,
                       recipe->rate_hz);
    if (bb_grow((void **)&s->list, &s->room, s->count + 1, sizeof *s->list))
        return bb_fail(err, BB_ERR_MEMORY, "no memory for a spectrogram");
    bb_spectrum *x = &s->list[s->count];
    x->recipe = *recipe;
    BB_TRY(bb_spectrogram_plan_create(recipe, &x->plan, err));
    ++s->count;
    x->frames = bb_spectrogram_frames(x->plan, survey->samples);
    if (x->frames < 1)
        return bb_fail(err, BB_ERR_ARGUMENT, "spectrogram: windows of %g s leave no frame", survey->window_s);
    return BB_OK;
}

bb_status bb_spectra_find(bb_spectra *s, const bb_spectrogram_recipe *recipe, const bb_survey *survey,
                          size_t *place, bb_error *err) {
    for (*place = 0; *place < s->count; ++*place)
        if (same_recipe(&s->list[*place].recipe, recipe)) return BB_OK;
    return add(s, recipe, survey, err);
}

size_t bb_spectra_sessions(const bb_spectra *s) {
    size_t sessions = 0;
    for (size_t i = 0; i < s->count; ++i)
        sessions += s->list[i].wanted && s->list[i].recipe.normalization == BB_NORMALIZE_SESSION;
    return sessions;
}

bb_status bb_spectra_prepare(bb_spectra *s, const bb_survey *survey, int threads, bb_error *err) {
    for (size_t i = 0; i < s->count; ++i) {
        bb_spectrum *x = &s->list[i];
        if (!x->wanted) continue;
        x->scratch = bb_calloc((size_t)threads, bb_spectrogram_scratch(x->plan, survey->samples));
        x->data = bb_calloc((size_t)(survey->channels * x->frames * x->recipe.bins), sizeof *x->data);
        if (!x->scratch || !x->data)
            return bb_fail(err, BB_ERR_MEMORY, "no memory for spectrograms of %lld channels",
                           (long long)survey->channels);
    }
    return BB_OK;
}

bb_status bb_spectra_compute(bb_spectra *s, const bb_survey *survey, const double *window, int64_t stride,
                             int threads, bb_error *err) {
    for (size_t i = 0; i < s->count; ++i) {
        bb_spectrum *x = &s->list[i];
        if (!x->wanted) continue;
        BB_TRY(bb_spectrogram_compute_many(x->plan, window, stride, survey->channels, survey->samples,
                                           x->scales ? bb_session_scales_get(x->scales) : NULL, threads,
                                           x->scratch, x->data, err));
    }
    return BB_OK;
}

void bb_spectra_free(bb_spectra *s) {
    for (size_t i = 0; i < s->count; ++i) {
        bb_spectrogram_plan_destroy(s->list[i].plan);
        bb_session_scales_destroy(s->list[i].scales);
        bb_free(s->list[i].scratch);
        bb_free(s->list[i].data);
    }
    bb_free(s->list);
    *s = (bb_spectra){0};
}
