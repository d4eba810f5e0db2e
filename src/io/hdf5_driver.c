/* A virtual file driver (HDF5 Virtual File Layer, https://docs.hdfgroup.org/hdf5/develop/_v_f_l_t_n.html) in
 * place of the library's own, for two reasons. The library puts a cache of metadata on top of a driver that
 * allows it, which copies from nowhere when a damaged file leads it to the undefined address; and its own
 * driver reads zeros behind the end of the file, where this one fails. Nor does it lock the file, which some
 * shared file systems refuse, and which readers alone have no need of. */
#include "io/hdf5_driver.h"

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include "base/file.h"
#include "base/memory.h"

/* None of those by which the library reads more than it is asked for, or remembers it. */
enum { FEATURES = H5FD_FEAT_DEFAULT_VFD_COMPATIBLE };

typedef struct driver_file {
    H5FD_t public; /* the library's part comes first */
    bb_hdf5_ground ground;
    haddr_t end; /* of what the library counts as its own */
} driver_file;

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access, haddr_t most) {
    (void)access, (void)most;
    if (flags & (H5F_ACC_RDWR | H5F_ACC_TRUNC | H5F_ACC_CREAT)) return NULL;
    driver_file *f = bb_calloc(1, sizeof *f);
    if (!f) return NULL;
    if (bb_input_open(name, &f->ground.input, NULL) != BB_OK) {
        bb_input_close(&f->ground.input);
        bb_free(f);
        return NULL;
    }
    f->ground.input.path = ""; /* the name is the library's, and goes away */
    return &f->public;
}

static herr_t driver_close(H5FD_t *file) {
    driver_file *f = (driver_file *)file;
    bb_input_close(&f->ground.input);
    bb_hdf5_ground_free(&f->ground);
    bb_free(f);
    return 0;
}

static herr_t driver_query(const H5FD_t *file, unsigned long *features) {
    (void)file;
    *features = FEATURES;
    return 0;
}

static haddr_t driver_get_eoa(const H5FD_t *file, H5FD_mem_t type) {
    (void)type;
    return ((const driver_file *)file)->end;
}

static herr_t driver_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t end) {
    (void)type;
    ((driver_file *)file)->end = end;
    return 0;
}

static haddr_t driver_get_eof(const H5FD_t *file, H5FD_mem_t type) {
    (void)type;
    return (haddr_t)((const driver_file *)file)->ground.input.size;
}

static herr_t driver_get_handle(H5FD_t *file, hid_t access, void **handle) {
    (void)access;
    *handle = &((driver_file *)file)->ground;
    return 0;
}

/* The undefined address is below 0 as an offset, which bb_input_read refuses. */
static herr_t driver_read(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t at, size_t size, void *out) {
    (void)type, (void)transfer;
    const driver_file *f = (const driver_file *)file;
    return bb_input_read(&f->ground.input, (int64_t)at, out, size, NULL) == BB_OK ? 0 : -1;
}

/* The library refuses drivers that can't write. */
static herr_t driver_write(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t at, size_t size,
                           const void *bytes) {
    (void)file, (void)type, (void)transfer, (void)at, (void)size, (void)bytes;
    return -1;
}

static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)411, /* 256 to 511: for drivers that are not registered with its makers */
#endif
    .name = "brainbert_read",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .open = driver_open,
    .close = driver_close,
    .query = driver_query,
    .get_eoa = driver_get_eoa,
    .set_eoa = driver_set_eoa,
    .get_eof = driver_get_eof,
    .get_handle = driver_get_handle,
    .read = driver_read,
    .write = driver_write,
    .fl_map = H5FD_FLMAP_DICHOTOMY};

/* Registered once, for the library frees a driver before it has closed the last file of it. Its user may have
 * closed the library since, which then gives the number to somebody else's driver: they have other features.
 */
herr_t bb_hdf5_use_driver(hid_t access) {
    static hid_t id = H5I_INVALID_HID;
    unsigned long features = 0;
    if (id < 0 || H5FDdriver_query(id, &features) < 0 || features != FEATURES) id = H5FDregister(&driver);
    return id < 0 ? -1 : H5Pset_driver(access, id, NULL);
}
