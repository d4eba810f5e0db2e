#include "base/table.h"

#include <string.h>
#include <strings.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

static bool ends_line(char c) { return c == '\n' || c == '\0'; }

/* Where the cell that begins with a quote at `at` closes: at its separator or line end; NULL if it does not,
 * before the end of what it may span. */
static char *find_close(const bb_table *t, char *at) {
    for (char *c = at + 1; *c; ++c) {
        if (*c == '\n' && t->separator == '\t') return NULL;
        if (*c != '"') continue;
        if (c[1] == '"')
            ++c;
        else if (c[1] == t->separator || ends_line(c[1]) || (c[1] == '\r' && ends_line(c[2])))
            return c + 1;
        else if (t->separator == '\t')
            return NULL;
    }
    return NULL;
}

/* Takes the quotes off the cell [at, end): the doubled ones become one. */
static char *unquote(bb_table *t, char *at, char *end) {
    char *out = at;
    for (char *c = at + 1; c < end - 1; ++c) {
        if (*c == '"' && c[1] == '"') ++c;
        t->next_line += *c == '\n';
        *out++ = *c;
    }
    *out = '\0';
    return at;
}

/* Without the blanks around it. */
static char *trim(char *cell) {
    cell += strspn(cell, " ");
    size_t length = strlen(cell);
    while (length > 0 && cell[length - 1] == ' ') --length;
    cell[length] = '\0';
    return cell;
}

static bb_status put_cell(bb_table *t, const char *cell, bb_error *err) {
    if (bb_grow((void **)&t->cells, &t->cell_room, t->cell_count + 1, sizeof *t->cells))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for line %zu", t->name, t->line);
    t->cells[t->cell_count++] = cell;
    return BB_OK;
}

/* Cuts the line at t->rest into cells and moves behind it. */
static bb_status cut_line(bb_table *t, bb_error *err) {
    char *at = t->rest;
    t->cell_count = 0;
    t->line = t->next_line;
    for (bool last = false; !last;) {
        char *close = *at == '"' ? find_close(t, at) : NULL, *end = close;
        if (!close && *at == '"' && t->separator == ',')
            return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected a closing quote, found '%.24s'",
                           t->name, t->line, at);
        if (!end) end = strpbrk(at, t->separator == ',' ? ",\n" : "\t\n");
        if (!end) end = at + strlen(at);
        if (close && *end == '\r') ++end;
        const char stop = *end;
        last = ends_line(stop);
        t->rest = end + (stop != '\0');
        t->next_line += stop == '\n';
        *end = '\0';
        if (!close && last && end > at && end[-1] == '\r') end[-1] = '\0';
        BB_TRY(put_cell(t, trim(close ? unquote(t, at, close) : at), err));
        at = t->rest;
    }
    return BB_OK;
}

static bb_status read_heading(bb_table *t, bb_error *err) {
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    t->rest = t->text;
    t->next_line = 1;
    if (strncmp(t->rest, byte_order_mark, 3) == 0) t->rest += 3;
    const bb_status status = cut_line(t, err);
    t->headings = t->cells;
    t->heading_room = t->cell_room;
    t->column_count = t->cell_count;
    t->cells = NULL;
    t->cell_room = t->cell_count = 0;
    if (status != BB_OK) bb_table_close(t);
    return status;
}

bb_status bb_table_parse(const char *text, char separator, const char *name, bb_table *out, bb_error *err) {
    *out = (bb_table){.name = name, .separator = separator, .text = bb_strdup(text)};
    if (!out->text) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for the table", name);
    return read_heading(out, err);
}

static size_t line_of(const char *text, size_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at; ++i) line += text[i] == '\n';
    return line;
}

bb_status bb_table_open(const char *path, char separator, bb_table *out, bb_error *err) {
    size_t size;
    *out = (bb_table){.name = path, .separator = separator};
    BB_TRY(bb_file_read(path, BB_TABLE_BYTES, &out->text, &size, err));
    const size_t length = strlen(out->text);
    if (length == size) return read_heading(out, err);
    bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected text, found a byte 0", path,
            line_of(out->text, length));
    bb_table_close(out);
    return BB_ERR_FORMAT;
}

void bb_table_close(bb_table *t) {
    bb_free(t->text);
    bb_free(t->headings);
    bb_free(t->cells);
    *t = (bb_table){0};
}

int bb_table_column(const bb_table *t, const char *heading) {
    for (size_t i = 0; i < t->column_count; ++i)
        if (strcmp(t->headings[i], heading) == 0) return (int)i;
    return BB_TABLE_NO_COLUMN;
}

static const char *skip_joints(const char *text) { return text + strspn(text, "-_ "); }

static bool alike(const char *a, const char *b) {
    for (;; ++a, ++b) {
        a = skip_joints(a);
        b = skip_joints(b);
        const char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a;
        const char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
        if (x != y) return false;
        if (!x) return true;
    }
}

int bb_table_column_like(const bb_table *t, const char *heading) {
    for (size_t i = 0; i < t->column_count; ++i)
        if (alike(t->headings[i], heading)) return (int)i;
    return BB_TABLE_NO_COLUMN;
}

bb_status bb_table_next(bb_table *t, bool *more, bb_error *err) {
    for (*more = false; *t->rest;) {
        BB_TRY(cut_line(t, err));
        if (t->cell_count == 1 && !t->cells[0][0]) continue;
        *more = true;
        return BB_OK;
    }
    t->cell_count = 0;
    return BB_OK;
}

const char *bb_table_cell(const bb_table *t, int column) {
    return column >= 0 && (size_t)column < t->cell_count ? t->cells[column] : NULL;
}

const char *bb_table_value(const bb_table *t, int column) {
    const char *cell = bb_table_cell(t, column);
    return !cell || !*cell || strcasecmp(cell, "n/a") == 0 ? NULL : cell;
}

const char *bb_table_quantity(const bb_table *t, int column) {
    static const char *const nothing[] = {"nan", "na", "none", "null"};
    const char *cell = bb_table_value(t, column);
    for (size_t i = 0; cell && i < sizeof nothing / sizeof *nothing; ++i)
        if (strcasecmp(cell, nothing[i]) == 0) cell = NULL;
    return cell;
}

bool bb_table_number(const char *cell, double *out) {
    const size_t length = cell ? strlen(cell) : 0;
    return length > 0 && !memchr(cell, ',', length) && bb_decimal_parse(cell, length, out) == length;
}
