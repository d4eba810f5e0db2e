/* Simulated iEEG with a known truth, as a BIDS dataset. */
#ifndef BRAINBERT_SIMULATE_H
#define BRAINBERT_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "brainbert/progress.h"
#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bb_simulation {
    int subjects;    /* 1 */
    int sessions;    /* recordings per subject, with the same contacts; 1 */
    int channels;    /* sEEG contacts per subject, on shafts of up to 8; 16 */
    double seconds;  /* s, of each recording; 60 */
    int64_t rate_hz; /* Hz, whole; 2048 */
    int events;      /* word-like events per recording; -1: one each 2 s */
    double mains_hz; /* Hz; 60; 0: none */
    double snr_db;   /* of a loud word's response to the contact's noise in the response's band, the same on
                        every   responding contact; NaN: each contact draws its own */
    int responding;  /* contacts that respond; -1: a quarter of the sound ones */
    int unsound;     /* flat or clipped stretches on sound contacts, per recording; 0 */
    bool extras;     /* after the contacts a channel EKG and one TRIG with a pulse at each event; false */
    uint64_t seed;   /* 0 */
} bb_simulation;

BB_API bb_simulation bb_simulation_default(void);

/* The length that each recording will have: the nearest to `seconds` that fills whole records of an EDF file,
 * so that nothing stands behind the last sample. NaN where the options are out of their bounds. */
BB_API double bb_simulation_seconds(const bb_simulation *simulation);

/* Writes OUT_DIR/dataset_description.json, participants.tsv, sub-NN/ieeg/sub-NN_task-words_run-01_ieeg.edf
 * with its _ieeg.json, _channels.tsv, _events.tsv, _electrodes.tsv, _coordsystem.json, and
 * derivatives/truth/sub-NN_truth.json (which contacts respond and how well that can be seen, when spikes
 * came, which contacts and stretches are unsound); with several sessions sub-NN/ses-MM/ieeg/sub-NN_ses-MM_...
 * . Signals: 1/f background, noise shared through the reference, mains with harmonics, spikes, and events
 * that on the responding contacts raise high gamma, evoke a slow wave and reset the phase of a rhythm
 * (docs/simulate.md). The same seed gives the same bytes, with any number of threads. Memory does not grow
 * with `seconds`. An OUT_DIR that exists and is not empty is refused; a failure leaves nothing. */
BB_API bb_status bb_simulate(const bb_simulation *simulation, const char *out_dir, bb_progress progress,
                             void *context, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
