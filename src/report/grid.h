/* Tables of records: some columns of text, then those columns of numbers that have any. */
#ifndef BB_REPORT_GRID_H
#define BB_REPORT_GRID_H

#include "report/markup.h"

typedef struct bb_column {
    const char *heading;
    size_t offset; /* of a double in the record */
    int decimals;  /* -1: as many as the number has */
} bb_column;

typedef struct bb_grid {
    const char *title;
    const char *const *text_headings; /* NULL ends the list */
    const bb_column *columns;
    size_t column_count;
    const void *records; /* `count` of `size` bytes */
    size_t count, size;
    /* Writes the cells of text, as many as there are headings, with bb_grid_cell. */
    void (*texts)(bb_markup *m, const void *context, const void *record);
    const void *context;
} bb_grid;

void bb_grid_draw(bb_markup *m, const bb_grid *grid);
void bb_grid_cell(bb_markup *m, const char *text);

#endif
