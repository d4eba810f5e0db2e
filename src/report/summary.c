/* The first picture: the mean over electrodes of each kind of features, the best on top. Rows are as wide as
 * the screen: places along them are per cent, text is the page's own. */
#include <math.h>

#include "report/page.h"

enum { TRACK = 26 };

static void line_at(bb_markup *m, const char *class, double at, double y0, double y1) {
    bb_markup_printf(m, "<line class=\"%s\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.0f\" y2=\"%.0f\"/>\n", class,
                     at, at, y0, y1);
}

static void draw_track(bb_markup *m, const bb_scale *x, const bb_summary *s, double chance) {
    const double middle = TRACK / 2.0, at = bb_scale_at(x, s->mean);
    const double low = bb_scale_at(x, s->low), high = bb_scale_at(x, s->high);
    bb_markup_printf(m, "<svg class=\"track\" height=\"%d\" aria-hidden=\"true\">\n", TRACK);
    bb_markup_printf(m, "<line class=\"bar\" x1=\"0\" x2=\"100%%\" y1=\"%.0f\" y2=\"%.0f\"/>\n", middle,
                     middle);
    if (isfinite(s->control_low) && isfinite(s->control_high)) {
        const double from = bb_scale_at(x, s->control_low), to = bb_scale_at(x, s->control_high);
        bb_markup_printf(m, "<rect class=\"control\" x=\"%.2f%%\" width=\"%.2f%%\" y=\"4\" height=\"%d\"/>\n",
                         from, fmax(0.3, to - from), TRACK - 8);
    }
    if (chance >= x->range.low && chance <= x->range.high)
        line_at(m, "chance", bb_scale_at(x, chance), 0, TRACK);
    if (isfinite(s->low) && isfinite(s->high)) {
        const int color = s->features % BB_SERIES_COLORS;
        bb_markup_printf(
            m, "<g class=\"s%d\"><line class=\"w\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.0f\" y2=\"%.0f\"/>",
            color, low, high, middle, middle);
        line_at(m, "w", low, middle - 4, middle + 4);
        line_at(m, "w", high, middle - 4, middle + 4);
        bb_markup_raw(m, "</g>\n");
    }
    if (isfinite(s->mean)) {
        bb_markup_printf(m, "<svg x=\"%.2f%%\" y=\"%.0f\" overflow=\"visible\">", at, middle);
        bb_svg_mark(m, s->features, 0, 0);
        bb_markup_raw(m, "</svg>\n");
    }
    bb_markup_raw(m, "</svg>\n");
}

static void draw_numbers(bb_markup *m, const bb_summary *s) {
    bb_markup_raw(m, "<div class=\"what\"><b>");
    bb_markup_number(m, s->mean, 3);
    bb_markup_raw(m, "</b>");
    if (isfinite(s->low) && isfinite(s->high)) {
        bb_markup_raw(m, " <small>");
        bb_markup_number(m, s->low, 3);
        bb_markup_raw(m, " to ");
        bb_markup_number(m, s->high, 3);
        bb_markup_raw(m, "</small>");
    }
    bb_markup_raw(m, "</div>\n");
}

static void draw_scale(bb_markup *m, const bb_scale *x) {
    const bb_ticks ticks = bb_scale_ticks(x, 5);
    bb_markup_raw(m, "<svg class=\"scale\" height=\"20\" aria-hidden=\"true\">\n");
    for (int i = 0; i < ticks.count; ++i) {
        char text[32];
        const double at = bb_scale_at(x, ticks.values[i]);
        bb_tick_label(&ticks, i, text);
        line_at(m, "rule", at, 0, 4);
        bb_markup_printf(m, "<text class=\"tick c\" x=\"%.2f%%\" y=\"17\">%s</text>\n", at, text);
    }
    bb_markup_raw(m, "</svg>\n");
}

static bb_range summary_range(const bb_task *task) {
    bb_range range = bb_range_none();
    bb_range_hold(&range, task->chance);
    for (size_t i = 0; i < task->summary_count; ++i) {
        const bb_summary *s = &task->summary[i];
        const double values[] = {s->mean, s->low, s->high, s->control_low, s->control_high};
        for (size_t k = 0; k < sizeof values / sizeof *values; ++k) bb_range_hold(&range, values[k]);
    }
    return bb_range_round(range, bb_measure_limits(task->measure));
}

static void draw_card(bb_markup *m, const bb_results *results, const bb_task *task) {
    const bb_scale x = {summary_range(task), 2, 98, false};
    bb_markup_raw(m, "<div class=\"card\"><h3>");
    bb_markup_text(m, task->name ? task->name : "task", BB_SHOWN_NAME);
    bb_markup_raw(m, "</h3><div class=\"note\">");
    bb_markup_text(m, bb_measure_name(task->measure), BB_SHOWN_NAME);
    bb_markup_raw(m, ", mean over electrodes");
    if (results->document_count > 1 && task->document->model) {
        bb_markup_raw(m, "; ");
        bb_markup_text(m, task->document->model, BB_SHOWN_NAME);
    }
    bb_markup_raw(m, "</div>\n");
    for (size_t i = 0; i < task->summary_count; ++i) {
        bb_markup_raw(m, "<div class=\"row\"><div class=\"who\">");
        bb_legend_mark(m, task->summary[i].features);
        bb_markup_raw(m, "<span>");
        bb_markup_text(m, results->features[task->summary[i].features], BB_SHOWN_NAME);
        bb_markup_raw(m, "</span></div>\n");
        draw_numbers(m, &task->summary[i]);
        draw_track(m, &x, &task->summary[i], task->chance);
        bb_markup_raw(m, "</div>\n");
    }
    draw_scale(m, &x);
    bb_markup_raw(m, "</div>\n");
}

void bb_draw_summary(bb_markup *m, const bb_results *results) {
    bool begun = false, ours = false;
    for (size_t d = 0; d < results->document_count; ++d)
        for (size_t t = 0; t < results->documents[d].task_count; ++t) {
            const bb_task *task = &results->documents[d].tasks[t];
            if (task->summary_count == 0) continue;
            if (!begun)
                bb_markup_raw(m, "<section id=\"summary\"><h2>At a glance</h2>\n<div class=\"cards\">\n");
            begun = true;
            ours |= task->summary_is_ours;
            draw_card(m, results, task);
        }
    if (!begun) return;
    bb_markup_raw(
        m, "</div>\n<p class=\"note\">Whiskers: interval of the mean. Grey: interval of the control. Dashed: "
           "chance.");
    if (ours) bb_markup_raw(m, " Where the results hold no means, they were taken here, without intervals.");
    bb_markup_raw(m, "</p></section>\n");
}
