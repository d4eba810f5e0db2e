/* The model of a step over ranks. */
#include <math.h>

#include "brainbert/scaling.h"

const bb_scaling_link *bb_scaling_links(int *count) {
    static const bb_scaling_link links[] = {
        {"10 Gbit/s", 30e-6, 1.17e9, 0.9e-9}, /* TCP over Ethernet, 94 % of the wire's rate */
        {"100 Gbit/s", 20e-6, 11e9, 0.9e-9},
        {"InfiniBand", 2e-6, 23e9, 0.5e-9}, /* HDR, 200 Gbit/s, which copies by itself */
    };
    *count = sizeof links / sizeof *links;
    return links;
}

bb_scaling_work bb_scaling_faster(const bb_scaling_work *work, double times) {
    bb_scaling_work w = *work;
    w.threads = (int)fmax(1, w.threads * times + 0.5);
    w.forward_s /= times;
    w.backward_s /= times;
    w.optimizer_s /= times;
    for (int i = 0; i < w.bucket_count; ++i) w.buckets[i].ready_s /= times;
    return w;
}

/* From rank to rank around the ring once. */
static double around(const bb_scaling_link *link, int ranks, double bytes) {
    return (ranks - 1) * (link->latency_s + bytes / (ranks * link->bytes_per_s));
}

static double between(double low, double x, double high) { return fmin(fmax(low, x), high); }

bb_scaling_step bb_scaling_predict(const bb_scaling_work *w, const bb_scaling_link *link, int ranks,
                                   double windows, bool sharded) {
    const double share = windows / w->windows;
    double backward = share * w->backward_s, end = 0, exchange = 0, taken = 0, weights = 0;
    for (int i = 0; i < w->bucket_count && ranks > 1; ++i) {
        const double bytes = w->buckets[i].bytes, seconds = 2 * around(link, ranks, bytes),
                     begin = fmax(end, share * w->buckets[i].ready_s + taken);
        /* What of it goes on beside the backward pass takes its processors' time. */
        const double beside = between(0, (backward + taken - begin) / seconds, 1);
        taken += beside * bytes * link->cpu_s_per_byte / w->threads;
        end = begin + seconds;
        exchange += seconds;
        if (sharded) weights += seconds;
    }
    backward += taken;
    const double late = fmax(0, end - backward),
                 optimizer = sharded && ranks > 1 ? w->optimizer_s / ranks : w->optimizer_s;
    return (bb_scaling_step){.step_s = share * w->forward_s + backward + late + optimizer + weights,
                             .exchange_s = exchange,
                             .exposed_s = late + weights};
}
