#include "simulate/artefact.h"

#include <math.h>
#include <string.h>

/* An amplifier that is driven too far: eight times the voltage, cut at this. */
static const double clip_gain = 8, clip_uv = 400;

/* Spoils the samples from `from` to `to` seconds into the recording as far as they lie in this block. */
static void spoil(const bb_plan *plan, double from, double to, bool clipped, double level_uv,
                  int64_t position, int64_t samples, double *out) {
    const double rate = (double)plan->options.rate_hz;
    int64_t first = (int64_t)ceil(from * rate) - position, end = (int64_t)ceil(to * rate) - position;
    if (first < 0) first = 0;
    if (end > samples) end = samples;
    for (int64_t t = first; t < end; ++t)
        out[t] = clipped ? fmin(fmax(clip_gain * out[t], -clip_uv), clip_uv) : level_uv;
}

/* A stretch in each 10 s, 3 to 7 s long. */
static void spoil_by_turns(const bb_plan *plan, int contact, int64_t position, int64_t samples, double *out) {
    const double rate = (double)plan->options.rate_hz;
    bb_dice d = bb_dice_of(plan, contact, BB_PURPOSE_FAULT);
    const bool clipped = plan->contacts[contact].fault == BB_FAULT_CLIPPED;
    const int64_t last = (int64_t)((double)(position + samples - 1) / rate / 10);
    for (int64_t slot = (int64_t)((double)position / rate / 10); slot <= last; ++slot) {
        d.next = 2 * (uint64_t)slot;
        const double from = 10 * (double)slot + bb_between(&d, 0, 3), length = bb_between(&d, 3, 7);
        spoil(plan, from, from + length, clipped, 0, position, samples, out);
    }
}

void bb_fault_apply(const bb_plan *plan, int contact, int64_t position, int64_t samples, double *out) {
    const bb_contact_fault fault = plan->contacts[contact].fault;
    if (fault == BB_FAULT_WHITE) {
        const uint64_t stream = bb_stream(plan, contact, BB_PURPOSE_FAULT);
        for (int64_t t = 0; t < samples; ++t)
            out[t] +=
                300 * bb_noise_draw(bb_random_bits(plan->options.seed, stream, (uint64_t)(position + t)));
    } else if (fault == BB_FAULT_FLAT || fault == BB_FAULT_CLIPPED) {
        spoil_by_turns(plan, contact, position, samples, out);
    }
}

void bb_unsound_apply(const bb_plan *plan, int contact, int64_t position, int64_t samples, double *out) {
    const double slot = plan->options.seconds / plan->unsound_count, rate = (double)plan->options.rate_hz;
    for (int i = (int)((double)position / rate / slot); i < plan->unsound_count; ++i) {
        const bb_unsound *u = &plan->unsounds[i];
        if (u->onset_s * rate >= (double)(position + samples)) break;
        if (u->contact == contact)
            spoil(plan, u->onset_s, u->onset_s + u->duration_s, u->clipped, u->level_uv, position, samples,
                  out);
    }
}

static double bump(double t, double width_s) { return exp(-t * t / (2 * width_s * width_s)); }

/* Beats in slots of one period, each up to a twentieth of it early or late: an R peak between its small
 * neighbours, and a T wave. */
void bb_heart_fill(const bb_plan *plan, int64_t position, int64_t samples, double *out) {
    const double rate = (double)plan->options.rate_hz, period = plan->heart_period_s;
    const uint64_t stream = bb_stream(plan, 0, BB_PURPOSE_HEART);
    memset(out, 0, (size_t)samples * sizeof *out);
    const int64_t begin = (int64_t)((double)position / rate / period) - 1,
                  end = (int64_t)((double)(position + samples) / rate / period) + 1;
    for (int64_t beat = begin < 0 ? 0 : begin; beat <= end; ++beat) {
        const double shift = 0.1 * bb_random_uniform(plan->options.seed, stream, (uint64_t)beat) - 0.05;
        const double peak = ((double)beat + 0.5 + shift) * period;
        for (int64_t n = 0; n < samples; ++n) {
            const double t = (double)(position + n) / rate - peak;
            if (t < -0.1 || t > 0.45) continue;
            out[n] += 800 * bump(t, 0.008) - 120 * bump(t + 0.025, 0.008) - 180 * bump(t - 0.025, 0.009) +
                      150 * bump(t - 0.27, 0.04);
        }
    }
}

/* 20 ms at 1000 uV for soft, 2000 uV for loud. */
void bb_trigger_fill(const bb_plan *plan, int first_word, int64_t position, int64_t samples, double *out) {
    const double rate = (double)plan->options.rate_hz;
    memset(out, 0, (size_t)samples * sizeof *out);
    for (int i = first_word; i < plan->word_count; ++i) {
        const bb_word *word = &plan->words[i];
        if (word->onset_s * rate >= (double)(position + samples)) break;
        spoil(plan, word->onset_s - 1e-9, word->onset_s + 0.02, false, word->loud ? 2000 : 1000, position,
              samples, out);
    }
}
