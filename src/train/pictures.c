#include "train/pictures.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "brainbert/plot.h"

static bb_spectrogram_figure figure_of(const bb_batches *b, const char *title, const float *values) {
    const double first = bb_spectrogram_frame_time(b->plan, 0),
                 low = bb_spectrogram_bin_frequency(b->plan, 0);
    return (bb_spectrogram_figure){
        .title = title,
        .value_label = "standard deviations",
        .values = values,
        .frames = b->frames,
        .bins = (int)b->bins,
        .first_frame_s = first,
        .frame_step_s = bb_spectrogram_frame_time(b->plan, 1) - first,
        .first_bin_hz = low,
        .bin_step_hz = b->bins > 1 ? bb_spectrogram_bin_frequency(b->plan, 1) - low : 1,
        .diverging = 1,
    };
}

bb_status bb_picture_write(const char *run, int64_t step, const bb_batches *b, int64_t window,
                           const float *target, const float *masked, const float *prediction, char path[4096],
                           bb_error *err) {
    const bb_corpus_channel *channel =
        &bb_corpus_get_info(b->corpus)->channels[bb_corpus_window_channel(b->corpus, window)];
    enum { ROOM = 4096 };
    char title[256];
    if (snprintf(path, ROOM, "%s/pictures", run) >= ROOM - 64)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: too long a name", run);
    BB_TRY(bb_make_directories(path, err));
    const size_t end = strlen(path);
    snprintf(path + end, ROOM - end, "/step-%09lld.png", (long long)step);
    snprintf(title, sizeof title, "%.64s from %.1f s on, after %lld steps", channel->name,
             bb_corpus_window_start(b->corpus, window), (long long)step);
    const bb_spectrogram_figure figures[] = {figure_of(b, "spectrogram", target),
                                             figure_of(b, "masked", masked),
                                             figure_of(b, "prediction", prediction)};
    return bb_plot_spectrograms(title, figures, 3, path, err);
}
