/* A probe whose recordings and trials are made by hand: two subjects, the first in two sessions. */
#ifndef BB_TESTS_MADE_RUN_H
#define BB_TESTS_MADE_RUN_H

#include <math.h>
#include <string.h>

#include "probe/probe.h"
#include "support.h"

enum { MADE_RECORDINGS = 3, MADE_EACH = 6, MADE_TRIALS = MADE_RECORDINGS * MADE_EACH, MADE_ELECTRODES = 3 };

typedef struct made_run {
    bb_probe_options o;
    bb_task_info info;
    bb_trial trials[MADE_TRIALS];
    size_t class_trials[2];
    bb_probe_recording recordings[MADE_RECORDINGS];
    bb_electrode electrodes[MADE_ELECTRODES];
    int64_t channel_of[MADE_RECORDINGS][MADE_ELECTRODES];
    bb_probe_run run;
} made_run;

/* Electrode 0 is in both sessions of subject A, 1 in its first alone, 2 is subject B's. Every second trial is
 * of class 1; each two in succession are of one event. */
static inline void make_run(made_run *m, const char *split) {
    static const char *const classes[] = {"loud", "soft"};
    static char la1[] = "LA1", la2[] = "LA2", a[] = "A", b[] = "B", path[] = "x.edf";
    static char *const names[] = {la1, la2, la1};
    static const int64_t channels[MADE_RECORDINGS][MADE_ELECTRODES] = {{0, 1, -1}, {3, -1, -1}, {-1, -1, 2}};
    memset(m, 0, sizeof *m);
    m->o = bb_probe_options_default();
    m->o.split = split;
    m->o.decoding.split.folds = 2;
    for (int i = 0; i < MADE_TRIALS; ++i)
        m->trials[i] = (bb_trial){.recording = (size_t)(i / MADE_EACH),
                                  .channel = -1,
                                  .start_s = i % MADE_EACH * 2,
                                  .label = i % 2,
                                  .value = NAN,
                                  .event = i / 2};
    m->class_trials[0] = m->class_trials[1] = MADE_TRIALS / 2;
    m->info = (bb_task_info){.kind = BB_TASK_CLASSES,
                             .window_s = 1,
                             .recording_count = MADE_RECORDINGS,
                             .class_count = 2,
                             .classes = classes,
                             .class_trials = m->class_trials,
                             .trial_count = MADE_TRIALS,
                             .trials = m->trials};
    memcpy(m->channel_of, channels, sizeof channels);
    for (int r = 0; r < MADE_RECORDINGS; ++r)
        m->recordings[r] = (bb_probe_recording){.path = path,
                                                .subject = r == 2 ? b : a,
                                                .subject_id = r == 2,
                                                .session_id = r,
                                                .onset_count = MADE_EACH,
                                                .channel_of = m->channel_of[r],
                                                .channel_of_count = MADE_ELECTRODES};
    for (int e = 0; e < MADE_ELECTRODES; ++e)
        m->electrodes[e] = (bb_electrode){.name = names[e], .subject_id = e == 2};
    m->run = (bb_probe_run){.o = &m->o,
                            .info = &m->info,
                            .recordings = m->recordings,
                            .recording_count = MADE_RECORDINGS,
                            .electrodes = m->electrodes,
                            .electrode_count = MADE_ELECTRODES};
}

#endif
