/* The files that the Brain Treebank keeps beside a recording, in one input. */
#include "recording/treebank_tables.h"
#include "tables_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const folders[] = {"localization/sub_1", "localization",      "subject_timings",
                                          "subject_metadata",   "transcripts/movie", "transcripts"};
    static const char *const names[] = {"corrupted_elec.json", "localization/sub_1/depth-wm.csv",
                                        "subject_timings/sub_1_trial000_timings.csv",
                                        "transcripts/movie/features.csv",
                                        "subject_metadata/sub_1_trial000_metadata.json"};
    memcpy(target_folders, folders, sizeof folders);
    memcpy(target_names, names, sizeof names);
    write_pieces(data, size);
    for (int stated = 0; stated < 2; ++stated) {
        bb_error err = {0};
        bb_recording *r = make_recording("sub_1_trial000.h5", 2048, true);
        const bb_status status = bb_treebank_take_tables(r, stated, &err);
        if (status != BB_OK && !err.message[0]) abort();
        if (status == BB_OK) check_recording(r);
        bb_recording_close(r);
    }
    return 0;
}
