#include "simulate/plan.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

static const double contact_spacing_mm = 3.5;

/* Draws in a row from one stream. */
typedef struct dice {
    uint64_t seed, stream, next;
} dice;

static double between(dice *d, double low, double high) {
    return low + (high - low) * bb_random_uniform(d->seed, d->stream, d->next++);
}

static double falloff(double contacts_apart, double length_mm) {
    return exp(-contact_spacing_mm * fabs(contacts_apart) / length_mm);
}

/* Shafts of the left half of the list enter from the left: LA, LB, ..., LZ, LAA, ...; then RA, RB, ... */
static void name_contact(bb_contact_plan *c, int shaft_count) {
    const int left = (shaft_count + 1) / 2, letter = c->shaft < left ? c->shaft : c->shaft - left;
    const char first[2] = {(char)(letter < 26 ? '\0' : 'A' + letter / 26 - 1), '\0'};
    snprintf(c->shaft_name, sizeof c->shaft_name, "%c%s%c", c->shaft < left ? 'L' : 'R', first,
             'A' + letter % 26);
    snprintf(c->name, sizeof c->name, "%s%d", c->shaft_name, c->place + 1);
}

/* A straight shaft from near the midline outwards, a little tilted. */
static void place_contact(bb_contact_plan *c, dice shaft) {
    const double entry[3] = {between(&shaft, 18, 28), between(&shaft, -60, 40), between(&shaft, -20, 35)};
    const double tilt[3] = {1, between(&shaft, -0.2, 0.2), between(&shaft, -0.2, 0.2)};
    const double length = sqrt(tilt[0] * tilt[0] + tilt[1] * tilt[1] + tilt[2] * tilt[2]);
    for (int k = 0; k < 3; ++k) c->position[k] = entry[k] + tilt[k] / length * contact_spacing_mm * c->place;
    if (c->shaft_name[0] == 'L') c->position[0] = -c->position[0];
}

static void draw_contact(bb_plan *plan, int index) {
    const uint64_t seed = plan->options.seed;
    bb_contact_plan *c = &plan->contacts[index];
    dice d = {seed, bb_stream(plan->subject, index, BB_PURPOSE_CONTACT), 0};
    dice shaft = {seed, bb_stream(plan->subject, index / BB_SHAFT_CONTACTS, BB_PURPOSE_SHAFT), 0};
    c->shaft = index / BB_SHAFT_CONTACTS;
    c->place = index % BB_SHAFT_CONTACTS;
    c->exponent = between(&d, 1.0, 1.8);
    c->background_uv = between(&d, 30, 60);
    const double mains = between(&d, 5, 20);
    for (int h = 0; h < BB_HARMONICS; ++h) {
        const bool below_nyquist = (h + 1) * plan->options.mains_hz < (double)plan->options.rate_hz / 2;
        c->mains_uv[h] = below_nyquist ? mains / (h + 1) : 0;
        c->mains_phase[h] = 2.4 * h + between(&d, -0.3, 0.3);
    }
    for (int s = 0; s < BB_SHAFT_SOURCES; ++s)
        c->source_gain[s] = falloff(c->place - between(&shaft, 0, BB_SHAFT_CONTACTS - 1), 10);
    name_contact(c, plan->shaft_count);
    place_contact(c, shaft);
}

/* A contact's noise between 70 and 150 Hz comes from its own background, its shaft and the reference. */
static void draw_response(bb_plan *plan, int index) {
    bb_contact_plan *c = &plan->contacts[index];
    const double rate = (double)plan->options.rate_hz;
    const bb_noise_recipe own = {c->exponent, c->background_uv, rate};
    double power = bb_noise_band_power(own, 70, 150) + bb_noise_band_power(plan->reference, 70, 150);
    for (int s = 0; s < BB_SHAFT_SOURCES; ++s)
        power += c->source_gain[s] * c->source_gain[s] * bb_noise_band_power(plan->source, 70, 150);
    c->noise_high_gamma_uv = sqrt(power);
    if (!c->responds) return;
    dice d = {plan->options.seed, bb_stream(plan->subject, index, BB_PURPOSE_BURST), 0};
    c->response_high_gamma_uv[1] = between(&d, 2.5, 5) * c->noise_high_gamma_uv;
    c->response_high_gamma_uv[0] = c->response_high_gamma_uv[1] / 2;
    c->evoked_uv[1] = between(&d, 25, 50);
    c->evoked_uv[0] = 0.6 * c->evoked_uv[1];
}

/* Deals the roles from a shuffled pack (Fisher and Yates): one bad contact in 16, one responding in 4 of the
 * others. */
static bb_status choose_roles(bb_plan *plan, bb_error *err) {
    const int n = plan->contact_count, bad = (n + 8) / 16, good = n - bad;
    const int responding = good < 4 ? 1 : (good + 2) / 4;
    int *pack = bb_calloc((size_t)n, sizeof *pack);
    if (!pack) return bb_fail(err, BB_ERR_MEMORY, "simulation: no memory for %d contacts", n);
    dice d = {plan->options.seed, bb_stream(plan->subject, 0, BB_PURPOSE_CHOICE), 0};
    for (int i = 0; i < n; ++i) pack[i] = i;
    for (int i = n - 1; i > 0; --i) {
        const int j = (int)between(&d, 0, i + 1), kept = pack[i];
        pack[i] = pack[j];
        pack[j] = kept;
    }
    for (int i = 0; i < bad; ++i) plan->contacts[pack[i]].fault = i % 2 ? BB_FAULT_WHITE : BB_FAULT_DRIFT;
    for (int i = bad; i < bad + responding; ++i) plan->contacts[pack[i]].responds = true;
    bb_free(pack);
    return BB_OK;
}

/* One word in each of equal slots, classes balanced within each pair of slots. */
static void draw_words(bb_plan *plan) {
    dice d = {plan->options.seed, bb_stream(plan->subject, 0, BB_PURPOSE_WORD), 0};
    const double slot = plan->options.seconds / plan->word_count, rate = (double)plan->options.rate_hz;
    bool first_is_loud = false;
    for (int i = 0; i < plan->word_count; ++i) {
        if (i % 2 == 0) first_is_loud = between(&d, 0, 1) < 0.5;
        plan->words[i].onset_s = round((i + between(&d, 0.2, 0.6)) * slot * rate) / rate;
        plan->words[i].duration_s = round(between(&d, 0.25, 0.35) * 1000) / 1000;
        plan->words[i].loud = first_is_loud == (i % 2 == 0);
    }
}

/* One spike per shaft in each 10 s, as far as it ends before the recording does. */
static void draw_spikes(bb_plan *plan, const int *shafts, int shaft_count, int slots) {
    for (int i = 0; i < slots; ++i) {
        bb_spike *made = &plan->spikes[plan->spike_count];
        int n = 0;
        for (int k = 0; k < shaft_count; ++k) {
            dice d = {plan->options.seed, bb_stream(plan->subject, shafts[k] + 1, BB_PURPOSE_SPIKE),
                      2 * (uint64_t)i};
            const double peak = 10 * (i + between(&d, 0.05, 0.95)), gain = between(&d, 0.7, 1.3);
            if (peak + 0.5 < plan->options.seconds) made[n++] = (bb_spike){peak, shafts[k], gain};
        }
        if (n == 2 && made[1].peak_s < made[0].peak_s) {
            const bb_spike later = made[0];
            made[0] = made[1];
            made[1] = later;
        }
        plan->spike_count += n;
    }
}

static bb_status plan_spikes(bb_plan *plan, bb_error *err) {
    dice d = {plan->options.seed, bb_stream(plan->subject, 0, BB_PURPOSE_SPIKE), 0};
    const int count = plan->shaft_count < 3 ? 1 : BB_SPIKING_SHAFTS,
              slots = (int)ceil(plan->options.seconds / 10);
    int shafts[BB_SPIKING_SHAFTS] = {(int)between(&d, 0, plan->shaft_count), 0};
    shafts[1] = (shafts[0] + 1 + (int)between(&d, 0, plan->shaft_count - 1)) % plan->shaft_count;
    for (int k = 0; k < count; ++k) {
        const int first = shafts[k] * BB_SHAFT_CONTACTS;
        const int there =
            plan->contact_count - first < BB_SHAFT_CONTACTS ? plan->contact_count - first : BB_SHAFT_CONTACTS;
        const double size = between(&d, 100, 300);
        const int focus = (int)between(&d, 0, there);
        for (int i = 0; i < there; ++i) plan->contacts[first + i].spike_uv = size * falloff(i - focus, 7);
    }
    plan->spikes = bb_calloc((size_t)slots * BB_SPIKING_SHAFTS, sizeof *plan->spikes);
    if (!plan->spikes) return bb_fail(err, BB_ERR_MEMORY, "simulation: no memory for %d spikes", slots);
    draw_spikes(plan, shafts, count, slots);
    return BB_OK;
}

bb_status bb_plan_create(const bb_simulation *checked, int subject, bb_plan *plan, bb_error *err) {
    const double rate = (double)checked->rate_hz;
    *plan = (bb_plan){.options = *checked,
                      .subject = subject,
                      .samples = llround(checked->seconds * rate),
                      .contact_count = checked->channels,
                      .shaft_count = (checked->channels + BB_SHAFT_CONTACTS - 1) / BB_SHAFT_CONTACTS,
                      .word_count = checked->events,
                      .reference = {1.0, 10, rate},
                      .source = {1.4, 25, rate}};
    plan->contacts = bb_calloc((size_t)plan->contact_count, sizeof *plan->contacts);
    plan->words = bb_calloc((size_t)plan->word_count, sizeof *plan->words);
    bb_status status = BB_OK;
    if (!plan->contacts || !plan->words)
        status = bb_fail(err, BB_ERR_MEMORY, "simulation: no memory for %d contacts and %d events",
                         plan->contact_count, plan->word_count);
    for (int i = 0; status == BB_OK && i < plan->contact_count; ++i) draw_contact(plan, i);
    if (status == BB_OK) status = choose_roles(plan, err);
    for (int i = 0; status == BB_OK && i < plan->contact_count; ++i) draw_response(plan, i);
    if (status == BB_OK) draw_words(plan);
    if (status == BB_OK) status = plan_spikes(plan, err);
    if (status != BB_OK) bb_plan_free(plan);
    return status;
}

void bb_plan_free(bb_plan *plan) {
    bb_free(plan->contacts);
    bb_free(plan->words);
    bb_free(plan->spikes);
    *plan = (bb_plan){0};
}
