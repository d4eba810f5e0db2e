/* Tables, by tabs and by commas, and the names that lie around them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/folder.h"
#include "base/table.h"
#include "recording/bids_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_table(const char *text, size_t size, char separator) {
    bb_table t;
    bb_error err = {0};
    if (bb_table_parse(text, separator, "fuzz", &t, &err) != BB_OK) {
        if (!err.message[0] || t.text) abort();
        return;
    }
    size_t line = 1;
    bool more = true;
    while (more && bb_table_next(&t, &more, &err) == BB_OK) {
        double x = 0;
        if (more && t.line <= line) abort();
        line = t.line;
        for (size_t i = 0; i < t.cell_count; ++i) {
            const char *cell = bb_table_cell(&t, (int)i), *value = bb_table_value(&t, (int)i);
            if (strlen(cell) > size || (value && value != cell)) abort();
            if (bb_table_number(cell, &x) && x - x != 0) abort();
        }
    }
    if (bb_table_column(&t, "name") >= (int)t.column_count || bb_table_column_like(&t, "n_a me") < -1)
        abort();
    bb_table_close(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    bb_bids_name name, other;
    bb_identity id;
    if (!text) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    try_table(text, size, '\t');
    try_table(text, size, ',');
    bb_identify(text, &id);
    if (bb_bids_name_parse(text, &name) && bb_bids_name_parse("sub-1_task-a_ieeg.edf", &other)) {
        (void)bb_bids_name_applies(&name, &other, "space");
        if (!bb_bids_name_applies(&name, &name, NULL) && name.count > 0 && name.keys[0] != name.values[0]) {
            /* only a name that says one entity twice does not apply to itself */
            size_t twice = 0;
            for (size_t i = 0; i < name.count; ++i)
                twice += bb_bids_name_get(&name, name.keys[i]) != name.values[i];
            if (twice == 0) abort();
        }
    }
    if (bb_natural_compare(text, text) != 0 ||
        (bb_natural_compare(text, "sub-10") > 0) != (bb_natural_compare("sub-10", text) < 0))
        abort();
    free(text);
    return 0;
}
