/* One recording of an `embed` call: opened, with its events, as a stream of windows. */
#ifndef BB_CLI_EMBED_INPUT_H
#define BB_CLI_EMBED_INPUT_H

#include "brainbert/events.h"
#include "brainbert/model.h"
#include "brainbert/session.h"
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
    int stream_threads; /* once the session is measured; 0: as many as for all else */
} embed_options;

typedef struct embed_input {
    bb_recording *recording;
    bb_window_stream *stream;
    bb_events events; /* of --events FILE */
    const bb_event *items;
    double *onsets;
    bb_signal_recipe signal; /* the one followed */
    bb_session_scales *scales;
} embed_input;

/* Fills *in, which starts as zeros; it wants closing also after a failure. With `session` its channels'
 * scales are measured for that recipe. */
bb_status embed_input_open(embed_input *in, const embed_options *o, const common_options *common,
                           const bb_model_info *model, const bb_spectrogram_recipe *session, const char *path,
                           bb_error *err);
/* How the options have files read, as a text; NULL when memory is short. Free with free(). */
char *embed_input_asked(const embed_options *o);
/* Of each channel; NULL where none were measured. */
const bb_session_scale *embed_input_sessions(const embed_input *in);
void embed_input_close(embed_input *in);

/* One array holds one set of channels and one length of window: those of `first`. */
bb_status embed_inputs_agree(const embed_input *first, const embed_input *other, bb_error *err);

/* What is true of the electrodes of all inputs. Texts belong to the first input, which has to stay open. */
typedef struct embed_electrodes {
    bb_channel *channels; /* of the windows */
    const bb_channel **list;
    const char *coordinate_system, *coordinate_unit;
} embed_electrodes;

bb_status embed_electrodes_begin(embed_electrodes *e, const embed_input *first, bb_error *err);
/* Forgets what `other`, which agrees with the first, says otherwise. */
void embed_electrodes_keep(embed_electrodes *e, const embed_input *other);
void embed_electrodes_free(embed_electrodes *e);

#endif
