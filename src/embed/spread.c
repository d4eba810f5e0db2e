#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/parts_folder.h"
#include "embed/chunk.h"
#include "embed/chunk_plan.h"
#include "embed/feature_file.h"
#include "embed/spread_key.h"
#include "ranks/collective.h"

enum { KEY_DIGITS = 16 }; /* of the key, in the names of its chunks */

typedef struct spread {
    const bb_embed_job *job;
    const bb_feature_layout *layout;
    const char *path;
    bb_parts_folder folder;
    bb_embed_identity *recordings; /* [job->recordings] */
    char key[BB_SHA256_TEXT];
    bb_chunk_plan plan;
    bool *finished; /* [plan.count] */
    int64_t *mine;  /* those this rank makes, in order */
    int64_t mine_count;
    bb_progress progress;
    void *progress_context;
    int64_t done, total; /* windows x channels, of `mine` */
    /* Of the run of chunks under way. */
    const bb_embed_source *source;
    int64_t chunk; /* being written */
    bb_chunk_writer *writer;
    bb_embed_report report;
} spread;

static bool is_first(const spread *s) { return bb_ranks_me(s->job->ranks) == 0; }

/* ---------------------------------------------------------------- recordings */

/* Rank 0 looks at all recordings, and what it saw holds for all. */
static bb_status look_at(const spread *s, size_t index, bb_error *err) {
    bb_embed_source source = {0};
    bb_status status = s->job->open(s->job->context, index, false, &source, err);
    if (status == BB_OK) status = bb_embed_identify(&source, &s->recordings[index], err);
    s->job->close(s->job->context, &source);
    return status;
}

static bb_status identify(spread *s, bb_error *err) {
    const size_t count = s->job->recordings;
    for (size_t i = 0; i < count && is_first(s); ++i) BB_TRY(look_at(s, i, err));
    if (is_first(s)) BB_TRY(bb_embed_key(s->job, s->layout, s->recordings, s->key, err));
    bb_ranks_broadcast(s->job->ranks, 0, s->recordings, count * sizeof *s->recordings);
    bb_ranks_broadcast(s->job->ranks, 0, s->key, sizeof s->key);
    return BB_OK;
}

/* Closed by the caller, also after a failure. */
static bb_status open_source(const spread *s, size_t index, bool to_embed, bb_embed_source *source,
                             bb_error *err) {
    bb_embed_identity now;
    BB_TRY(s->job->open(s->job->context, index, to_embed, source, err));
    BB_TRY(bb_embed_identify(source, &now, err));
    if (strcmp(now.digest, s->recordings[index].digest) == 0) return BB_OK;
    return bb_fail(err, BB_ERR_IO, "%s: changed while the job was at work: start again when it is finished",
                   bb_recording_get_info(source->recording)->path);
}

/* ---------------------------------------------------------------- chunks */

static char *chunk_path(const spread *s, int64_t index) {
    char name[KEY_DIGITS + 32];
    snprintf(name, sizeof name, "%.*s-%06lld", KEY_DIGITS, s->key, (long long)index);
    return bb_parts_path(&s->folder, name);
}

static bb_chunk_head chunk_head(const spread *s, int64_t index) {
    bb_chunk_head head = {.index = index,
                          .windows = s->plan.chunks[index].count,
                          .channels = s->layout->channels,
                          .floats = bb_layout_window_floats(s->layout)};
    memcpy(head.key, s->key, sizeof head.key);
    return head;
}

static bb_status open_chunk(const spread *s, int64_t index, bb_map *map, bb_chunk_view *view, bb_error *err) {
    const bb_chunk_head head = chunk_head(s, index);
    char *path = chunk_path(s, index);
    const bb_status status = path ? bb_chunk_open(path, &head, map, view, err)
                                  : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", s->path);
    bb_free(path);
    return status;
}

/* Which chunks an earlier call left whole: every rank reads its part of them. */
static bb_status find_finished(spread *s, bb_error *err) {
    const bb_ranks *ranks = s->job->ranks;
    uint64_t *words = bb_calloc((size_t)s->plan.count, sizeof *words);
    int64_t first, end;
    if (!words) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", s->path);
    bb_ranks_part(s->plan.count, bb_ranks_count(ranks), bb_ranks_me(ranks), &first, &end);
    for (int64_t i = 0; i < s->plan.count; ++i) {
        bb_map map;
        bb_chunk_view view;
        words[i] = UINT64_MAX;
        if (i < first || i >= end) continue;
        words[i] = open_chunk(s, i, &map, &view, NULL) == BB_OK;
        if (words[i]) bb_map_close(&map);
    }
    bb_ranks_merge(ranks, words, (size_t)s->plan.count);
    for (int64_t i = 0; i < s->plan.count; ++i) {
        s->finished[i] = words[i] == 1;
        s->report.reused += s->finished[i];
    }
    bb_free(words);
    return BB_OK;
}

static bb_status make_plan(spread *s, bb_error *err) {
    const size_t count = s->job->recordings;
    int64_t *windows = bb_calloc(count, sizeof *windows);
    for (size_t i = 0; windows && i < count; ++i) windows[i] = s->recordings[i].windows;
    bb_status status = windows ? bb_chunk_plan_make(windows, count, s->layout->channels, &s->plan, err)
                               : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", s->path);
    bb_free(windows);
    BB_TRY(status);
    s->report.chunks = s->plan.count;
    s->finished = bb_calloc((size_t)s->plan.count, sizeof *s->finished);
    s->mine = bb_calloc((size_t)s->plan.count, sizeof *s->mine);
    if (!s->finished || !s->mine) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", s->path);
    BB_TRY(find_finished(s, err));
    bb_chunk_plan_deal(&s->plan, s->finished, bb_ranks_count(s->job->ranks), bb_ranks_me(s->job->ranks),
                       s->mine, &s->mine_count);
    for (int64_t i = 0; i < s->mine_count; ++i)
        s->total += s->plan.chunks[s->mine[i]].count * s->layout->channels;
    return BB_OK;
}

/* ---------------------------------------------------------------- a rank's own */

static bb_status begin_chunk(spread *s, bb_error *err) {
    bb_chunk_head head = chunk_head(s, s->chunk);
    size_t inputs;
    bb_window_stream_unsound_seconds(s->source->stream, &inputs);
    head.inputs = (int64_t)inputs;
    char *path = chunk_path(s, s->chunk);
    const bb_status status = path ? bb_chunk_create(path, &head, &s->writer, err)
                                  : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", s->path);
    bb_free(path);
    return status;
}

static bb_status end_chunk(spread *s, bb_error *err) {
    const bb_chunk_place *place = &s->plan.chunks[s->chunk];
    const bool last = place->first + place->count == s->recordings[place->recording].windows;
    size_t count;
    /* The stream has given its last window, so that it has seen all of the recording that will be read. */
    const bb_unsound_seconds *seconds = bb_window_stream_unsound_seconds(s->source->stream, &count);
    BB_TRY(bb_chunk_finish(s->writer, last ? bb_window_stream_repaired(s->source->stream) : 0,
                           last ? seconds : NULL, err));
    bb_chunk_destroy(s->writer);
    s->writer = NULL;
    ++s->chunk;
    return BB_OK;
}

/* A bb_feature_sink: windows of the run, which begins with a chunk and ends with one. */
static bb_status take_window(void *context, int64_t window, const float *features,
                             const unsigned char *unsound, bb_error *err) {
    spread *s = context;
    (void)window;
    if (!s->writer) BB_TRY(begin_chunk(s, err));
    BB_TRY(bb_chunk_write(s->writer, features, unsound, err));
    return bb_chunk_is_full(s->writer) ? end_chunk(s, err) : BB_OK;
}

static int pass_on(void *context, int64_t done, int64_t total) {
    const spread *s = context;
    (void)total;
    return s->progress ? s->progress(s->progress_context, s->done + done, s->total) : 0;
}

static bb_status fail_stopped(bb_error *err) {
    return bb_fail(err, BB_ERR_CANCELLED, "stopped; the same call goes on where this one ended");
}

/* Chunks first .. last of the plan, which follow each other in the recording that is open. */
static bb_status embed_run(spread *s, int64_t first, int64_t last, bb_error *err) {
    const bb_embed_job *job = s->job;
    const bb_chunk_place *begin = &s->plan.chunks[first], *end = &s->plan.chunks[last];
    bb_embed_stats stats = {0};
    bb_window_stream_pass_to(s->source->stream, begin->first, end->first + end->count);
    s->chunk = first;
    const bb_status status = bb_embed(s->source->stream, job->plan, s->source->sessions, job->encoder,
                                      &job->pooling, job->threads, take_window, s, pass_on, s, &stats, err);
    bb_embed_stats_add(&s->report.stats, &stats);
    bb_chunk_destroy(s->writer); /* what a failure left */
    s->writer = NULL;
    s->done += (end->first + end->count - begin->first) * s->layout->channels;
    return status == BB_ERR_CANCELLED ? fail_stopped(err) : status;
}

/* mine[*at ...] as far as they are of one recording. */
static bb_status embed_recording(spread *s, int64_t *at, bb_error *err) {
    const size_t recording = s->plan.chunks[s->mine[*at]].recording;
    bb_embed_source source = {0};
    bb_status status = open_source(s, recording, true, &source, err);
    s->source = &source;
    while (status == BB_OK && *at < s->mine_count && s->plan.chunks[s->mine[*at]].recording == recording) {
        const int64_t first = s->mine[(*at)++];
        int64_t last = first;
        while (*at < s->mine_count && s->mine[*at] == last + 1 &&
               s->plan.chunks[last + 1].recording == recording)
            last = s->mine[(*at)++];
        status = embed_run(s, first, last, err);
    }
    s->job->close(s->job->context, &source);
    return status;
}

static bb_status embed_mine(spread *s, bb_error *err) {
    for (int64_t at = 0; at < s->mine_count;) BB_TRY(embed_recording(s, &at, err));
    return BB_OK;
}

/* ---------------------------------------------------------------- rank 0: one file of all */

static bb_status write_window(const spread *s, bb_feature_file *file, const bb_embed_source *source,
                              const bb_chunk_view *view, int64_t chunk, int64_t i, int64_t *written,
                              bb_error *err) {
    const bb_window_info *w = bb_window_stream_info(source->stream);
    const int64_t window = s->plan.chunks[chunk].first + i;
    const char *event =
        w->onset_index && source->events ? source->events[w->onset_index[window]].label : NULL;
    return bb_feature_file_write(file, (*written)++, bb_recording_get_info(source->recording)->path,
                                 w->start_s[window], event, view->rows + i * view->head.floats,
                                 view->unsound + i * view->head.channels, err);
}

static void tell(const spread *s, const bb_embed_source *source, const bb_chunk_view *view) {
    size_t count;
    const bb_unsound_seconds *names = bb_window_stream_unsound_seconds(source->stream, &count);
    bb_unsound_seconds *seconds = bb_calloc(count, sizeof *seconds);
    for (size_t i = 0; seconds && i < count && (int64_t)i < view->head.inputs; ++i) {
        const double *three = view->seconds + 3 * i;
        seconds[i] = (bb_unsound_seconds){names[i].channel, three[0], three[1], three[2]};
    }
    if (seconds) s->job->tell(s->job->context, source, view->head.repaired, seconds, count);
    bb_free(seconds);
}

static bb_status merge_chunk(const spread *s, bb_feature_file *file, const bb_embed_source *source,
                             int64_t chunk, int64_t *written, bb_error *err) {
    const bb_chunk_place *place = &s->plan.chunks[chunk];
    bb_map map;
    bb_chunk_view view;
    BB_TRY(open_chunk(s, chunk, &map, &view, err));
    bb_status status = BB_OK;
    for (int64_t i = 0; i < place->count && status == BB_OK; ++i)
        status = write_window(s, file, source, &view, chunk, i, written, err);
    if (status == BB_OK && place->first + place->count == s->recordings[place->recording].windows)
        tell(s, source, &view);
    bb_map_close(&map);
    if (status == BB_OK && pass_on((void *)(uintptr_t)s, 0, 0) != 0) return fail_stopped(err);
    return status;
}

static bb_status merge_recording(const spread *s, bb_feature_file *file, size_t recording, int64_t *chunk,
                                 int64_t *written, bb_error *err) {
    bb_embed_source source = {0};
    bb_status status = open_source(s, recording, false, &source, err);
    while (status == BB_OK && *chunk < s->plan.count && s->plan.chunks[*chunk].recording == recording)
        status = merge_chunk(s, file, &source, (*chunk)++, written, err);
    s->job->close(s->job->context, &source);
    return status;
}

static bb_status merge(spread *s, bb_error *err) {
    bb_feature_file *file;
    int64_t chunk = 0, written = 0;
    bb_status status = BB_OK;
    BB_TRY(bb_feature_file_create(s->path, s->layout, &file, err));
    for (size_t r = 0; r < s->job->recordings && status == BB_OK; ++r)
        status = merge_recording(s, file, r, &chunk, &written, err);
    if (status != BB_OK) {
        bb_feature_file_abandon(file);
        return status;
    }
    BB_TRY(bb_feature_file_close(file, err));
    bb_parts_remove(&s->folder, NULL);
    return BB_OK;
}

/* ---------------------------------------------------------------- the call */

/* A file that cannot be written is told now, not after the work. */
static bb_status try_output(const spread *s, bb_error *err) {
    bb_feature_file *file;
    BB_TRY(bb_feature_file_create(s->path, s->layout, &file, err));
    bb_feature_file_abandon(file);
    return BB_OK;
}

static bb_status open_folder(spread *s, bb_error *err) {
    if (!is_first(s)) return bb_parts_join(s->path, &s->folder, err);
    BB_TRY(try_output(s, err));
    return bb_parts_open(s->path, &s->folder, err);
}

/* What another model, recipe or state of the recordings has left is no use any more. */
static void remove_others(spread *s) {
    char prefix[KEY_DIGITS + 2];
    snprintf(prefix, sizeof prefix, "%.*s-", KEY_DIGITS, s->key);
    bb_parts_remove(&s->folder, prefix);
}

static bb_status run(spread *s, bb_error *err) {
    BB_TRY(open_folder(s, err));
    BB_TRY(identify(s, err));
    if (is_first(s)) remove_others(s);
    BB_TRY(make_plan(s, err));
    BB_TRY(embed_mine(s, err));
    bb_ranks_barrier(s->job->ranks);
    return is_first(s) ? merge(s, err) : BB_OK;
}

bb_status bb_embed_spread(const bb_embed_job *job, const bb_feature_layout *layout, const char *path,
                          bb_progress progress, void *progress_context, bb_embed_report *report,
                          bb_error *err) {
    const double begun = bb_seconds();
    spread s = {.job = job,
                .layout = layout,
                .path = path,
                .folder = {.lock = -1},
                .recordings = bb_calloc(job->recordings, sizeof *s.recordings),
                .progress = progress,
                .progress_context = progress_context};
    bb_status status = s.recordings ? run(&s, err) : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    bb_parts_close(&s.folder);
    if (status == BB_OK) bb_ranks_barrier(job->ranks); /* the file is there for all */
    bb_chunk_plan_free(&s.plan);
    bb_free(s.recordings);
    bb_free(s.finished);
    bb_free(s.mine);
    s.report.stats.total_s = bb_seconds() - begun;
    if (report) *report = s.report;
    return status;
}
