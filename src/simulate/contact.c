/* One contact: its place and name, its noise, the size of its response. */
#include <math.h>
#include <stdio.h>

#include "simulate/plan.h"

static const double contact_spacing_mm = 3.5;

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

/* Rough middles in the right half of an MNI-like space, mm; the nearest one names a contact's region. Names
 * to group contacts by, and no atlas. */
static const struct region {
    const char *name;
    double middle[3];
} regions[] = {
    {"amygdala", {24, -2, -18}},       {"hippocampus", {28, -22, -14}},
    {"orbitofrontal", {30, 34, -12}},  {"insula", {38, 4, 2}},
    {"putamen", {26, 6, 2}},           {"inferiorfrontal", {48, 22, 14}},
    {"middlefrontal", {36, 34, 30}},   {"precentral", {42, -6, 40}},
    {"postcentral", {44, -26, 44}},    {"superiortemporal", {54, -20, 4}},
    {"middletemporal", {56, -34, -6}}, {"fusiform", {34, -48, -16}},
    {"supramarginal", {52, -36, 28}},  {"angular", {42, -58, 32}},
    {"lingual", {18, -62, -4}},        {"whitematter", {26, -20, 22}},
};

static const char *nearest_region(const double position[3]) {
    const char *found = "";
    double least = INFINITY;
    for (size_t i = 0; i < sizeof regions / sizeof *regions; ++i) {
        const double *m = regions[i].middle, x = fabs(position[0]) - m[0], y = position[1] - m[1],
                     z = position[2] - m[2], apart = x * x + y * y + z * z;
        if (apart >= least) continue;
        least = apart;
        found = regions[i].name;
    }
    return found;
}

/* A straight shaft from near the midline outwards, a little tilted. */
static void place_contact(bb_contact_plan *c, bb_dice shaft) {
    const double entry[3] = {bb_between(&shaft, 18, 28), bb_between(&shaft, -60, 40),
                             bb_between(&shaft, -20, 35)};
    const double tilt[3] = {1, bb_between(&shaft, -0.2, 0.2), bb_between(&shaft, -0.2, 0.2)};
    const double length = sqrt(tilt[0] * tilt[0] + tilt[1] * tilt[1] + tilt[2] * tilt[2]);
    for (int k = 0; k < 3; ++k) c->position[k] = entry[k] + tilt[k] / length * contact_spacing_mm * c->place;
    if (c->shaft_name[0] == 'L') c->position[0] = -c->position[0];
    c->region = nearest_region(c->position);
}

void bb_contact_draw(bb_plan *plan, int index) {
    bb_contact_plan *c = &plan->contacts[index];
    bb_dice d = bb_dice_of(plan, index, BB_PURPOSE_CONTACT);
    bb_dice shaft = bb_dice_of(plan, index / BB_SHAFT_CONTACTS, BB_PURPOSE_SHAFT);
    const double rate = (double)plan->options.rate_hz;
    c->shaft = index / BB_SHAFT_CONTACTS;
    c->place = index % BB_SHAFT_CONTACTS;
    c->exponent = bb_between(&d, 1.0, 1.8);
    c->background_uv = bb_between(&d, 30, 60);
    c->background = bb_noise_filter_make(c->exponent, c->background_uv, rate);
    const double mains = bb_between(&d, 5, 20);
    for (int h = 0; h < BB_HARMONICS; ++h) {
        const bool there = plan->options.mains_hz > 0 && (h + 1) * plan->options.mains_hz < rate / 2;
        c->mains_uv[h] = there ? mains / (h + 1) : 0;
        c->mains_phase[h] = 2.4 * h + bb_between(&d, -0.3, 0.3);
    }
    for (int s = 0; s < BB_SHAFT_SOURCES; ++s)
        c->source_gain[s] = falloff(c->place - bb_between(&shaft, 0, BB_SHAFT_CONTACTS - 1), 10);
    c->rhythm_hz = bb_between(&d, 5, 7);
    name_contact(c, plan->shaft_count);
    place_contact(c, shaft);
}

static double source_power(const bb_contact_plan *c) {
    double power = 0;
    for (int s = 0; s < BB_SHAFT_SOURCES; ++s) power += c->source_gain[s] * c->source_gain[s];
    return power;
}

double bb_contact_density(const bb_plan *plan, const bb_contact_plan *c, double hz) {
    return bb_noise_density(&c->background, hz) + bb_noise_density(&plan->reference, hz) +
           source_power(c) * bb_noise_density(&plan->source, hz);
}

static double band_power(const bb_plan *plan, const bb_contact_plan *c, double low_hz, double high_hz) {
    return bb_noise_band_power(&c->background, low_hz, high_hz) +
           bb_noise_band_power(&plan->reference, low_hz, high_hz) +
           source_power(c) * bb_noise_band_power(&plan->source, low_hz, high_hz);
}

int bb_plan_tones(const bb_plan *plan) {
    int tones = 0;
    while (tones < BB_TONES && 70 + 5 * (tones + 1) <= (double)plan->options.rate_hz / 2) ++tones;
    return tones;
}

/* Every size follows from the noise in the band concerned and a ratio of powers: that of a burst's mean over
 * its 0.2 s (sin^4 has mean 3/8), of a wave's over its 0.3 s (sin^2 2x sin^4 x has mean 5/32), and of the
 * rhythm (amplitude^2 / 2). A tone gets its share by the noise in its own 5 Hz. */
void bb_contact_draw_response(bb_plan *plan, int index) {
    bb_contact_plan *c = &plan->contacts[index];
    bb_dice d = bb_dice_of(plan, index, BB_PURPOSE_RESPONSE);
    const double high_db = bb_between(&d, 4, 10), low_db = bb_between(&d, -4, 2);
    const bool drawn = isnan(plan->options.snr_db);
    c->snr_high_gamma = pow(10, (drawn ? high_db : plan->options.snr_db) / 10);
    c->snr_low = pow(10, (drawn ? low_db : plan->options.snr_db) / 10);
    double high_gamma = 0;
    for (int k = 0; k < bb_plan_tones(plan); ++k) {
        const double noise = band_power(plan, c, 70 + 5 * k, 75 + 5 * k);
        high_gamma += noise;
        if (c->responds) c->tone_uv[k] = sqrt(c->snr_high_gamma * noise * 8 / 3);
    }
    c->noise_high_gamma_uv = sqrt(high_gamma);
    const double low = band_power(plan, c, 4, 8);
    c->noise_low_uv = sqrt(low);
    c->rhythm_uv = sqrt(2 * c->snr_low * low);
    if (!c->responds) return;
    c->wave_uv[1] = sqrt(c->snr_low * low * 32 / 5);
    c->wave_uv[0] = c->wave_uv[1] / 2;
}
