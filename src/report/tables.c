/* The numbers behind the pictures. */
#include <math.h>

#include "base/memory.h"
#include "report/grid.h"
#include "report/page.h"

/* What the cells of text are looked up in. */
typedef struct context {
    const bb_results *results;
    const bb_task *task;
    bool subjects, groups, regions, places;
} context;

static void position_cell(bb_markup *m, const bb_electrode *e) {
    bb_markup_raw(m, "<td class=\"n\">");
    for (int i = 0; e->placed && i < 3; ++i) {
        if (i) bb_markup_raw(m, ", ");
        bb_markup_number(m, e->position[i], 1);
    }
    bb_markup_raw(m, "</td>");
}

static void result_texts(bb_markup *m, const void *where, const void *record) {
    const context *c = where;
    const bb_result *r = record;
    const bb_electrode *e = &c->task->electrodes[r->electrode];
    if (c->subjects) bb_grid_cell(m, e->subject);
    bb_grid_cell(m, e->name);
    if (c->groups) bb_grid_cell(m, e->group);
    if (c->regions) bb_grid_cell(m, e->region);
    if (c->places) position_cell(m, e);
    bb_grid_cell(m, c->results->features[r->features]);
}

void bb_table_results(bb_markup *m, const bb_results *results, const bb_task *task) {
    context c = {.results = results, .task = task, .subjects = bb_task_has_subjects(task)};
    for (size_t i = 0; i < task->electrode_count; ++i) {
        c.groups |= task->electrodes[i].group != NULL;
        c.regions |= task->electrodes[i].region != NULL;
        c.places |= task->electrodes[i].placed;
    }
    const char *headings[7] = {NULL};
    int n = 0;
    if (c.subjects) headings[n++] = "Subject";
    headings[n++] = "Electrode";
    if (c.groups) headings[n++] = "Shaft";
    if (c.regions) headings[n++] = "Region";
    if (c.places) headings[n++] = "Position";
    headings[n++] = "Features";
    const bb_column columns[] = {
        {"Windows", offsetof(bb_result, windows), -1},
        {bb_measure_name(task->measure), offsetof(bb_result, score), 3},
        {"Low", offsetof(bb_result, low), 3},
        {"High", offsetof(bb_result, high), 3},
        {"Control", offsetof(bb_result, control_mean), 3},
        {"Control low", offsetof(bb_result, control_low), 3},
        {"Control high", offsetof(bb_result, control_high), 3},
        {"F1", offsetof(bb_result, f1), 3},
        {"Accuracy", offsetof(bb_result, accuracy), 3},
    };
    bb_grid_draw(m, &(bb_grid){"All electrodes", headings, columns, sizeof columns / sizeof *columns,
                               task->results, task->result_count, sizeof *task->results, result_texts, &c});
}

static void summary_texts(bb_markup *m, const void *where, const void *record) {
    const context *c = where;
    bb_grid_cell(m, c->results->features[((const bb_summary *)record)->features]);
}

void bb_table_summary(bb_markup *m, const bb_results *results, const bb_task *task) {
    static const char *const headings[] = {"Features", NULL};
    static const bb_column columns[] = {
        {"Electrodes", offsetof(bb_summary, electrodes), -1},
        {"Mean", offsetof(bb_summary, mean), 3},
        {"sd", offsetof(bb_summary, sd), 3},
        {"Low", offsetof(bb_summary, low), 3},
        {"High", offsetof(bb_summary, high), 3},
        {"Control", offsetof(bb_summary, control_mean), 3},
        {"Control low", offsetof(bb_summary, control_low), 3},
        {"Control high", offsetof(bb_summary, control_high), 3},
    };
    const context c = {.results = results};
    bb_grid_draw(m, &(bb_grid){"Means over electrodes", headings, columns, sizeof columns / sizeof *columns,
                               task->summary, task->summary_count, sizeof *task->summary, summary_texts, &c});
}

/* A point with the features that it belongs to. */
typedef struct named_point {
    int features;
    bb_few_shot_point point;
} named_point;

static void point_texts(bb_markup *m, const void *where, const void *record) {
    const context *c = where;
    bb_grid_cell(m, c->results->features[((const named_point *)record)->features]);
}

void bb_table_few_shot(bb_markup *m, const bb_results *results, const bb_task *task) {
    static const char *const headings[] = {"Features", NULL};
    static const bb_column columns[] = {
        {"Windows", offsetof(named_point, point.windows), -1},
        {"Mean", offsetof(named_point, point.mean), 3},
        {"sd", offsetof(named_point, point.sd), 3},
        {"Low", offsetof(named_point, point.low), 3},
        {"High", offsetof(named_point, point.high), 3},
    };
    const context c = {.results = results};
    size_t count = 0;
    for (size_t i = 0; i < task->few_shot_count; ++i) count += task->few_shot[i].count;
    named_point *points = bb_calloc(count, sizeof *points);
    m->failed |= !points;
    if (!points) return;
    count = 0;
    for (size_t i = 0; i < task->few_shot_count; ++i)
        for (size_t k = 0; k < task->few_shot[i].count; ++k)
            points[count++] = (named_point){task->few_shot[i].features, task->few_shot[i].points[k]};
    bb_grid_draw(m, &(bb_grid){"Scores by number of training windows", headings, columns,
                               sizeof columns / sizeof *columns, points, count, sizeof *points, point_texts,
                               &c});
    bb_free(points);
}

static void row_texts(bb_markup *m, const void *where, const void *record) {
    const context *c = where;
    const bb_dimension_row *row = record;
    if (!c || !c->regions) bb_grid_cell(m, row->electrode);
    bb_grid_cell(m, row->region);
}

void bb_table_dimension(bb_markup *m, const bb_dimension *d) {
    static const char *const headings[] = {"Electrode", "Region", NULL};
    /* Of a region: means; of an electrode: counts. */
    static const bb_column of_region[] = {
        {"Embeddings", offsetof(bb_dimension_row, embeddings), 1},
        {"Spectrogram", offsetof(bb_dimension_row, spectrogram), 1},
        {"Electrodes", offsetof(bb_dimension_row, electrodes), -1},
    };
    static const bb_column of_electrode[] = {
        {"Embeddings", offsetof(bb_dimension_row, embeddings), -1},
        {"Spectrogram", offsetof(bb_dimension_row, spectrogram), -1},
        {"Windows", offsetof(bb_dimension_row, windows), -1},
    };
    const context of_regions = {.regions = true};
    bb_grid_draw(m, &(bb_grid){"Components by region", headings + 1, of_region, 3, d->regions,
                               d->region_count, sizeof *d->regions, row_texts, &of_regions});
    bb_grid_draw(m, &(bb_grid){"Components by electrode", headings, of_electrode, 3, d->rows, d->row_count,
                               sizeof *d->rows, row_texts, NULL});
}
