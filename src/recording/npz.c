#include "recording/npz.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

/* Deflated samples are unpacked whole. */
static const int64_t max_loaded = (int64_t)8 << 30;

/* The local header's name ends in .npy. (.ZIP File Format Specification, 4.3.7) */
static bool npz_probe(const unsigned char *head, size_t count, int64_t size, const char *path) {
    (void)size, (void)path;
    if (count < 34 || memcmp(head, "PK\3\4", 4) != 0) return false;
    const size_t length = head[26] | (size_t)head[27] << 8;
    return length > 4 && 30 + length <= count && memcmp(head + 30 + length - 4, ".npy", 4) == 0;
}

static bb_status open_archive(const bb_recording *r, bb_npz *npz, bb_error *err) {
    int code = 0;
    const int copy = dup(r->file.fd);
    if (copy < 0) return bb_fail_errno(err, "%s: can't read", r->info.path);
    npz->zip = zip_fdopen(copy, 0, &code);
    if (npz->zip) return BB_OK;
    close(copy);
    zip_error_t why;
    zip_error_init_with_code(&why, code);
    const bb_status status =
        bb_fail(err, BB_ERR_FORMAT, "%s: zip archive: %s", r->info.path, zip_error_strerror(&why));
    zip_error_fini(&why);
    return status;
}

static bb_status fetch(void *context, int64_t offset, void *out, size_t count, bb_error *err) {
    const bb_recording *r = context;
    const bb_npz *npz = r->state;
    if (zip_fseek(npz->member, npz->place + offset, SEEK_SET) != 0)
        return bb_npz_fail(r, "samples", npz->member, err);
    return bb_npz_read(r, "samples", npz->member, out, count, err);
}

/* libzip compares the checksum when it comes to the end, so the reading goes one byte further than there is.
 */
static bb_status load(const bb_recording *r, bb_npz *npz, const bb_variable *data, const zip_stat_t *st,
                      bb_error *err) {
    const int64_t bytes = data->count * (int64_t)data->element.width;
    char beyond;
    if (bytes > max_loaded)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: %s: deflated samples of more than 8 GB are not read: save it with numpy.savez",
                       r->info.path, data->path);
    unsigned char *header = bb_calloc((size_t)data->offset, 1);
    npz->array.memory = bb_calloc((size_t)bytes, 1);
    bb_status status = header && npz->array.memory
                           ? bb_npz_read(r, data->path, npz->member, header, (size_t)data->offset, err)
                           : bb_fail(err, BB_ERR_MEMORY, "%s: %s: no memory for %lld bytes", r->info.path,
                                     data->path, (long long)bytes);
    bb_free(header);
    if (status != BB_OK) return status;
    BB_TRY(bb_npz_read(r, data->path, npz->member, npz->array.memory, (size_t)bytes, err));
    /* What may follow the elements is not looked at, but for the archive's end. */
    if (data->offset + bytes < (int64_t)st->size) return BB_OK;
    return zip_fread(npz->member, &beyond, 1) < 0 ? bb_npz_fail(r, data->path, npz->member, err) : BB_OK;
}

static bb_status npz_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    const bb_variable *data;
    zip_stat_t st;
    bb_npz *npz = r->state = bb_calloc(1, sizeof *npz);
    if (!npz) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    r->info.format = "npz";
    r->info.preprocessed = true;
    BB_TRY(open_archive(r, npz, err));
    BB_TRY(bb_npz_list(r, npz, err));
    BB_TRY(bb_variables_choose(r, options, &npz->variables, &data, &npz->array, err));
    BB_TRY(bb_npz_stat(r, npz, data->source, &st, err));
    if (!(npz->member = zip_fopen_index(npz->zip, data->source, 0)))
        return bb_npz_fail(r, data->path, NULL, err);
    npz->array.fetch = fetch;
    npz->array.context = r;
    npz->place = data->offset;
    if (st.comp_method != ZIP_CM_STORE) BB_TRY(load(r, npz, data, &st, err));
    bb_variables_free(&npz->variables);
    return BB_OK;
}

static void npz_close(bb_recording *r) {
    bb_npz *npz = r->state;
    if (!npz) return;
    if (npz->member) zip_fclose(npz->member);
    if (npz->zip) zip_discard(npz->zip);
    bb_variables_free(&npz->variables);
    bb_flat_array_free(&npz->array);
    bb_free(npz);
}

static bb_status npz_read(bb_recording *r, const size_t *channels, size_t channel_count, int64_t first,
                          int64_t samples, double *out, bb_error *err) {
    bb_npz *npz = r->state;
    return bb_flat_array_read(&npz->array, channels, channel_count, first, samples, out, err);
}

const bb_reader bb_npz_reader = {"npz", npz_probe, npz_open, npz_read, npz_close};
