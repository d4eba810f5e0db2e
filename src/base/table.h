/* Tables as text, one row a line under a heading: tab-separated (BIDS) or comma-separated. A byte order mark,
 * CR LF and blank lines are fine, and so are rows with fewer or more cells than the heading. A cell in double
 * quotes may hold separators and doubled quotes, in a comma-separated table line ends too (RFC 4180); in a
 * tab-separated one, where a lone quote is only a character, it ends on its line. */
#ifndef BB_BASE_TABLE_H
#define BB_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "brainbert/status.h"

/* Read row by row; cells are cut out of `text` in place and stay good until bb_table_close. */
typedef struct bb_table {
    const char *name; /* of the file, for messages; the caller's */
    size_t line;      /* of the current row's start; the heading's is 1 */
    char *text, *rest;
    char separator;
    size_t next_line, column_count, cell_count, heading_room, cell_room;
    const char **headings, **cells;
} bb_table;

enum { BB_TABLE_NO_COLUMN = -1, BB_TABLE_BYTES = 256 << 20 };

/* Reads the file, up to BB_TABLE_BYTES, and its heading. `separator` is '\t' or ','. `path` must outlive the
 * table. BB_ERR_FORMAT for a byte 0, which is how text in UTF-16 shows, and for a quote that is never closed.
 * After a failure nothing is left open. */
bb_status bb_table_open(const char *path, char separator, bb_table *out, bb_error *err);

/* The same from a copy of `text`. */
bb_status bb_table_parse(const char *text, char separator, const char *name, bb_table *out, bb_error *err);
void bb_table_close(bb_table *table);

/* The first column called exactly `heading`, or BB_TABLE_NO_COLUMN. */
int bb_table_column(const bb_table *table, const char *heading);

/* The same with letters compared without case, and without regard to `-`, `_` and blanks. */
int bb_table_column_like(const bb_table *table, const char *heading);

/* To the next row that is not blank; *more is false behind the last one. */
bb_status bb_table_next(bb_table *table, bool *more, bb_error *err);

/* The cell without the blanks around it; NULL for no column and where the row is too short. */
const char *bb_table_cell(const bb_table *table, int column);

/* The same, but NULL too for a cell that says nothing: blank or "n/a", in any case. */
const char *bb_table_value(const bb_table *table, int column);

/* The same for a cell that should be a number: NULL too for "nan", "na", "none" and "null". */
const char *bb_table_quantity(const bb_table *table, int column);

/* Whether the whole cell is a finite number. A comma may stand for a point or between thousands: it is
 * refused. */
bool bb_table_number(const char *cell, double *out);

#endif
