#include "model/precision_choice.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

/* Windows as long as the published ones, of numbers distributed as a normalised spectrogram's are. */
enum { WINDOWS = 2, FRAMES = 186, SEED = 1 };

typedef struct trial {
    bb_batch batch;
    float *input;
    float *exact, *found; /* [WINDOWS, FRAMES, D]: float32's features, a candidate's */
} trial;

static void free_trial(trial *t) {
    bb_free(t->input);
    bb_free(t->exact);
    bb_free(t->found);
}

static bb_status begin_trial(const bb_encoder *exact, trial *t, bb_error *err) {
    const bb_model_config *c = bb_encoder_config(exact);
    const size_t cells = (size_t)WINDOWS * FRAMES * (size_t)c->input_dim,
                 numbers = (size_t)WINDOWS * FRAMES * (size_t)c->hidden_dim;
    t->input = bb_calloc(cells, sizeof *t->input);
    t->exact = bb_calloc(numbers, sizeof *t->exact);
    t->found = bb_calloc(numbers, sizeof *t->found);
    if (!t->input || !t->exact || !t->found)
        return bb_fail(err, BB_ERR_MEMORY, "no memory to try precisions");
    for (size_t i = 0; i < cells; ++i) t->input[i] = (float)bb_random_normal(SEED, 0, i);
    t->batch = (bb_batch){.spectrograms = t->input, .windows = WINDOWS, .frames = FRAMES};
    return BB_OK;
}

static double cosine(const float *a, const float *b, int64_t count) {
    double ab = 0, aa = 0, bb = 0;
    for (int64_t i = 0; i < count; ++i) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return ab / sqrt(aa * bb);
}

static bool passes(const trial *t, int64_t dim) {
    for (int64_t row = 0; row < WINDOWS * FRAMES; ++row)
        if (!(cosine(t->exact + row * dim, t->found + row * dim, dim) >= BB_AUTO_COSINE)) return false;
    return true; /* a NaN is no pass */
}

/* NULL where the candidate does not pass, or cannot be made of this model or in this memory. */
static bb_encoder *try_precision(const bb_model *model, bb_precision precision, int threads, trial *t) {
    bb_encoder *candidate;
    bb_error ignored;
    if (bb_encoder_create(model, precision, threads, &candidate, &ignored) != BB_OK) return NULL;
    if (bb_encoder_encode(candidate, &t->batch, t->found, &ignored) == BB_OK &&
        passes(t, bb_encoder_config(candidate)->hidden_dim))
        return candidate;
    bb_encoder_destroy(candidate);
    return NULL;
}

static bb_status try_all(const bb_model *model, bb_encoder *exact, int threads, trial *t, bb_encoder **out,
                         bb_error *err) {
    static const bb_precision fastest_first[] = {BB_PRECISION_INT8, BB_PRECISION_BF16};
    BB_TRY(begin_trial(exact, t, err));
    BB_TRY(bb_encoder_encode(exact, &t->batch, t->exact, err));
    for (size_t i = 0; i < sizeof fastest_first / sizeof *fastest_first && !*out; ++i)
        if (bb_precision_has_units(fastest_first[i]))
            *out = try_precision(model, fastest_first[i], threads, t);
    return BB_OK;
}

bb_status bb_encoder_create_fastest(const bb_model *model, int threads, bb_encoder **out, bb_error *err) {
    bb_encoder *exact;
    *out = NULL;
    BB_TRY(bb_encoder_create(model, BB_PRECISION_F32, threads, &exact, err));
    trial t = {0};
    bb_status status = BB_OK;
    if (bb_precision_has_units(BB_PRECISION_INT8) || bb_precision_has_units(BB_PRECISION_BF16))
        status = try_all(model, exact, threads, &t, out, err);
    free_trial(&t);
    if (status == BB_OK && !*out)
        *out = exact;
    else
        bb_encoder_destroy(exact);
    return status;
}
