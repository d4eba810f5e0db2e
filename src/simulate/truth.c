#include <math.h>
#include <stdio.h>

#include "simulate/bids.h"
#include "simulate/text.h"

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

/* Power of the burst at its peak over that of the noise; null where there is no burst. */
static void print_snr(bb_text *text, const char *key, double response, double noise) {
    if (response > 0)
        bb_text_print(text, "\"%s\": %.3f", key, 20 * log10(response / noise));
    else
        bb_text_print(text, "\"%s\": null", key);
}

static void print_contact(bb_text *text, const bb_contact_plan *c, const char *separator) {
    static const char *const faults[] = {"none", "drift", "white noise"};
    bb_text_print(text, "%s\n    {\"name\": \"%s\", \"bad\": %s, \"fault\": \"%s\", \"responds\": %s,\n",
                  separator, c->name, c->fault ? "true" : "false", faults[c->fault],
                  c->responds ? "true" : "false");
    bb_text_print(text, "     \"background_exponent\": %.4f, \"background_uv\": %.3f, \"spike_uv\": %.3f,\n",
                  c->exponent, c->background_uv, c->spike_uv);
    bb_text_print(text, "     \"mains_uv\": [");
    for (int h = 0; h < BB_HARMONICS; ++h) bb_text_print(text, "%s%.3f", h ? ", " : "", c->mains_uv[h]);
    bb_text_print(
        text, "],\n     \"high_gamma_noise_uv\": %.4f, \"high_gamma_response_uv\": ", c->noise_high_gamma_uv);
    bb_text_print(text, "{\"soft\": %.4f, \"loud\": %.4f},\n     \"high_gamma_snr_db\": {",
                  c->response_high_gamma_uv[0], c->response_high_gamma_uv[1]);
    print_snr(text, "soft", c->response_high_gamma_uv[0], c->noise_high_gamma_uv);
    bb_text_print(text, ", ");
    print_snr(text, "loud", c->response_high_gamma_uv[1], c->noise_high_gamma_uv);
    bb_text_print(text, "}, \"evoked_uv\": {\"soft\": %.3f, \"loud\": %.3f}}", c->evoked_uv[0],
                  c->evoked_uv[1]);
}

static void print_times(bb_text *text, const bb_plan *plan) {
    bb_text_print(text, "  \"spikes\": [");
    for (int i = 0; i < plan->spike_count; ++i) {
        const bb_spike *spike = &plan->spikes[i];
        bb_text_print(text, "%s\n    {\"peak_s\": %.6f, \"shaft\": \"%s\", \"gain\": %.4f}", i ? "," : "",
                      spike->peak_s, plan->contacts[spike->shaft * BB_SHAFT_CONTACTS].shaft_name,
                      spike->gain);
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
    snprintf(name, sizeof name, "sub-%02d_truth.json", plan->subject + 1);
    bb_text_open(&text, folder, name, err);
    bb_text_print(&text, "{\n  \"subject\": \"sub-%02d\",\n  \"seed\": %llu,\n  \"seconds\": %.10g,\n",
                  plan->subject + 1, (unsigned long long)plan->options.seed, plan->options.seconds);
    bb_text_print(&text, "  \"rate_hz\": %lld,\n  \"mains_hz\": %.10g,\n", (long long)plan->options.rate_hz,
                  plan->options.mains_hz);
    print_names(&text, "bad", plan, true);
    print_names(&text, "responding", plan, false);
    bb_text_print(&text, "  \"contacts\": [");
    for (int i = 0; i < plan->contact_count; ++i) print_contact(&text, &plan->contacts[i], i ? "," : "");
    bb_text_print(&text, "],\n");
    print_times(&text, plan);
    bb_text_print(&text, "}\n");
    return bb_text_close(&text);
}
