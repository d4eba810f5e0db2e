#include "scores.h"

#include <cJSON.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static double number(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

static const char *text(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? item->valuestring : "";
}

/* The widest text under the key, at least `least`. */
static int width_of(const cJSON *list, const char *key, int least) {
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        const int width = (int)strlen(text(item, key));
        if (width > least) least = width;
    }
    return least;
}

static void print_interval(const cJSON *item, const char *low, const char *high) {
    if (isfinite(number(item, low)) && isfinite(number(item, high)))
        printf("  %6.3f to %-6.3f", number(item, low), number(item, high));
    else
        printf("  %9s%7s", "-", "");
}

static void print_head(const cJSON *task) {
    const cJSON *classes = cJSON_GetObjectItemCaseSensitive(task, "classes"), *item,
                *split = cJSON_GetObjectItemCaseSensitive(task, "split");
    printf("%s: ", text(task, "name"));
    cJSON_ArrayForEach(item, classes)
        printf("%.0f %s%s", number(item, "windows"), text(item, "name"), item->next ? ", " : "; ");
    if (!classes) printf("%.0f numbers; ", number(task, "windows"));
    printf("windows of %g s\n%s; split: %s, %.0f fold%s; %.0f shuffle%s of the labels\n\n",
           number(task, "window_s"), text(task, "decoder"), text(split, "kind"), number(split, "folds"),
           number(split, "folds") == 1 ? "" : "s", number(task, "control_runs"),
           number(task, "control_runs") == 1 ? "" : "s");
}

static void print_summary(const cJSON *task) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(task, "summary"), *item;
    const int width = width_of(list, "features", 8);
    printf("%-*s  electrodes  %-9s  sd     95 %% interval     labels shuffled\n", width, "features",
           text(task, "measure"));
    cJSON_ArrayForEach(item, list) {
        printf("%-*s  %10.0f  %9.3f  %5.3f", width, text(item, "features"), number(item, "electrodes"),
               number(item, "mean"), number(item, "sd"));
        print_interval(item, "ci_low", "ci_high");
        print_interval(item, "control_low", "control_high");
        putchar('\n');
    }
}

/* Whether the results are of several subjects, whose electrodes may have the same names. */
static bool many_subjects(const cJSON *list) {
    const char *first = text(cJSON_GetArrayItem(list, 0), "subject");
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        if (strcmp(text(item, "subject"), first) != 0) return true;
    }
    return false;
}

static void print_electrodes(const cJSON *task) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(task, "results"), *item;
    const int width = width_of(list, "features", 8), name = width_of(list, "electrode", 9),
              subject = many_subjects(list) ? width_of(list, "subject", 7) + 2 : 0;
    printf("\n%-*.*s%-*s  %-*s  %-9s  95 %% interval     labels shuffled   windows\n", subject, subject,
           "subject", name, "electrode", width, "features", text(task, "measure"));
    cJSON_ArrayForEach(item, list) {
        printf("%-*.*s%-*s  %-*s  %9.3f", subject, subject, text(item, "subject"), name,
               text(item, "electrode"), width, text(item, "features"), number(item, text(task, "measure")));
        print_interval(item, "ci_low", "ci_high");
        print_interval(item, "control_low", "control_high");
        printf("  %7.0f\n", number(item, "windows"));
    }
}

static void print_curves(const cJSON *task) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(task, "few_shot"), *curve, *point;
    if (!list) return;
    printf("\n%-*s  windows to learn from  %-9s  95 %% interval\n", width_of(list, "features", 8), "features",
           text(task, "measure"));
    cJSON_ArrayForEach(curve, list) {
        cJSON_ArrayForEach(point, cJSON_GetObjectItemCaseSensitive(curve, "points")) {
            printf("%-*s  %21.0f  %9.3f", width_of(list, "features", 8), text(curve, "features"),
                   number(point, "windows"), number(point, "mean"));
            print_interval(point, "low", "high");
            putchar('\n');
        }
    }
}

void print_scores(const char *results) {
    cJSON *json = cJSON_Parse(results);
    const cJSON *task;
    cJSON_ArrayForEach(task, cJSON_GetObjectItemCaseSensitive(json, "tasks")) {
        print_head(task);
        print_summary(task);
        print_electrodes(task);
        print_curves(task);
    }
    cJSON_Delete(json);
}
