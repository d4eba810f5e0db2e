#include "embed/feature_file.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

struct bb_feature_file {
    const bb_feature_kind *kind;
    void *state;
    char *path;
    int64_t windows, written;
};

static const bb_feature_kind *const kinds[] = {&bb_feature_npy, &bb_feature_h5};

bb_status bb_feature_file_create(const char *path, const bb_feature_layout *layout, bb_feature_file **out,
                                 bb_error *err) {
    *out = NULL;
    const bb_feature_kind *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; ++i)
        if (bb_has_suffix(path, kinds[i]->suffix)) kind = kinds[i];
    if (!kind) return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected a name that ends in .npy or .h5", path);
    bb_feature_file *f = bb_calloc(1, sizeof *f);
    if (!f || !(f->path = bb_strdup(path))) {
        bb_free(f);
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    }
    f->kind = kind;
    f->windows = layout->windows;
    const bb_status status = kind->create(path, layout, &f->state, err);
    if (status == BB_OK)
        *out = f;
    else
        bb_feature_file_abandon(f);
    return status;
}

bb_status bb_feature_file_write(bb_feature_file *f, int64_t window, const char *recording, double start_s,
                                const char *event, const float *features, const unsigned char *unsound,
                                bb_error *err) {
    if (window != f->written || window >= f->windows)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected window %lld of %lld next, found %lld", f->path,
                       (long long)f->written, (long long)f->windows, (long long)window);
    BB_TRY(f->kind->write(f->state, window, recording, start_s, event, features, unsound, err));
    ++f->written;
    return BB_OK;
}

bb_status bb_feature_file_close(bb_feature_file *f, bb_error *err) {
    bb_status status = BB_OK;
    if (f->written != f->windows)
        status = bb_fail(err, BB_ERR_ARGUMENT, "%s: expected %lld windows, found %lld", f->path,
                         (long long)f->windows, (long long)f->written);
    if (status == BB_OK) status = f->kind->close(f->state, err);
    bb_feature_file_abandon(f);
    return status;
}

void bb_feature_file_abandon(bb_feature_file *f) {
    if (!f) return;
    if (f->state) f->kind->destroy(f->state);
    bb_free(f->path);
    bb_free(f);
}
