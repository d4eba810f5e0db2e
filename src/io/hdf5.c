#include "io/hdf5.h"

#include <stdio.h>
#include <string.h>

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

bb_hdf5_ground *bb_hdf5_ground_of(hid_t object) {
    void *handle = NULL;
    const hid_t file = H5Iget_file_id(object);
    if (H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) < 0) handle = NULL;
    H5Fclose(file);
    return handle;
}

uint64_t bb_hdf5_base(hid_t object) {
    const bb_hdf5_ground *ground = bb_hdf5_ground_of(object);
    return ground ? ground->base : 0;
}

/* To be asked before the library is led to an object. */
static bool is_sound(hid_t object, uint64_t address) {
    bb_hdf5_ground *ground = bb_hdf5_ground_of(object);
    return ground && bb_hdf5_is_sound(ground, address);
}

/* What is wrong with the file, if something is, is found here and not by the library. */
static bb_status check_file(const char *path, bb_error *err) {
    bb_hdf5_ground ground = {0};
    bb_status status = bb_input_open(path, &ground.input, err);
    if (status == BB_OK) status = bb_hdf5_check_superblock(&ground, path, err);
    bb_hdf5_ground_free(&ground);
    bb_input_close(&ground.input);
    return status;
}

bb_status bb_hdf5_open(const char *path, hid_t *out, bb_error *err) {
    *out = -1;
    BB_TRY(check_file(path, err));
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    if (bb_hdf5_use_driver(access) >= 0) *out = H5Fopen(path, H5F_ACC_RDONLY, access);
    /* Every further call forgets the reason of this one. */
    bb_status status = *out < 0 ? bb_hdf5_fail(err, path, "file") : BB_OK;
    H5Pclose(access);
    if (status != BB_OK) return status;
    /* Again, for what it tells, and lest another file has taken the place of the one that was checked. */
    bb_hdf5_ground *ground = bb_hdf5_ground_of(*out);
    status = ground ? bb_hdf5_check_superblock(ground, path, err) : bb_hdf5_fail(err, path, "file");
    if (status == BB_OK) return BB_OK;
    H5Fclose(*out);
    *out = -1;
    return status;
}

/* A hard link, to an object that the library can be asked about. */
static bool leads_on(hid_t group, const char *path) {
    H5L_info_t info;
    return H5Lget_info(group, path, &info, H5P_DEFAULT) >= 0 && info.type == H5L_TYPE_HARD &&
           is_sound(group, info.u.address);
}

bb_hdf5_object bb_hdf5_look(hid_t group, const char *path) {
    char part[BB_HDF5_PATH];
    const size_t length = strlen(path);
    if (length >= sizeof part) return BB_HDF5_NOTHING;
    for (size_t n = 1; n <= length; ++n) {
        if ((path[n] != '/' && path[n] != '\0') || path[n - 1] == '/') continue;
        memcpy(part, path, n);
        part[n] = '\0';
        if (strcmp(part, ".") != 0 && !leads_on(group, part)) return BB_HDF5_NOTHING;
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
    if (!is_sound(group, info->u.address)) return 0;
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
