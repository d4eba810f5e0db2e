#include "brainbert/simulate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "brainbert/recording.h"
#include "simulate/bids.h"
#include "simulate/signal.h"

typedef struct job {
    bb_simulation options;
    const char *out_dir;
    char *temp_dir; /* OUT_DIR.tmp.PID: renamed at the end */
    bb_progress progress;
    void *context;
    bb_error *err;
} job;

static bb_status refuse_used_folder(const char *path, bb_error *err) {
    if (!*path)
        return bb_fail(err, BB_ERR_ARGUMENT, "simulation: expected a folder to write, found an empty name");
    if (!bb_file_exists(path)) return BB_OK;
    if (!bb_is_directory(path))
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected a new or an empty folder, found a file", path);
    DIR *folder = opendir(path);
    if (!folder) return bb_fail_errno(err, "%s: cannot open", path);
    bool used = false;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        used |= strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    if (used)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected a new or an empty folder, found files in it",
                       path);
    return BB_OK;
}

/* A folder under temp_dir, made with what lies above it; bb_free it. */
static bb_status make_folder(const job *j, const char *name, char **out) {
    *out = bb_path_join(j->temp_dir, name);
    if (!*out) return bb_fail(j->err, BB_ERR_MEMORY, "%s: no memory", j->out_dir);
    const bb_status status = bb_make_directories(*out, j->err);
    if (status != BB_OK) {
        bb_free(*out);
        *out = NULL;
    }
    return status;
}

/* Steps of 0.1 uV for sound contacts; bad ones need ten times the range. */
static void fill_channels(const bb_plan *plan, bb_edf_channel *channels) {
    for (int i = 0; i < plan->contact_count; ++i) {
        const bb_contact_plan *c = &plan->contacts[i];
        const double step = c->fault ? 1 : 0.1;
        channels[i] = (bb_edf_channel){c->name, -32768 * step, 32767 * step};
    }
    for (int i = plan->contact_count; i < plan->row_count; ++i)
        channels[i] = (bb_edf_channel){bb_extra_name(i - plan->contact_count), -32768 * 0.1, 32767 * 0.1};
}

static bb_status open_writer(const char *path, const bb_plan *plan, bb_edf_writer **writer, bb_error *err) {
    bb_edf_channel *channels = bb_calloc((size_t)plan->row_count, sizeof *channels);
    bb_event *events = bb_calloc((size_t)plan->word_count, sizeof *events);
    bb_status status = BB_OK;
    if (!channels || !events) {
        status = bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %d channels and %d events", path,
                         plan->row_count, plan->word_count);
    } else {
        fill_channels(plan, channels);
        for (int i = 0; i < plan->word_count; ++i)
            events[i] = (bb_event){.onset_s = plan->words[i].onset_s,
                                   .duration_s = plan->words[i].duration_s,
                                   .label = plan->words[i].loud ? "word/loud" : "word/soft"};
        status = bb_edf_writer_open(path, channels, (size_t)plan->row_count, plan->options.rate_hz,
                                    plan->samples, events, (size_t)plan->word_count, writer, err);
    }
    bb_free(channels);
    bb_free(events);
    return status;
}

/* Tells the caller of every second that samples [before, now) have finished. */
static bb_status report(const job *j, const bb_plan *plan, int64_t before, int64_t now) {
    const int64_t rate = plan->options.rate_hz, each = (plan->samples + rate - 1) / rate;
    const int64_t begin = ((int64_t)plan->subject * j->options.sessions + plan->session) * each,
                  all = (int64_t)j->options.subjects * j->options.sessions * each;
    const int64_t last = now == plan->samples ? each : now / rate;
    for (int64_t second = before / rate + 1; j->progress && second <= last; ++second)
        if (j->progress(j->context, begin + second, all) != 0)
            return bb_fail(j->err, BB_ERR_CANCELLED, "%s: simulation stopped at %lld s of %s", j->out_dir,
                           (long long)second, plan->label);
    return BB_OK;
}

static bb_status stream_signals(const job *j, const bb_plan *plan, bb_edf_writer *writer) {
    const int64_t longest = bb_signal_block(plan);
    bb_signal_stream *stream;
    BB_TRY(bb_signal_stream_create(plan, &stream, j->err));
    double *block = bb_calloc((size_t)plan->row_count * (size_t)longest, sizeof *block);
    bb_status status = BB_OK;
    if (!block) status = bb_fail(j->err, BB_ERR_MEMORY, "%s: no memory for a block", j->out_dir);
    for (int64_t done = 0; status == BB_OK && done < plan->samples;) {
        const int64_t left = plan->samples - done, samples = left < longest ? left : longest;
        bb_signal_stream_next(stream, samples, block);
        status = bb_edf_writer_append(writer, block, samples, j->err);
        if (status == BB_OK) status = report(j, plan, done, done + samples);
        done += samples;
    }
    bb_free(block);
    bb_signal_stream_destroy(stream);
    return status;
}

static bb_status write_edf(const job *j, const char *folder, const bb_plan *plan) {
    char name[96];
    snprintf(name, sizeof name, "%s_task-words_run-01_ieeg.edf", plan->label);
    char *path = bb_path_join(folder, name);
    bb_edf_writer *writer = NULL;
    bb_status status = path ? open_writer(path, plan, &writer, j->err)
                            : bb_fail(j->err, BB_ERR_MEMORY, "%s: no memory", folder);
    bb_free(path);
    if (status == BB_OK) status = stream_signals(j, plan, writer);
    if (status == BB_OK) return bb_edf_writer_close(writer, j->err);
    bb_edf_writer_abandon(writer);
    return status;
}

static bb_status write_recording(const job *j, int subject, int session) {
    char name[48], *folder = NULL, *truth = NULL;
    bb_plan plan;
    if (j->options.sessions > 1)
        snprintf(name, sizeof name, "sub-%02d/ses-%02d/ieeg", subject + 1, session + 1);
    else
        snprintf(name, sizeof name, "sub-%02d/ieeg", subject + 1);
    BB_TRY(bb_plan_create(&j->options, subject, session, &plan, j->err));
    bb_status status = make_folder(j, name, &folder);
    if (status == BB_OK) status = make_folder(j, "derivatives/truth", &truth);
    if (status == BB_OK) status = bb_bids_write_recording(folder, &plan, j->err);
    if (status == BB_OK) status = bb_truth_write(truth, &plan, j->err);
    if (status == BB_OK) status = write_edf(j, folder, &plan);
    bb_free(folder);
    bb_free(truth);
    bb_plan_free(&plan);
    return status;
}

static bb_status write_tree(const job *j) {
    bb_remove_torn(j->out_dir);
    bb_remove_tree(j->temp_dir); /* of a killed run under the same process number */
    if (mkdir(j->temp_dir, 0777) != 0) return bb_fail_create(j->err, j->out_dir);
    bb_status status = bb_bids_write_dataset(j->temp_dir, j->options.subjects, j->options.seed, j->err);
    const int sessions = j->options.sessions;
    for (int i = 0; status == BB_OK && i < j->options.subjects * sessions; ++i)
        status = write_recording(j, i / sessions, i % sessions);
    if (status == BB_OK && rename(j->temp_dir, j->out_dir) != 0)
        status = bb_fail_errno(j->err, "%s: cannot put the finished folder in place", j->out_dir);
    if (status != BB_OK) bb_remove_tree(j->temp_dir);
    return status;
}

bb_status bb_simulate(const bb_simulation *simulation, const char *out_dir, bb_progress progress,
                      void *context, bb_error *err) {
    job j = {.progress = progress, .context = context, .err = err};
    BB_TRY(bb_simulation_check(simulation, &j.options, err));
    BB_TRY(refuse_used_folder(out_dir, err));
    size_t length = strlen(out_dir);
    while (length > 1 && out_dir[length - 1] == '/') --length;
    char *place = bb_strndup(out_dir, length);
    j.out_dir = place;
    j.temp_dir = bb_calloc(length + 32, 1);
    bb_status status;
    if (!j.out_dir || !j.temp_dir) {
        status = bb_fail(err, BB_ERR_MEMORY, "%s: no memory", out_dir);
    } else {
        snprintf(j.temp_dir, length + 32, "%s.tmp.%ld", j.out_dir, (long)getpid());
        status = write_tree(&j);
    }
    bb_free(place);
    bb_free(j.temp_dir);
    return status;
}
