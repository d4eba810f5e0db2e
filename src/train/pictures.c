#include "train/pictures.h"

#include <stdio.h>

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

bb_status bb_picture_write(const char *path, const char *title, const bb_batches *b, const int64_t *windows,
                           int64_t count, const float *targets, const float *masked, const float *predictions,
                           bb_error *err) {
    enum { COLUMNS = 3 };
    const int64_t cells = b->frames * b->bins;
    bb_spectrogram_figure figures[BB_PICTURE_WINDOWS * COLUMNS];
    char names[BB_PICTURE_WINDOWS][128];
    for (int64_t i = 0; i < count; ++i) {
        const size_t channel = bb_corpus_window_channel(b->corpus, windows[i]);
        snprintf(names[i], sizeof names[i], "%.64s from %.1f s on",
                 bb_corpus_get_info(b->corpus)->channels[channel].name,
                 bb_corpus_window_start(b->corpus, windows[i]));
        figures[COLUMNS * i] = figure_of(b, names[i], targets + i * cells);
        figures[COLUMNS * i + 1] = figure_of(b, "masked", masked + i * cells);
        figures[COLUMNS * i + 2] = figure_of(b, "prediction", predictions + i * cells);
    }
    return bb_plot_spectrograms(title, figures, (int)count * COLUMNS, COLUMNS, path, err);
}
