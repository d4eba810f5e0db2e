#include <stdio.h>

#include "bench.h"
#include "brainbert/cpu.h"
#include "brainbert/plot.h"
#include "json.h"

static const struct {
    const char *name, *what, *unit;
} kinds[BB_GROWTH_KINDS] = {
    {"hours", "length of the recording", "h"},
    {"channels", "channels", ""},
    {"window", "length of a window", "s"},
    {"model", "parameters of the model", "million"},
};

/* ---------------------------------------------------------------- table */

static void print_series(const bb_growth_series *s, int kind) {
    char size[64];
    snprintf(size, sizeof size, "%s%s%s", kinds[kind].what, *kinds[kind].unit ? ", " : "", kinds[kind].unit);
    printf("%-34s %9s %10s %10s %10s %10s\n", size, "windows", "GFLOP", "s", "by count", "peak MB");
    for (int i = 0; i < s->count; ++i) {
        const bb_growth_point *p = &s->points[i];
        printf("%-34.4g %9lld %10.1f %10.3f %10.3f %10.1f\n", p->size, (long long)p->windows, 1e-9 * p->flop,
               p->seconds, p->counted_s, 1e-6 * p->peak_bytes);
    }
    printf("%-34s %9s %10.2f %10.2f %10s %10.2f\n\n", "exponent", "", s->counted_exponent, s->time_exponent,
           "", s->memory_exponent);
}

void growth_print_table(const bb_growth *g) {
    printf("threads %d, kernels %s, float32, medians of %d interleaved runs, each a process of its own\n\n",
           g->threads, bb_cpu_level_name(bb_cpu_current()), g->rounds);
    for (int k = 0; k < BB_GROWTH_KINDS; ++k) print_series(&g->series[k], k);
}

/* ---------------------------------------------------------------- JSON */

static cJSON *series_json(const bb_growth_series *s, int kind) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "series", kinds[kind].name);
    cJSON_AddStringToObject(json, "unit", kinds[kind].unit);
    cJSON_AddNumberToObject(json, "time_exponent", s->time_exponent);
    cJSON_AddNumberToObject(json, "counted_exponent", s->counted_exponent);
    cJSON_AddNumberToObject(json, "memory_exponent", s->memory_exponent);
    cJSON *list = cJSON_AddArrayToObject(json, "points");
    for (int i = 0; i < s->count; ++i) {
        const bb_growth_point *p = &s->points[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddNumberToObject(item, "size", p->size);
        cJSON_AddNumberToObject(item, "windows", (double)p->windows);
        cJSON_AddNumberToObject(item, "gflop", 1e-9 * p->flop);
        cJSON_AddNumberToObject(item, "elapsed_s", p->seconds);
        cJSON_AddNumberToObject(item, "counted_s", p->counted_s);
        cJSON_AddNumberToObject(item, "peak_bytes", p->peak_bytes);
        cJSON_AddItemToArray(list, item);
    }
    return json;
}

void growth_print_json(const bb_growth *g, const char *picture) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "picture", picture);
    cJSON_AddNumberToObject(json, "threads", g->threads);
    cJSON_AddStringToObject(json, "cpu_level", bb_cpu_level_name(bb_cpu_current()));
    cJSON_AddNumberToObject(json, "rounds", g->rounds);
    cJSON *list = cJSON_AddArrayToObject(json, "growth");
    for (int k = 0; k < BB_GROWTH_KINDS; ++k) cJSON_AddItemToArray(list, series_json(&g->series[k], k));
    print_json(json);
}

/* ---------------------------------------------------------------- picture */

/* The two panels of a kind. */
typedef struct column {
    double size[BB_GROWTH_POINTS], seconds[BB_GROWTH_POINTS], counted[BB_GROWTH_POINTS], mb[BB_GROWTH_POINTS];
    bb_curve time[2], memory[1];
    char time_title[80], memory_title[80], x_label[64];
} column;

static double largest(const double *a, const double *b, int count) {
    double most = 0;
    for (int i = 0; i < count; ++i) {
        most = a[i] > most ? a[i] : most;
        most = b[i] > most ? b[i] : most;
    }
    return most;
}

static void fill(column *c, const bb_growth_series *s, int kind) {
    for (int i = 0; i < s->count; ++i) {
        c->size[i] = s->points[i].size;
        c->seconds[i] = s->points[i].seconds;
        c->counted[i] = s->points[i].counted_s;
        c->mb[i] = 1e-6 * s->points[i].peak_bytes;
    }
    const bb_curve curve = {.x = c->size, .count = s->count};
    c->time[0] = c->time[1] = c->memory[0] = curve;
    c->time[0].y = c->counted;
    c->time[0].label = "operations by count";
    c->time[0].color = 1;
    c->time[1].y = c->seconds;
    c->time[1].label = "measured";
    c->time[1].dots = true;
    c->memory[0].y = c->mb;
    c->memory[0].dots = true;
    snprintf(c->time_title, sizeof c->time_title, "time: exponent %.2f, by count %.2f", s->time_exponent,
             s->counted_exponent);
    snprintf(c->memory_title, sizeof c->memory_title, "memory: exponent %.2f", s->memory_exponent);
    snprintf(c->x_label, sizeof c->x_label, "%s%s%s%s", kinds[kind].what, *kinds[kind].unit ? " (" : "",
             kinds[kind].unit, *kinds[kind].unit ? ")" : "");
}

bb_status growth_draw(const bb_growth *g, const char *path, bb_error *err) {
    column columns[BB_GROWTH_KINDS] = {0};
    bb_curves_figure figures[2 * BB_GROWTH_KINDS];
    for (int k = 0; k < BB_GROWTH_KINDS; ++k) {
        column *c = &columns[k];
        const int count = g->series[k].count;
        fill(c, &g->series[k], k);
        /* From zero, so that what is proportional is a line through the corner. */
        figures[k] = (bb_curves_figure){.title = c->time_title,
                                        .x_label = c->x_label,
                                        .y_label = "time (s)",
                                        .curves = c->time,
                                        .curve_count = 2,
                                        .x_high = 1.05 * largest(c->size, c->size, count),
                                        .y_high = 1.05 * largest(c->seconds, c->counted, count)};
        figures[k + BB_GROWTH_KINDS] = (bb_curves_figure){.title = c->memory_title,
                                                          .x_label = c->x_label,
                                                          .y_label = "peak memory (MB)",
                                                          .curves = c->memory,
                                                          .curve_count = 1,
                                                          .x_high = figures[k].x_high,
                                                          .y_high = 1.05 * largest(c->mb, c->mb, count)};
    }
    return bb_plot_curves_grid("Embedding a recording: what time and memory grow with", figures,
                               2 * BB_GROWTH_KINDS, BB_GROWTH_KINDS, path, err);
}
