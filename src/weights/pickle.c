#include "weights/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "weights/pickle_machine.h"

typedef bb_status operation(bb_machine *m, unsigned opcode);

bb_status bb_machine_fail(bb_machine *m, bb_status status, const char *what) {
    return bb_fail(m->err, status, "%s: %s at byte %zu: %s", m->path, m->part, m->opcode_at, what);
}

static bb_status short_of_memory(bb_machine *m) { return bb_machine_fail(m, BB_ERR_MEMORY, "no memory"); }

static bb_status push(bb_machine *m, uint32_t id) {
    if (bb_grow((void **)&m->stack, &m->stack_room, m->depth + 1, sizeof *m->stack) != 0)
        return short_of_memory(m);
    m->stack[m->depth++] = id;
    return BB_OK;
}

bb_status bb_machine_push(bb_machine *m, bb_pickle_node node) {
    bb_pickle *p = m->out;
    if (p->node_count >= BB_PICKLE_NODE_LIMIT)
        return bb_machine_fail(m, BB_ERR_FORMAT, "the pickle has too many values");
    if (bb_grow((void **)&p->nodes, &p->node_room, p->node_count + 1, sizeof node) != 0)
        return short_of_memory(m);
    p->nodes[p->node_count] = node;
    return push(m, (uint32_t)p->node_count++);
}

/* How many values lie above the last mark. */
static size_t available(const bb_machine *m) {
    return m->depth - (m->mark_count ? m->marks[m->mark_count - 1] : 0);
}

static bb_status pop(bb_machine *m, uint32_t *id) {
    *id = 0;
    if (available(m) == 0)
        return bb_machine_fail(m, BB_ERR_FORMAT, "the opcode needs a value and the stack is empty");
    *id = m->stack[--m->depth];
    return BB_OK;
}

/* Takes the last mark away; the values above it are stack[*first .. depth). */
static bb_status pop_mark(bb_machine *m, size_t *first) {
    *first = 0;
    if (m->mark_count == 0)
        return bb_machine_fail(m, BB_ERR_FORMAT, "the opcode needs a mark and there is none");
    *first = m->marks[--m->mark_count];
    return BB_OK;
}

/* Adds stack[first .. depth) to the items of node `id` and takes them off the stack. A node whose items lie
 * at the pool's end grows where it is; others move there with room to spare, so that appending one by one
 * costs time and memory in proportion. */
static bb_status add_items(bb_machine *m, uint32_t id, size_t first) {
    bb_pickle *p = m->out;
    bb_pickle_node *node = &p->nodes[id];
    const size_t added = m->depth - first, total = node->count + added;
    if (total > node->room) {
        const bool at_end = (size_t)node->first + node->room == p->pool_count;
        const size_t start = at_end ? node->first : p->pool_count;
        const size_t room = node->count ? total * 2 : total;
        if (start + room > UINT32_MAX ||
            bb_grow((void **)&p->pool, &p->pool_room, start + room, sizeof *p->pool) != 0)
            return short_of_memory(m);
        if (node->count && !at_end)
            memcpy(p->pool + start, p->pool + node->first, node->count * sizeof *p->pool);
        node->first = (uint32_t)start;
        node->room = (uint32_t)room;
        p->pool_count = start + room;
    }
    if (added) memcpy(p->pool + node->first + node->count, m->stack + first, added * sizeof *m->stack);
    node->count = (uint32_t)total;
    m->depth = first;
    return BB_OK;
}

/* Replaces stack[first .. depth) by one container of them. */
static bb_status collect(bb_machine *m, bb_pickle_kind kind, size_t first) {
    BB_TRY(bb_machine_push(m, (bb_pickle_node){.kind = kind}));
    const uint32_t id = m->stack[--m->depth];
    BB_TRY(add_items(m, id, first));
    return push(m, id);
}

/* ---- values */

static bb_status op_constant(bb_machine *m, unsigned opcode) {
    switch (opcode) {
    case 0x88:
    case 0x89:
        return bb_machine_push(m, (bb_pickle_node){.kind = BB_PICKLE_BOOL, .integer = opcode == 0x88});
    case ')':
        return bb_machine_push(m, (bb_pickle_node){.kind = BB_PICKLE_TUPLE});
    case ']':
        return bb_machine_push(m, (bb_pickle_node){.kind = BB_PICKLE_LIST});
    case '}':
        return bb_machine_push(m, (bb_pickle_node){.kind = BB_PICKLE_DICT});
    case 0x8f:
        return bb_machine_push(m, (bb_pickle_node){.kind = BB_PICKLE_SET});
    default:
        return bb_machine_push(m, (bb_pickle_node){.kind = BB_PICKLE_NONE});
    }
}

/* ---- containers */

static bb_status op_small_tuple(bb_machine *m, unsigned opcode) {
    const size_t count = opcode - 0x84;
    if (available(m) < count)
        return bb_machine_fail(m, BB_ERR_FORMAT, "the tuple needs more values than there are");
    return collect(m, BB_PICKLE_TUPLE, m->depth - count);
}

static bb_status op_collect(bb_machine *m, unsigned opcode) {
    size_t first;
    BB_TRY(pop_mark(m, &first));
    const bb_pickle_kind kind = opcode == 't'   ? BB_PICKLE_TUPLE
                                : opcode == 'l' ? BB_PICKLE_LIST
                                : opcode == 'd' ? BB_PICKLE_DICT
                                                : BB_PICKLE_SET;
    if (kind == BB_PICKLE_DICT && (m->depth - first) % 2)
        return bb_machine_fail(m, BB_ERR_FORMAT, "a key without a value");
    return collect(m, kind, first);
}

/* APPEND, APPENDS, SETITEM, SETITEMS, ADDITEMS: onto the container below the values. */
static bb_status op_extend(bb_machine *m, unsigned opcode) {
    const bool pairs = opcode == 's' || opcode == 'u';
    const size_t count = opcode == 'a' ? 1 : opcode == 's' ? 2 : 0;
    size_t first = m->depth - count;
    if (count == 0)
        BB_TRY(pop_mark(m, &first));
    else if (available(m) < count)
        return bb_machine_fail(m, BB_ERR_FORMAT, "the opcode needs more values than there are");
    if (first == 0 || (m->mark_count && m->marks[m->mark_count - 1] == first))
        return bb_machine_fail(m, BB_ERR_FORMAT, "there is no container to add to");
    const uint32_t id = m->stack[first - 1];
    const bb_pickle_kind kind = m->out->nodes[id].kind;
    const bb_pickle_kind wanted = pairs ? BB_PICKLE_DICT : opcode == 0x90 ? BB_PICKLE_SET : BB_PICKLE_LIST;
    if (kind != wanted && kind != BB_PICKLE_OBJECT)
        return bb_machine_fail(m, BB_ERR_FORMAT, "the value to add to is not a container of that kind");
    if (pairs && (m->depth - first) % 2) return bb_machine_fail(m, BB_ERR_FORMAT, "a key without a value");
    return add_items(m, id, first);
}

/* ---- names and what would have been calls */

static bb_status push_name(bb_machine *m, const char *module, size_t module_length, const char *name,
                           size_t name_length) {
    const bb_pickle_name *known = bb_pickle_name_find(module, module_length, name, name_length);
    if (!known)
        return bb_fail(m->err, BB_ERR_REFUSED,
                       "%s: %s at byte %zu: refuses to load '%.*s.%.*s': not on the list of known names",
                       m->path, m->part, m->opcode_at, (int)(module_length < 200 ? module_length : 200),
                       module, (int)(name_length < 200 ? name_length : 200), name);
    return bb_machine_push(m, (bb_pickle_node){.kind = BB_PICKLE_NAME, .name = known});
}

static bb_status op_name(bb_machine *m, unsigned opcode) {
    const char *module, *name;
    size_t module_length, name_length;
    if (opcode == 'c') {
        BB_TRY(bb_machine_take_line(m, &module, &module_length));
        BB_TRY(bb_machine_take_line(m, &name, &name_length));
    } else {
        uint32_t ids[2];
        BB_TRY(pop(m, &ids[1]));
        BB_TRY(pop(m, &ids[0]));
        const bb_pickle_node *a = &m->out->nodes[ids[0]], *b = &m->out->nodes[ids[1]];
        if (a->kind != BB_PICKLE_TEXT || b->kind != BB_PICKLE_TEXT)
            return bb_machine_fail(m, BB_ERR_FORMAT, "expected a name as two texts");
        module = a->text, module_length = a->count;
        name = b->text, name_length = b->count;
    }
    return push_name(m, module, module_length, name, name_length);
}

/* REDUCE, NEWOBJ, NEWOBJ_EX. */
static bb_status op_call(bb_machine *m, unsigned opcode) {
    bb_pickle_node node = {.kind = BB_PICKLE_OBJECT};
    uint32_t keywords;
    if (opcode == 0x92) BB_TRY(pop(m, &keywords));
    BB_TRY(pop(m, &node.args));
    BB_TRY(pop(m, &node.callable));
    if (m->out->nodes[node.callable].kind != BB_PICKLE_NAME)
        return bb_machine_fail(m, BB_ERR_REFUSED, "refuses to call something that is not a known name");
    if (m->out->nodes[node.args].kind != BB_PICKLE_TUPLE)
        return bb_machine_fail(m, BB_ERR_FORMAT, "expected a tuple of arguments");
    return bb_machine_push(m, node);
}

static bb_status op_build(bb_machine *m, unsigned opcode) {
    (void)opcode;
    uint32_t state, object;
    BB_TRY(pop(m, &state));
    BB_TRY(pop(m, &object));
    if (m->out->nodes[object].kind != BB_PICKLE_OBJECT)
        return bb_machine_fail(m, BB_ERR_FORMAT, "expected an object to give a state to");
    m->out->nodes[object].state = state;
    return push(m, object);
}

static bb_status op_persistent(bb_machine *m, unsigned opcode) {
    (void)opcode;
    bb_pickle_node node = {.kind = BB_PICKLE_PERSISTENT};
    BB_TRY(pop(m, &node.args));
    return bb_machine_push(m, node);
}

/* ---- the machine itself */

static bb_status take_memo_index(bb_machine *m, unsigned opcode, uint64_t *index) {
    *index = 0;
    if (opcode == 'p' || opcode == 'g') {
        char text[64], *end;
        BB_TRY(bb_machine_take_number(m, text));
        *index = strtoull(text, &end, 10);
        return *end ? bb_machine_fail(m, BB_ERR_FORMAT, "expected a number of the memo") : BB_OK;
    }
    return bb_machine_take_unsigned(m, opcode == 'q' || opcode == 'h' ? 1 : 4, index);
}

static bb_status op_put(bb_machine *m, unsigned opcode) {
    uint64_t index = m->memo_count;
    if (opcode != 0x94) BB_TRY(take_memo_index(m, opcode, &index));
    if (available(m) == 0) return bb_machine_fail(m, BB_ERR_FORMAT, "there is no value to remember");
    /* Numbers are given in order, so an honest one is below the count of bytes; that bounds the table. */
    if (index > m->at) return bb_machine_fail(m, BB_ERR_FORMAT, "the memo's number is out of range");
    if (bb_grow((void **)&m->memo, &m->memo_room, index + 1, sizeof *m->memo) != 0) return short_of_memory(m);
    m->memo[index] = m->stack[m->depth - 1];
    if (index >= m->memo_count) m->memo_count = index + 1;
    return BB_OK;
}

static bb_status op_get(bb_machine *m, unsigned opcode) {
    uint64_t index;
    BB_TRY(take_memo_index(m, opcode, &index));
    if (index >= m->memo_count || m->memo[index] == 0)
        return bb_machine_fail(m, BB_ERR_FORMAT, "the memo has no value of that number");
    return push(m, m->memo[index]);
}

static bb_status op_stack(bb_machine *m, unsigned opcode) {
    size_t first;
    uint32_t id;
    switch (opcode) {
    case '(':
        if (bb_grow((void **)&m->marks, &m->mark_room, m->mark_count + 1, sizeof *m->marks) != 0)
            return short_of_memory(m);
        m->marks[m->mark_count++] = m->depth;
        return BB_OK;
    case '1':
        BB_TRY(pop_mark(m, &first));
        m->depth = first;
        return BB_OK;
    case '2':
        BB_TRY(pop(m, &id));
        BB_TRY(push(m, id));
        return push(m, id);
    default:
        return pop(m, &id);
    }
}

static bb_status op_frame(bb_machine *m, unsigned opcode) {
    uint64_t value;
    BB_TRY(bb_machine_take_unsigned(m, opcode == 0x80 ? 1 : 8, &value));
    if (opcode == 0x80 && value > 5)
        return bb_machine_fail(m, BB_ERR_UNSUPPORTED, "expected a protocol of 0 to 5");
    return BB_OK;
}

static bb_status op_stop(bb_machine *m, unsigned opcode) {
    (void)opcode;
    m->stopped = true;
    m->out->consumed = m->at;
    return pop(m, &m->out->root);
}

/* A line for each operation. */
/* clang-format off */
static operation *const operations[256] = {
    ['N'] = op_constant, [0x88] = op_constant, [0x89] = op_constant, [')'] = op_constant,
    [']'] = op_constant, ['}'] = op_constant, [0x8f] = op_constant,
    ['J'] = bb_machine_integer, ['K'] = bb_machine_integer, ['M'] = bb_machine_integer,
    [0x8a] = bb_machine_long, [0x8b] = bb_machine_long,
    ['G'] = bb_machine_float,
    ['I'] = bb_machine_decimal, ['L'] = bb_machine_decimal, ['F'] = bb_machine_decimal,
    ['T'] = bb_machine_counted, ['U'] = bb_machine_counted, ['B'] = bb_machine_counted,
    ['C'] = bb_machine_counted, ['X'] = bb_machine_counted, [0x8c] = bb_machine_counted,
    [0x8d] = bb_machine_counted, [0x8e] = bb_machine_counted,
    ['S'] = bb_machine_text_line, ['V'] = bb_machine_text_line,
    [0x85] = op_small_tuple, [0x86] = op_small_tuple, [0x87] = op_small_tuple,
    ['t'] = op_collect, ['l'] = op_collect, ['d'] = op_collect, [0x91] = op_collect,
    ['a'] = op_extend, ['e'] = op_extend, ['s'] = op_extend, ['u'] = op_extend, [0x90] = op_extend,
    ['c'] = op_name, [0x93] = op_name,
    ['R'] = op_call, [0x81] = op_call, [0x92] = op_call,
    ['b'] = op_build,
    ['Q'] = op_persistent,
    ['p'] = op_put, ['q'] = op_put, ['r'] = op_put, [0x94] = op_put,
    ['g'] = op_get, ['h'] = op_get, ['j'] = op_get,
    ['('] = op_stack, ['0'] = op_stack, ['1'] = op_stack, ['2'] = op_stack,
    [0x80] = op_frame, [0x95] = op_frame,
    ['.'] = op_stop,
};
/* clang-format on */

static bb_status step(bb_machine *m) {
    const unsigned char *opcode;
    m->opcode_at = m->at;
    BB_TRY(bb_machine_take(m, 1, &opcode));
    if (!operations[*opcode])
        return bb_fail(m->err, BB_ERR_REFUSED, "%s: %s at byte %zu: refuses opcode 0x%02x: not on the list",
                       m->path, m->part, m->opcode_at, *opcode);
    return operations[*opcode](m, *opcode);
}

bb_status bb_pickle_read(const void *data, size_t size, const char *path, const char *part, bb_pickle *out,
                         bb_error *err) {
    bb_machine m = {.data = data,
                    .size = size < BB_PICKLE_LIMIT ? size : BB_PICKLE_LIMIT,
                    .path = path,
                    .part = part,
                    .out = out,
                    .err = err};
    *out = (bb_pickle){0};
    bb_status status = bb_machine_push(&m, (bb_pickle_node){.kind = BB_PICKLE_NONE});
    m.depth = 0;
    while (status == BB_OK && !m.stopped) status = step(&m);
    bb_free(m.stack);
    bb_free(m.marks);
    bb_free(m.memo);
    if (status != BB_OK) bb_pickle_free(out);
    return status;
}

void bb_pickle_free(bb_pickle *pickle) {
    bb_free(pickle->nodes);
    bb_free(pickle->pool);
    *pickle = (bb_pickle){0};
}
