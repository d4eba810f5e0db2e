#include "train/provenance.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

bb_status bb_provenance_give(bb_model *model, cJSON *json, bool ok, bb_error *err) {
    char *text = ok ? cJSON_PrintUnformatted(json) : NULL;
    cJSON_Delete(json);
    if (!text) return bb_fail(err, BB_ERR_MEMORY, "no memory for the model's provenance");
    free(model->provenance);
    model->provenance = text;
    model->info.provenance = text;
    return BB_OK;
}

bb_status bb_provenance_set(bb_model *model, const bb_pretrain_options *o, const bb_corpus_info *corpus,
                            const bb_progress_state *s, bb_error *err) {
    cJSON *json = cJSON_CreateObject();
    bool ok = json && cJSON_AddStringToObject(json, "source", "masked pretraining") &&
              cJSON_AddStringToObject(json, "begun_from", bb_path_name(o->model)) &&
              cJSON_AddStringToObject(json, "corpus", bb_path_name(corpus->path)) &&
              cJSON_AddNumberToObject(json, "channel_hours", corpus->hours) &&
              cJSON_AddNumberToObject(json, "steps", (double)s->step) &&
              cJSON_AddNumberToObject(json, "batch", o->batch) &&
              cJSON_AddStringToObject(json, "mask", o->mask);
    if (ok && isfinite(s->best_validation))
        ok = cJSON_AddNumberToObject(json, "best_validation_loss", s->best_validation) != NULL;
    return bb_provenance_give(model, json, ok, err);
}
