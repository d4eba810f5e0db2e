#include "recording/flat_array.h"

#include "base/error.h"
#include "base/memory.h"

enum { BUFFER_BYTES = 1 << 18 };

void bb_flat_array_shape(bb_flat_array *array, int64_t rows, int64_t columns, bool column_major,
                         bool rows_are_channels) {
    const int64_t row_step = column_major ? 1 : columns, column_step = column_major ? rows : 1;
    array->channels = rows_are_channels ? rows : columns;
    array->samples = rows_are_channels ? columns : rows;
    array->channel_step = rows_are_channels ? row_step : column_step;
    array->sample_step = rows_are_channels ? column_step : row_step;
}

/* `count` elements from `element` on that lie side by side, in pieces that fit the buffer. */
static bb_status read_run(bb_flat_array *a, int64_t element, int64_t count, double *out, bb_error *err) {
    const int64_t width = (int64_t)a->element.width, most = BUFFER_BYTES / width;
    while (count > 0) {
        const int64_t n = count < most ? count : most;
        BB_TRY(a->fetch(a->context, element * width, a->buffer, (size_t)(n * width), err));
        bb_elements_to_f64(a->element, a->buffer, 1, n, a->scale, out);
        element += n;
        out += n;
        count -= n;
    }
    return BB_OK;
}

/* All channels of one sample lie together: as many samples as fit are read at once. */
static bb_status read_frames(bb_flat_array *a, const size_t *channels, size_t channel_count, int64_t first,
                             int64_t samples, double *out, bb_error *err) {
    const int64_t width = (int64_t)a->element.width, frame = a->sample_step * width,
                  most = BUFFER_BYTES / frame;
    for (int64_t done = 0; done < samples;) {
        if (most == 0) {
            for (size_t c = 0; c < channel_count; ++c)
                BB_TRY(read_run(a, (first + done) * a->sample_step + (int64_t)channels[c], 1,
                                out + (int64_t)c * samples + done, err));
            ++done;
            continue;
        }
        const int64_t n = samples - done < most ? samples - done : most;
        BB_TRY(a->fetch(a->context, (first + done) * frame, a->buffer, (size_t)(n * frame), err));
        for (size_t c = 0; c < channel_count; ++c)
            bb_elements_to_f64(a->element, a->buffer + (int64_t)channels[c] * width, a->sample_step, n,
                               a->scale, out + (int64_t)c * samples + done);
        done += n;
    }
    return BB_OK;
}

bb_status bb_flat_array_read(bb_flat_array *a, const size_t *channels, size_t channel_count, int64_t first,
                             int64_t samples, double *out, bb_error *err) {
    if (!a->memory && !a->buffer && !(a->buffer = bb_calloc(BUFFER_BYTES, 1)))
        return bb_fail(err, BB_ERR_MEMORY, "no memory to read samples");
    if (!a->memory && a->sample_step != 1)
        return read_frames(a, channels, channel_count, first, samples, out, err);
    for (size_t c = 0; c < channel_count; ++c) {
        const int64_t element = (int64_t)channels[c] * a->channel_step + first * a->sample_step;
        double *to = out + (int64_t)c * samples;
        if (a->memory)
            bb_elements_to_f64(a->element, a->memory + element * (int64_t)a->element.width, a->sample_step,
                               samples, a->scale, to);
        else
            BB_TRY(read_run(a, element, samples, to, err));
    }
    return BB_OK;
}

void bb_flat_array_free(bb_flat_array *array) {
    bb_free(array->memory);
    bb_free(array->buffer);
    *array = (bb_flat_array){0};
}
