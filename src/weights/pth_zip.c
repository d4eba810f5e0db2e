/* PyTorch checkpoints since 1.6: a zip archive of ARCHIVE/data.pkl and one ARCHIVE/data/KEY a storage.
 * https://pytorch.org/docs/stable/notes/serialization.html */
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include "base/error.h"
#include "base/memory.h"
#include "weights/pth.h"

/* Compressed entries may grow this many times; what holds weights hardly compresses at all. */
enum { GROWTH_LIMIT = 64, GROWTH_FREE = 1 << 20, FOLDER_LIMIT = 256 };

typedef struct archive {
    zip_t *zip;
    bb_weights *weights;
    const char *path;
    char folder[FOLDER_LIMIT];
    size_t allowance; /* bytes that may still be read out of the archive */
} archive;

static bb_status open_archive(archive *a, bb_error *err) {
    zip_error_t problem;
    zip_error_init(&problem);
    zip_source_t *source = zip_source_buffer_create(a->weights->bytes, a->weights->size, 0, &problem);
    a->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &problem) : NULL;
    bb_status status = BB_OK;
    if (!a->zip) {
        status = bb_fail(err, BB_ERR_FORMAT, "%s: zip archive: %s", a->path, zip_error_strerror(&problem));
        zip_source_free(source);
    }
    zip_error_fini(&problem);
    return status;
}

/* Nothing is unpacked to disk, so a wild name could do no harm; but it means that the file is not what it
 * says it is. */
static bool sound_name(const char *name, const char *folder, size_t folder_length) {
    if (strncmp(name, folder, folder_length) != 0 || name[folder_length] != '/') return false;
    for (const char *c = name; *c; ++c)
        if ((unsigned char)*c < 0x20 || *c == '\\') return false;
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        const size_t length = strcspn(part, "/");
        if ((length == 2 && memcmp(part, "..", 2) == 0) || (length == 0 && *part)) return false;
    }
    return true;
}

/* All entries lie in one folder, named after the file as it was when it was saved. */
static bb_status find_folder(archive *a, bb_error *err) {
    const zip_int64_t count = zip_get_num_entries(a->zip, 0);
    for (zip_int64_t i = 0; i < count; ++i) {
        const char *name = zip_get_name(a->zip, (zip_uint64_t)i, ZIP_FL_ENC_GUESS);
        const size_t length = name ? strcspn(name, "/") : 0;
        if (i == 0 && length > 0 && length < sizeof a->folder) memcpy(a->folder, name, length);
        if (!name || length == 0 || !sound_name(name, a->folder, strlen(a->folder)))
            return bb_fail(err, BB_ERR_FORMAT,
                           "%s: zip archive: expected entries in one folder, found '%.200s'", a->path,
                           name ? name : "no name");
    }
    return BB_OK;
}

static bb_status entry_size(archive *a, const char *name, zip_uint64_t *index, size_t *size, bb_error *err) {
    zip_stat_t st;
    const zip_int64_t found = zip_name_locate(a->zip, name, 0);
    if (found < 0)
        return bb_fail(err, BB_ERR_FORMAT, "%s: zip archive: expected an entry '%s'", a->path, name);
    *index = (zip_uint64_t)found;
    if (zip_stat_index(a->zip, *index, 0, &st) != 0 || !(st.valid & ZIP_STAT_SIZE))
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: an entry without a size", a->path, name);
    if (st.size > a->allowance)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected at most %zu bytes, found %llu", a->path, name,
                       a->allowance, (unsigned long long)st.size);
    *size = (size_t)st.size;
    return BB_OK;
}

/* The whole entry into a buffer of the weights' own. libzip checks the CRC when it comes to the end, so the
 * reading goes one byte further than there is. */
static bb_status read_entry(archive *a, const char *name, unsigned char **data, size_t *size, bb_error *err) {
    zip_uint64_t index = 0;
    BB_TRY(entry_size(a, name, &index, size, err));
    *data = bb_weights_buffer(a->weights, *size);
    if (!*data) return bb_fail(err, BB_ERR_MEMORY, "%s: %s: no memory for %zu bytes", a->path, name, *size);
    zip_file_t *file = zip_fopen_index(a->zip, index, 0);
    if (!file)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: %s", a->path, name,
                       zip_error_strerror(zip_get_error(a->zip)));
    size_t done = 0;
    zip_int64_t n = 1;
    while (done < *size && (n = zip_fread(file, *data + done, *size - done)) > 0) done += (size_t)n;
    char beyond;
    const zip_int64_t more = n < 0 ? n : zip_fread(file, &beyond, 1);
    bb_status status = BB_OK;
    if (more < 0)
        status = bb_fail(err, BB_ERR_FORMAT, "%s: %s: %s", a->path, name,
                         zip_error_strerror(zip_file_get_error(file)));
    else if (done != *size || more != 0)
        status = bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected %zu bytes, found %s", a->path, name, *size,
                         more ? "more" : "less");
    zip_fclose(file);
    a->allowance -= *size;
    return status;
}

static bb_status fetch(void *context, bb_storage *storage, bb_error *err) {
    archive *a = context;
    char name[FOLDER_LIMIT + 128];
    size_t wanted, size;
    unsigned char *data;
    if (storage->key_length > 64 || memchr(storage->key, '\0', storage->key_length))
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected short storage keys, found '%.*s'", a->path, 64,
                       storage->key);
    snprintf(name, sizeof name, "%s/data/%.*s", a->folder, (int)storage->key_length, storage->key);
    BB_TRY(read_entry(a, name, &data, &size, err));
    if (!bb_storage_bytes(storage, &wanted) || wanted != size)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected %zu elements of %s, found %zu bytes", a->path,
                       name, storage->count, storage->type->name, size);
    storage->data = data;
    /* The buffer is what is used from now on; its source in the file need not stay in memory beside it. */
    bb_map_release(&a->weights->map, 0, a->weights->size);
    return BB_OK;
}

/* Absent before PyTorch 2.1, when every file was little-endian. */
static bb_status check_byte_order(archive *a, bb_error *err) {
    char name[FOLDER_LIMIT + 16];
    size_t size;
    unsigned char *order;
    snprintf(name, sizeof name, "%s/byteorder", a->folder);
    if (zip_name_locate(a->zip, name, 0) < 0) return BB_OK;
    BB_TRY(read_entry(a, name, &order, &size, err));
    if (size == 6 && memcmp(order, "little", 6) == 0) return BB_OK;
    return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s: expected 'little', found '%.*s'", a->path, name,
                   (int)(size < 16 ? size : 16), (const char *)order);
}

static bb_status load(archive *a, bb_error *err) {
    char name[FOLDER_LIMIT + 16];
    unsigned char *data;
    size_t size;
    bb_pickle pickle;
    bb_storages storages = {0};
    BB_TRY(find_folder(a, err));
    BB_TRY(check_byte_order(a, err));
    snprintf(name, sizeof name, "%s/data.pkl", a->folder);
    BB_TRY(read_entry(a, name, &data, &size, err));
    BB_TRY(bb_pickle_read(data, size, a->path, "data.pkl", &pickle, err));
    bb_status status = bb_storages_collect(&pickle, a->path, &storages, err);
    if (status == BB_OK) status = bb_pth_build(a->weights, &pickle, &storages, fetch, a, a->path, err);
    bb_storages_free(&storages);
    bb_pickle_free(&pickle);
    return status;
}

bb_status bb_pth_zip_load(bb_weights *weights, const char *path, bb_error *err) {
    archive a = {.weights = weights, .path = path, .allowance = GROWTH_FREE};
    if (__builtin_mul_overflow(weights->size, (size_t)GROWTH_LIMIT, &a.allowance))
        return bb_fail(err, BB_ERR_FORMAT, "%s: zip archive: too large", path);
    a.allowance += GROWTH_FREE;
    weights->container = "pth (zip)";
    BB_TRY(open_archive(&a, err));
    const bb_status status = load(&a, err);
    zip_discard(a.zip);
    return status;
}
