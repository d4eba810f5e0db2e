#include "simulate/signal.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

static const double pi = 3.14159265358979323846;
enum { TONES = 16 };

struct bb_signal_stream {
    const bb_plan *plan;
    int64_t position;            /* of the next sample */
    int first_word, first_spike; /* earlier ones are over */
    bb_noise reference;
    bb_noise *backgrounds; /* [contacts] */
    bb_noise *drifts;      /* [contacts], used for those that drift */
    bb_noise *sources;     /* [shafts * BB_SHAFT_SOURCES] */
    double *shared;        /* [1 + sources, block]: the reference, then the sources */
    double *mains;         /* [2 * BB_HARMONICS, block]: cosines, then sines */
};

static void start_noises(bb_signal_stream *stream) {
    const bb_plan *plan = stream->plan;
    const uint64_t seed = plan->options.seed;
    const int subject = plan->subject;
    bb_noise_start(&stream->reference, plan->reference, seed, bb_stream(subject, 0, BB_PURPOSE_REFERENCE));
    for (int s = 0; s < plan->shaft_count * BB_SHAFT_SOURCES; ++s)
        bb_noise_start(&stream->sources[s], plan->source, seed, bb_stream(subject, s, BB_PURPOSE_SOURCE));
    for (int i = 0; i < plan->contact_count; ++i) {
        const bb_contact_plan *c = &plan->contacts[i];
        const bb_noise_recipe own = {c->exponent, c->background_uv, (double)plan->options.rate_hz};
        const bb_noise_recipe drift = {1.95, 1500, (double)plan->options.rate_hz};
        bb_noise_start(&stream->backgrounds[i], own, seed, bb_stream(subject, i, BB_PURPOSE_BACKGROUND));
        bb_noise_start(&stream->drifts[i], drift, seed, bb_stream(subject, i, BB_PURPOSE_DRIFT));
    }
}

bb_status bb_signal_stream_create(const bb_plan *plan, bb_signal_stream **out, bb_error *err) {
    const size_t sources = (size_t)plan->shaft_count * BB_SHAFT_SOURCES,
                 contacts = (size_t)plan->contact_count;
    bb_signal_stream *stream = *out = bb_calloc(1, sizeof *stream);
    if (stream) {
        stream->plan = plan;
        stream->backgrounds = bb_calloc(contacts, sizeof *stream->backgrounds);
        stream->drifts = bb_calloc(contacts, sizeof *stream->drifts);
        stream->sources = bb_calloc(sources, sizeof *stream->sources);
        stream->shared = bb_calloc((1 + sources) * BB_SIGNAL_BLOCK, sizeof *stream->shared);
        stream->mains = bb_calloc((size_t)2 * BB_HARMONICS * BB_SIGNAL_BLOCK, sizeof *stream->mains);
    }
    if (!stream || !stream->backgrounds || !stream->drifts || !stream->sources || !stream->shared ||
        !stream->mains) {
        bb_signal_stream_destroy(stream);
        *out = NULL;
        return bb_fail(err, BB_ERR_MEMORY, "simulation: no memory for %zu contacts", contacts);
    }
    start_noises(stream);
    return BB_OK;
}

void bb_signal_stream_destroy(bb_signal_stream *stream) {
    if (!stream) return;
    bb_free(stream->backgrounds);
    bb_free(stream->drifts);
    bb_free(stream->sources);
    bb_free(stream->shared);
    bb_free(stream->mains);
    bb_free(stream);
}

/* Turns of the mains are counted from the recording's first sample, so that no rounding piles up. */
static void fill_mains(bb_signal_stream *stream, int64_t samples) {
    for (int h = 0; h < BB_HARMONICS; ++h) {
        const double turns = (h + 1) * stream->plan->options.mains_hz / (double)stream->plan->options.rate_hz;
        double *cosines = stream->mains + (size_t)h * BB_SIGNAL_BLOCK;
        double *sines = stream->mains + (size_t)(BB_HARMONICS + h) * BB_SIGNAL_BLOCK;
        for (int64_t t = 0; t < samples; ++t) {
            const double phase = 2 * pi * fmod((double)(stream->position + t) * turns, 1);
            cosines[t] = cos(phase);
            sines[t] = sin(phase);
        }
    }
}

static void fill_shared(bb_signal_stream *stream, int64_t samples) {
    const int count = 1 + stream->plan->shaft_count * BB_SHAFT_SOURCES;
    fill_mains(stream, samples);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < count; ++i) {
        double *row = stream->shared + (size_t)i * BB_SIGNAL_BLOCK;
        memset(row, 0, (size_t)samples * sizeof *row);
        bb_noise_add(i == 0 ? &stream->reference : &stream->sources[i - 1], samples, row);
    }
}

static void add_shared(const bb_signal_stream *stream, const bb_contact_plan *c, int64_t samples,
                       double *out) {
    const double *source = stream->shared + (size_t)(1 + c->shaft * BB_SHAFT_SOURCES) * BB_SIGNAL_BLOCK;
    for (int64_t t = 0; t < samples; ++t)
        out[t] += stream->shared[t] + c->source_gain[0] * source[t] +
                  c->source_gain[1] * source[BB_SIGNAL_BLOCK + t];
    for (int h = 0; h < BB_HARMONICS; ++h) {
        if (!(c->mains_uv[h] > 0)) continue;
        const double *cosines = stream->mains + (size_t)h * BB_SIGNAL_BLOCK;
        const double *sines = stream->mains + (size_t)(BB_HARMONICS + h) * BB_SIGNAL_BLOCK;
        const double a = c->mains_uv[h] * cos(c->mains_phase[h]),
                     b = -c->mains_uv[h] * sin(c->mains_phase[h]);
        for (int64_t t = 0; t < samples; ++t) out[t] += a * cosines[t] + b * sines[t];
    }
}

/* The samples [*first, *end) of this block that lie `from` to `to` seconds into the recording. */
static void stretch(const bb_signal_stream *stream, int64_t samples, double from, double to, int64_t *first,
                    int64_t *end) {
    const double rate = (double)stream->plan->options.rate_hz;
    const int64_t a = (int64_t)ceil(from * rate) - stream->position,
                  b = (int64_t)ceil(to * rate) - stream->position;
    *first = a < 0 ? 0 : a;
    *end = b > samples ? samples : b;
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
        int64_t first, end;
        stretch(stream, samples, spike->peak_s - 0.06, spike->peak_s + 0.30, &first, &end);
        if (first >= samples) break;
        if (spike->shaft != c->shaft) continue;
        for (int64_t t = first; t < end; ++t)
            out[t] += spike->gain * c->spike_uv *
                      spike_shape((double)(stream->position + t) / rate - spike->peak_s);
    }
}

/* Gaussian noise of 70 to 150 Hz as TONES cosines 5 Hz apart with random sizes and phases, drawn anew for
 * each word and contact; sd 1. Tones above half the rate are left out. */
typedef struct burst {
    double cosines[TONES], sines[TONES];
} burst;

static burst draw_burst(const bb_plan *plan, int contact, int word) {
    burst made;
    const uint64_t stream = bb_stream(plan->subject, contact, BB_PURPOSE_BURST);
    for (int k = 0; k < TONES; ++k) {
        /* The first draws of this stream are the contact's own. */
        const uint64_t index = 2 * (TONES * ((uint64_t)word + 1) + (uint64_t)k);
        made.cosines[k] = bb_random_normal(plan->options.seed, stream, index) / sqrt(TONES);
        made.sines[k] = bb_random_normal(plan->options.seed, stream, index + 1) / sqrt(TONES);
    }
    return made;
}

static double burst_at(const burst *b, double t, double rate) {
    double sum = 0;
    for (int k = 0; k < TONES; ++k) {
        const double hz = 72.5 + 5 * k;
        if (hz < rate / 2) sum += b->cosines[k] * cos(2 * pi * hz * t) + b->sines[k] * sin(2 * pi * hz * t);
    }
    return sum;
}

static void add_responses(const bb_signal_stream *stream, int contact, int64_t samples, double *out) {
    const bb_plan *plan = stream->plan;
    const bb_contact_plan *c = &plan->contacts[contact];
    const double rate = (double)plan->options.rate_hz;
    for (int i = stream->first_word; i < plan->word_count; ++i) {
        const bb_word *word = &plan->words[i];
        int64_t first, end;
        stretch(stream, samples, word->onset_s, word->onset_s + 0.5, &first, &end);
        if (first >= samples) break;
        if (first >= end) continue;
        const burst noise = draw_burst(plan, contact, i);
        for (int64_t n = first; n < end; ++n) {
            const double t = (double)(stream->position + n) / rate - word->onset_s;
            out[n] -= c->evoked_uv[word->loud] * sin(2 * pi * 4 * t) * pow(sin(pi * t / 0.5), 2);
            if (t > 0.05 && t < 0.25)
                out[n] += c->response_high_gamma_uv[word->loud] * pow(sin(pi * (t - 0.05) / 0.2), 2) *
                          burst_at(&noise, t, rate);
        }
    }
}

static void make_contact(bb_signal_stream *stream, int contact, int64_t samples, double *out) {
    const bb_plan *plan = stream->plan;
    const bb_contact_plan *c = &plan->contacts[contact];
    memset(out, 0, (size_t)samples * sizeof *out);
    bb_noise_add(&stream->backgrounds[contact], samples, out);
    add_shared(stream, c, samples, out);
    if (c->spike_uv > 0) add_spikes(stream, c, samples, out);
    if (c->responds) add_responses(stream, contact, samples, out);
    if (c->fault == BB_FAULT_DRIFT) bb_noise_add(&stream->drifts[contact], samples, out);
    if (c->fault == BB_FAULT_WHITE) {
        const uint64_t white = bb_stream(plan->subject, contact, BB_PURPOSE_WHITE);
        for (int64_t t = 0; t < samples; ++t)
            out[t] += 300 * bb_noise_draw(
                                bb_random_bits(plan->options.seed, white, (uint64_t)(stream->position + t)));
    }
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
    stream->position += samples;
}
