#include "brainbert/probe.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "decode.h"
#include "precision.h"

static const command probe_command = {
    "probe", "REC... [--model M]",
    "What can be decoded from recordings: labelled windows, features of each electrode, a decoder, and "
    "scores on "
    "windows\nthat it did not learn from, with an interval and beside shuffled labels.",
    1, -1};

typedef struct probe_options {
    decode_options decode;
    const char *features, *pool, *precision, *decoder, *electrodes, *few_shot;
    int64_t runs, steps;
} probe_options;

enum { SHOTS = 1000 };

/* "50:1050:50", or "10,20,40". Returns how many; -1 for what is neither. */
static int parse_shots(const char *word, int64_t *out) {
    int count = 0;
    char *end;
    const long long first = strtoll(word, &end, 10);
    if (*end == ':') {
        const long long last = strtoll(end + 1, &end, 10),
                        step = *end == ':' ? strtoll(end + 1, &end, 10) : 0;
        if (*end || step < 1 || first < 2 || last < first || (last - first) / step >= SHOTS) return -1;
        for (long long n = first; n <= last; n += step) out[count++] = n;
        return count;
    }
    for (const char *at = word; count < SHOTS; at = end + 1) {
        out[count++] = strtoll(at, &end, 10);
        if (end == at || out[count - 1] < 2) return -1;
        if (!*end) return count;
        if (*end != ',') return -1;
    }
    return -1;
}

static int check(const probe_options *o, const call *c, int64_t *shots, int *shot_count) {
    bb_decoder_kind kind;
    bb_electrode_use use;
    bb_pooling pooling;
    int status = decode_check(&o->decode, c);
    if (status < 0) status = precision_check(o->precision, false);
    if (status >= 0) return status;
    if (!bb_decoder_kind_from_name(o->decoder, &kind) || kind == BB_DECODER_FINETUNED)
        return complain(EXIT_USAGE, "--decoder: expected convex, unit or mlp, found '%s'", o->decoder);
    if (!bb_electrode_use_from_name(o->electrodes, &use))
        return complain(EXIT_USAGE, "--electrodes: expected each, together or pooled, found '%s'",
                        o->electrodes);
    if (o->pool && (!bb_pooling_from_name(o->pool, &pooling) || pooling.kind == BB_POOL_NONE))
        return complain(EXIT_USAGE, "--pool: expected center, mean or segments:K, found '%s'", o->pool);
    *shot_count = o->few_shot ? parse_shots(o->few_shot, shots) : 0;
    if (*shot_count < 0)
        return complain(EXIT_USAGE, "--few-shot: expected numbers such as 50:1050:50 or 10,20,40, found '%s'",
                        o->few_shot);
    return -1;
}

static bb_status run(const probe_options *o, const call *c, const int64_t *shots, int shot_count,
                     bb_model **model, bb_model **untrained, bb_error *err) {
    bb_probe_options p;
    const bool fresh = o->features && strstr(o->features, "untrained"); /* it takes a while to draw */
    const bb_status status = decode_fill(&o->decode, c, model, fresh ? untrained : NULL, &p, err);
    if (status != BB_OK) return status;
    bb_decoder_kind_from_name(o->decoder, &p.decoding.decoder); /* checked before */
    bb_electrode_use_from_name(o->electrodes, &p.electrodes);
    p.features = o->features ? o->features : *model ? p.features : "stft,bandpower,voltage:0.25";
    p.pooling = o->pool;
    bb_precision_from_name(o->precision, &p.precision);
    precision_warn(p.precision, c->common.quiet);
    p.decoding.steps = (int)o->steps;
    p.shots = shots;
    p.shot_count = shot_count;
    p.runs = (int)o->runs;
    return decode_run(&o->decode, c, &p, err);
}

int run_probe(int argc, char **argv) {
    probe_options o = {.decode = decode_defaults(20),
                       .precision = "f32",
                       .decoder = "convex",
                       .electrodes = "each",
                       .runs = 3,
                       .steps = 1000};
    enum { OWN = 8 };
    option options[OWN + DECODE_OPTIONS] = {
        {"--features", "LIST", OPTION_WORD, &o.features, 0, 0,
         "encoder, untrained, stft, superlet, morlet, bandpower, voltage, voltage:SECONDS, each also "
         "NAME@POOLING; "
         "default: encoder,stft,bandpower,voltage:0.25"},
        {"--pool", "NAME", OPTION_WORD, &o.pool, 0, 0,
         "center, mean or segments:K, of encoders and spectrograms; default: center"},
        precision_row(&o.precision, false),
        {"--decoder", "NAME", OPTION_WORD, &o.decoder, 0, 0,
         "convex (logistic, softmax or ridge regression), unit (the published one, AdamW) or mlp"},
        {"--steps", "N", OPTION_INTEGER, &o.steps, 1, 1e7, "of unit and mlp"},
        {"--electrodes", "NAME", OPTION_WORD, &o.electrodes, 0, 0,
         "each by itself, together (side by side) or pooled (their mean)"},
        {"--few-shot", "LIST", OPTION_WORD, &o.few_shot, 0, 0,
         "curves over windows to learn from: 50:1050:50 (first, last, step) or 10,20,40"},
        {"--runs", "N", OPTION_INTEGER, &o.runs, 1, 1000, "draws of these windows"},
    };
    decode_rows(&o.decode, options + OWN);
    call c;
    static int64_t shots[SHOTS];
    int shot_count,
        status = parse_call(&probe_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status < 0) status = check(&o, &c, shots, &shot_count);
    if (status >= 0) return status;
    bb_model *model = NULL, *untrained = NULL;
    bb_error err = {.message = "no memory"};
    status = run(&o, &c, shots, shot_count, &model, &untrained, &err) == BB_OK
                 ? EXIT_DONE
                 : complain(EXIT_FAILED, "%s", err.message);
    bb_model_close(model);
    bb_model_close(untrained);
    return status;
}
