#include <math.h>
#include <stdio.h>

#include "simulate/bids.h"
#include "simulate/text.h"
#include "simulate/theory.h"

/* `"KEY": ["LA1", ...]` of the contacts that are bad, or that respond. */
static void print_names(bb_text *text, const char *key, const bb_plan *plan, bool bad) {
    const char *separator = "";
    bb_text_print(text, "  \"%s\": [", key);
    for (int i = 0; i < plan->contact_count; ++i) {
        const bb_contact_plan *c = &plan->contacts[i];
        if (bad ? c->fault == BB_FAULT_NONE : !c->responds) continue;
        bb_text_print(text, "%s\"%s\"", separator, c->name);
        separator = ", ";
    }
    bb_text_print(text, "],\n");
}

/* `"KEY": {"soft": A, "loud": B}`. */
static void print_classes(bb_text *text, const char *key, double soft, double loud) {
    bb_text_print(text, "\"%s\": {\"soft\": %.4f, \"loud\": %.4f}", key, soft, loud);
}

/* A soft word's response has a quarter of the loud one's power; null where nothing responds. */
static void print_snr(bb_text *text, const char *key, bool there, double snr) {
    if (there)
        print_classes(text, key, 10 * log10(snr / 4), 10 * log10(snr));
    else
        bb_text_print(text, "\"%s\": {\"soft\": null, \"loud\": null}", key);
}

static void print_high_gamma(bb_text *text, const bb_plan *plan, const bb_contact_plan *c) {
    const int tones = bb_plan_tones(plan);
    const double snr = c->responds ? c->snr_high_gamma : 0, uv = c->noise_high_gamma_uv * sqrt(snr);
    const bb_power_theory theory = bb_theory_power(snr, tones);
    bb_text_print(text, "     \"high_gamma_noise_uv\": %.4f, ", c->noise_high_gamma_uv);
    print_classes(text, "high_gamma_response_uv", uv / 2, uv);
    bb_text_print(text, ",\n     ");
    print_snr(text, "high_gamma_snr_db", c->responds && tones > 0, snr);
    bb_text_print(text, ", ");
    print_classes(text, "high_gamma_d_prime", theory.d_prime[0], theory.d_prime[1]);
    bb_text_print(text, ",\n     \"d_prime_loud_soft\": %.4f, \"auc_loud_soft\": %.4f, \"auc_word\": %.4f,\n",
                  theory.d_prime_classes, theory.auc_classes, theory.auc_word);
}

static void print_low(bb_text *text, const bb_plan *plan, const bb_contact_plan *c) {
    double itpc[BB_CLASSES];
    bb_theory_itpc(plan, c, itpc);
    bb_text_print(text, "     \"low_noise_uv\": %.4f, ", c->noise_low_uv);
    print_classes(text, "wave_uv", c->wave_uv[0], c->wave_uv[1]);
    bb_text_print(text, ", ");
    print_snr(text, "wave_snr_db", c->responds, c->snr_low);
    bb_text_print(text, ",\n     \"rhythm_hz\": %.4f, \"rhythm_uv\": %.4f, \"rhythm_snr_db\": %.4f,\n     ",
                  c->rhythm_hz, c->rhythm_uv, 10 * log10(c->snr_low));
    print_classes(text, "phase_locking", c->responds ? bb_locking[0] : 0, c->responds ? bb_locking[1] : 0);
    bb_text_print(text, ", ");
    print_classes(text, "itpc", itpc[0], itpc[1]);
}

static void print_contact(bb_text *text, const bb_plan *plan, const bb_contact_plan *c) {
    bb_text_print(text, "\n    {\"name\": \"%s\", \"bad\": %s, \"fault\": \"%s\", \"responds\": %s,", c->name,
                  c->fault ? "true" : "false", bb_fault_text(c->fault), c->responds ? "true" : "false");
    bb_text_print(text, " \"region\": \"%s\",\n", c->region);
    bb_text_print(text, "     \"background_exponent\": %.4f, \"background_uv\": %.3f, \"spike_uv\": %.3f,\n",
                  c->exponent, c->background_uv, c->spike_uv);
    bb_text_print(text, "     \"mains_uv\": [");
    for (int h = 0; h < BB_HARMONICS; ++h) bb_text_print(text, "%s%.3f", h ? ", " : "", c->mains_uv[h]);
    bb_text_print(text, "],\n");
    print_high_gamma(text, plan, c);
    print_low(text, plan, c);
    bb_text_print(text, "}");
}

static void print_times(bb_text *text, const bb_plan *plan) {
    bb_text_print(text, "  \"spikes\": [");
    for (int i = 0; i < plan->spike_count; ++i) {
        const bb_spike *spike = &plan->spikes[i];
        bb_text_print(text, "%s\n    {\"peak_s\": %.6f, \"shaft\": \"%s\", \"gain\": %.4f}", i ? "," : "",
                      spike->peak_s, plan->contacts[spike->shaft * BB_SHAFT_CONTACTS].shaft_name,
                      spike->gain);
    }
    bb_text_print(text, "],\n  \"unsound\": [");
    for (int i = 0; i < plan->unsound_count; ++i) {
        const bb_unsound *u = &plan->unsounds[i];
        bb_text_print(
            text, "%s\n    {\"contact\": \"%s\", \"onset_s\": %.6f, \"duration_s\": %.6f, \"kind\": \"%s\"}",
            i ? "," : "", plan->contacts[u->contact].name, u->onset_s, u->duration_s,
            u->clipped ? "clipped" : "flat");
    }
    bb_text_print(text, "],\n  \"events\": [");
    for (int i = 0; i < plan->word_count; ++i) {
        const bb_word *word = &plan->words[i];
        bb_text_print(text, "%s\n    {\"onset_s\": %.6f, \"duration_s\": %.3f, \"class\": \"%s\"}",
                      i ? "," : "", word->onset_s, word->duration_s, word->loud ? "loud" : "soft");
    }
    bb_text_print(text, "]\n");
}

bb_status bb_truth_write(const char *folder, const bb_plan *plan, bb_error *err) {
    char name[64];
    bb_text text;
    snprintf(name, sizeof name, "%s_truth.json", plan->label);
    bb_text_open(&text, folder, name, err);
    bb_text_print(&text, "{\n  \"subject\": \"sub-%02d\",\n  \"session\": %d,\n  \"seed\": %llu,\n",
                  plan->subject + 1, plan->session + 1, (unsigned long long)plan->options.seed);
    bb_text_print(&text, "  \"seconds\": %.10g,\n  \"rate_hz\": %lld,\n  \"mains_hz\": %.10g,\n",
                  plan->options.seconds, (long long)plan->options.rate_hz, plan->options.mains_hz);
    print_names(&text, "bad", plan, true);
    print_names(&text, "responding", plan, false);
    bb_text_print(&text, "  \"contacts\": [");
    for (int i = 0; i < plan->contact_count; ++i) {
        bb_text_print(&text, "%s", i ? "," : "");
        print_contact(&text, plan, &plan->contacts[i]);
    }
    bb_text_print(&text, "],\n");
    print_times(&text, plan);
    bb_text_print(&text, "}\n");
    return bb_text_close(&text);
}
