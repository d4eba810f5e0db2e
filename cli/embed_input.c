#include "embed_input.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"

static bb_status load_events(const embed_options *o, embed_input *in, bb_error *err) {
    const bb_recording_info *info = bb_recording_get_info(in->recording);
    size_t count = info->event_count;
    in->items = info->events;
    if (strcmp(o->events, "annotations") != 0) {
        const bb_status status = bb_events_read(o->events, &in->events, err);
        if (status != BB_OK) return status;
        in->items = in->events.items;
        count = in->events.count;
    }
    if (count == 0)
        return fail(err, BB_ERR_ARGUMENT, "%s: expected events, found none",
                    strcmp(o->events, "annotations") ? o->events : info->path);
    in->onsets = calloc(count, sizeof *in->onsets);
    if (!in->onsets) return fail(err, BB_ERR_MEMORY, "no memory for %zu events", count);
    for (size_t i = 0; i < count; ++i) in->onsets[i] = in->items[i].onset_s;
    in->events.count = count;
    return BB_OK;
}

static void remark(const embed_input *in, double default_window_s) {
    const bb_recording_info *r = bb_recording_get_info(in->recording);
    const bb_window_info *w = bb_window_stream_info(in->stream);
    if (w->whole_recording)
        complain(0,
                 "%s: warning: %.3g s are shorter than a window of %g s: one window of the whole recording",
                 r->path, r->duration_s, default_window_s);
    if (w->dropped_onsets)
        complain(0, "%s: warning: %zu event%s left out: their windows leave the recording", r->path,
                 w->dropped_onsets, w->dropped_onsets == 1 ? "" : "s");
}

static bb_status measure(embed_input *in, const bb_window_options *w, const bb_spectrogram_recipe *recipe,
                         const common_options *common, bb_error *err) {
    progress_line line = progress_begin("measuring the session", common);
    const bb_status status =
        bb_session_measure(in->recording, w, recipe, progress_update, &line, &in->scales, err);
    progress_end(&line);
    return status;
}

bb_status embed_input_open(embed_input *in, const embed_options *o, const common_options *common,
                           const bb_model_info *model, const bb_spectrogram_recipe *session, const char *path,
                           bb_error *err) {
    bb_status status = source_fits(&o->source, &model->recipe.signal, err);
    if (status == BB_OK) status = source_open(&o->source, path, &in->recording, err);
    if (status != BB_OK) return status;
    const bb_recording_info *info = bb_recording_get_info(in->recording);
    source_warn(info, common->quiet);
    source_warn_mains(&o->source, &model->recipe.signal, info, common->quiet);
    /* The table's onsets are the clock's, of which the file's own annotations alone know the gaps. */
    if (o->events && info->has_gaps && strcmp(o->events, "annotations") != 0)
        return fail(err, BB_ERR_UNSUPPORTED,
                    "%s: the recording has gaps, so that onsets from %s cannot be placed in it; --events "
                    "annotations uses its own",
                    info->path, o->events);
    if (o->events && (status = load_events(o, in, err)) != BB_OK) return status;
    bb_window_options w = bb_window_options_default();
    w.signal = source_recipe(&o->source, &model->recipe.signal, info);
    w.window_s = isnan(o->window) ? 0 : o->window;
    w.default_window_s = model->recipe.window_s;
    w.stride_s = isnan(o->stride) ? 0 : o->stride;
    w.onsets_s = in->onsets;
    w.onset_count = in->onsets ? in->events.count : 0;
    w.offset_s = isnan(o->offset) ? -0.5 * (w.window_s > 0 ? w.window_s : w.default_window_s) : o->offset;
    w.channels = o->source.channels;
    w.bads = o->source.bads;
    w.threads = (int)common->threads;
    in->signal = w.signal;
    if (session) status = measure(in, &w, session, common, err);
    if (o->stream_threads) w.threads = o->stream_threads;
    if (status == BB_OK) status = bb_window_stream_create(in->recording, &w, &in->stream, err);
    if (status == BB_OK && !common->quiet) remark(in, model->recipe.window_s);
    return status;
}

char *embed_input_asked(const embed_options *o) {
    const source_options *s = &o->source;
    const char *const words[] = {s->channels, s->bads, s->data, s->rate_from, s->names, s->unit, s->labels};
    char *list = NULL;
    size_t size = 0;
    FILE *text = open_memstream(&list, &size);
    if (!text) return NULL;
    fprintf(text, "%.17g", s->rate);
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
        if (words[i])
            fprintf(text, " %zu %s", strlen(words[i]), words[i]);
        else
            fputs(" none", text);
    fclose(text);
    return list;
}

const bb_session_scale *embed_input_sessions(const embed_input *in) {
    return in->scales ? bb_session_scales_get(in->scales) : NULL;
}

void embed_input_close(embed_input *in) {
    bb_session_scales_destroy(in->scales);
    bb_window_stream_destroy(in->stream);
    bb_recording_close(in->recording);
    if (in->events.items) bb_events_free(&in->events);
    free(in->onsets);
}

bb_status embed_inputs_agree(const embed_input *first, const embed_input *other, bb_error *err) {
    const bb_window_info *a = bb_window_stream_info(first->stream), *b = bb_window_stream_info(other->stream);
    const bb_signal_recipe *p = &first->signal, *q = &other->signal;
    const char *path = bb_recording_get_info(other->recording)->path,
               *first_path = bb_recording_get_info(first->recording)->path;
    if (p->notch_hz != q->notch_hz || p->highpass_hz != q->highpass_hz || p->reference != q->reference ||
        p->bandpass_low_hz != q->bandpass_low_hz || p->bandpass_high_hz != q->bandpass_high_hz)
        return fail(err, BB_ERR_ARGUMENT,
                    "%s: its signal would be treated otherwise than that of %s: say --notch, --highpass "
                    "and --reference, or use one call each",
                    path, first_path);
    bool alike = a->channel_count == b->channel_count && a->samples == b->samples;
    for (size_t c = 0; alike && c < a->channel_count; ++c)
        alike = strcmp(a->channels[c], b->channels[c]) == 0;
    if (alike) return BB_OK;
    return fail(err, BB_ERR_ARGUMENT,
                "%s: expected the %zu channels and %g s windows of %s, found %zu other ones of %g s: "
                "one call each, or --channels",
                path, a->channel_count, a->window_s, first_path, b->channel_count, b->window_s);
}

/* ---------------------------------------------------------------- electrodes */

bb_status embed_electrodes_begin(embed_electrodes *e, const embed_input *first, bb_error *err) {
    const bb_recording_info *r = bb_recording_get_info(first->recording);
    const bb_window_info *w = bb_window_stream_info(first->stream);
    e->channels = calloc(w->channel_count, sizeof *e->channels);
    e->list = calloc(w->channel_count, sizeof *e->list);
    if (!e->channels || !e->list)
        return fail(err, BB_ERR_MEMORY, "no memory for %zu channels", w->channel_count);
    for (size_t c = 0; c < w->channel_count; ++c) {
        e->channels[c] = r->channels[w->sources[c]];
        e->list[c] = &e->channels[c];
    }
    e->coordinate_system = r->coordinate_system;
    e->coordinate_unit = r->coordinate_unit;
    return BB_OK;
}

static bool same(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

static void keep_channel(bb_channel *own, const bb_channel *other, bool one_space) {
    const bool brain = bb_channel_is_brain(own->type) && bb_channel_is_brain(other->type);
    if (own->type != other->type) own->type = brain ? BB_CHANNEL_IEEG : BB_CHANNEL_MISC;
    own->bad = own->bad || other->bad; /* a mark in one recording is a doubt in all */
    if (!same(own->group, other->group)) own->group = NULL;
    if (!same(own->region, other->region)) own->region = NULL;
    own->has_position = own->has_position && other->has_position && one_space &&
                        memcmp(own->position, other->position, sizeof own->position) == 0;
}

void embed_electrodes_keep(embed_electrodes *e, const embed_input *other) {
    const bb_recording_info *r = bb_recording_get_info(other->recording);
    const bb_window_info *w = bb_window_stream_info(other->stream);
    const bool one_space =
        same(e->coordinate_system, r->coordinate_system) && same(e->coordinate_unit, r->coordinate_unit);
    for (size_t c = 0; c < w->channel_count; ++c)
        keep_channel(&e->channels[c], &r->channels[w->sources[c]], one_space);
    if (!one_space) e->coordinate_system = e->coordinate_unit = NULL;
}

void embed_electrodes_free(embed_electrodes *e) {
    free(e->channels);
    free(e->list);
}
