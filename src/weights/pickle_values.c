/* Reading from a pickle's bytes, and the opcodes that make numbers and text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "weights/pickle_machine.h"

bb_status bb_machine_take(bb_machine *m, size_t count, const unsigned char **bytes) {
    *bytes = m->data + m->at;
    if (count > m->size - m->at) return bb_machine_fail(m, BB_ERR_FORMAT, "the pickle is cut off");
    m->at += count;
    return BB_OK;
}

bb_status bb_machine_take_unsigned(bb_machine *m, size_t width, uint64_t *value) {
    const unsigned char *bytes;
    *value = 0;
    BB_TRY(bb_machine_take(m, width, &bytes));
    for (size_t i = 0; i < width; ++i) *value |= (uint64_t)bytes[i] << 8 * i;
    return BB_OK;
}

bb_status bb_machine_take_line(bb_machine *m, const char **line, size_t *length) {
    const unsigned char *start = m->data + m->at;
    const unsigned char *end = m->at < m->size ? memchr(start, '\n', m->size - m->at) : NULL;
    *line = (const char *)start;
    *length = end ? (size_t)(end - start) : 0;
    if (!end) return bb_machine_fail(m, BB_ERR_FORMAT, "the pickle is cut off inside a line");
    m->at += *length + 1;
    return BB_OK;
}

/* A line of decimal text, terminated for strtoll and strtod. */
bb_status bb_machine_take_number(bb_machine *m, char text[64]) {
    const char *line;
    size_t length;
    BB_TRY(bb_machine_take_line(m, &line, &length));
    if (length == 0 || length > 63) return bb_machine_fail(m, BB_ERR_FORMAT, "expected a number in a line");
    memcpy(text, line, length);
    text[length] = '\0';
    return BB_OK;
}

bb_status bb_machine_integer(bb_machine *m, unsigned opcode) {
    uint64_t bits;
    BB_TRY(bb_machine_take_unsigned(m, opcode == 'K' ? 1 : opcode == 'M' ? 2 : 4, &bits));
    const int64_t value = opcode == 'J' ? (int64_t)(int32_t)(uint32_t)bits : (int64_t)bits;
    return bb_machine_push(m, (bb_pickle_node){.kind = BB_PICKLE_INT, .integer = value});
}

bb_status bb_machine_long(bb_machine *m, unsigned opcode) {
    uint64_t length, bits = 0;
    const unsigned char *bytes;
    BB_TRY(bb_machine_take_unsigned(m, opcode == 0x8a ? 1 : 4, &length));
    BB_TRY(bb_machine_take(m, length, &bytes));
    if (length > sizeof bits)
        return bb_machine_push(
            m,
            (bb_pickle_node){.kind = BB_PICKLE_BIG, .count = (uint32_t)length, .text = (const char *)bytes});
    for (size_t i = 0; i < length; ++i) bits |= (uint64_t)bytes[i] << 8 * i;
    if (length > 0 && length < sizeof bits && bytes[length - 1] & 0x80) bits |= UINT64_MAX << 8 * length;
    return bb_machine_push(m, (bb_pickle_node){.kind = BB_PICKLE_INT, .integer = (int64_t)bits});
}

bb_status bb_machine_float(bb_machine *m, unsigned opcode) {
    (void)opcode;
    const unsigned char *bytes;
    BB_TRY(bb_machine_take(m, 8, &bytes));
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; ++i) bits = bits << 8 | bytes[i]; /* the one big-endian number of the format */
    bb_pickle_node node = {.kind = BB_PICKLE_FLOAT};
    memcpy(&node.real, &bits, sizeof bits);
    return bb_machine_push(m, node);
}

/* Protocol 0: I and L are integers ("I01" is True, L may end in 'L'), F is a float. */
bb_status bb_machine_decimal(bb_machine *m, unsigned opcode) {
    char text[64], *end;
    BB_TRY(bb_machine_take_number(m, text));
    bb_pickle_node node = {.kind = BB_PICKLE_FLOAT};
    errno = 0;
    if (opcode == 'F') {
        node.real = strtod(text, &end);
        errno = 0;
    } else {
        node.integer = strtoll(text, &end, 10);
        const bool boolean = opcode == 'I' && text[0] == '0' && strlen(text) == 2;
        node.kind = boolean ? BB_PICKLE_BOOL : BB_PICKLE_INT;
        if (opcode == 'L' && *end == 'L') ++end;
    }
    if (errno || *end || end == text)
        return bb_machine_fail(m, BB_ERR_FORMAT, "expected a number of 64 bits");
    return bb_machine_push(m, node);
}

/* Python 2's strings are text where they are UTF-8; text that is not UTF-8 is damage. */
static bb_status push_text(bb_machine *m, const void *text, size_t length, bool bytes, bool either) {
    const bool valid = !bytes && bb_utf8_valid(text, length);
    if (!valid && !bytes && !either) return bb_machine_fail(m, BB_ERR_FORMAT, "expected text in UTF-8");
    return bb_machine_push(m, (bb_pickle_node){.kind = valid ? BB_PICKLE_TEXT : BB_PICKLE_BYTES,
                                               .count = (uint32_t)length,
                                               .text = text});
}

bb_status bb_machine_counted(bb_machine *m, unsigned opcode) {
    const size_t width = strchr("UC\x8c", (int)opcode) ? 1 : strchr("TBX", (int)opcode) ? 4 : 8;
    uint64_t length;
    const unsigned char *text;
    BB_TRY(bb_machine_take_unsigned(m, width, &length));
    BB_TRY(bb_machine_take(m, length, &text));
    const bool bytes = opcode == 'B' || opcode == 'C' || opcode == 0x8e;
    return push_text(m, text, length, bytes, opcode == 'T' || opcode == 'U');
}

/* Protocol 0: S is quoted, V is not. Neither PyTorch nor OmegaConf writes names that need an escape. */
bb_status bb_machine_text_line(bb_machine *m, unsigned opcode) {
    const char *line;
    size_t length;
    BB_TRY(bb_machine_take_line(m, &line, &length));
    if (memchr(line, '\\', length))
        return bb_machine_fail(m, BB_ERR_UNSUPPORTED, "escaped text of protocol 0");
    if (opcode == 'V') return push_text(m, line, length, false, false);
    if (length < 2 || (line[0] != '\'' && line[0] != '"') || line[length - 1] != line[0])
        return bb_machine_fail(m, BB_ERR_FORMAT, "expected quoted text");
    return push_text(m, line + 1, length - 2, false, true);
}
