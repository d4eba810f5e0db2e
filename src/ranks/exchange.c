#include "ranks/exchange.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/thread.h"

typedef struct errand {
    float *block;
    int64_t count;
} errand;

/* Stretches that can wait; whoever posts one more waits as well. */
enum { ROOM = 256 };

struct bb_exchange {
    const bb_ranks *ranks;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* any of what follows, which the lock guards */
    errand errands[ROOM];
    int64_t posted, done;
    bool over;
    double busy_s, cpu_s;
};

static void *work(void *context) {
    bb_exchange *x = context;
    pthread_mutex_lock(&x->lock);
    for (;;) {
        while (x->done == x->posted && !x->over) pthread_cond_wait(&x->changed, &x->lock);
        if (x->done == x->posted) break;
        const errand e = x->errands[x->done % ROOM];
        pthread_mutex_unlock(&x->lock);
        const double begun = bb_seconds(), cpu_begun = bb_thread_seconds();
        bb_ranks_sum_floats(x->ranks, e.block, e.count);
        const double seconds = bb_seconds() - begun, cpu = bb_thread_seconds() - cpu_begun;
        pthread_mutex_lock(&x->lock);
        x->busy_s += seconds;
        x->cpu_s += cpu;
        ++x->done;
        pthread_cond_broadcast(&x->changed);
    }
    pthread_mutex_unlock(&x->lock);
    return NULL;
}

bb_status bb_exchange_create(const bb_ranks *ranks, bb_exchange **out, bb_error *err) {
    *out = NULL;
    bb_exchange *x = bb_calloc(1, sizeof *x);
    if (!x) return bb_fail(err, BB_ERR_MEMORY, "no memory for an exchange between ranks");
    x->ranks = ranks;
    pthread_mutex_init(&x->lock, NULL);
    pthread_cond_init(&x->changed, NULL);
    const bb_status status = bb_thread_start(&x->thread, work, x, err);
    if (status == BB_OK)
        *out = x;
    else
        bb_free(x);
    return status;
}

void bb_exchange_destroy(bb_exchange *x) {
    if (!x) return;
    pthread_mutex_lock(&x->lock);
    x->over = true;
    pthread_cond_broadcast(&x->changed);
    pthread_mutex_unlock(&x->lock);
    pthread_join(x->thread, NULL);
    pthread_cond_destroy(&x->changed);
    pthread_mutex_destroy(&x->lock);
    bb_free(x);
}

void bb_exchange_post(bb_exchange *x, float *block, int64_t count) {
    pthread_mutex_lock(&x->lock);
    while (x->posted - x->done == ROOM) pthread_cond_wait(&x->changed, &x->lock);
    x->errands[x->posted++ % ROOM] = (errand){block, count};
    pthread_cond_broadcast(&x->changed);
    pthread_mutex_unlock(&x->lock);
}

bb_exchange_times bb_exchange_finish(bb_exchange *x) {
    const double begun = bb_seconds();
    pthread_mutex_lock(&x->lock);
    while (x->done < x->posted) pthread_cond_wait(&x->changed, &x->lock);
    const bb_exchange_times times = {x->busy_s, x->cpu_s, bb_seconds() - begun};
    x->busy_s = x->cpu_s = 0;
    pthread_mutex_unlock(&x->lock);
    return times;
}
