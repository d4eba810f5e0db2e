#include "io/hdf5.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "io/hdf5_driver.h"

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

uint64_t bb_hdf5_base(hid_t object) {
    hsize_t size = 0;
    const hid_t file = H5Iget_file_id(object), plan = H5Fget_create_plist(file);
    H5Pget_userblock(plan, &size);
    H5Pclose(plan);
    H5Fclose(file);
    return size;
}

/* To be asked before anything in the group is looked up. Any file is open by our driver or the library's
 * plain one, whose handle is a descriptor. */
static bool is_endless(hid_t object, uint64_t address) {
    struct stat st;
    void *handle = NULL;
    const hid_t file = H5Iget_file_id(object);
    bb_input input = {.path = "", .fd = -1};
    if (H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) >= 0 && handle) input.fd = *(const int *)handle;
    H5Fclose(file);
    if (input.fd < 0 || fstat(input.fd, &st) != 0) return true;
    input.size = st.st_size;
    return bb_hdf5_has_endless_heap(&input, bb_hdf5_base(object), address);
}

static bool is_endless_group(hid_t group, const char *path) {
    H5O_info_t info;
    return H5Oget_info_by_name2(group, path, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0 ||
           is_endless(group, info.addr);
}

bb_status bb_hdf5_open(const char *path, hid_t *out, bb_error *err) {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    *out = bb_hdf5_use_driver(access) < 0 ? -1 : H5Fopen(path, H5F_ACC_RDONLY, access);
    /* Every further call forgets the reason of this one. */
    bb_status status = *out < 0 ? bb_hdf5_fail(err, path, "file") : BB_OK;
    H5Pclose(access);
    if (status != BB_OK) return status;
    size_t address = 0, length = 0;
    const hid_t plan = H5Fget_create_plist(*out);
    H5Pget_sizes(plan, &address, &length);
    H5Pclose(plan);
    if (address != 8 || length != 8)
        status =
            bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected HDF5 with addresses of 8 bytes, found %zu and %zu",
                    path, address, length);
    else if (is_endless_group(*out, "/"))
        status = bb_fail(err, BB_ERR_FORMAT, "%s: /: damaged HDF5: its list of names does not end", path);
    if (status == BB_OK) return BB_OK;
    H5Fclose(*out);
    *out = -1;
    return status;
}

static bool is_hard(hid_t group, const char *path) {
    H5L_info_t info;
    return H5Lget_info(group, path, &info, H5P_DEFAULT) >= 0 && info.type == H5L_TYPE_HARD;
}

bb_hdf5_object bb_hdf5_look(hid_t group, const char *path) {
    char part[BB_HDF5_PATH];
    const size_t length = strlen(path);
    if (length >= sizeof part) return BB_HDF5_NOTHING;
    for (size_t n = 1; n <= length; ++n) {
        if ((path[n] != '/' && path[n] != '\0') || path[n - 1] == '/') continue;
        memcpy(part, path, n);
        part[n] = '\0';
        if (strcmp(part, ".") != 0 && !is_hard(group, part)) return BB_HDF5_NOTHING;
        if (n < length && is_endless_group(group, part)) return BB_HDF5_NOTHING;
    }
    H5O_info_t info;
    if (H5Oget_info_by_name2(group, path, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return BB_HDF5_NOTHING;
    return info.type == H5O_TYPE_GROUP     ? BB_HDF5_GROUP
           : info.type == H5O_TYPE_DATASET ? BB_HDF5_DATASET
                                           : BB_HDF5_NOTHING;
}

enum { MAX_DEPTH = 16 };

typedef struct walk {
    size_t left;
    int depth, most;
    char path[BB_HDF5_PATH];
    size_t length;
    uint64_t above[MAX_DEPTH]; /* the groups being walked: one of them inside itself is not entered again */
    bool (*visit)(void *data, const bb_hdf5_found *found);
    void *data;
} walk;

static herr_t walk_link(hid_t group, const char *name, const H5L_info_t *info, void *data);

static void enter(hid_t group, const char *name, uint64_t address, walk *w) {
    for (int i = 0; i < w->depth; ++i)
        if (w->above[i] == address) return;
    if (is_endless(group, address)) return;
    const hid_t inside = H5Gopen2(group, name, H5P_DEFAULT);
    if (inside < 0) return;
    w->above[w->depth++] = address;
    /* In no order but the file's own: to sort, HDF5 1.10 fills a table as long as the file says, and frees
     * what it has not filled. */
    H5Literate(inside, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, walk_link, w);
    --w->depth;
    H5Gclose(inside);
}

/* Returns 1 to stop. */
static herr_t walk_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    walk *w = data;
    const size_t length = w->length, n = strlen(name);
    H5O_info_t object;
    if (info->type != H5L_TYPE_HARD || length + n + 2 > sizeof w->path) return 0;
    if (w->left-- == 0) return 1;
    if (H5Oget_info_by_name2(group, name, &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return 0;
    w->path[length] = '/';
    memcpy(w->path + length + 1, name, n + 1);
    w->length = length + 1 + n;
    const bb_hdf5_found found = {.path = w->path,
                                 .name = w->path + length + 1,
                                 .object = object.type == H5O_TYPE_GROUP     ? BB_HDF5_GROUP
                                           : object.type == H5O_TYPE_DATASET ? BB_HDF5_DATASET
                                                                             : BB_HDF5_NOTHING,
                                 .address = object.addr};
    if (w->visit(w->data, &found) && found.object == BB_HDF5_GROUP && w->depth < w->most)
        enter(group, name, object.addr, w);
    w->path[length] = '\0';
    w->length = length;
    return w->left == SIZE_MAX;
}

bool bb_hdf5_walk(hid_t file, const char *path, int depth, size_t limit,
                  bool (*visit)(void *data, const bb_hdf5_found *found), void *data) {
    walk w = {.left = limit, .most = depth < MAX_DEPTH ? depth : MAX_DEPTH, .visit = visit, .data = data};
    H5O_info_t info;
    const bool root = strcmp(path, "/") == 0;
    if (!root && bb_hdf5_look(file, path) != BB_HDF5_GROUP) return false;
    if (H5Oget_info_by_name2(file, path, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return false;
    w.length = root ? 0 : (size_t)snprintf(w.path, sizeof w.path, "%s", path);
    enter(file, path, info.addr, &w);
    return true;
}
