/* Simulated iEEG with a known truth, as a BIDS dataset. */
#ifndef BRAINBERT_SIMULATE_H
#define BRAINBERT_SIMULATE_H

#include <stdint.h>

#include "brainbert/progress.h"
#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bb_simulation {
    int subjects;    /* 1 */
    int channels;    /* sEEG contacts per subject, on shafts of up to 8; 16 */
    double seconds;  /* s; 60 */
    int64_t rate_hz; /* Hz, whole; 2048 */
    int events;      /* word-like events per subject; -1: one each 2 s */
    double mains_hz; /* Hz; 60 */
    uint64_t seed;   /* 0 */
} bb_simulation;

BB_API bb_simulation bb_simulation_default(void);

/* Writes OUT_DIR/dataset_description.json, participants.tsv, sub-NN/ieeg/sub-NN_task-words_run-01_ieeg.edf
 * with its _ieeg.json, _channels.tsv, _events.tsv, _electrodes.tsv, _coordsystem.json, and
 * derivatives/truth/sub-NN_truth.json (which contacts respond, when spikes came, which contacts are bad).
 * Signals: 1/f background, noise shared through the reference, mains with harmonics, spikes, and events that
 * raise high gamma and evoke a slow wave on the responding contacts. The same seed gives the same bytes.
 * Memory does not grow with `seconds`. An OUT_DIR that exists and is not empty is refused. */
BB_API bb_status bb_simulate(const bb_simulation *simulation, const char *out_dir, bb_progress progress,
                             void *context, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
