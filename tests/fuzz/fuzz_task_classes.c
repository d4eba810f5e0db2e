#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/task.h"
#include "tasks/classes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    bb_classes classes;
    bb_error err = {0};
    const bb_status status = bb_classes_parse(text, &classes, &err);
    if (status != BB_OK && (!err.message[0] || classes.items || classes.count)) abort();
    if (status == BB_OK && (classes.count < 1 || classes.count > BB_TASK_MAX_CLASSES)) abort();
    /* Every class has a name and stands for something. */
    for (size_t i = 0; i < classes.count; ++i) {
        const bb_class *c = &classes.items[i];
        if (!c->name[0] || c->others == (c->count > 0)) abort();
        for (size_t k = 0; k < c->count; ++k)
            if (!c->values[k][0] || bb_value_compare(c->values[k], c->values[k]) != 0) abort();
    }
    bb_classes_free(&classes);
    free(text);
    return 0;
}
