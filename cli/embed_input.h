/* One recording of an `embed` call: opened, with its events, as a stream of windows. */
#ifndef BB_CLI_EMBED_INPUT_H
#define BB_CLI_EMBED_INPUT_H

#include "brainbert/events.h"
#include "brainbert/model.h"
#include "brainbert/sources.h"
#include "brainbert/windows.h"
#include "method.h"
#include "source.h"

typedef struct embed_options {
    source_options source;
    method_options method;
    const char *model, *out, *pool, *events, *precision, *normalize;
    double window, stride, offset;
    int64_t heads;
} embed_options;

typedef struct embed_input {
    bb_recording *recording;
    bb_window_stream *stream;
    bb_events events; /* of --events FILE */
    const bb_event *items;
    double *onsets;
    bb_signal_recipe signal; /* the one followed */
} embed_input;

/* Fills *in, which starts as zeros; it wants closing also after a failure. */
bb_status embed_input_open(embed_input *in, const embed_options *o, const common_options *common,
                           const bb_model_info *model, const char *path, bb_error *err);
void embed_input_close(embed_input *in);

/* One array holds one set of channels and one length of window. */
bb_status embed_inputs_agree(const embed_input *inputs, int count, bb_error *err);

#endif
