/* Prepared corpora. Metadata are parsed by the HDF5 library, as for Brain Treebank files. */
#include "brainbert/corpus.h"
#include "hdf5_target.h"

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
    quiet_hdf5();
    if (!called++) atexit(remove_target);
    FILE *file = fopen(target_path(), "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
    bb_corpus *corpus;
    if (bb_corpus_open(target_path(), &corpus, NULL) == BB_OK) read_some(corpus);
    bb_corpus_close(corpus);
    return 0;
}
