#include "signal/chain.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "signal/cascade.h"
#include "signal/montage.h"
#include "signal/resample.h"

enum {
    TILE = 1024,            /* samples per channel worked on at once, so that they stay in the cache */
    TILE_STRIDE = TILE + 8, /* a line more, or all rows would fall into the same few sets of the cache */
    BACKLOG = 4096, /* how much more than its share a push hands over of what the resampler held back */
    HIGHPASS_ORDER = 4,
    BANDPASS_ORDER = 5,
};

struct bb_chain {
    double rate_hz, input_rate_hz;
    int threads;
    bb_montage montage;
    size_t rows;        /* input channels that take part */
    size_t *channels;   /* [rows] which ones */
    double *last_sound; /* [rows] the last sound sample */
    int64_t *repaired;  /* [rows] */
    int64_t *ready;     /* [rows] samples a step brought */
    double *tile;       /* [rows, TILE_STRIDE] */
    double mean[TILE];
    bb_resampler *resampler; /* NULL: the rates are the same */
    bb_cascade *cascade;     /* NULL: nothing to filter */
    int64_t consumed, produced;
    bool flushed;
};

_Static_assert(BB_ALL_HARMONICS + (HIGHPASS_ORDER + 1) / 2 + BANDPASS_ORDER <= BB_MAX_SECTIONS, "sections");

/* `highest` is half the rate. */
static bb_status check_bands(const bb_signal_recipe *r, double highest, bb_error *err) {
    if (!(r->highpass_hz >= 0 && r->highpass_hz < highest))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "high-pass: expected 0 (none) or a frequency below %g Hz, half the rate, found %g Hz",
                       highest, r->highpass_hz);
    const bool none = r->bandpass_low_hz == 0 && r->bandpass_high_hz == 0;
    if (!none && !(r->bandpass_low_hz > 0 && r->bandpass_low_hz < r->bandpass_high_hz &&
                   r->bandpass_high_hz < highest))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "band-pass: expected two frequencies, rising, above 0 and below %g Hz, half the rate "
                       "(or twice 0: none), found %g and %g Hz",
                       highest, r->bandpass_low_hz, r->bandpass_high_hz);
    return BB_OK;
}

static bb_status check_recipe(const bb_signal_recipe *r, double input_rate_hz, bb_error *err) {
    if (!(r->rate_hz > 0 && isfinite(r->rate_hz) && input_rate_hz > 0 && isfinite(input_rate_hz)))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "signal chain: expected positive sampling rates, found %g -> %g Hz", input_rate_hz,
                       r->rate_hz);
    if (!(r->notch_hz >= 0 && isfinite(r->notch_hz)) || (r->notch_hz > 0 && !(r->notch_q > 0)))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "notch: expected a frequency of 0 (none) or more and a Q above 0, found %g Hz, Q %g",
                       r->notch_hz, r->notch_q);
    if (r->notch_harmonics < 0 || r->notch_harmonics > BB_ALL_HARMONICS)
        return bb_fail(err, BB_ERR_ARGUMENT, "notch: expected 0 to %d harmonics, found %d", BB_ALL_HARMONICS,
                       r->notch_harmonics);
    if ((unsigned)r->reference > BB_REFERENCE_CAR)
        return bb_fail(err, BB_ERR_ARGUMENT, "signal chain: there is no reference %d", (int)r->reference);
    return check_bands(r, r->rate_hz / 2, err);
}

static bb_status create_filters(bb_chain *chain, const bb_signal_recipe *r, bb_error *err) {
    bb_biquad sections[BB_MAX_SECTIONS];
    size_t count = 0;
    if (r->highpass_hz > 0) count = bb_design_highpass(HIGHPASS_ORDER, r->highpass_hz, r->rate_hz, sections);
    for (int k = 1; r->notch_hz > 0 && k <= r->notch_harmonics && k * r->notch_hz < r->rate_hz / 2; ++k)
        sections[count++] = bb_design_notch(k * r->notch_hz, r->notch_q, r->rate_hz);
    if (r->bandpass_high_hz > 0)
        count += bb_design_bandpass(BANDPASS_ORDER, r->bandpass_low_hz, r->bandpass_high_hz, r->rate_hz,
                                    sections + count);
    if (count == 0) return BB_OK;
    chain->cascade = bb_cascade_create(sections, count, chain->rows);
    return chain->cascade ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "signal chain: no memory for the filters");
}

static bb_status take_channels(bb_chain *chain, size_t count, bb_error *err) {
    size_t *rows = bb_calloc(count, sizeof *rows);
    chain->channels = bb_calloc(count, sizeof *chain->channels);
    if (rows && chain->channels)
        chain->rows = bb_montage_compact(&chain->montage, count, rows, chain->channels);
    bb_free(rows);
    chain->last_sound = bb_calloc(chain->rows, sizeof *chain->last_sound);
    chain->repaired = bb_calloc(chain->rows, sizeof *chain->repaired);
    chain->ready = bb_calloc(chain->rows, sizeof *chain->ready);
    chain->tile = bb_calloc(chain->rows, TILE_STRIDE * sizeof *chain->tile);
    if (chain->rows == 0 || !chain->last_sound || !chain->repaired || !chain->ready || !chain->tile)
        return bb_fail(err, BB_ERR_MEMORY, "signal chain: no memory for %zu channels", count);
    return BB_OK;
}

static bb_status build(bb_chain *chain, const bb_signal_recipe *recipe, const bb_chain_channel *channels,
                       size_t count, bb_error *err) {
    BB_TRY(bb_montage_create(recipe->reference, channels, count, &chain->montage, err));
    BB_TRY(take_channels(chain, count, err));
    BB_TRY(create_filters(chain, recipe, err));
    if (fabs(chain->input_rate_hz - chain->rate_hz) > 1e-9 * chain->rate_hz)
        BB_TRY(
            bb_resampler_create(chain->input_rate_hz, chain->rate_hz, chain->rows, &chain->resampler, err));
    return BB_OK;
}

bb_status bb_chain_create(const bb_signal_recipe *recipe, double input_rate_hz,
                          const bb_chain_channel *channels, size_t channel_count, int threads, bb_chain **out,
                          bb_error *err) {
    *out = NULL;
    BB_TRY(check_recipe(recipe, input_rate_hz, err));
    bb_chain *chain = bb_calloc(1, sizeof *chain);
    if (!chain) return bb_fail(err, BB_ERR_MEMORY, "signal chain: no memory");
    chain->rate_hz = recipe->rate_hz;
    chain->input_rate_hz = input_rate_hz;
    const bb_status status = build(chain, recipe, channels, channel_count, err);
    if (status != BB_OK) {
        bb_chain_destroy(chain);
        return status;
    }
    /* More threads than channels have nothing to do. */
    chain->threads = threads < 1 ? 1 : (size_t)threads > chain->rows ? (int)chain->rows : threads;
    *out = chain;
    return BB_OK;
}

void bb_chain_destroy(bb_chain *chain) {
    if (!chain) return;
    bb_montage_free(&chain->montage);
    bb_resampler_destroy(chain->resampler);
    bb_cascade_destroy(chain->cascade);
    bb_free(chain->channels);
    bb_free(chain->last_sound);
    bb_free(chain->repaired);
    bb_free(chain->ready);
    bb_free(chain->tile);
    bb_free(chain);
}

size_t bb_chain_output_count(const bb_chain *chain) { return chain->montage.count; }

const char *bb_chain_output_name(const bb_chain *chain, size_t output) {
    return chain->montage.derivations[output].name;
}

size_t bb_chain_output_source(const bb_chain *chain, size_t output) {
    return chain->channels[chain->montage.derivations[output].source];
}

size_t bb_chain_output_inputs(const bb_chain *chain, size_t output, size_t inputs[3]) {
    const bb_derivation *d = &chain->montage.derivations[output];
    const bb_reference reference = chain->montage.reference;
    size_t count = 0;
    inputs[count++] = chain->channels[d->source];
    if (reference == BB_REFERENCE_LAPLACIAN) inputs[count++] = chain->channels[d->left];
    if (reference == BB_REFERENCE_LAPLACIAN || reference == BB_REFERENCE_BIPOLAR)
        inputs[count++] = chain->channels[d->right];
    return count;
}

int64_t bb_chain_repaired(const bb_chain *chain) {
    int64_t sum = 0;
    for (size_t r = 0; r < chain->rows; ++r) sum += chain->repaired[r];
    return sum;
}

int64_t bb_chain_output_length(const bb_chain *chain, int64_t input_samples) {
    if (input_samples <= 0) return 0;
    if (!chain->resampler) return input_samples;
    return llround((double)input_samples * chain->rate_hz / chain->input_rate_hz);
}

int64_t bb_chain_capacity(const bb_chain *chain, int64_t input_samples) {
    const int64_t share = bb_chain_output_length(chain, input_samples);
    return chain->resampler ? share + 1 + BACKLOG : share;
}

/* in[samples] -> out[samples] with unsound samples replaced. */
static void repair(bb_chain *chain, size_t row, const double *in, int64_t samples, double *out) {
    double last = chain->last_sound[row];
    int64_t repaired = 0;
    for (int64_t t = 0; t < samples; ++t) {
        const bool sound = fabs(in[t]) <= BB_BEYOND_VOLTAGE; /* false for NaN too */
        last = sound ? in[t] : last;
        repaired += !sound;
        out[t] = last;
    }
    chain->last_sound[row] = last;
    chain->repaired[row] += repaired;
}

/* Up to TILE samples of one channel into its row of the tile; `in` is NULL for zeros. */
static int64_t fill_row(bb_chain *chain, size_t row, const double *in, int64_t samples, int64_t wanted) {
    double *tile = chain->tile + row * TILE_STRIDE;
    if (!chain->resampler) {
        repair(chain, row, in, samples, tile);
        return samples;
    }
    double sound[TILE];
    if (in)
        repair(chain, row, in, samples, sound);
    else
        memset(sound, 0, (size_t)samples * sizeof *sound);
    return bb_resampler_run(chain->resampler, row, sound, samples, tile, wanted);
}

/* One tile: `samples` (up to TILE) in from in[channel * stride + t], up to `wanted` (up to TILE) out.
 * The threads meet once behind each stage: starting them takes longer than the stages of a tile. */
static bb_status step(bb_chain *chain, const double *in, int64_t stride, int64_t samples, double *out,
                      int64_t capacity, int64_t wanted, int64_t *produced, bb_error *err) {
    size_t unlike = chain->rows; /* the first row that brought another number of samples than row 0 */
#pragma omp parallel num_threads(chain->threads)
    {
#pragma omp for schedule(static)
        for (int64_t r = 0; r < (int64_t)chain->rows; ++r)
            chain->ready[r] = fill_row(
                chain, (size_t)r, in ? in + (int64_t)chain->channels[r] * stride : NULL, samples, wanted);
#pragma omp single
        {
            unlike = 0;
            while (unlike < chain->rows && chain->ready[unlike] >= 0 &&
                   chain->ready[unlike] == chain->ready[0])
                ++unlike;
        }
        const int64_t n = chain->ready[0];
        if (unlike == chain->rows) {
            if (chain->cascade) bb_cascade_run(chain->cascade, chain->tile, TILE_STRIDE, n);
            bb_montage_apply(&chain->montage, chain->tile, TILE_STRIDE, n, chain->mean, out, capacity);
        }
    }
    if (unlike < chain->rows)
        return bb_fail(err, BB_ERR_MEMORY, "resampling: no memory for channel %zu", chain->channels[unlike]);
    *produced = chain->ready[0];
    chain->produced += *produced;
    return BB_OK;
}

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

bb_status bb_chain_push(bb_chain *chain, const double *in, int64_t samples, double *out, int64_t capacity,
                        int64_t *produced, bb_error *err) {
    *produced = 0;
    if (samples < 0 || chain->flushed)
        return bb_fail(err, BB_ERR_ARGUMENT, "signal chain: %s",
                       samples < 0 ? "a negative number of samples" : "a push after the end of the stream");
    const int64_t limit = bb_chain_capacity(chain, samples);
    if (capacity < limit)
        return bb_fail(err, BB_ERR_ARGUMENT, "signal chain: expected room for %lld samples, found %lld",
                       (long long)limit, (long long)capacity);
    const int64_t due = bb_chain_output_length(chain, chain->consumed + samples) - chain->produced;
    const int64_t most = smaller(limit, due);
    /* A resampler is fed once it has nothing more ready, so that little piles up inside it. */
    for (int64_t taken = 0, more = 0; taken < samples || more;) {
        const int64_t n = more ? 0 : smaller(samples - taken, TILE), wanted = smaller(most - *produced, TILE);
        int64_t ready = 0;
        BB_TRY(step(chain, in + taken, samples, n, out + *produced, capacity, wanted, &ready, err));
        taken += n;
        *produced += ready;
        more = chain->resampler && ready == TILE;
    }
    chain->consumed += samples;
    return BB_OK;
}

bb_status bb_chain_flush(bb_chain *chain, double *out, int64_t capacity, int64_t *produced, bb_error *err) {
    *produced = 0;
    chain->flushed = true;
    const int64_t left = bb_chain_output_length(chain, chain->consumed) - chain->produced;
    if (left > 0 && capacity < 1)
        return bb_fail(err, BB_ERR_ARGUMENT, "signal chain: expected room for 1 sample or more, found %lld",
                       (long long)capacity);
    const int64_t limit = smaller(left, capacity);
    for (int64_t zeros = 0; *produced < limit;) {
        int64_t ready = 0;
        const int64_t wanted = smaller(limit - *produced, TILE);
        BB_TRY(step(chain, NULL, 0, zeros, out + *produced, capacity, wanted, &ready, err));
        *produced += ready;
        zeros = ready < wanted ? TILE : 0;
    }
    return BB_OK;
}
