#include "train/epochs.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

bb_status bb_epochs_create(const int64_t *items, int64_t count, uint64_t seed, bb_epochs *out,
                           bb_error *err) {
    *out = (bb_epochs){.items = items, .count = count, .epoch = -1, .seed = seed};
    out->order = bb_calloc((size_t)count, sizeof *out->order);
    return out->order
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for the order of %lld windows", (long long)count);
}

void bb_epochs_free(bb_epochs *e) {
    bb_free(e->order);
    *e = (bb_epochs){0};
}

static void shuffle(bb_epochs *e, int64_t epoch) {
    memcpy(e->order, e->items, (size_t)e->count * sizeof *e->order);
    for (int64_t i = e->count - 1; i > 0; --i) {
        const int64_t j =
            (int64_t)(bb_random_uniform(e->seed, (uint64_t)epoch, (uint64_t)i) * (double)(i + 1));
        const int64_t other = e->order[j];
        e->order[j] = e->order[i];
        e->order[i] = other;
    }
    e->epoch = epoch;
}

void bb_epochs_draw(bb_epochs *e, int64_t first, int64_t count, int64_t *items) {
    for (int64_t i = 0; i < count; ++i) {
        const int64_t epoch = (first + i) / e->count;
        if (epoch != e->epoch) shuffle(e, epoch);
        items[i] = e->order[(first + i) % e->count];
    }
}
