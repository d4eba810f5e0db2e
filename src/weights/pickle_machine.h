/* The machine that reads pickles, shared by pickle.c (stack, containers, names) and pickle_values.c (bytes,
 * numbers, text). */
#ifndef BB_WEIGHTS_PICKLE_MACHINE_H
#define BB_WEIGHTS_PICKLE_MACHINE_H

#include "weights/pickle.h"

/* Python's unpickling machine: a stack of values, a stack of marks in it, and a memo of values by number. */
typedef struct bb_machine {
    const unsigned char *data;
    size_t size, at, opcode_at;
    const char *path, *part;
    bb_pickle *out;
    uint32_t *stack;
    size_t depth, stack_room;
    size_t *marks;
    size_t mark_count, mark_room;
    uint32_t *memo; /* 0: unset */
    size_t memo_count, memo_room;
    bool stopped;
    bb_error *err;
} bb_machine;

/* Writes "PATH: PART at byte N: WHAT" and returns `status`. */
bb_status bb_machine_fail(bb_machine *m, bb_status status, const char *what);

/* The next `count` bytes; a little-endian number of `width` bytes; a line up to its newline; a line of
 * decimal text, terminated. */
bb_status bb_machine_take(bb_machine *m, size_t count, const unsigned char **bytes);
bb_status bb_machine_take_unsigned(bb_machine *m, size_t width, uint64_t *value);
bb_status bb_machine_take_line(bb_machine *m, const char **line, size_t *length);
bb_status bb_machine_take_number(bb_machine *m, char text[64]);

/* A new node on top of the stack. */
bb_status bb_machine_push(bb_machine *m, bb_pickle_node node);

/* BININT, BININT1, BININT2; LONG1, LONG4; BINFLOAT; INT, LONG, FLOAT of protocol 0. */
bb_status bb_machine_integer(bb_machine *m, unsigned opcode);
bb_status bb_machine_long(bb_machine *m, unsigned opcode);
bb_status bb_machine_float(bb_machine *m, unsigned opcode);
bb_status bb_machine_decimal(bb_machine *m, unsigned opcode);

/* Text and bytes behind a length; STRING and UNICODE of protocol 0. */
bb_status bb_machine_counted(bb_machine *m, unsigned opcode);
bb_status bb_machine_text_line(bb_machine *m, unsigned opcode);

#endif
