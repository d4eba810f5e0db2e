#include <math.h>
#include <stdio.h>

#include "bench.h"
#include "brainbert/cpu.h"
#include "brainbert/plot.h"
#include "json.h"

/* Ranks 1, 2, 4 .. 1,024. */
enum { DOUBLINGS = 11, LINKS = 4, PANELS = 4 };

/* Windows of a batch of all ranks together, as published (Wang et al., ICLR 2023). */
static const double published_batch = 256;

/* The links to foretell for: the usual ones and, of several ranks, the one measured. */
static int list_links(const bb_scaling *s, bb_scaling_link out[LINKS]) {
    int count;
    const bb_scaling_link *usual = bb_scaling_links(&count);
    for (int i = 0; i < count; ++i) out[i] = usual[i];
    if (s->ranks > 1) out[count++] = s->link;
    return count;
}

/* Windows a second of all ranks, beside as many times one rank's: 1 is all that there is to gain. */
static double efficiency(const bb_scaling_work *w, const bb_scaling_link *link, int ranks, double windows,
                         bool sharded) {
    const double alone = bb_scaling_predict(w, link, 1, windows, sharded).step_s;
    return alone / bb_scaling_predict(w, link, ranks, windows, sharded).step_s;
}

/* ---------------------------------------------------------------- table */

static void print_step(const char *what, const bb_scaling_step *s) {
    printf("  %-22s step %.3f s, exchange %.3f s, %.3f s of it not hidden\n", what, s->step_s, s->exchange_s,
           s->exposed_s);
}

void scaling_print_table(const bb_scaling *s, const bb_scaling_work *w) {
    bb_scaling_link links[LINKS];
    const int count = list_links(s, links);
    double bytes = 0;
    for (int i = 0; i < s->work.bucket_count; ++i) bytes += s->work.buckets[i].bytes;
    printf("%.1f million parameters, float32, %d windows a rank, %d thread%s, kernels %s\n",
           1e-6 * (double)s->parameters, s->work.windows, s->threads, s->threads == 1 ? "" : "s",
           bb_cpu_level_name(bb_cpu_current()));
    printf(
        "one rank: %.3f s to the backward pass, %.3f s in it, %.3f s for the optimiser; %.1f MB of gradients "
        "in %d buckets\n",
        s->work.forward_s, s->work.backward_s, s->work.optimizer_s, 1e-6 * bytes, s->work.bucket_count);
    if (s->ranks > 1) {
        printf("%d ranks: latency %.1f us, %.2f Gbit/s, %.2f ns of a processor a byte\n", s->ranks,
               1e6 * s->link.latency_s, 8e-9 * s->link.bytes_per_s, 1e9 * s->link.cpu_s_per_byte);
        print_step("measured", &s->measured);
        print_step("by the model", &s->predicted);
        printf("  the backward pass hides %.0f %%; measured / model %.3f\n",
               100 * (1 - s->measured.exposed_s / s->measured.exchange_s),
               s->measured.step_s / s->predicted.step_s);
    }
    printf(
        "\nshare of as many times one rank's rate, by the model: %d windows a rank; %.0f of all ranks\nranks",
        s->work.windows, published_batch);
    for (int i = 0; i < count; ++i) printf("  %19s", links[i].name);
    for (int ranks = 1; ranks <= 1024; ranks *= 4) {
        printf("\n%5d", ranks);
        for (int i = 0; i < count; ++i) {
            printf("  %8.1f %%", 100 * efficiency(w, &links[i], ranks, w->windows, s->sharded));
            if (ranks <= published_batch)
                printf(" %6.1f %%",
                       100 * efficiency(w, &links[i], ranks, published_batch / ranks, s->sharded));
            else
                printf(" %8s", "");
        }
    }
    putchar('\n');
}

/* ---------------------------------------------------------------- JSON */

static void add_step(cJSON *json, const char *key, const bb_scaling_step *s) {
    cJSON *step = cJSON_AddObjectToObject(json, key);
    cJSON_AddNumberToObject(step, "step_s", s->step_s);
    cJSON_AddNumberToObject(step, "exchange_s", s->exchange_s);
    cJSON_AddNumberToObject(step, "exposed_s", s->exposed_s);
}

static cJSON *link_json(const bb_scaling *s, const bb_scaling_work *w, const bb_scaling_link *link) {
    cJSON *json = cJSON_CreateObject(), *list;
    cJSON_AddStringToObject(json, "link", link->name);
    cJSON_AddNumberToObject(json, "latency_s", link->latency_s);
    cJSON_AddNumberToObject(json, "bytes_per_s", link->bytes_per_s);
    cJSON_AddNumberToObject(json, "cpu_s_per_byte", link->cpu_s_per_byte);
    list = cJSON_AddArrayToObject(json, "scaling");
    for (int ranks = 1; ranks <= 1024; ranks *= 2) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddNumberToObject(item, "ranks", ranks);
        cJSON_AddNumberToObject(item, "share_with_same_windows_a_rank",
                                efficiency(w, link, ranks, w->windows, s->sharded));
        if (ranks <= published_batch)
            cJSON_AddNumberToObject(item, "share_with_same_batch",
                                    efficiency(w, link, ranks, published_batch / ranks, s->sharded));
        cJSON_AddItemToArray(list, item);
    }
    return json;
}

void scaling_print_json(const bb_scaling *s, const bb_scaling_work *w, const char *picture) {
    bb_scaling_link links[LINKS];
    const int count = list_links(s, links);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "picture", picture);
    cJSON_AddNumberToObject(json, "ranks", s->ranks);
    cJSON_AddNumberToObject(json, "threads", s->threads);
    cJSON_AddStringToObject(json, "cpu_level", bb_cpu_level_name(bb_cpu_current()));
    cJSON_AddNumberToObject(json, "parameters", (double)s->parameters);
    cJSON_AddNumberToObject(json, "windows_a_rank", s->work.windows);
    cJSON_AddNumberToObject(json, "forward_s", s->work.forward_s);
    cJSON_AddNumberToObject(json, "backward_s", s->work.backward_s);
    cJSON_AddNumberToObject(json, "optimizer_s", s->work.optimizer_s);
    if (s->ranks > 1) {
        add_step(json, "measured", &s->measured);
        add_step(json, "predicted", &s->predicted);
        cJSON_AddNumberToObject(json, "measured_to_predicted", s->measured.step_s / s->predicted.step_s);
    }
    cJSON_AddNumberToObject(json, "foretold_times_as_fast", s->work.backward_s / w->backward_s);
    cJSON *list = cJSON_AddArrayToObject(json, "links");
    for (int i = 0; i < count; ++i) cJSON_AddItemToArray(list, link_json(s, w, &links[i]));
    print_json(json);
}

/* ---------------------------------------------------------------- picture */

typedef struct panel {
    double y[LINKS][DOUBLINGS];
    bb_curve curves[LINKS];
    char title[96];
} panel;

/* Panels 0, 1: the share of what as many ranks could do at most; 2, 3: the share of a step that is waiting.
 */
static void fill(panel *p, const bb_scaling *s, const bb_scaling_work *w, const bb_scaling_link *links,
                 int count, int which) {
    static double doublings[DOUBLINGS];
    const bool waits = which >= 2, same_batch = which % 2 == 1;
    for (int i = 0; i < count; ++i) {
        for (int k = 0; k < DOUBLINGS; ++k) {
            const int ranks = 1 << k;
            const double windows = same_batch ? published_batch / ranks : w->windows;
            const bb_scaling_step step = bb_scaling_predict(w, &links[i], ranks, windows, s->sharded);
            doublings[k] = k;
            p->y[i][k] = windows < 1 ? NAN
                         : waits     ? 100 * step.exposed_s / step.step_s
                                     : 100 * efficiency(w, &links[i], ranks, windows, s->sharded);
        }
        p->curves[i] = (bb_curve){.label = links[i].name,
                                  .x = doublings,
                                  .y = p->y[i],
                                  .count = DOUBLINGS,
                                  .color = i,
                                  .dots = true};
    }
    snprintf(p->title, sizeof p->title, "%s, %.0f windows %s", waits ? "waiting" : "rate",
             same_batch ? published_batch : w->windows, same_batch ? "in all" : "a rank");
}

bb_status scaling_draw(const bb_scaling *s, const bb_scaling_work *w, const char *path, bb_error *err) {
    static panel panels[PANELS];
    bb_curves_figure figures[PANELS];
    bb_scaling_link links[LINKS];
    const int count = list_links(s, links);
    for (int i = 0; i < PANELS; ++i) {
        fill(&panels[i], s, w, links, count, i);
        figures[i] = (bb_curves_figure){.title = panels[i].title,
                                        .x_label = "ranks, doublings (10: 1,024)",
                                        .y_label = i < 2 ? "of ranks x one rank's rate (%)" : "of a step (%)",
                                        .curves = panels[i].curves,
                                        .curve_count = count,
                                        .x_high = DOUBLINGS - 1,
                                        .y_high = 102};
    }
    return bb_plot_curves_grid("Pretraining over ranks, by the model", figures, PANELS, PANELS, path, err);
}
