/* Python pickles as inert data. The interpreter knows the opcodes that PyTorch's checkpoints are made of and
 * a closed list of names (pickle_names.c); what would be a call in Python becomes a node that says what would
 * have been called with what. Nothing is imported and nothing runs.
 *
 * The format: https://docs.python.org/3/library/pickle.html and pickletools.py, which documents each opcode.
 *
 * Bounds: a pickle is read up to BB_PICKLE_LIMIT bytes; every opcode makes at most one node; memory is linear
 * in the bytes read. Nodes may be shared and may contain themselves (the memo allows it), so whoever walks
 * them needs a depth limit and a budget. */
#ifndef BB_WEIGHTS_PICKLE_H
#define BB_WEIGHTS_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/array.h"
#include "brainbert/status.h"

enum { BB_PICKLE_LIMIT = 16 << 20, BB_PICKLE_NODE_LIMIT = 4 << 20 };

typedef enum bb_pickle_kind {
    BB_PICKLE_NONE,
    BB_PICKLE_BOOL,
    BB_PICKLE_INT,
    BB_PICKLE_BIG, /* an integer beyond 64 bits: its little-endian bytes */
    BB_PICKLE_FLOAT,
    BB_PICKLE_TEXT, /* UTF-8, not terminated */
    BB_PICKLE_BYTES,
    BB_PICKLE_TUPLE,
    BB_PICKLE_LIST,
    BB_PICKLE_SET,
    BB_PICKLE_DICT,      /* items: key, value, key, value */
    BB_PICKLE_NAME,      /* one of the closed list */
    BB_PICKLE_OBJECT,    /* callable(*args), then what was appended or set (items) and its state */
    BB_PICKLE_PERSISTENT /* a reference out of the pickle: a storage; `args` describes it */
} bb_pickle_kind;

/* What a name means to us. */
typedef enum bb_pickle_role {
    BB_ROLE_INERT, /* carried along, never looked into */
    BB_ROLE_DICT,
    BB_ROLE_SIZE,      /* torch.Size(tuple) */
    BB_ROLE_TENSOR,    /* f(storage, offset, size, stride, ...) */
    BB_ROLE_PARAMETER, /* f(tensor, ...) */
    BB_ROLE_STORAGE,
    BB_ROLE_CONFIG,     /* OmegaConf container: state["_content"] */
    BB_ROLE_CONFIG_NODE /* OmegaConf leaf: state["_val"] */
} bb_pickle_role;

typedef struct bb_pickle_name {
    const char *name; /* module.name */
    bb_pickle_role role;
    int element_size; /* of a storage, in bytes */
    int dtype;        /* a storage's bb_dtype; -1: a kind of number that bb_dtype lacks */
} bb_pickle_name;

typedef struct bb_pickle_node {
    bb_pickle_kind kind;
    uint32_t count; /* items, or bytes of text */
    union {
        int64_t integer; /* INT, BOOL */
        double real;
        const char *text;           /* inside the bytes that were read */
        const bb_pickle_name *name; /* NAME */
        struct {
            uint32_t first, room; /* items, in the pickle's pool */
        };
    };
    uint32_t callable, args, state; /* node numbers; 0: absent */
} bb_pickle_node;

typedef struct bb_pickle {
    bb_pickle_node *nodes; /* number 0 is a None that stands for "absent" */
    size_t node_count, node_room;
    uint32_t *pool;
    size_t pool_count, pool_room;
    uint32_t root;
    size_t consumed; /* bytes up to and with the STOP */
} bb_pickle;

/* Reads one pickle from the start of `data`, which must outlive it. Messages start "PATH: PART at byte N:".
 * BB_ERR_REFUSED: an opcode or a name that is not on the lists. On failure *out is empty. */
bb_status bb_pickle_read(const void *data, size_t size, const char *path, const char *part, bb_pickle *out,
                         bb_error *err);
void bb_pickle_free(bb_pickle *pickle);

/* The entry of the closed list, or NULL. */
const bb_pickle_name *bb_pickle_name_find(const char *module, size_t module_length, const char *name,
                                          size_t name_length);

static inline const bb_pickle_node *bb_pickle_at(const bb_pickle *p, uint32_t id) { return &p->nodes[id]; }

/* Item `i` < count of a tuple, list, set, or the items of an object. */
static inline uint32_t bb_pickle_item(const bb_pickle *p, uint32_t id, size_t i) {
    return p->pool[p->nodes[id].first + i];
}

/* The role of what an OBJECT would have called, or of a NAME; BB_ROLE_INERT for everything else. */
bb_pickle_role bb_pickle_role_of(const bb_pickle *p, uint32_t id);

bool bb_pickle_is_text(const bb_pickle *p, uint32_t id, const char *text);

/* Whether a node is a dictionary of any kind; then how many entries it has, and entry `i`. */
bool bb_pickle_is_dict(const bb_pickle *p, uint32_t id);
size_t bb_pickle_entries(const bb_pickle *p, uint32_t id);
bool bb_pickle_entry(const bb_pickle *p, uint32_t id, size_t i, uint32_t *key, uint32_t *value);

/* The value of a text key, the last one if there are several; 0 if there is none. */
uint32_t bb_pickle_find(const bb_pickle *p, uint32_t id, const char *key);

/* A node as JSON text (*out, free with bb_free), OmegaConf's wrappers taken off; what JSON lacks becomes
 * null. */
bb_status bb_pickle_to_json(const bb_pickle *p, uint32_t id, const char *path, char **out, bb_error *err);

#endif
