#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "eval/plan.h"

enum { STREAM = 0xf3e7 };

typedef struct pick {
    double key; /* of its trial: the trials' random order */
    int64_t trial;
    int64_t row;
} pick;

static int compare_picks(const void *a, const void *b) {
    const pick *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    if (x->trial != y->trial) return x->trial < y->trial ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static int compare_rows(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int classes_of(const bb_decoder_targets *t) {
    return t->kind == BB_SQUARES ? 1 : t->kind == BB_SOFTMAX ? t->classes : 2;
}

static int class_of(const bb_decoder_targets *t, int64_t row) {
    return t->kind == BB_SQUARES ? 0 : t->labels[row];
}

/* What each class may have of `shots`: its share of all rows, rounded, at least one. */
static void set_quotas(const bb_decoder_targets *t, const int64_t *rows, int64_t count, int64_t shots,
                       int64_t *quotas) {
    const int classes = classes_of(t);
    for (int64_t i = 0; i < count; ++i) ++quotas[class_of(t, rows[i])];
    int64_t left = shots, rest = count;
    for (int k = 0; k < classes; ++k) {
        const int64_t own = quotas[k];
        quotas[k] = rest > 0 ? (left * own + rest / 2) / rest : 0;
        if (own > 0 && quotas[k] == 0) quotas[k] = 1;
        left -= quotas[k];
        rest -= own;
    }
}

bb_status bb_few_shots(const bb_decoding_task *task, uint64_t seed, int64_t shots, int64_t *rows,
                       int64_t *count, bb_error *err) {
    if (shots <= 0 || shots >= *count) return BB_OK;
    const bb_decoder_targets *t = &task->targets;
    pick *picks = bb_calloc((size_t)*count, sizeof *picks);
    int64_t *quotas = bb_calloc((size_t)classes_of(t), sizeof *quotas), kept = 0;
    bb_status status =
        picks && quotas ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for few-shot decoding");
    for (int64_t i = 0; i < *count && status == BB_OK; ++i) {
        const int64_t trial = task->trial ? task->trial[rows[i]] : rows[i];
        picks[i] = (pick){bb_random_uniform(seed, STREAM, (uint64_t)trial), trial, rows[i]};
    }
    if (status == BB_OK) {
        set_quotas(t, rows, *count, shots, quotas);
        qsort(picks, (size_t)*count, sizeof *picks, compare_picks);
        for (int64_t i = 0; i < *count; ++i)
            if (quotas[class_of(t, picks[i].row)]-- > 0) rows[kept++] = picks[i].row;
        qsort(rows, (size_t)kept, sizeof *rows, compare_rows);
        *count = kept;
    }
    bb_free(picks);
    bb_free(quotas);
    return status;
}
