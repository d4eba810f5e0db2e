#include "probe/probe.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

int bb_electrode_use_from_name(const char *name, bb_electrode_use *out) {
    static const char *const names[] = {"each", "together", "pooled"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strcmp(name, names[i]) == 0) return *out = (bb_electrode_use)i, 1;
    return 0;
}

bb_probe_options bb_probe_options_default(void) {
    return (bb_probe_options){.task = bb_task_options_default(),
                              .split = "blocked",
                              .decoding = bb_decoding_options_default(),
                              .features = "encoder,stft,bandpower,voltage:0.25",
                              .recipe = bb_recipe_default(),
                              .wishes = bb_signal_wishes_none(),
                              .runs = 3};
}

static bb_status check(const bb_sources *sources, const bb_probe_options *o, bb_error *err) {
    static const char *const splits[] = {"blocked", "trial", "session", "subject", "published"};
    bool known = false;
    for (size_t i = 0; i < sizeof splits / sizeof *splits; ++i)
        known = known || strcmp(o->split, splits[i]) == 0;
    if (!known)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "split: expected blocked, trial, session, subject or published, found '%s'", o->split);
    if (o->best < 0 || o->runs < 1 || o->runs > 1000)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "expected 0 or more best electrodes and 1 to 1000 runs, found %d and %d", o->best,
                       o->runs);
    for (int k = 0; k < o->shot_count; ++k)
        if (o->shots[k] < 2)
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "few-shot: expected 2 windows or more to learn from, found %lld",
                           (long long)o->shots[k]);
    if (o->finetune && !o->model) return bb_fail(err, BB_ERR_ARGUMENT, "fine-tuning: expected a model");
    if (o->precision == BB_PRECISION_AUTO || (o->finetune && o->precision != BB_PRECISION_F32))
        return bb_fail(err, BB_ERR_ARGUMENT, "precision: expected %s, found %s",
                       o->finetune ? "f32 for fine-tuning" : "f32, bf16 or int8",
                       bb_precision_name(o->precision));
    if (strcmp(o->split, "subject") == 0 &&
        (o->electrodes != BB_ELECTRODES_EACH || o->best > 0 || o->finetune))
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "split by subject: one decoder serves every electrode; expected no choice of electrodes and no "
            "fine-tuning");
    if (o->electrodes != BB_ELECTRODES_EACH && o->finetune)
        return bb_fail(err, BB_ERR_ARGUMENT, "fine-tuning: expected a decoder for each electrode");
    if (bb_sources_count(sources) == 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "expected recordings, found none");
    return bb_task_check(&o->task, err);
}

static void free_electrode(bb_electrode *e) {
    bb_free(e->name);
    bb_free(e->subject);
    bb_free(e->group);
    bb_free(e->region);
}

static void free_recording(bb_probe_recording *r) {
    bb_free(r->path);
    bb_free(r->subject);
    bb_free(r->session);
    bb_free(r->onsets);
    bb_free(r->channel_of);
    bb_free(r->trial_channel);
    for (size_t s = 0; s < BB_PROBE_SPECS; ++s) bb_feature_set_destroy(r->sets[s]);
}

static void tear_down(bb_probe_run *run) {
    for (size_t e = 0; e < run->electrode_count; ++e) free_electrode(&run->electrodes[e]);
    for (size_t r = 0; r < run->recording_count && run->recordings; ++r) free_recording(&run->recordings[r]);
    bb_free(run->electrodes);
    bb_free(run->recordings);
    bb_free(run->onset_of);
    bb_free(run->coordinate_system);
    bb_free(run->coordinate_unit);
    bb_task_destroy(run->task);
    cJSON_Delete(run->json);
    cJSON_Delete(run->warnings);
}

static bb_status work(bb_probe_run *run, char **json, bb_error *err) {
    BB_TRY(check(run->sources, run->o, err));
    BB_TRY(bb_probe_specs(run, err));
    BB_TRY(bb_probe_gather(run, err));
    BB_TRY(bb_results_begin(run, err));
    BB_TRY(bb_probe_protocols(run, err));
    cJSON_AddItemToObject(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(run->json, "tasks"), 0),
                          "warnings", run->warnings);
    run->warnings = NULL;
    *json = cJSON_Print(run->json);
    return *json ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for results");
}

bb_status bb_probe(const bb_sources *sources, const bb_probe_options *options, char **json, bb_error *err) {
    bb_probe_run run = {.o = options, .sources = sources};
    *json = NULL;
    const bb_status status = work(&run, json, err);
    tear_down(&run);
    return status;
}
