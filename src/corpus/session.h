/* One recording on its way into a corpus. */
#ifndef BB_CORPUS_SESSION_H
#define BB_CORPUS_SESSION_H

#include "base/checksum.h"
#include "corpus/piece.h"

typedef struct bb_session {
    bb_recording *recording;
    bb_window_stream *stream;
    bb_recipe recipe;             /* as followed for this recording */
    cJSON *files;                 /* [{name, bytes, sha256}], once bb_session_identify has been called */
    struct bb_file_stamp *stamps; /* of those files as they were opened */
    char key[BB_SHA256_TEXT];
    int64_t left_out; /* windows of bb_session_write */
} bb_session;

/* Opens the recording of a source and its windows; close it also after a failure. `pass_absent` as in
 * bb_window_options. */
bb_status bb_session_open(const bb_prepare_options *options, const bb_source *source, bool pass_absent,
                          bb_session *out, bb_error *err);
void bb_session_close(bb_session *session);

/* Moves what was found out about its files (key, files, stamps) to another session of the same recording,
 * which may be nothing else: all zeros, closed as any other. */
void bb_session_hand_on(bb_session *from, bb_session *to);

/* Windows times channels: how much work it is. */
int64_t bb_session_work(const bb_session *session);

/* Seconds from window to window: back to back may be asked for as 0 or as the windows' length. */
double bb_session_stride(const bb_prepare_options *options);

/* Computes the key: equal for the same files treated the same way, by whatever path they are reached. */
bb_status bb_session_identify(const bb_prepare_options *options, const bb_row_format *format, bb_session *s,
                              bb_progress progress, void *context, bb_error *err);

/* All its windows to the part at `path`. `progress` is told of windows x channels done, once as they are
 * written and once more as their statistics are gathered. */
bb_status bb_session_write(const bb_prepare_options *options, const bb_row_format *format, bb_session *s,
                           const char *path, bb_progress progress, void *context, bb_error *err);

#endif
