#include "precision.h"

#include "brainbert/embed_ranks.h"
#include "ranks.h"

option precision_row(const char **word, bool automatic) {
    const char *help =
        automatic ? "of the encoder: f32; bf16 or int8, less exact and faster where the processor has units; "
                    "auto: the fastest that the model bears"
                  : "of encoders: f32; bf16 or int8, less exact and faster where the processor has units";
    return (option){"--precision", "NAME", OPTION_WORD, word, 0, 0, help};
}

int precision_check(const char *word, bool automatic) {
    bb_precision precision;
    if (bb_precision_from_name(word, &precision) && (automatic || precision != BB_PRECISION_AUTO)) return -1;
    return complain(EXIT_USAGE, "--precision: expected f32, bf16%s int8%s, found '%s'",
                    automatic ? "," : " or", automatic ? " or auto" : "", word);
}

void precision_warn(bb_precision precision, bool quiet) {
    if (quiet || bb_precision_has_units(precision)) return;
    complain(0, "warning: this processor has no units for %s: --precision f32 would be faster",
             bb_precision_name(precision));
}

bb_status precision_encoder(const bb_model *model, const char *word, const common_options *common,
                            bb_encoder **out, bb_error *err) {
    bb_precision precision = BB_PRECISION_F32;
    bb_precision_from_name(word, &precision);
    const bb_status status = bb_embed_encoder(model, precision, (int)common->threads, ranks_get(), out, err);
    if (status != BB_OK) return status;
    if (precision == BB_PRECISION_AUTO && !common->quiet)
        complain(0, "--precision auto: %s", bb_precision_name(bb_encoder_precision(*out)));
    precision_warn(precision, common->quiet);
    return BB_OK;
}
