#include <stdlib.h>
#include <string.h>

#include "brainbert/signal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Labels, one a line, from a file: each gives a bounded contact or none, and a montage is made of them all.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { MOST = 512 };
    char *text = malloc(size + 1);
    if (!text) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    bb_chain_channel channels[MOST];
    size_t count = 0;
    char *rest = text;
    for (char *label; count < MOST && (label = strsep(&rest, "\n"));) {
        bb_contact contact;
        const bool found = bb_contact_parse(label, &contact);
        if (!memchr(contact.shaft, '\0', sizeof contact.shaft) || found != (contact.shaft[0] != '\0') ||
            contact.number < 0 || contact.number > 99999)
            abort();
        channels[count++] = (bb_chain_channel){label, label[0] == '!'};
    }
    bb_signal_recipe recipe = bb_signal_recipe_default();
    for (int r = BB_REFERENCE_NONE; r <= BB_REFERENCE_CAR; ++r) {
        bb_chain *chain;
        recipe.reference = (bb_reference)r;
        if (bb_chain_create(&recipe, recipe.rate_hz, channels, count, 1, &chain, NULL) != BB_OK) continue;
        for (size_t o = 0; o < bb_chain_output_count(chain); ++o)
            if (bb_chain_output_source(chain, o) >= count || !bb_chain_output_name(chain, o)) abort();
        bb_chain_destroy(chain);
    }
    free(text);
    return 0;
}
