#include "corpus/session.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/memory.h"
#include "corpus/description.h"
#include "corpus/stats.h"

typedef struct writer {
    const bb_row_format *format;
    bb_window_stream *stream;
    const bb_window_info *info;
    int threads;
    bb_part_writer part;
    size_t room;
    char *stored;        /* [channels, room]: the rows of one window */
    char *scratch;       /* [threads, 2, bb_row_bytes] */
    bb_row *rows;        /* [channels]; bytes 0: it could not be compressed */
    bb_moments *voltage; /* [channels]; count: samples */
    double *stats;       /* [channels, bb_stat_columns] */
    int bins;
} writer;

typedef struct report {
    bb_progress progress;
    void *context;
    int64_t total; /* windows x channels, twice */
} report;

/* ---------------------------------------------------------------- files that must not change */

/* What tells a file that was written to from one that was not. */
typedef struct bb_file_stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
} bb_file_stamp;

static bb_status stamp(const char *path, bb_file_stamp *out, bb_error *err) {
    struct stat st;
    if (stat(path, &st) != 0) return bb_fail_errno(err, "%s: cannot look at it", path);
    *out = (bb_file_stamp){st.st_dev, st.st_ino, st.st_size, st.st_mtim};
    return BB_OK;
}

static bb_status stamp_files(bb_session *s, bb_error *err) {
    const bb_recording_info *info = bb_recording_get_info(s->recording);
    s->stamps = bb_calloc(info->file_count, sizeof *s->stamps);
    if (!s->stamps) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", info->path);
    for (size_t i = 0; i < info->file_count; ++i) BB_TRY(stamp(info->files[i], &s->stamps[i], err));
    return BB_OK;
}

/* A file that changes under our hands would be stored under the key of what it was before. */
static bb_status compare_stamps(const bb_session *s, bb_error *err) {
    const bb_recording_info *info = bb_recording_get_info(s->recording);
    for (size_t i = 0; i < info->file_count; ++i) {
        bb_file_stamp now = {0};
        const bb_file_stamp *then = &s->stamps[i];
        BB_TRY(stamp(info->files[i], &now, err));
        if (now.device != then->device || now.inode != then->inode || now.size != then->size ||
            now.modified.tv_sec != then->modified.tv_sec || now.modified.tv_nsec != then->modified.tv_nsec)
            return bb_fail(err, BB_ERR_IO, "%s: changed while it was read: start again when it is finished",
                           info->files[i]);
    }
    return BB_OK;
}

/* ---------------------------------------------------------------- opening */

bb_status bb_session_open(const bb_prepare_options *o, const bb_source *source, bool pass_absent,
                          bb_session *s, bb_error *err) {
    *s = (bb_session){.recipe = o->recipe};
    BB_TRY(bb_recording_open(source->path, &o->recording, &s->recording, err));
    BB_TRY(stamp_files(s, err));
    const bb_recording_info *info = bb_recording_get_info(s->recording);
    s->recipe.signal = bb_signal_recipe_for(&o->recipe.signal, &o->wishes, info);
    const bb_window_options w = {.signal = s->recipe.signal,
                                 .window_s = o->recipe.window_s,
                                 .stride_s = o->stride_s,
                                 .channels = o->channels,
                                 .bads = o->bads,
                                 .pass_absent = pass_absent,
                                 .threads = o->threads};
    return bb_window_stream_create(s->recording, &w, &s->stream, err);
}

void bb_session_close(bb_session *s) {
    bb_window_stream_destroy(s->stream);
    bb_recording_close(s->recording);
    cJSON_Delete(s->files);
    bb_free(s->stamps);
    *s = (bb_session){0};
}

void bb_session_hand_on(bb_session *from, bb_session *to) {
    cJSON_Delete(to->files);
    to->files = from->files;
    from->files = NULL;
    memcpy(to->key, from->key, sizeof to->key);
    if (!from->stamps) return; /* it was identified by another process */
    bb_free(to->stamps);
    to->stamps = from->stamps;
    from->stamps = NULL;
}

int64_t bb_session_work(const bb_session *s) {
    const bb_window_info *w = bb_window_stream_info(s->stream);
    return w->windows * (int64_t)w->channel_count;
}

double bb_session_stride(const bb_prepare_options *o) {
    return o->stride_s > 0 ? o->stride_s : o->recipe.window_s;
}

/* ---------------------------------------------------------------- identity */

/* Checksums are work too, but of another kind than windows: they can be stopped, and count for nothing. */
static int hear_stop(void *context, int64_t done, int64_t total) {
    const report *r = context;
    (void)done, (void)total;
    return r->progress ? r->progress(r->context, 0, r->total) : 0;
}

static bb_status list_files(bb_session *s, report *r, bb_error *err) {
    const bb_recording_info *info = bb_recording_get_info(s->recording);
    cJSON_Delete(s->files);
    s->files = cJSON_CreateArray();
    for (size_t i = 0; i < info->file_count; ++i) {
        char digest[BB_SHA256_TEXT];
        int64_t bytes;
        const bb_status status = bb_sha256_of_file(info->files[i], hear_stop, r, digest, &bytes, err);
        if (status == BB_ERR_CANCELLED) return bb_fail_stopped(err);
        BB_TRY(status);
        cJSON *file = cJSON_CreateObject();
        bb_description_add_text(file, "name", bb_path_name(info->files[i]));
        cJSON_AddNumberToObject(file, "bytes", (double)bytes);
        cJSON_AddStringToObject(file, "sha256", digest);
        cJSON_AddItemToArray(s->files, file);
    }
    return BB_OK;
}

static void add_word(cJSON *list, const char *word) {
    cJSON_AddItemToArray(list, word ? cJSON_CreateString(word) : cJSON_CreateNull());
}

bb_status bb_session_identify(const bb_prepare_options *o, const bb_row_format *format, bb_session *s,
                              bb_progress progress, void *context, bb_error *err) {
    const bb_recording_info *info = bb_recording_get_info(s->recording);
    report r = {progress, context, 2 * bb_session_work(s)};
    BB_TRY(list_files(s, &r, err));
    char *recipe = bb_recipe_to_json(&s->recipe);
    const char *const words[] = {bb_version(),
                                 recipe,
                                 o->channels,
                                 o->bads,
                                 info->dataset,
                                 info->subject,
                                 info->session,
                                 info->task,
                                 info->run,
                                 o->recording.data_name,
                                 o->recording.channels_name,
                                 o->recording.unit};
    const double numbers[] = {info->rate_hz, bb_session_stride(o), format->encoding, format->compressed};
    cJSON *all = cJSON_CreateArray();
    cJSON_AddItemReferenceToArray(all, s->files);
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i) add_word(all, words[i]);
    cJSON_AddItemToArray(all, cJSON_CreateDoubleArray(numbers, sizeof numbers / sizeof *numbers));
    char *text = cJSON_PrintUnformatted(all);
    const int ok = recipe && text && bb_sha256_of_text(text, s->key);
    cJSON_free(text);
    cJSON_free(recipe);
    cJSON_Delete(all);
    return ok ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its checksum", info->path);
}

/* ---------------------------------------------------------------- windows to rows */

static void pack_channel(writer *w, size_t c, const double *x, double start_s) {
    char *scratch = w->scratch + (size_t)omp_get_thread_num() * 2 * bb_row_bytes(w->format);
    char *stored = w->stored + c * w->room;
    bb_row *row = &w->rows[c];
    row->start_s = start_s;
    row->channel = (int32_t)c;
    row->bytes = (uint32_t)bb_row_pack(w->format, x, scratch, stored, &row->scale);
    row->checksum = bb_row_checksum(stored, row->bytes);
    const bb_moments m = bb_moments_of(x, w->format->samples);
    bb_moments_add(&w->voltage[c], &m);
}

static bb_status append_window(writer *w, int64_t window, const double *data, int64_t stride, bb_error *err) {
    const unsigned char *unsound = bb_window_stream_unsound(w->stream);
    const int64_t C = (int64_t)w->info->channel_count;
#pragma omp parallel for num_threads(w->threads) schedule(dynamic)
    for (int64_t c = 0; c < C; ++c)
        if (!unsound[c]) pack_channel(w, (size_t)c, data + c * stride, w->info->start_s[window]);
    for (int64_t c = 0; c < C; ++c) {
        double *stats = w->stats + (size_t)c * bb_stat_columns(w->bins);
        stats[unsound[c] ? BB_STAT_LEFT_OUT : BB_STAT_WINDOWS] += 1;
        if (unsound[c]) continue;
        if (w->rows[c].bytes == 0) return bb_fail(err, BB_ERR_MEMORY, "no memory to compress a window");
        BB_TRY(bb_part_append(&w->part, w->rows[c], w->stored + (size_t)c * w->room, err));
    }
    return BB_OK;
}

static bb_status tell(const report *r, int64_t done, bb_error *err) {
    if (!r->progress || r->progress(r->context, done, r->total) == 0) return BB_OK;
    return bb_fail_stopped(err);
}

/* Statistics are the second half of the work. */
static int tell_stats(void *context, int64_t done, int64_t total) {
    const report *r = context;
    (void)total;
    return r->progress ? r->progress(r->context, r->total / 2 + done, r->total) : 0;
}

static bb_status write_windows(writer *w, const report *r, bb_error *err) {
    for (int64_t window = 0;; ++window) {
        const double *data;
        int64_t stride;
        BB_TRY(bb_window_stream_next(w->stream, &data, &stride, err));
        if (!data) break;
        BB_TRY(append_window(w, window, data, stride, err));
        BB_TRY(tell(r, (window + 1) * (int64_t)w->info->channel_count, err));
    }
    for (size_t c = 0; c < w->info->channel_count; ++c) {
        double *stats = w->stats + c * bb_stat_columns(w->bins);
        stats[BB_STAT_MEAN] = w->voltage[c].mean;
        stats[BB_STAT_SD] = w->voltage[c].count > 0 ? sqrt(w->voltage[c].squares / w->voltage[c].count) : 0;
    }
    return BB_OK;
}

/* ---------------------------------------------------------------- all of it */

static bb_status allocate(writer *w, bb_error *err) {
    const size_t C = w->info->channel_count;
    w->room = bb_row_room(w->format);
    w->stored = bb_calloc(C, w->room);
    w->scratch = bb_calloc((size_t)w->threads, 2 * bb_row_bytes(w->format));
    w->rows = bb_calloc(C, sizeof *w->rows);
    w->voltage = bb_calloc(C, sizeof *w->voltage);
    w->stats = bb_calloc(C, bb_stat_columns(w->bins) * sizeof *w->stats);
    return w->stored && w->scratch && w->rows && w->voltage && w->stats
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for windows of %zu channels", C);
}

static bb_status write_part(writer *w, const bb_prepare_options *o, bb_session *s, report *r, bb_error *err) {
    BB_TRY(allocate(w, err));
    BB_TRY(write_windows(w, r, err));
    const bb_piece rows = {.file = {w->part.output.temp_path, w->part.output.fd, w->part.size},
                           .format = *w->format,
                           .row_count = (int64_t)w->part.row_count,
                           .rows = w->part.rows,
                           .channel_count = w->info->channel_count,
                           .bins = w->bins,
                           .stats = w->stats};
    BB_TRY(bb_stats_gather(&rows, &s->recipe.spectrogram, w->threads, tell_stats, r, err));
    BB_TRY(tell(r, r->total, err));
    cJSON *description = bb_description_of_session(bb_recording_get_info(s->recording), &s->recipe,
                                                   bb_session_stride(o), w->stream, s->key, s->files);
    s->files = NULL;
    if (!description) return bb_fail(err, BB_ERR_MEMORY, "no memory for its description");
    bb_status status = compare_stamps(s, err);
    if (status == BB_OK)
        status = bb_part_finish(&w->part, w->stats, w->info->channel_count, w->bins, description, err);
    cJSON_Delete(description);
    return status;
}

bb_status bb_session_write(const bb_prepare_options *o, const bb_row_format *format, bb_session *s,
                           const char *path, bb_progress progress, void *context, bb_error *err) {
    writer w = {.format = format,
                .stream = s->stream,
                .info = bb_window_stream_info(s->stream),
                .threads = o->threads > 0 ? o->threads : omp_get_num_procs(),
                .bins = s->recipe.spectrogram.bins};
    report r = {progress, context, 2 * bb_session_work(s)};
    bb_status status = bb_part_begin(path, &w.part, err);
    if (status == BB_OK) status = write_part(&w, o, s, &r, err);
    for (size_t c = 0; w.stats && c < w.info->channel_count; ++c)
        s->left_out += (int64_t)w.stats[c * bb_stat_columns(w.bins) + BB_STAT_LEFT_OUT];
    bb_part_abandon(&w.part);
    bb_free(w.stored);
    bb_free(w.scratch);
    bb_free(w.rows);
    bb_free(w.voltage);
    bb_free(w.stats);
    return status;
}
