#include "embed/pipeline.h"

#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/thread.h"

typedef struct pipeline {
    const bb_stages *stages;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* any of what follows, which the lock guards */
    /* Slots so far: drained <= worked <= filled <= drained + BB_PIPELINE_SLOTS. */
    int64_t filled, worked, drained;
    bool fill_ended, work_ended; /* `filled`, `worked` stay what they are */
    bool drain_failed;
    bool draining; /* now */
    /* The second thread's own until it has ended. */
    bb_status status;
    bb_error error;
} pipeline;

/* ---------------------------------------------------------------- the second thread */

typedef enum errand { FILL, DRAIN, LEAVE } errand;

/* What to do next, once there is something. Draining comes first: it makes room. */
static errand next_errand(pipeline *p) {
    errand next = LEAVE;
    pthread_mutex_lock(&p->lock);
    for (;; pthread_cond_wait(&p->changed, &p->lock)) {
        if (p->drained < p->worked)
            next = DRAIN;
        else if (!p->work_ended && !p->fill_ended && p->filled < p->drained + BB_PIPELINE_SLOTS)
            next = FILL;
        else if (!p->work_ended)
            continue;
        break;
    }
    p->draining = next == DRAIN;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return next;
}

static void fill(pipeline *p) {
    bool filled = false;
    p->status = p->stages->fill(p->stages->context, (int)(p->filled % BB_PIPELINE_SLOTS), &filled, &p->error);
    pthread_mutex_lock(&p->lock);
    if (p->status == BB_OK && filled)
        ++p->filled;
    else
        p->fill_ended = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

/* Whether it went well. A failure to fill waits its turn: an earlier slot may yet fail to drain. */
static bool drain(pipeline *p) {
    bb_error own = {0};
    const bb_status status =
        p->stages->drain(p->stages->context, (int)(p->drained % BB_PIPELINE_SLOTS), &own);
    if (status != BB_OK) {
        p->status = status;
        p->error = own;
    }
    pthread_mutex_lock(&p->lock);
    ++p->drained;
    p->drain_failed = status != BB_OK;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return status == BB_OK;
}

static void *fill_and_drain(void *context) {
    pipeline *p = context;
    bool well = true;
    while (well) {
        const errand next = next_errand(p);
        if (next == LEAVE) break;
        if (next == FILL)
            fill(p);
        else
            well = drain(p);
    }
    return NULL;
}

/* ---------------------------------------------------------------- the calling thread */

/* Waits for a slot that is filled; false: there will be none, or it is no use. */
static bool await_filled(pipeline *p, bb_pipeline_waits *waits) {
    pthread_mutex_lock(&p->lock);
    while (!p->drain_failed && !p->fill_ended && p->worked == p->filled) {
        double *const wait = p->draining ? &waits->output_s : &waits->input_s;
        const double begun = bb_seconds();
        pthread_cond_wait(&p->changed, &p->lock);
        *wait += bb_seconds() - begun;
    }
    const bool is_filled = !p->drain_failed && p->worked < p->filled;
    pthread_mutex_unlock(&p->lock);
    return is_filled;
}

static void end_slot(pipeline *p) {
    pthread_mutex_lock(&p->lock);
    ++p->worked;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static bb_status work(pipeline *p, bb_pipeline_waits *waits, bb_error *err) {
    while (await_filled(p, waits)) {
        BB_TRY(p->stages->work(p->stages->context, (int)(p->worked % BB_PIPELINE_SLOTS), err));
        end_slot(p);
    }
    return BB_OK;
}

static void end_second(pipeline *p, pthread_t second, bb_pipeline_waits *waits) {
    const double begun = bb_seconds();
    pthread_mutex_lock(&p->lock);
    p->work_ended = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(second, NULL);
    waits->output_s += bb_seconds() - begun;
}

bb_status bb_pipeline_run(const bb_stages *stages, bb_pipeline_waits *waits, bb_error *err) {
    pipeline p = {.stages = stages, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_t second;
    BB_TRY(bb_thread_start(&second, fill_and_drain, &p, err));
    const bb_status status = work(&p, waits, err);
    end_second(&p, second, waits);
    pthread_cond_destroy(&p.changed);
    pthread_mutex_destroy(&p.lock);
    if (status != BB_OK && !p.drain_failed) return status;
    if (p.status != BB_OK && err) *err = p.error;
    return p.status;
}
