/* Scores where the electrodes are: in three planes, or along their shafts where positions are not
 * known. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/page.h"

enum { VIEW = BB_PANEL_WIDTH, MARGIN = 40, EDGE = 12 };

typedef struct view {
    const char *name, *across_name, *up_name;
    int across, up; /* axes of the positions */
} view;

static const view views[] = {
    {"axial", "x", "y", 0, 1},
    {"coronal", "x", "z", 0, 2},
    {"sagittal", "y", "z", 1, 2},
};

static void draw_spot(bb_markup *m, const bb_colormap *map, const char *name, double score, double x,
                      double y, double radius) {
    bb_markup_printf(m, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"#%06x\"><title>", x,
                     y, radius, (unsigned)bb_colormap_pick(map, score));
    bb_markup_text(m, name ? name : "?", BB_SHOWN_NAME);
    bb_markup_raw(m, ": ");
    bb_markup_number(m, score, 3);
    bb_markup_raw(m, "</title></circle>\n");
}

/* A strip of the colours with its numbers. */
static void draw_colorbar(bb_markup *m, const bb_colormap *map, const char *label) {
    const bb_scale x = {{map->low, map->high}, 16, 284, false};
    enum { STEPS = 64 };
    const double width = (x.to - x.from) / STEPS;
    bb_svg_begin(m, 300, 56, "Colours of the scores");
    for (int i = 0; i < STEPS; ++i) {
        const double value = map->low + (i + 0.5) / STEPS * (map->high - map->low);
        /* A little wider than its share: no gaps where edges fall between pixels. */
        bb_markup_printf(m, "<rect x=\"%.2f\" y=\"4\" width=\"%.2f\" height=\"12\" fill=\"#%06x\"/>\n",
                         x.from + i * width, width + (i + 1 < STEPS ? 0.5 : 0),
                         (unsigned)bb_colormap_pick(map, value));
    }
    bb_svg_axis_x(m, &x, 16, 20, label);
    bb_svg_end(m);
}

typedef struct cube {
    double middle[3], half; /* one scale for all axes */
} cube;

static cube cube_around(const bb_task *task) {
    cube c = {.half = 0};
    double farthest = 0;
    for (int axis = 0; axis < 3; ++axis) {
        bb_range range = bb_range_none();
        for (size_t i = 0; i < task->electrode_count; ++i)
            if (task->electrodes[i].placed) bb_range_hold(&range, task->electrodes[i].position[axis]);
        c.middle[axis] = (range.low + range.high) / 2;
        c.half = fmax(c.half, (range.high - range.low) / 2 * 1.1);
        farthest = fmax(farthest, fabs(c.middle[axis]));
    }
    /* One electrode, or several in one place: some room around it that numbers can tell apart. */
    c.half = fmax(c.half, farthest > 0 ? farthest / 10 : 1);
    return c;
}

static void draw_view(bb_markup *m, const bb_task *task, int features, const view *v, const cube *c,
                      const bb_colormap *map, const char *unit) {
    const bb_scale x = {
        {c->middle[v->across] - c->half, c->middle[v->across] + c->half}, MARGIN, VIEW - EDGE, false};
    const bb_scale y = {
        {c->middle[v->up] - c->half, c->middle[v->up] + c->half}, VIEW - MARGIN, MARGIN - 12, false};
    char across[64], up[64];
    snprintf(across, sizeof across, unit ? "%s (%.40s)" : "%s", v->across_name, unit);
    snprintf(up, sizeof up, unit ? "%s (%.40s)" : "%s", v->up_name, unit);
    bb_svg_begin(m, VIEW, VIEW, v->name);
    bb_svg_axis_x(m, &x, y.to, y.from, across);
    bb_svg_axis_y(m, &y, x.from, x.to, up);
    bb_svg_text(m, "tick e", x.to, y.to - 10, 0, v->name);
    for (size_t i = 0; i < task->result_count; ++i) {
        const bb_result *r = &task->results[i];
        const bb_electrode *e = &task->electrodes[r->electrode];
        if (r->features == features && e->placed)
            draw_spot(m, map, e->name, r->score, bb_scale_at(&x, e->position[v->across]),
                      bb_scale_at(&y, e->position[v->up]), 5);
    }
    bb_svg_end(m);
}

static void draw_views(bb_markup *m, const bb_results *results, const bb_task *task, const int *features,
                       int count, const bb_colormap *map) {
    const cube c = cube_around(task);
    bb_figure_begin(m, "Scores in space");
    for (int f = 0; f < count; ++f) {
        bb_panel_begin(m, results->features[features[f]], features[f]);
        bb_figure_panels(m);
        for (size_t v = 0; v < sizeof views / sizeof *views; ++v)
            draw_view(m, task, features[f], &views[v], &c, map, task->document->coordinate_unit);
        bb_markup_raw(m, "</div>\n");
        bb_panel_end(m);
    }
    bb_markup_raw(m, "<div class=\"panels\">");
    draw_colorbar(m, map, bb_measure_name(task->measure));
    bb_figure_caption(
        m, "An electrode's name and score show when it is pointed at. Where x runs to the right, y to the "
           "front and z upwards, as in MNI space, the planes are seen from above, from behind and from "
           "the right.");
    if (task->document->coordinate_system) {
        bb_markup_raw(m, " Coordinates: ");
        bb_markup_text(m, task->document->coordinate_system, BB_SHOWN_NAME);
        bb_markup_raw(m, ".");
    }
    bb_figure_end(m);
}

/* ---- shafts */

enum { CONTACT = 18, CONTACTS_MOST = 64, SHAFT_LEFT = 70, SHAFT_ROW = 22 };

/* The length of the shaft's name: the contact's without the number at its end. */
static size_t stem_length(const char *name) {
    size_t n = strlen(name);
    while (n > 0 && isdigit((unsigned char)name[n - 1])) --n;
    return n;
}

/* The number at the end of the contact's name; 0: none that a shaft has. */
static int contact_number(const char *name) {
    const char *digits = name + stem_length(name);
    const long number = strlen(digits) < 5 ? strtol(digits, NULL, 10) : 0;
    return number >= 1 && number <= CONTACTS_MOST ? (int)number : 0;
}

static bool same_shaft(const bb_electrode *a, const bb_electrode *b) {
    if (a->group && b->group) return strcmp(a->group, b->group) == 0;
    const size_t n = stem_length(a->name);
    return n == stem_length(b->name) && memcmp(a->name, b->name, n) == 0;
}

/* The shaft of every electrode, counted where the name changes from one to the next; 0 where some have no
 * number, or so few share a shaft that it would be no layout. */
static int find_shafts(const bb_task *task, int *shafts, int *longest) {
    int count = 0;
    *longest = 0;
    for (size_t i = 0; i < task->electrode_count; ++i) {
        const bb_electrode *e = &task->electrodes[i];
        if (!e->name || contact_number(e->name) == 0) return 0;
        if (i == 0 || !same_shaft(e, e - 1)) ++count;
        shafts[i] = count - 1;
        if (contact_number(e->name) > *longest) *longest = contact_number(e->name);
    }
    return (size_t)count * 2 <= task->electrode_count ? count : 0;
}

static void draw_shafts(bb_markup *m, const bb_task *task, int features, const int *shafts, int count,
                        int longest, const bb_colormap *map) {
    bb_svg_begin(m, fmax(200, SHAFT_LEFT + CONTACT * longest + EDGE), SHAFT_ROW * count + 30,
                 "Scores along shafts");
    for (size_t i = 0; i < task->electrode_count; ++i) {
        const bb_electrode *e = &task->electrodes[i];
        const double y = SHAFT_ROW * (shafts[i] + 0.5) + 4;
        if (i > 0 && shafts[i] == shafts[i - 1]) continue;
        char stem[64];
        snprintf(stem, sizeof stem, "%.*s", (int)fmin(60, (double)stem_length(e->name)), e->name);
        bb_svg_text(m, "name e", SHAFT_LEFT - 12, y + 4, SHAFT_LEFT - 14, e->group ? e->group : stem);
        bb_svg_line(m, "rule", SHAFT_LEFT, y, SHAFT_LEFT + CONTACT * longest, y);
    }
    for (int k = 1; k <= longest; k += longest > 8 && k > 1 ? 5 : longest > 8 ? 4 : 1) {
        char number[16];
        snprintf(number, sizeof number, "%d", k);
        bb_svg_text(m, "tick c", SHAFT_LEFT + CONTACT * (k - 0.5), SHAFT_ROW * count + 20, 0, number);
    }
    for (size_t i = 0; i < task->result_count; ++i) {
        const bb_result *r = &task->results[i];
        const bb_electrode *e = &task->electrodes[r->electrode];
        if (r->features == features)
            draw_spot(m, map, e->name, r->score, SHAFT_LEFT + CONTACT * (contact_number(e->name) - 0.5),
                      SHAFT_ROW * (shafts[r->electrode] + 0.5) + 4, 7);
    }
    bb_svg_end(m);
}

static void draw_all_shafts(bb_markup *m, const bb_results *results, const bb_task *task, const int *features,
                            int feature_count, const bb_colormap *map) {
    int *shafts = bb_calloc(task->electrode_count, sizeof *shafts), longest = 0;
    m->failed |= !shafts;
    const int count = shafts ? find_shafts(task, shafts, &longest) : 0;
    if (count > 0) {
        bb_figure_begin(m, "Scores along shafts");
        bb_figure_panels(m);
        for (int f = 0; f < feature_count; ++f) {
            bb_panel_begin(m, results->features[features[f]], features[f]);
            draw_shafts(m, task, features[f], shafts, count, longest, map);
            bb_panel_end(m);
        }
        bb_markup_raw(m, "</div><div class=\"panels\">");
        draw_colorbar(m, map, bb_measure_name(task->measure));
        bb_figure_caption(
            m, "Contacts by their number along each shaft; name and score show when one is pointed at.");
        bb_figure_end(m);
    }
    bb_free(shafts);
}

void bb_draw_places(bb_markup *m, const bb_results *results, const bb_task *task) {
    int features[BB_REPORT_FEATURES];
    const int count = bb_task_features(task, features);
    bb_range range = bb_range_none();
    size_t placed = 0;
    for (size_t i = 0; i < task->electrode_count; ++i) placed += task->electrodes[i].placed;
    for (size_t i = 0; i < task->result_count; ++i) bb_range_hold(&range, task->results[i].score);
    if (range.low > range.high) return;
    range = bb_range_round(range, bb_measure_limits(task->measure));
    const bb_colormap map = bb_colormap_make(BB_COLORMAP_SEQUENTIAL, range.low, range.high);
    if (placed > 0)
        draw_views(m, results, task, features, count, &map);
    else
        draw_all_shafts(m, results, task, features, count, &map);
}
