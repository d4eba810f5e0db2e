/* The files beside a BIDS recording, in one input. */
#include "recording/sidecars.h"
#include "tables_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"sub-1_ieeg.json",
                                        "sub-1_channels.tsv",
                                        "sub-1_events.tsv",
                                        "sub-1_space-MNI_electrodes.tsv",
                                        "sub-1_space-MNI_coordsystem.json",
                                        "dataset_description.json"};
    memcpy(target_names, names, sizeof names);
    write_pieces(data, size);
    for (int assumed = 0; assumed < 2; ++assumed) {
        bb_error err = {0};
        bb_recording *r = make_recording("sub-1_ieeg.edf", 100, assumed);
        const bb_status status = bb_sidecars_apply(r, &err);
        if (status != BB_OK && !err.message[0]) abort();
        if (status == BB_OK) check_recording(r);
        bb_recording_close(r);
    }
    return 0;
}
