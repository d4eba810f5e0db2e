#include "embed_model.h"

#include <string.h>

static void remark(const embed_options *o, const bb_model_info *m) {
    if (m->heads_assumed)
        complain(0, "%s: warning: the number of heads is not in the file: %d assumed (--heads says another)",
                 m->path, m->config.heads);
    if (!m->trained) complain(0, "%s: warning: its weights are untrained", m->path);
    if (m->recipe_stated && m->trained && o->window > 1.01 * m->recipe.window_s)
        complain(0, "%s: warning: it was trained on windows of %g s, --window asks for %g s", m->path,
                 m->recipe.window_s, o->window);
}

/* The call's word counts, also against the model's recipe. */
static void choose_normalization(const embed_options *o, const bb_model_info *m, bool quiet,
                                 bb_spectrogram_recipe *r) {
    const bool by_session = strcmp(o->normalize, "session") == 0;
    if (by_session == (r->normalization == BB_NORMALIZE_SESSION)) return;
    bb_spectrogram_normalize(r, o->normalize); /* checked before */
    if (m->trained && !quiet)
        complain(0, "%s: warning: it was trained on spectrograms normalised by %s, not by %s", m->path,
                 by_session ? "window" : "session", o->normalize);
}

/* A trained model wants what it was trained on; an untrained one takes any spectrogram of its number of bins.
 */
static bb_status choose_spectrogram(const embed_options *o, const bb_model_info *m, bool quiet,
                                    bb_recipe *recipe, bb_error *err) {
    method_options method = o->method;
    if (method_said(&method) && m->trained)
        return fail(err, BB_ERR_ARGUMENT,
                    "%s: its recipe says how its spectrograms are made: expected no --method or the like",
                    m->path);
    if (method_said(&method)) {
        if (method.bins < 0) method.bins = m->config.input_dim;
        method_recipe(&method, recipe->signal.rate_hz, &recipe->spectrogram); /* checked before */
    }
    if (o->normalize) choose_normalization(o, m, quiet, &recipe->spectrogram);
    return BB_OK;
}

bb_status embed_model_open(const embed_options *o, const common_options *common, bb_model **model,
                           bb_recipe *recipe, bb_error *err) {
    const bb_status status = bb_model_open(o->model, (int)o->heads, model, err);
    if (status != BB_OK) return status;
    const bb_model_info *m = bb_model_get_info(*model);
    *recipe = m->recipe;
    if (!common->quiet) remark(o, m);
    return choose_spectrogram(o, m, common->quiet, recipe, err);
}

int embed_model_check(const embed_options *o) {
    if (!o->normalize || strcmp(o->normalize, "window") == 0 || strcmp(o->normalize, "session") == 0)
        return -1;
    return complain(EXIT_USAGE, "--normalize: expected window or session, found '%s'", o->normalize);
}
