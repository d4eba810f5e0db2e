#include "simulate/signal.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "simulate/artefact.h"
#include "simulate/response.h"

static const double pi = 3.14159265358979323846;

/* Mains: a sample's place is MAINS_STRIDE * q + r. */
enum { MAINS_STRIDE = 64 };

struct bb_signal_stream {
    const bb_plan *plan;
    int64_t block; /* samples */
    bb_shapes shapes;
    int64_t position;            /* of the next sample */
    int first_word, first_spike; /* earlier ones are over */
    bb_noise reference;
    bb_noise *backgrounds; /* [contacts]; what drifts has the drift in it */
    bb_rhythm *rhythms;    /* [contacts] */
    bb_noise *sources;     /* [shafts * BB_SHAFT_SOURCES] */
    double *shared;        /* [1 + sources, block]: the reference, then the sources */
    double *mains;         /* [2 * BB_HARMONICS, block]: cosines, then sines */
    double mains_table[BB_HARMONICS][2][MAINS_STRIDE];
};

int64_t bb_signal_block(const bb_plan *plan) {
    const int64_t fitting = (1 << 20) / plan->row_count;
    return fitting < 1024 ? 1024 : fitting > 32768 ? 32768 : fitting;
}

static double mains_turns(const bb_plan *plan, int harmonic) {
    return (harmonic + 1) * plan->options.mains_hz / (double)plan->options.rate_hz;
}

static void start_parts(bb_signal_stream *stream) {
    const bb_plan *plan = stream->plan;
    const uint64_t seed = plan->options.seed;
    const bb_noise_filter drift = bb_noise_filter_make(1.95, 1500, (double)plan->options.rate_hz);
    bb_noise_start(&stream->reference, &plan->reference, seed, bb_stream(plan, 0, BB_PURPOSE_REFERENCE));
    for (int s = 0; s < plan->shaft_count * BB_SHAFT_SOURCES; ++s)
        bb_noise_start(&stream->sources[s], &plan->source, seed, bb_stream(plan, s, BB_PURPOSE_SOURCE));
    for (int i = 0; i < plan->contact_count; ++i) {
        const bb_contact_plan *c = &plan->contacts[i];
        bb_noise_start(&stream->backgrounds[i], c->fault == BB_FAULT_DRIFT ? &drift : &c->background, seed,
                       bb_stream(plan, i, BB_PURPOSE_BACKGROUND));
        bb_rhythm_start(plan, i, &stream->rhythms[i]);
    }
    for (int h = 0; h < BB_HARMONICS; ++h) {
        for (int r = 0; r < MAINS_STRIDE; ++r) {
            stream->mains_table[h][0][r] = cos(2 * pi * r * mains_turns(plan, h));
            stream->mains_table[h][1][r] = sin(2 * pi * r * mains_turns(plan, h));
        }
    }
}

bb_status bb_signal_stream_create(const bb_plan *plan, bb_signal_stream **out, bb_error *err) {
    const size_t sources = (size_t)plan->shaft_count * BB_SHAFT_SOURCES,
                 contacts = (size_t)plan->contact_count;
    bb_signal_stream *stream = *out = bb_calloc(1, sizeof *stream);
    if (!stream) return bb_fail(err, BB_ERR_MEMORY, "simulation: no memory");
    stream->plan = plan;
    stream->block = bb_signal_block(plan);
    stream->backgrounds = bb_calloc(contacts, sizeof *stream->backgrounds);
    stream->rhythms = bb_calloc(contacts, sizeof *stream->rhythms);
    stream->sources = bb_calloc(sources, sizeof *stream->sources);
    stream->shared = bb_calloc((1 + sources) * (size_t)stream->block, sizeof *stream->shared);
    stream->mains = bb_calloc((size_t)2 * BB_HARMONICS * (size_t)stream->block, sizeof *stream->mains);
    bb_status status = bb_shapes_create(plan, &stream->shapes, err);
    if (status == BB_OK &&
        (!stream->backgrounds || !stream->rhythms || !stream->sources || !stream->shared || !stream->mains))
        status = bb_fail(err, BB_ERR_MEMORY, "simulation: no memory for %zu contacts", contacts);
    if (status == BB_OK) {
        start_parts(stream);
    } else {
        bb_signal_stream_destroy(stream);
        *out = NULL;
    }
    return status;
}

void bb_signal_stream_destroy(bb_signal_stream *stream) {
    if (!stream) return;
    bb_shapes_free(&stream->shapes);
    bb_free(stream->backgrounds);
    bb_free(stream->rhythms);
    bb_free(stream->sources);
    bb_free(stream->shared);
    bb_free(stream->mains);
    bb_free(stream);
}

/* Turns of the mains are counted from the recording's first sample, so that no rounding piles up and blocks
 * do not matter: cos(q + r) and sin(q + r) from those of the stride q, computed, and of the rest r, in a
 * table. */
static void fill_mains(bb_signal_stream *stream, int64_t samples) {
    for (int h = 0; h < BB_HARMONICS; ++h) {
        double *cosines = stream->mains + (size_t)h * (size_t)stream->block;
        double *sines = stream->mains + (size_t)(BB_HARMONICS + h) * (size_t)stream->block;
        for (int64_t t = 0; t < samples;) {
            const int64_t at = stream->position + t, r = at % MAINS_STRIDE;
            const int64_t end = t + MAINS_STRIDE - r < samples ? t + MAINS_STRIDE - r : samples;
            const double phase = 2 * pi * fmod((double)(at - r) * mains_turns(stream->plan, h), 1);
            const double a = cos(phase), b = sin(phase);
            const double *c = stream->mains_table[h][0] + r - t, *s = stream->mains_table[h][1] + r - t;
            for (; t < end; ++t) {
                cosines[t] = a * c[t] - b * s[t];
                sines[t] = b * c[t] + a * s[t];
            }
        }
    }
}

static void fill_shared(bb_signal_stream *stream, int64_t samples) {
    const int count = 1 + stream->plan->shaft_count * BB_SHAFT_SOURCES;
    if (stream->plan->options.mains_hz > 0) fill_mains(stream, samples);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < count; ++i) {
        double *row = stream->shared + (size_t)i * (size_t)stream->block;
        memset(row, 0, (size_t)samples * sizeof *row);
        bb_noise_add(i == 0 ? &stream->reference : &stream->sources[i - 1], samples, row);
    }
}

static void add_shared(const bb_signal_stream *stream, const bb_contact_plan *c, int64_t samples,
                       double *out) {
    const double *source = stream->shared + (size_t)(1 + c->shaft * BB_SHAFT_SOURCES) * (size_t)stream->block;
    for (int64_t t = 0; t < samples; ++t)
        out[t] +=
            stream->shared[t] + c->source_gain[0] * source[t] + c->source_gain[1] * source[stream->block + t];
    for (int h = 0; h < BB_HARMONICS; ++h) {
        if (!(c->mains_uv[h] > 0)) continue;
        const double *cosines = stream->mains + (size_t)h * (size_t)stream->block;
        const double *sines = stream->mains + (size_t)(BB_HARMONICS + h) * (size_t)stream->block;
        const double a = c->mains_uv[h] * cos(c->mains_phase[h]),
                     b = -c->mains_uv[h] * sin(c->mains_phase[h]);
        for (int64_t t = 0; t < samples; ++t) out[t] += a * cosines[t] + b * sines[t];
    }
}

/* A sharp negative peak, a positive one of half its size 30 ms later, and a slow wave of 250 ms. */
static double spike_shape(double t) {
    const double sharp = t / 0.010, back = (t - 0.030) / 0.014;
    double value = -exp(-sharp * sharp / 2) + 0.5 * exp(-back * back / 2);
    if (t > 0.05 && t < 0.30) value -= 0.35 * pow(sin(pi * (t - 0.05) / 0.25), 2);
    return value;
}

static void add_spikes(const bb_signal_stream *stream, const bb_contact_plan *c, int64_t samples,
                       double *out) {
    const bb_plan *plan = stream->plan;
    const double rate = (double)plan->options.rate_hz;
    for (int i = stream->first_spike; i < plan->spike_count; ++i) {
        const bb_spike *spike = &plan->spikes[i];
        int64_t first = (int64_t)ceil((spike->peak_s - 0.06) * rate) - stream->position,
                end = (int64_t)ceil((spike->peak_s + 0.30) * rate) - stream->position;
        if (first >= samples) break;
        if (spike->shaft != c->shaft) continue;
        if (first < 0) first = 0;
        if (end > samples) end = samples;
        for (int64_t t = first; t < end; ++t)
            out[t] += spike->gain * c->spike_uv *
                      spike_shape((double)(stream->position + t) / rate - spike->peak_s);
    }
}

static void make_contact(bb_signal_stream *stream, int contact, int64_t samples, double *out) {
    const bb_plan *plan = stream->plan;
    const bb_contact_plan *c = &plan->contacts[contact];
    const int64_t position = stream->position;
    memset(out, 0, (size_t)samples * sizeof *out);
    bb_noise_add(&stream->backgrounds[contact], samples, out);
    add_shared(stream, c, samples, out);
    bb_rhythm_add(plan, contact, &stream->rhythms[contact], position, samples, out);
    if (c->spike_uv > 0) add_spikes(stream, c, samples, out);
    if (c->responds)
        bb_response_add(plan, &stream->shapes, contact, stream->first_word, position, samples, out);
    if (c->fault) bb_fault_apply(plan, contact, position, samples, out);
    if (plan->unsound_count) bb_unsound_apply(plan, contact, position, samples, out);
}

void bb_signal_stream_next(bb_signal_stream *stream, int64_t samples, double *out) {
    const bb_plan *plan = stream->plan;
    const double now = (double)stream->position / (double)plan->options.rate_hz;
    while (stream->first_word < plan->word_count && plan->words[stream->first_word].onset_s + 0.6 < now)
        ++stream->first_word;
    while (stream->first_spike < plan->spike_count && plan->spikes[stream->first_spike].peak_s + 0.4 < now)
        ++stream->first_spike;
    fill_shared(stream, samples);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < plan->contact_count; ++i)
        make_contact(stream, i, samples, out + (size_t)i * (size_t)samples);
    if (plan->options.extras) {
        double *extra = out + (size_t)plan->contact_count * (size_t)samples;
        bb_heart_fill(plan, stream->position, samples, extra);
        bb_trigger_fill(plan, stream->first_word, stream->position, samples, extra + samples);
    }
    stream->position += samples;
}
