#include "brainbert/embed_ranks.h"
#include "ranks/collective.h"

bb_status bb_embed_encoder(const bb_model *model, bb_precision precision, int threads, const bb_ranks *ranks,
                           bb_encoder **out, bb_error *err) {
    bb_status status = BB_OK;
    int32_t chosen = (int32_t)precision;
    const bool speaks = bb_ranks_me(ranks) == 0, asks = precision == BB_PRECISION_AUTO;
    *out = NULL;
    if (speaks) status = bb_encoder_create(model, precision, threads, out, err);
    if (status != BB_OK) return status;
    if (speaks) chosen = (int32_t)bb_encoder_precision(*out);
    if (asks) bb_ranks_broadcast(ranks, 0, &chosen, sizeof chosen);
    return speaks ? BB_OK : bb_encoder_create(model, (bb_precision)chosen, threads, out, err);
}
