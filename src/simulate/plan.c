#include "simulate/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

/* Deals the roles from a shuffled pack (Fisher and Yates): first the bad contacts, then those that respond.
 */
static bb_status choose_roles(bb_plan *plan, bb_error *err) {
    static const bb_contact_fault faults[] = {BB_FAULT_DRIFT, BB_FAULT_WHITE, BB_FAULT_FLAT,
                                              BB_FAULT_CLIPPED};
    const int n = plan->contact_count, bad = bb_plan_bad_count(n);
    int *pack = bb_calloc((size_t)n, sizeof *pack);
    if (!pack) return bb_fail(err, BB_ERR_MEMORY, "simulation: no memory for %d contacts", n);
    bb_dice d = bb_dice_of(plan, 0, BB_PURPOSE_CHOICE);
    for (int i = 0; i < n; ++i) pack[i] = i;
    for (int i = n - 1; i > 0; --i) {
        const int j = (int)bb_between(&d, 0, i + 1), kept = pack[i];
        pack[i] = pack[j];
        pack[j] = kept;
    }
    for (int i = 0; i < bad; ++i) plan->contacts[pack[i]].fault = faults[i % 4];
    for (int i = bad; i < bad + plan->options.responding; ++i) plan->contacts[pack[i]].responds = true;
    bb_free(pack);
    return BB_OK;
}

/* One word in each of equal slots, classes balanced within each pair of slots. */
static void draw_words(bb_plan *plan) {
    bb_dice d = bb_dice_of(plan, 0, BB_PURPOSE_WORD);
    const double slot = plan->options.seconds / plan->word_count, rate = (double)plan->options.rate_hz;
    bool first_is_loud = false;
    for (int i = 0; i < plan->word_count; ++i) {
        if (i % 2 == 0) first_is_loud = bb_between(&d, 0, 1) < 0.5;
        plan->words[i].onset_s = round((i + bb_between(&d, 0.2, 0.6)) * slot * rate) / rate;
        plan->words[i].duration_s = round(bb_between(&d, 0.25, 0.35) * 1000) / 1000;
        plan->words[i].loud = first_is_loud == (i % 2 == 0);
    }
}

/* One stretch in each of equal slots, on a contact that is not bad; flat and clipped by turns. */
static void draw_unsounds(bb_plan *plan) {
    bb_dice d = bb_dice_of(plan, 0, BB_PURPOSE_UNSOUND);
    const double slot = plan->options.seconds / plan->unsound_count;
    for (int i = 0; i < plan->unsound_count; ++i) {
        bb_unsound *u = &plan->unsounds[i];
        u->duration_s = fmin(bb_between(&d, 1, 4), 0.4 * slot);
        u->onset_s = i * slot + bb_between(&d, 0, slot - u->duration_s);
        u->level_uv = bb_between(&d, -50, 50);
        u->clipped = i % 2 == 1;
        do u->contact = (int)bb_between(&d, 0, plan->contact_count);
        while (plan->contacts[u->contact].fault);
    }
}

/* One spike per shaft in each 10 s, as far as it ends before the recording does. */
static void draw_spikes(bb_plan *plan, const int *shafts, int shaft_count, int slots) {
    for (int i = 0; i < slots; ++i) {
        bb_spike *made = &plan->spikes[plan->spike_count];
        int n = 0;
        for (int k = 0; k < shaft_count; ++k) {
            bb_dice d = bb_dice_of(plan, shafts[k], BB_PURPOSE_SPIKE);
            d.next = 2 * (uint64_t)i;
            const double peak = 10 * (i + bb_between(&d, 0.05, 0.95)), gain = bb_between(&d, 0.7, 1.3);
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
    bb_dice d = bb_dice_of(plan, 0, BB_PURPOSE_FOCUS);
    const int count = plan->shaft_count < 3 ? 1 : BB_SPIKING_SHAFTS,
              slots = (int)ceil(plan->options.seconds / 10);
    int shafts[BB_SPIKING_SHAFTS] = {(int)bb_between(&d, 0, plan->shaft_count), 0};
    shafts[1] = (shafts[0] + 1 + (int)bb_between(&d, 0, plan->shaft_count - 1)) % plan->shaft_count;
    for (int k = 0; k < count; ++k) {
        const int first = shafts[k] * BB_SHAFT_CONTACTS;
        const int there =
            plan->contact_count - first < BB_SHAFT_CONTACTS ? plan->contact_count - first : BB_SHAFT_CONTACTS;
        const double size = bb_between(&d, 100, 300);
        const int focus = (int)bb_between(&d, 0, there);
        for (int i = 0; i < there; ++i) {
            const double apart_mm = 3.5 * abs(i - focus);
            plan->contacts[first + i].spike_uv = size * exp(-apart_mm / 7);
        }
    }
    plan->spikes = bb_calloc((size_t)slots * BB_SPIKING_SHAFTS, sizeof *plan->spikes);
    if (!plan->spikes) return bb_fail(err, BB_ERR_MEMORY, "simulation: no memory for %d spikes", slots);
    draw_spikes(plan, shafts, count, slots);
    return BB_OK;
}

/* The counts, the recording's name, and the processes that its contacts share. */
static bb_plan begin_plan(const bb_simulation *checked, int subject, int session) {
    const double rate = (double)checked->rate_hz;
    bb_plan plan = {.options = *checked,
                    .subject = subject,
                    .session = session,
                    .samples = llround(checked->seconds * rate),
                    .contact_count = checked->channels,
                    .shaft_count = (checked->channels + BB_SHAFT_CONTACTS - 1) / BB_SHAFT_CONTACTS,
                    .row_count = checked->channels + (checked->extras ? BB_EXTRAS : 0),
                    .word_count = checked->events,
                    .unsound_count = checked->unsound,
                    .reference = bb_noise_filter_make(1.0, 10, rate),
                    .source = bb_noise_filter_make(1.4, 25, rate)};
    if (checked->sessions > 1)
        snprintf(plan.label, sizeof plan.label, "sub-%02d_ses-%02d", subject + 1, session + 1);
    else
        snprintf(plan.label, sizeof plan.label, "sub-%02d", subject + 1);
    bb_dice body = bb_dice_of(&plan, 0, BB_PURPOSE_BODY);
    plan.heart_period_s = bb_between(&body, 0.7, 1.0);
    return plan;
}

bb_status bb_plan_create(const bb_simulation *checked, int subject, int session, bb_plan *plan,
                         bb_error *err) {
    *plan = begin_plan(checked, subject, session);
    plan->contacts = bb_calloc((size_t)plan->contact_count, sizeof *plan->contacts);
    plan->words = bb_calloc((size_t)plan->word_count, sizeof *plan->words);
    plan->unsounds = bb_calloc((size_t)plan->unsound_count, sizeof *plan->unsounds);
    bb_status status = BB_OK;
    if (!plan->contacts || !plan->words || !plan->unsounds)
        status = bb_fail(err, BB_ERR_MEMORY, "simulation: no memory for %d contacts and %d events",
                         plan->contact_count, plan->word_count);
    for (int i = 0; status == BB_OK && i < plan->contact_count; ++i) bb_contact_draw(plan, i);
    if (status == BB_OK) status = choose_roles(plan, err);
    for (int i = 0; status == BB_OK && i < plan->contact_count; ++i) bb_contact_draw_response(plan, i);
    if (status == BB_OK) draw_words(plan);
    if (status == BB_OK) draw_unsounds(plan);
    if (status == BB_OK) status = plan_spikes(plan, err);
    if (status != BB_OK) bb_plan_free(plan);
    return status;
}

void bb_plan_free(bb_plan *plan) {
    bb_free(plan->contacts);
    bb_free(plan->words);
    bb_free(plan->unsounds);
    bb_free(plan->spikes);
    *plan = (bb_plan){0};
}
