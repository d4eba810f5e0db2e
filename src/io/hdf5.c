#include "io/hdf5.h"

#include <stdio.h>

#include "base/error.h"

void bb_hdf5_begin(bb_hdf5_guard *guard) {
    H5open();
    H5Eget_auto2(H5E_DEFAULT, &guard->print, &guard->print_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLget_loading_state(&guard->plugins);
    H5PLset_loading_state(0);
}

void bb_hdf5_end(const bb_hdf5_guard *guard) {
    H5PLset_loading_state(guard->plugins);
    H5Eclear2(H5E_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, guard->print, guard->print_data);
}

static herr_t keep_first_reason(unsigned n, const H5E_error2_t *entry, void *data) {
    if (n == 0 && entry->desc) snprintf(data, 256, "%s", entry->desc);
    return 0;
}

bb_status bb_hdf5_fail(bb_error *err, const char *path, const char *place) {
    char reason[256] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first_reason, reason);
    return bb_fail(err, BB_ERR_FORMAT, "%s: %s: damaged HDF5%s%s", path, place, reason[0] ? ": " : "",
                   reason);
}

bb_status bb_hdf5_open(const char *path, hid_t *out, bb_error *err) {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    *out = H5Fopen(path, H5F_ACC_RDONLY, access);
    /* Every further call forgets the reason of this one. */
    const bb_status status = *out < 0 ? bb_hdf5_fail(err, path, "file") : BB_OK;
    H5Pclose(access);
    return status;
}
