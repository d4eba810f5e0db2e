#include "dimension_result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

/* ---------------------------------------------------------------- rows */

static void free_row(dimension_result *r, size_t i) {
    free(r->persons[i]);
    free((char *)(uintptr_t)r->places[i].subject);
    free((char *)(uintptr_t)r->places[i].recording);
    free((char *)(uintptr_t)r->places[i].electrode);
    free((char *)(uintptr_t)r->places[i].region);
    bb_dimension_free(&r->found[i]);
}

static bool grow(dimension_result *r) {
    if (r->count < r->room) return true;
    const size_t room = r->room ? 2 * r->room : 64;
    void *persons = realloc(r->persons, room * sizeof *r->persons);
    if (persons) r->persons = persons;
    void *places = realloc(r->places, room * sizeof *r->places);
    if (places) r->places = places;
    void *found = realloc(r->found, room * sizeof *r->found);
    if (found) r->found = found;
    if (!persons || !places || !found) return false;
    r->room = room;
    return true;
}

size_t dimension_row(dimension_result *r, const char *person, const bb_dimension_place *place, bool *is_new) {
    *is_new = false;
    for (size_t i = r->count; i-- > 0;)
        if (strcmp(r->persons[i], person) == 0 && strcmp(r->places[i].electrode, place->electrode) == 0)
            return i;
    if (!grow(r)) return (size_t)-1;
    const size_t i = r->count++;
    r->found[i] = (bb_dimension){0};
    r->persons[i] = strdup(person);
    r->places[i] = (bb_dimension_place){.subject = place->subject ? strdup(place->subject) : NULL,
                                        .recording = strdup(place->recording),
                                        .electrode = strdup(place->electrode),
                                        .region = place->region ? strdup(place->region) : NULL};
    *is_new = true;
    return r->persons[i] && r->places[i].recording && r->places[i].electrode ? i : (size_t)-1;
}

void dimension_result_free(dimension_result *r) {
    for (size_t i = 0; i < r->count; ++i) free_row(r, i);
    free(r->persons);
    free(r->places);
    free(r->found);
}

static bb_dimension_region *regions_of(const dimension_result *r, size_t *count) {
    bb_dimension_region *regions = calloc(r->count + 1, sizeof *regions);
    *count = regions ? bb_dimension_by_region(r->places, r->found, r->count, regions) : 0;
    return regions;
}

/* ---------------------------------------------------------------- text */

static void print_value(const bb_dimension *d, int kind) {
    if (d->count[kind] > 0)
        printf(" %11lld", (long long)d->value[kind]);
    else
        printf(" %11s", "n/a");
}

static void print_mean(const bb_dimension_region *g, int kind) {
    char text[40] = "n/a";
    if (isfinite(g->mean[kind])) snprintf(text, sizeof text, "%.1f +- %.1f", g->mean[kind], g->sd[kind]);
    printf(" %15s", text);
}

static void print_regions(const dimension_result *r) {
    size_t count;
    bb_dimension_region *regions = regions_of(r, &count);
    const bool said = count > 1 || (count == 1 && regions[0].region);
    if (said)
        printf("\n%-32s %10s %15s %15s%s\n", "region", "electrodes", "embeddings", "spectrogram",
               r->frames ? "          frames" : "");
    for (size_t i = 0; i < count && said; ++i) {
        printf("%-32s %10lld", regions[i].region ? regions[i].region : "n/a",
               (long long)regions[i].electrodes);
        print_mean(&regions[i], BB_DIMENSION_EMBEDDINGS);
        print_mean(&regions[i], BB_DIMENSION_SPECTROGRAM);
        if (r->frames) print_mean(&regions[i], BB_DIMENSION_FRAMES);
        putchar('\n');
    }
    free(regions);
}

void dimension_print(const dimension_result *r) {
    printf("%-8s %-16s %8s %11s %11s%s  %s\n", "subject", "electrode", "windows", "embeddings", "spectrogram",
           r->frames ? "      frames" : "", "region");
    for (size_t i = 0; i < r->count; ++i) {
        const bb_dimension_place *p = &r->places[i];
        printf("%-8s %-16s %8lld", p->subject ? p->subject : "n/a", p->electrode,
               (long long)r->found[i].windows);
        print_value(&r->found[i], BB_DIMENSION_EMBEDDINGS);
        print_value(&r->found[i], BB_DIMENSION_SPECTROGRAM);
        if (r->frames) print_value(&r->found[i], BB_DIMENSION_FRAMES);
        printf("  %s\n", p->region ? p->region : "n/a");
    }
    print_regions(r);
}

/* ---------------------------------------------------------------- JSON */

static const char *const keys[BB_DIMENSIONS] = {"embeddings", "spectrogram", "frames"};
static const char *const sd_keys[BB_DIMENSIONS] = {"embeddings_sd", "spectrogram_sd", "frames_sd"};
static const char *const curve_keys[BB_DIMENSIONS] = {"embedding_curve", "spectrogram_curve", "frames_curve"};

/* Shares of the first 1, 2, .. components. */
static void add_curve(cJSON *row, int kind, const bb_dimension *d) {
    cJSON *curve = cJSON_AddArrayToObject(row, curve_keys[kind]);
    double sum = 0;
    for (int64_t i = 0; i < d->count[kind]; ++i) {
        sum += d->ratios[kind][i];
        cJSON_AddItemToArray(curve, cJSON_CreateNumber(sum));
    }
}

static void add_row(cJSON *rows, const bb_dimension_place *p, const bb_dimension *d) {
    cJSON *row = cJSON_CreateObject();
    json_add_text(row, "subject", p->subject);
    json_add_text(row, "recording", p->recording);
    json_add_text(row, "electrode", p->electrode);
    json_add_text(row, "region", p->region);
    cJSON_AddNumberToObject(row, "windows", (double)d->windows);
    for (int k = 0; k < BB_DIMENSIONS; ++k) {
        if (d->count[k] == 0) continue;
        cJSON_AddNumberToObject(row, keys[k], (double)d->value[k]);
        add_curve(row, k, d);
    }
    cJSON_AddItemToArray(rows, row);
}

void dimension_print_json(const dimension_result *r) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "model", r->model);
    cJSON_AddStringToObject(json, "precision", r->precision);
    cJSON_AddNumberToObject(json, "share", r->share);
    cJSON *rows = cJSON_AddArrayToObject(json, "rows");
    for (size_t i = 0; i < r->count; ++i) add_row(rows, &r->places[i], &r->found[i]);
    cJSON *list = cJSON_AddArrayToObject(json, "regions");
    size_t count;
    bb_dimension_region *regions = regions_of(r, &count);
    for (size_t i = 0; i < count; ++i) {
        cJSON *region = cJSON_CreateObject();
        json_add_text(region, "region", regions[i].region);
        cJSON_AddNumberToObject(region, "electrodes", (double)regions[i].electrodes);
        for (int k = 0; k < BB_DIMENSIONS; ++k) {
            if (!isfinite(regions[i].mean[k])) continue;
            cJSON_AddNumberToObject(region, keys[k], regions[i].mean[k]);
            cJSON_AddNumberToObject(region, sd_keys[k], regions[i].sd[k]);
        }
        cJSON_AddItemToArray(list, region);
    }
    free(regions);
    print_json(json);
}
