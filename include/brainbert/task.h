/* Tasks: from events and their labels to the trials that a decoder learns from. A trial is one window of a
 * recording with a class or a number (docs/tasks.md). No samples are read here.
 *
 *     bb_task_create -> bb_task_add for each recording -> bb_task_finish -> bb_task_get_info
 *
 * A task is used by one thread at a time. */
#ifndef BRAINBERT_TASK_H
#define BRAINBERT_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/recording.h"
#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { BB_TASK_MAX_CLASSES = 256, BB_TASK_MAX_TRIALS = 2000000 };

typedef struct bb_task_options {
    /* A task on a movie's words, "pitch", "volume", "brightness", "sentence_onset", "speech",
     * "word_position" or "part_of_speech": it fills in what is left open below. NULL: none. */
    const char *name;

    /* Where events come from. */
    const char *events; /* a table like BIDS events.tsv; NULL or "annotations": the recording's own */
    const char *times;  /* instead: a file of onsets (s) for each class, "loud=a.txt,soft=b.npy" */

    /* What they are. */
    const char *label;   /* column of the table; NULL: the event's label */
    const char *classes; /* "audio,visual", "a+b,c" (either value), "audio,*" (every other value), "go=1,*"
                            (named), "\"a,b\",c" (as it stands); NULL: every value there is */
    const char *value;   /* column of a number */
    const char *cut;     /* makes classes "high" and "low" of the number: "median", "sd" (further than one
                            standard deviation above and below the mean) or a share such as "0.25" (top and
                            bottom quarter); NULL or "none": the number itself is what is decoded */

    /* Where windows lie. */
    double window_s;   /* s */
    double offset_s;   /* s from an event's onset to its window's first sample; NaN: half a window before
                          it, with every_s 0 */
    double baseline_s; /* NaN; else a second class "baseline": the same events' windows at this offset */
    double rest_s;     /* NaN; else a second class "rest": windows between events, in stretches of at least
                          so many s in which none goes on */
    double every_s;    /* NaN; else windows every so many s, as far as they end within the event */

    bool balance; /* as many of each class, drawn by `seed`, in every recording */
    /* Arrays [trials, samples]: each brain channel is one trial of one electrode. Events of a table with a
     * column `channel` or `channels` belong to the trials it names, all others to every trial. */
    bool channels_are_trials;
    uint64_t seed;
} bb_task_options;

/* No names, no times, NaN, and windows of 5 s. */
BB_API bb_task_options bb_task_options_default(void);

/* Whether the options can be meant, without a look at any file. A message begins with the word of the
 * option that is wrong, as the program's options have it: task, events, times, label, classes, value, cut,
 * window, offset, baseline, rest, every, balance, trials. Errors: BB_ERR_ARGUMENT. */
BB_API bb_status bb_task_check(const bb_task_options *options, bb_error *err);

typedef enum bb_task_kind { BB_TASK_CLASSES, BB_TASK_NUMBER } bb_task_kind;

typedef struct bb_trial {
    size_t recording; /* in the order of bb_task_add */
    int64_t channel;  /* the one that it is a trial of, an index into info->channels; -1: all of them */
    double start_s;   /* of the window's first sample, in seconds of the recording */
    double onset_s;   /* of its event; of rest: the window's middle */
    int label;        /* the class; -1 for numbers */
    double value;     /* the number; NaN: the task has none */
    int64_t event;    /* shared by windows that must not be parted by a split: those of one event, of one
                         stretch of rest, of one channel where channels are trials */
} bb_trial;

/* Windows of which no trial became. */
typedef struct bb_task_left_out {
    size_t outside;     /* begin before the recording or end behind it */
    size_t short_event; /* events shorter than a window, with every_s */
    size_t no_onset;    /* lines of tables and times without an onset */
    size_t no_label;    /* the table says nothing */
    size_t no_value;    /* the same of the number */
    size_t unwanted;    /* labels that no class names */
    size_t ambiguous;   /* numbers between the cuts */
    size_t balancing;   /* drawn out */
} bb_task_left_out;

typedef struct bb_task_info {
    bb_task_kind kind;
    double window_s;
    const char *name;                /* as the options have it; NULL: none */
    const char *label, *value, *cut; /* as used, the named task's included; NULL: none */
    size_t recording_count;
    size_t class_count;          /* 0 for numbers */
    const char *const *classes;  /* in the order they are named, or by value; of two, class 0 is the positive
                                    one that a ROC curve is drawn for */
    const size_t *class_trials;  /* [class_count] */
    double value_mean, value_sd; /* of all events' numbers, population sd; NaN: the task has none */
    double cut_low, cut_high;    /* "low" is at or below the one, "high" at or above the other; NaN: no cut */
    size_t trial_count;
    const bb_trial *trials; /* by recording, start, channel, label, event */
    bb_task_left_out left_out;
} bb_task_info;

typedef struct bb_task bb_task;

/* Errors: as bb_task_check. `options` need not outlive the call. */
BB_API bb_status bb_task_create(const bb_task_options *options, bb_task **out, bb_error *err);
BB_API void bb_task_destroy(bb_task *task); /* NULL is fine */

/* Takes what it needs from the recording, which may be closed afterwards. Errors: BB_ERR_ARGUMENT for no
 * events, a column that is not there (the message lists those that are), a table or times for a second
 * recording (unless channels are trials); BB_ERR_FORMAT for a table or times that are malformed (line);
 * BB_ERR_UNSUPPORTED for a table of its own for a recording with gaps; BB_ERR_MEMORY for more than
 * BB_TASK_MAX_TRIALS windows. After an error the task can only be destroyed. */
BB_API bb_status bb_task_add(bb_task *task, const bb_recording_info *recording, bb_error *err);

/* Finds the cuts over the numbers of all recordings, labels, balances and sorts; once. Errors:
 * BB_ERR_ARGUMENT for a class that no event belongs to (the message lists the values there are, with their
 * counts), for fewer than two classes, for numbers of which none is left. */
BB_API bb_status bb_task_finish(bb_task *task, bb_error *err);

/* Owned by the task; whole after bb_task_finish. */
BB_API const bb_task_info *bb_task_get_info(const bb_task *task);

#ifdef __cplusplus
}
#endif
#endif
