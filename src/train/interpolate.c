#include "train/interpolate.h"

#include <stdbool.h>
#include <string.h>

/* values[i * step], i < count, where missing[i * missing_step]: linearly between the nearest known ones, at
 * the ends the nearest one. False, with nothing changed, where none is known. */
static bool fill_gaps(float *values, int64_t step, const uint8_t *missing, int64_t missing_step,
                      int64_t count) {
    int64_t last = -1; /* known */
    for (int64_t i = 0; i < count; ++i) {
        if (missing[i * missing_step]) continue;
        const float right = values[i * step], left = last < 0 ? right : values[last * step];
        for (int64_t k = last + 1; k < i; ++k)
            values[k * step] = left + (right - left) * (float)(k - last) / (float)(i - last);
        last = i;
    }
    for (int64_t k = last + 1; last >= 0 && k < count; ++k) values[k * step] = values[last * step];
    return last >= 0;
}

void bb_interpolate(bb_axis axis, const float *values, const uint8_t *missing, int64_t frames, int64_t bins,
                    uint8_t *scratch, float *out) {
    /* Lines run along the axis: frames of bins, or bins of frames. */
    const bool over_time = axis == BB_AXIS_TIME;
    const int64_t lines = over_time ? bins : frames, length = over_time ? frames : bins,
                  line_step = over_time ? 1 : bins, step = over_time ? bins : 1;
    bool known = false;
    memcpy(out, values, (size_t)(frames * bins) * sizeof *out);
    for (int64_t l = 0; l < lines; ++l)
        scratch[l] = !fill_gaps(out + l * line_step, step, missing + l * line_step, step, length);
    for (int64_t i = 0; i < length; ++i) known = fill_gaps(out + i * step, line_step, scratch, 1, lines);
    if (!known) memset(out, 0, (size_t)(frames * bins) * sizeof *out);
}
