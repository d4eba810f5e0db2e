#include <math.h>

#include "brainbert/spectrogram.h"

static const double clip = 6;

/* Where a channel is silent, the logarithm still needs something to stand on. */
static const double least_floor_uv = 1e-12;

double bb_session_floor(double sd_uv) { return fmax(1e-6 * sd_uv, least_floor_uv); }

bb_moments bb_moments_of(const double *x, int64_t count) {
    bb_moments m = {.count = (double)count};
    double sum = 0;
    for (int64_t t = 0; t < count; ++t) sum += x[t];
    if (count > 0) m.mean = sum / m.count;
    for (int64_t t = 0; t < count; ++t) m.squares += (x[t] - m.mean) * (x[t] - m.mean);
    return m;
}

void bb_moments_add(bb_moments *sum, const bb_moments *more) {
    const double count = sum->count + more->count, apart = more->mean - sum->mean;
    if (more->count == 0) return;
    sum->squares += more->squares + apart * apart * sum->count * more->count / count;
    sum->mean += apart * more->count / count;
    sum->count = count;
}

double bb_moments_sd(const bb_moments *m) {
    const double sd = m->count > 0 ? sqrt(m->squares / m->count) : 0;
    return sd > 0 ? sd : 1;
}

void bb_session_gather(const float *magnitudes, int64_t frames, int bins, double floor, bb_moments *moments) {
    for (int f = 0; f < bins; ++f) {
        bb_moments window = {.count = (double)frames};
        const double first = log(magnitudes[f] + floor);
        double sum = 0, squares = 0; /* of the differences to the first, so that little cancels */
        for (int64_t t = 0; t < frames; ++t) {
            const double x = log(magnitudes[t * bins + f] + floor) - first;
            sum += x;
            squares += x * x;
        }
        window.mean = first + sum / window.count;
        window.squares = fmax(0, squares - sum * sum / window.count);
        bb_moments_add(&moments[f], &window);
    }
}

void bb_session_normalize(float *magnitudes, int64_t frames, int bins, const bb_session_scale *s) {
    for (int64_t t = 0; t < frames; ++t)
        for (int f = 0; f < bins; ++f) {
            float *x = &magnitudes[t * bins + f];
            const double z = (log(*x + s->floor_uv) - s->mean[f]) / s->sd[f];
            *x = !isfinite(z) ? 0 : (float)fmin(fmax(z, -clip), clip);
        }
}
