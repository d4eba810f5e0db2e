/* Recordings are opened twice, one at a time: for their events, from which all trials follow, and for the
 * features of these. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/probe.h"

/* ---------------------------------------------------------------- who is who */

static bool same(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

static char *copy(const char *text) { return text ? bb_strdup(text) : NULL; }

/* Subjects and sessions by number, in order of appearance. */
static void number(bb_probe_run *run, size_t r) {
    bb_probe_recording *own = &run->recordings[r];
    own->subject_id = own->session_id = -1;
    int subjects = 0, sessions = 0;
    for (size_t i = 0; i < r; ++i) {
        const bb_probe_recording *other = &run->recordings[i];
        const bool one = same(other->subject, own->subject);
        if (one) own->subject_id = other->subject_id;
        if (one && own->session && same(other->session, own->session)) own->session_id = other->session_id;
        if (other->subject_id >= subjects) subjects = other->subject_id + 1;
        if (other->session_id >= sessions) sessions = other->session_id + 1;
    }
    if (own->subject_id < 0) own->subject_id = subjects;
    if (own->session_id < 0) own->session_id = sessions; /* without a name a recording is a session */
}

static void remark(const bb_probe_run *run, const bb_recording_info *info, const char *what) {
    char text[BB_ERROR_LENGTH];
    if (!run->o->remark) return;
    snprintf(text, sizeof text, "%s: warning: %s", info->path, what);
    run->o->remark(run->o->context, text);
}

static bb_status take_recording(bb_probe_run *run, size_t r, bb_recording *recording, bb_error *err) {
    const bb_recording_info *info = bb_recording_get_info(recording);
    bb_probe_recording *own = &run->recordings[r];
    own->path = copy(info->path);
    own->subject = copy(info->subject);
    own->session = copy(info->session);
    own->channel_count = info->channel_count;
    if (!run->coordinate_system) run->coordinate_system = copy(info->coordinate_system);
    if (!run->coordinate_unit) run->coordinate_unit = copy(info->coordinate_unit);
    if (info->coordinate_system && !same(info->coordinate_system, run->coordinate_system))
        remark(run, info, "its positions are in another system than those before, and stand beside them");
    number(run, r);
    for (size_t i = 0; i < info->warning_count; ++i) remark(run, info, info->warnings[i]);
    char mains[128];
    const bb_signal_recipe recipe = bb_signal_recipe_for(&run->o->recipe.signal, &run->o->wishes, info);
    if (r == 0 && bb_mains_remark(&recipe, &run->o->wishes, info, mains, sizeof mains))
        remark(run, info, mains);
    return bb_task_add(run->task, info, err);
}

/* ---------------------------------------------------------------- trials */

static bb_status make_task(bb_probe_run *run, bb_error *err) {
    BB_TRY(bb_task_create(&run->o->task, &run->task, err));
    for (size_t r = 0; r < run->recording_count; ++r) {
        bb_recording *recording;
        BB_TRY(bb_recording_open(bb_sources_get(run->sources, r)->path, &run->o->recording, &recording, err));
        const bb_status status = take_recording(run, r, recording, err);
        bb_recording_close(recording);
        BB_TRY(status);
    }
    BB_TRY(bb_task_finish(run->task, err));
    run->info = bb_task_get_info(run->task);
    return BB_OK;
}

/* Room for as many as each recording has trials. */
static bb_status reserve_onsets(bb_probe_run *run, bb_error *err) {
    const size_t trials = run->info->trial_count;
    run->onset_of = bb_calloc(trials, sizeof *run->onset_of);
    bool fits = run->onset_of != NULL;
    for (size_t i = 0; i < trials; ++i) ++run->recordings[run->info->trials[i].recording].onset_count;
    for (size_t r = 0; r < run->recording_count; ++r) {
        bb_probe_recording *own = &run->recordings[r];
        own->onsets = bb_calloc(own->onset_count, sizeof *own->onsets);
        own->onset_count = 0;
        fits = fits && own->onsets;
    }
    return fits ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for %zu trials", trials);
}

/* The windows of each recording: its trials' starts; those of several channels at one time once. */
static bb_status list_onsets(bb_probe_run *run, bb_error *err) {
    BB_TRY(reserve_onsets(run, err));
    for (size_t i = 0; i < run->info->trial_count; ++i) { /* by recording and start */
        const bb_trial *t = &run->info->trials[i];
        bb_probe_recording *r = &run->recordings[t->recording];
        const bool again = r->onset_count > 0 && r->onsets[r->onset_count - 1] == t->start_s;
        if (!again) r->onsets[r->onset_count++] = t->start_s;
        run->onset_of[i] = r->onset_count - 1;
    }
    return BB_OK;
}

/* ---------------------------------------------------------------- features */

static int tell(void *context, int64_t done, int64_t total) {
    const bb_probe_run *run = context;
    return run->o->progress ? run->o->progress(run->o->context, "features", done, total) : 0;
}

static bb_feature_options feature_options(bb_probe_run *run, const bb_recording_info *info,
                                          const bb_probe_recording *r) {
    bb_feature_options o = {.windows = bb_window_options_default(),
                            .one_electrode = run->o->task.channels_are_trials,
                            .cache = run->o->cache,
                            .progress = tell,
                            .progress_context = run,
                            .ranks = run->o->ranks};
    o.windows.signal = bb_signal_recipe_for(&run->o->recipe.signal, &run->o->wishes, info);
    o.windows.window_s = run->info->window_s;
    o.windows.onsets_s = r->onsets;
    o.windows.onset_count = r->onset_count;
    o.windows.channels = run->o->channels;
    o.windows.bads = run->o->bads;
    o.windows.pass_absent = run->recording_count > 1;
    o.windows.threads = run->o->decoding.threads;
    return o;
}

static bb_status add_electrode(bb_probe_run *run, const bb_probe_recording *r, const char *name,
                               const bb_channel *channel, size_t *out, bb_error *err) {
    for (size_t e = 0; e < run->electrode_count; ++e)
        if (run->electrodes[e].subject_id == r->subject_id && strcmp(run->electrodes[e].name, name) == 0)
            return *out = e, BB_OK;
    if (bb_grow((void **)&run->electrodes, &run->electrode_room, run->electrode_count + 1,
                sizeof *run->electrodes))
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %zu electrodes", run->electrode_count);
    bb_electrode *e = &run->electrodes[run->electrode_count];
    *e = (bb_electrode){.name = bb_strdup(name), .subject = copy(r->subject), .subject_id = r->subject_id};
    if (channel) {
        e->group = copy(channel->group);
        e->region = copy(channel->region);
        e->has_position = channel->has_position;
        memcpy(e->position, channel->position, sizeof e->position);
    }
    *out = run->electrode_count++;
    return e->name ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for an electrode");
}

/* The file's name without its folders and ending: what an electrode is called whose trials are channels. */
static void stem(const char *path, char out[BB_SPEC_NAME]) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *point = strrchr(name, '.');
    snprintf(out, BB_SPEC_NAME, "%.*s", point ? (int)(point - name) : (int)strlen(name), name);
}

static bb_status match_channels(bb_probe_run *run, bb_probe_recording *r, bb_error *err) {
    const bb_feature_set_info *set = bb_feature_set_get_info(r->sets[0]);
    const size_t room = run->electrode_count + (size_t)set->channels;
    size_t e;
    r->channel_of_count = room;
    r->channel_of = bb_calloc(room, sizeof *r->channel_of);
    r->trial_channel = bb_calloc(r->channel_count, sizeof *r->trial_channel);
    if (!r->channel_of || !r->trial_channel)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %zu electrodes", room);
    for (size_t i = 0; i < room; ++i) r->channel_of[i] = -1;
    for (size_t i = 0; i < r->channel_count; ++i) r->trial_channel[i] = -1;
    if (run->o->task.channels_are_trials) {
        char name[BB_SPEC_NAME];
        stem(r->path, name);
        for (int64_t c = 0; c < set->channels; ++c) r->trial_channel[set->sources[c]] = c;
        BB_TRY(add_electrode(run, r, name, NULL, &e, err));
        r->channel_of[e] = 0;
        return BB_OK;
    }
    for (int64_t c = 0; c < set->channels; ++c) {
        BB_TRY(add_electrode(run, r, set->channel_names[c], set->electrodes[c], &e, err));
        r->channel_of[e] = c;
    }
    return BB_OK;
}

static bb_status compute(bb_probe_run *run, size_t index, bb_error *err) {
    bb_probe_recording *r = &run->recordings[index];
    bb_recording *recording;
    if (r->onset_count == 0) return BB_OK;
    BB_TRY(bb_recording_open(bb_sources_get(run->sources, index)->path, &run->o->recording, &recording, err));
    bb_feature_spec specs[BB_PROBE_SPECS];
    for (size_t s = 0; s < run->spec_count; ++s) specs[s] = run->specs[s].spec;
    const bb_feature_options o = feature_options(run, bb_recording_get_info(recording), r);
    bb_status status = bb_features_compute(recording, &o, specs, run->spec_count, r->sets, err);
    if (status == BB_OK) status = match_channels(run, r, err);
    bb_recording_close(recording);
    return status;
}

bb_status bb_probe_gather(bb_probe_run *run, bb_error *err) {
    run->recording_count = bb_sources_count(run->sources);
    run->recordings = bb_calloc(run->recording_count, sizeof *run->recordings);
    if (!run->recordings)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %zu recordings", run->recording_count);
    BB_TRY(make_task(run, err));
    BB_TRY(list_onsets(run, err));
    for (size_t r = 0; r < run->recording_count; ++r) BB_TRY(compute(run, r, err));
    return BB_OK;
}
