/* The tables beside a recording without a BIDS name, in one input. */
#include "recording/sidecars.h"
#include "tables_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"made_channels.tsv", "made_events.tsv", "made_electrodes.tsv",
                                        "made_electrodes_labels.tsv", "made_coordsystem.json"};
    memcpy(target_names, names, sizeof names);
    write_pieces(data, size);
    for (int assumed = 0; assumed < 2; ++assumed) {
        bb_error err = {0};
        bb_recording *r = make_recording("made.edf", 100, assumed);
        const bb_status status = bb_sidecars_apply(r, &err);
        if (status != BB_OK && !err.message[0]) abort();
        if (status == BB_OK) check_recording(r);
        bb_recording_close(r);
    }
    return 0;
}
