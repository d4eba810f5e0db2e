#include "simulate/response.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

static const double pi = 3.14159265358979323846;

static int64_t onset_sample(const bb_plan *plan, int word) {
    return llround(plan->words[word].onset_s * (double)plan->options.rate_hz);
}

bb_status bb_shapes_create(const bb_plan *plan, bb_shapes *shapes, bb_error *err) {
    const double rate = (double)plan->options.rate_hz;
    *shapes = (bb_shapes){.burst_first = (int)ceil(bb_burst_begin_s * rate),
                          .burst_samples = (int)ceil(bb_burst_s * rate),
                          .wave_samples = (int)ceil(bb_wave_s * rate)};
    const int n = shapes->burst_samples;
    shapes->wave = bb_calloc((size_t)shapes->wave_samples, sizeof *shapes->wave);
    shapes->tones = bb_calloc((size_t)2 * BB_TONES * (size_t)n, sizeof *shapes->tones);
    if (!shapes->wave || !shapes->tones) {
        bb_shapes_free(shapes);
        return bb_fail(err, BB_ERR_MEMORY, "simulation: no memory for the responses");
    }
    for (int i = 0; i < shapes->wave_samples; ++i) {
        const double turn = i / (rate * bb_wave_s);
        shapes->wave[i] = -sin(2 * pi * turn) * pow(sin(pi * turn), 2);
    }
    for (int i = 0; i < n; ++i) {
        const double t = (shapes->burst_first + i) / rate - bb_burst_begin_s;
        const double envelope = t < bb_burst_s ? pow(sin(pi * t / bb_burst_s), 2) : 0;
        for (int k = 0; k < BB_TONES; ++k) {
            const double phase = 2 * pi * (72.5 + 5 * k) * t;
            shapes->tones[k * n + i] = envelope * cos(phase);
            shapes->tones[(BB_TONES + k) * n + i] = envelope * sin(phase);
        }
    }
    return BB_OK;
}

void bb_shapes_free(bb_shapes *shapes) {
    bb_free(shapes->wave);
    bb_free(shapes->tones);
    *shapes = (bb_shapes){0};
}

/* The samples of `count` from `begin` on that lie in this block: [*first, *end) of the block. */
static void clip_to_block(int64_t begin, int64_t count, int64_t samples, int64_t *first, int64_t *end) {
    *first = begin < 0 ? 0 : begin;
    *end = begin + count > samples ? samples : begin + count;
}

/* `begin`: of the burst, in samples of the block. Its tones' sizes are drawn anew for each word and contact.
 */
static void add_burst(const bb_plan *plan, const bb_shapes *shapes, int contact, int word, int64_t begin,
                      int64_t samples, double *out) {
    const bb_contact_plan *c = &plan->contacts[contact];
    const uint64_t seed = plan->options.seed, stream = bb_stream(plan, contact, BB_PURPOSE_BURST);
    int64_t first, end;
    clip_to_block(begin, shapes->burst_samples, samples, &first, &end);
    if (first >= end) return;
    for (int k = 0; k < 2 * BB_TONES; ++k) {
        const double uv = c->tone_uv[k % BB_TONES] * (plan->words[word].loud ? 1 : 0.5);
        if (!(uv > 0)) continue;
        const double size = uv * bb_random_normal(seed, stream, (uint64_t)word * 2 * BB_TONES + (uint64_t)k);
        const double *tone = shapes->tones + (int64_t)k * shapes->burst_samples - begin;
        for (int64_t n = first; n < end; ++n) out[n] += size * tone[n];
    }
}

void bb_response_add(const bb_plan *plan, const bb_shapes *shapes, int contact, int first_word,
                     int64_t position, int64_t samples, double *out) {
    const bb_contact_plan *c = &plan->contacts[contact];
    for (int i = first_word; i < plan->word_count; ++i) {
        const int64_t onset = onset_sample(plan, i) - position;
        if (onset >= samples) break;
        const double uv = c->wave_uv[plan->words[i].loud];
        int64_t first, end;
        clip_to_block(onset, shapes->wave_samples, samples, &first, &end);
        for (int64_t n = first; n < end; ++n) out[n] += uv * shapes->wave[n - onset];
        add_burst(plan, shapes, contact, i, onset + shapes->burst_first, samples, out);
    }
}

/* ---- the rhythm */

static int64_t knot_samples(const bb_plan *plan) {
    const int64_t n = llround(0.025 * (double)plan->options.rate_hz);
    return n < 1 ? 1 : n;
}

/* The share of the way to its new phase that a reset has gone t seconds after the onset. */
static double gone(double t) {
    if (t <= bb_reset_begin_s) return 0;
    if (t >= bb_reset_end_s) return 1;
    return 0.5 - 0.5 * cos(pi * (t - bb_reset_begin_s) / (bb_reset_end_s - bb_reset_begin_s));
}

static double phase_at(const bb_plan *plan, const bb_contact_plan *c, const bb_rhythm *r, int64_t knot) {
    const double t = (double)(knot * knot_samples(plan)) / (double)plan->options.rate_hz;
    return 2 * pi * c->rhythm_hz * t + r->settled + r->walk + (1 - gone(t)) * r->away;
}

void bb_rhythm_start(const bb_plan *plan, int contact, bb_rhythm *rhythm) {
    bb_dice d = bb_dice_of(plan, contact, BB_PURPOSE_PHASE);
    *rhythm = (bb_rhythm){.knot = -1, .settled = bb_between(&d, 0, 2 * pi)};
    rhythm->phase = rhythm->settled;
    if (!plan->contacts[contact].responds) rhythm->next_word = plan->word_count;
}

/* The phase it would have at the onset if it were reset at once: 0, but for an error that leaves the locking
 * of the word's class (a normal one of variance s^2 leaves exp(-s^2 / 2)). It gets there the shorter way. */
static void reset(const bb_plan *plan, int contact, bb_rhythm *r, double phase) {
    const int word = r->next_word++;
    const double error = sqrt(-2 * log(bb_locking[plan->words[word].loud]));
    const uint64_t stream = bb_stream(plan, contact, BB_PURPOSE_PHASE);
    /* Draw 0 was the phase at the recording's begin: uniforms 0 and 1 belong to normal draw 0. */
    r->settled = error * bb_random_normal(plan->options.seed, stream, (uint64_t)word + 1);
    r->away = remainder(phase - r->settled, 2 * pi);
    r->walk = 0;
    r->knot = 0;
}

/* At the end of a line: on to the next knot, or a reset where a word begins. */
static void next_line(const bb_plan *plan, int contact, bb_rhythm *r, int64_t position) {
    const bb_contact_plan *c = &plan->contacts[contact];
    const int64_t each = knot_samples(plan);
    const bool more = r->next_word < plan->word_count;
    if (more && onset_sample(plan, r->next_word) == position)
        reset(plan, contact, r, r->phase);
    else
        ++r->knot;
    const double t = (double)(r->knot * each) / (double)plan->options.rate_hz,
                 here = phase_at(plan, c, r, r->knot);
    if (t >= bb_reset_end_s)
        r->walk +=
            sqrt(bb_phase_diffusion * (double)each / (double)plan->options.rate_hz) *
            bb_random_normal(plan->options.seed, bb_stream(plan, contact, BB_PURPOSE_WALK), r->drawn++);
    r->slope = (phase_at(plan, c, r, r->knot + 1) - here) / (double)each;
    r->left = each;
    if (r->next_word < plan->word_count) {
        const int64_t to_word = onset_sample(plan, r->next_word) - position;
        if (to_word < each) r->left = to_word;
    }
    r->phase = here + r->slope * (double)r->left;
    r->real = c->rhythm_uv * cos(here);
    r->imaginary = c->rhythm_uv * sin(here);
    r->turn_real = cos(r->slope);
    r->turn_imaginary = sin(r->slope);
}

void bb_rhythm_add(const bb_plan *plan, int contact, bb_rhythm *rhythm, int64_t position, int64_t samples,
                   double *out) {
    for (int64_t n = 0; n < samples;) {
        if (rhythm->left == 0) next_line(plan, contact, rhythm, position + n);
        const int64_t end = n + rhythm->left < samples ? n + rhythm->left : samples;
        double real = rhythm->real, imaginary = rhythm->imaginary;
        rhythm->left -= end - n;
        for (; n < end; ++n) {
            out[n] += real;
            const double turned = real * rhythm->turn_real - imaginary * rhythm->turn_imaginary;
            imaginary = real * rhythm->turn_imaginary + imaginary * rhythm->turn_real;
            real = turned;
        }
        rhythm->real = real;
        rhythm->imaginary = imaginary;
    }
}
