#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "brainbert/cpu.h"
#include "json.h"

static const struct {
    const char *name, *what, *unit;
} peaks[BB_PEAKS] = {
    {"f32", "multiply-adds of float32", "GFLOP/s"},    {"bf16", "dot products of bf16", "GFLOP/s"},
    {"int8", "dot products of int8", "Gop/s"},         {"memory_read", "memory, read", "GB/s"},
    {"memory_triad", "memory, a = b + 0.5 c", "GB/s"},
};

static double rate_of(const bb_bench_stage *s) { return s->flop / s->ms * 1e3; }

static const char *precision_of(const bb_bench_stage *s) {
    return s->precision < 0 ? "" : bb_precision_name((bb_precision)s->precision);
}

/* ---------------------------------------------------------------- table */

static void print_peaks(const bb_bench *b) {
    printf("%-30s %8s %12s %12s\n", "peak", "", "all threads", "one thread");
    for (int p = 0; p < BB_PEAKS; ++p) {
        printf("%-30s %8s", peaks[p].what, peaks[p].unit);
        if (b->peaks[p].per_s > 0)
            printf(" %12.1f", 1e-9 * b->peaks[p].per_s);
        else
            printf(" %12s", "no units");
        if (b->peaks[p].one_thread_per_s > 0) printf(" %12.1f", 1e-9 * b->peaks[p].one_thread_per_s);
        putchar('\n');
    }
    printf("memory: three arrays of %zu MiB each\n\n", b->array_bytes >> 20);
}

static void print_stages(const bb_bench *b) {
    printf("%-34s %6s %4s %7s %10s %21s %9s %10s %8s\n", "stage, one window of one channel", "window", "",
           "threads", "ms", "least to most", "GFLOP", "GFLOP/s", "of peak");
    for (int i = 0; i < b->stage_count; ++i) {
        const bb_bench_stage *s = &b->stages[i];
        char range[64];
        snprintf(range, sizeof range, "%.4f to %.4f", s->ms_least, s->ms_most);
        printf("%-34s %4.3g s %4s %7d %10.4f %21s", s->what, s->window_s, precision_of(s), s->threads, s->ms,
               range);
        if (s->flop > 0) printf(" %9.4f %10.1f", 1e-9 * s->flop, 1e-9 * rate_of(s));
        if (s->flop > 0 && s->peak > 0) printf(" %7.1f%%", 100 * rate_of(s) / s->peak);
        putchar('\n');
    }
    putchar('\n');
}

static void print_speedups(const bb_bench *b) {
    bool any = false;
    for (int p = 0; p < BB_BENCH_PRECISIONS; ++p) {
        const double times = bb_bench_speedup(b, "encode_batch_16", (bb_precision)p);
        if (times <= 0) continue;
        if (!any) printf("threads %d against 1, encode, batch 16:", b->threads);
        printf("%s %s %.2f times", any ? "," : "", bb_precision_name((bb_precision)p), times);
        any = true;
    }
    if (any) fputs("\n\n", stdout);
}

static void print_pipelines(const bb_bench *b) {
    printf("%-34s %4s %8s %10s %24s %13s\n", "pipeline, recording to features", "", "s", "windows/s",
           "real time, one electrode", "encoder busy");
    for (int i = 0; i < b->pipeline_count; ++i) {
        const bb_bench_pipeline *p = &b->pipelines[i];
        char what[64];
        snprintf(what, sizeof what, "%d channels, %.0f s", p->channels, p->recording_s);
        printf("%-34s %4s %8.2f %10.1f %23.0fx %12.1f%%\n", what, bb_precision_name(p->precision), p->seconds,
               p->windows_per_s, p->real_time, 100 * p->encoder_busy);
    }
}

void bench_print_table(const bb_bench *b) {
    printf("threads %d, kernels %s, medians of %d interleaved rounds\n\n", b->threads,
           bb_cpu_level_name(bb_cpu_current()), b->rounds);
    if (b->processors_had < 0.95)
        printf("other work runs here: the threads had %.0f%% of their processors, and these figures are too "
               "low\n\n",
               100 * b->processors_had);
    print_peaks(b);
    print_stages(b);
    print_speedups(b);
    print_pipelines(b);
}

/* ---------------------------------------------------------------- JSON */

static void add_peaks(cJSON *json, const bb_bench *b) {
    cJSON *list = cJSON_AddArrayToObject(json, "peaks");
    for (int p = 0; p < BB_PEAKS; ++p) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "peak", peaks[p].name);
        cJSON_AddStringToObject(item, "unit", peaks[p].unit);
        if (b->peaks[p].per_s > 0) cJSON_AddNumberToObject(item, "rate", 1e-9 * b->peaks[p].per_s);
        if (b->peaks[p].one_thread_per_s > 0)
            cJSON_AddNumberToObject(item, "one_thread_rate", 1e-9 * b->peaks[p].one_thread_per_s);
        cJSON_AddItemToArray(list, item);
    }
    cJSON_AddNumberToObject(json, "memory_array_bytes", (double)b->array_bytes);
}

static void add_stages(cJSON *json, const bb_bench *b) {
    cJSON *list = cJSON_AddArrayToObject(json, "stages");
    for (int i = 0; i < b->stage_count; ++i) {
        const bb_bench_stage *s = &b->stages[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "stage", s->name);
        if (s->precision >= 0) cJSON_AddStringToObject(item, "precision", precision_of(s));
        cJSON_AddNumberToObject(item, "threads", s->threads);
        cJSON_AddNumberToObject(item, "window_s", s->window_s);
        cJSON_AddNumberToObject(item, "ms_per_window", s->ms);
        cJSON_AddNumberToObject(item, "ms_least", s->ms_least);
        cJSON_AddNumberToObject(item, "ms_most", s->ms_most);
        if (s->flop > 0) {
            cJSON_AddNumberToObject(item, "gflop", 1e-9 * s->flop);
            cJSON_AddNumberToObject(item, "gflop_per_s", 1e-9 * rate_of(s));
        }
        if (s->flop > 0 && s->peak > 0) cJSON_AddNumberToObject(item, "share_of_peak", rate_of(s) / s->peak);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_speedups(cJSON *json, const bb_bench *b) {
    cJSON *object = cJSON_AddObjectToObject(json, "threads_against_one");
    for (int p = 0; p < BB_BENCH_PRECISIONS; ++p) {
        const double times = bb_bench_speedup(b, "encode_batch_16", (bb_precision)p);
        if (times > 0) cJSON_AddNumberToObject(object, bb_precision_name((bb_precision)p), times);
    }
}

static void add_pipelines(cJSON *json, const bb_bench *b) {
    cJSON *list = cJSON_AddArrayToObject(json, "pipeline");
    for (int i = 0; i < b->pipeline_count; ++i) {
        const bb_bench_pipeline *p = &b->pipelines[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "precision", bb_precision_name(p->precision));
        cJSON_AddNumberToObject(item, "channels", p->channels);
        cJSON_AddNumberToObject(item, "recording_s", p->recording_s);
        cJSON_AddNumberToObject(item, "windows", (double)p->windows);
        cJSON_AddNumberToObject(item, "elapsed_s", p->seconds);
        cJSON_AddNumberToObject(item, "windows_per_s", p->windows_per_s);
        cJSON_AddNumberToObject(item, "times_real_time", p->real_time);
        cJSON_AddNumberToObject(item, "encoder_busy", p->encoder_busy);
        cJSON_AddItemToArray(list, item);
    }
}

void bench_print_json(const bb_bench *b) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "threads", b->threads);
    cJSON_AddStringToObject(json, "cpu_level", bb_cpu_level_name(bb_cpu_current()));
    cJSON_AddNumberToObject(json, "rounds", b->rounds);
    cJSON_AddNumberToObject(json, "processors_had", b->processors_had);
    add_peaks(json, b);
    add_stages(json, b);
    add_speedups(json, b);
    add_pipelines(json, b);
    print_json(json);
}
