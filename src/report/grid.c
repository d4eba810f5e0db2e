#include "report/grid.h"

#include <math.h>
#include <string.h>

enum { COLUMNS_MOST = 16 };

static double value_of(const bb_grid *grid, size_t record, size_t column) {
    double value;
    memcpy(&value, (const char *)grid->records + record * grid->size + grid->columns[column].offset,
           sizeof value);
    return value;
}

static bool has_values(const bb_grid *grid, size_t column) {
    for (size_t r = 0; r < grid->count; ++r)
        if (!isnan(value_of(grid, r, column))) return true;
    return false;
}

static void number_cell(bb_markup *m, double value, int decimals) {
    bb_markup_raw(m, "<td class=\"n\">");
    if (decimals < 0)
        bb_markup_quantity(m, value);
    else
        bb_markup_number(m, value, decimals);
    bb_markup_raw(m, "</td>");
}

void bb_grid_cell(bb_markup *m, const char *text) {
    bb_markup_raw(m, "<td>");
    bb_markup_text(m, text, BB_SHOWN_NAME);
    bb_markup_raw(m, "</td>");
}

static void draw_head(bb_markup *m, const bb_grid *grid, const bool *shown) {
    bb_markup_raw(m, "<thead><tr>");
    for (const char *const *h = grid->text_headings; *h; ++h)
        bb_markup_printf(m, "<th scope=\"col\">%s</th>", *h);
    for (size_t c = 0; c < grid->column_count; ++c) {
        if (!shown[c]) continue;
        bb_markup_raw(m, "<th scope=\"col\" class=\"n\">");
        bb_markup_text(m, grid->columns[c].heading, BB_SHOWN_NAME);
        bb_markup_raw(m, "</th>");
    }
    bb_markup_raw(m, "</tr></thead>\n<tbody>\n");
}

void bb_grid_draw(bb_markup *m, const bb_grid *grid) {
    bool shown[COLUMNS_MOST] = {false};
    if (grid->count == 0 || grid->column_count > COLUMNS_MOST) return;
    for (size_t c = 0; c < grid->column_count; ++c) shown[c] = has_values(grid, c);
    bb_markup_raw(m, "<div class=\"scroll\" tabindex=\"0\"><table><caption>");
    bb_markup_text(m, grid->title, BB_SHOWN_WORDS);
    bb_markup_raw(m, "</caption>");
    draw_head(m, grid, shown);
    for (size_t r = 0; r < grid->count; ++r) {
        bb_markup_raw(m, "<tr>");
        grid->texts(m, grid->context, (const char *)grid->records + r * grid->size);
        for (size_t c = 0; c < grid->column_count; ++c)
            if (shown[c]) number_cell(m, value_of(grid, r, c), grid->columns[c].decimals);
        bb_markup_raw(m, "</tr>\n");
    }
    bb_markup_raw(m, "</tbody></table></div>\n");
}
