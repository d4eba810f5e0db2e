#include "base/barrier.h"

#include <sched.h>

enum { MOMENT = 2000 }; /* looks, 20 to 100 us on x86: a few times what a woken thread needs */

static void pause_a_little(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

void bb_barrier_wait(bb_barrier *b, unsigned count) {
    const unsigned round = atomic_load_explicit(&b->round, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&b->arrived, 1, memory_order_acq_rel) + 1 == count) {
        atomic_store_explicit(&b->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&b->round, round + 1, memory_order_release);
        return;
    }
    for (int looks = 0; atomic_load_explicit(&b->round, memory_order_acquire) == round; ++looks)
        if (looks < MOMENT)
            pause_a_little();
        else
            sched_yield();
}
