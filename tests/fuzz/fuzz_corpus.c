/* Prepared corpora. Metadata are parsed by the HDF5 library, as for Brain Treebank files. */
#include <hdf5.h>

#include "brainbert/corpus.h"
#include "recording_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

/* It also asks for as much memory as a damaged file says, and takes no for an answer; outside of the
 * sanitizer malloc says no as well, or hands out what nobody touches. */
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

/* HDF5 1.10 forgets some of its own memory when it gives up on a damaged file... */
const char *__lsan_default_suppressions(void) { return "leak:libhdf5"; }

static void read_some(const bb_corpus *corpus) {
    const bb_corpus_info *info = bb_corpus_get_info(corpus);
    if (info->samples > 1 << 20) return;
    double *out = malloc((size_t)info->samples * sizeof *out);
    for (int64_t w = 0; out && w < info->windows && w < 4; ++w)
        (void)bb_corpus_read(corpus, &w, 1, out, NULL);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int called;
    /* ...and complains at exit about what it then finds unclosed. */
    if (!called++) {
        H5dont_atexit();
        atexit(remove_target);
    }
    FILE *file = fopen(target_path(), "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
    bb_corpus *corpus;
    if (bb_corpus_open(target_path(), &corpus, NULL) == BB_OK) read_some(corpus);
    bb_corpus_close(corpus);
    return 0;
}
