#include "signal/resample.h"

#include <soxr.h>

#include "base/error.h"
#include "base/memory.h"

struct bb_resampler {
    size_t channels;
    soxr_t *streams;
};

/* Linear phase, 28 bits (stop band below -170 dB), pass band to 0.913 of the lower Nyquist frequency; the
 * exact clock keeps rates such as 999.412 Hz from drifting over long recordings. */
static soxr_t create_stream(double input_rate_hz, double output_rate_hz, const char **why) {
    const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT64_I, SOXR_FLOAT64_I);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, SOXR_HI_PREC_CLOCK | SOXR_ROLLOFF_NONE);
    const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
    return soxr_create(input_rate_hz, output_rate_hz, 1, why, &io, &quality, &runtime);
}

bb_status bb_resampler_create(double input_rate_hz, double output_rate_hz, size_t channels,
                              bb_resampler **out, bb_error *err) {
    *out = NULL;
    const double ratio = input_rate_hz / output_rate_hz;
    if (!(ratio <= BB_MAX_RATE_RATIO && ratio >= 1.0 / BB_MAX_RATE_RATIO))
        return bb_fail(err, BB_ERR_ARGUMENT, "resampling from %g to %g Hz: expected a factor of at most %d",
                       input_rate_hz, output_rate_hz, BB_MAX_RATE_RATIO);
    bb_resampler *resampler = bb_calloc(1, sizeof *resampler);
    if (!resampler) return bb_fail(err, BB_ERR_MEMORY, "resampling: no memory");
    resampler->streams = bb_calloc(channels, sizeof *resampler->streams);
    for (size_t c = 0; resampler->streams && c < channels; ++c) {
        const char *why = NULL;
        resampler->streams[c] = create_stream(input_rate_hz, output_rate_hz, &why);
        if (!resampler->streams[c]) {
            bb_resampler_destroy(resampler);
            return bb_fail(err, BB_ERR_MEMORY, "resampling from %g to %g Hz: %s", input_rate_hz,
                           output_rate_hz, why ? why : "no memory");
        }
        resampler->channels = c + 1;
    }
    if (!resampler->streams) {
        bb_resampler_destroy(resampler);
        return bb_fail(err, BB_ERR_MEMORY, "resampling: no memory for %zu channels", channels);
    }
    *out = resampler;
    return BB_OK;
}

void bb_resampler_destroy(bb_resampler *resampler) {
    if (!resampler) return;
    for (size_t c = 0; c < resampler->channels; ++c) soxr_delete(resampler->streams[c]);
    bb_free(resampler->streams);
    bb_free(resampler);
}

int64_t bb_resampler_run(bb_resampler *resampler, size_t channel, const double *in, int64_t samples,
                         double *out, int64_t wanted) {
    size_t produced = 0;
    const soxr_error_t failed =
        soxr_process(resampler->streams[channel], in, (size_t)samples, NULL, out, (size_t)wanted, &produced);
    return failed ? -1 : (int64_t)produced;
}
