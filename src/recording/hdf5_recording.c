/* Files of HDF5: which kind of recording one is, and reading those whose samples lie in one dataset. */
#include "recording/hdf5_recording.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static bool hdf5_probe(const unsigned char *head, size_t count, int64_t size, const char *path) {
    uint64_t base;
    bb_input file;
    if (count >= 8 && memcmp(head, "\x89HDF\r\n\x1a\n", 8) == 0) return true;
    if (size < 1024 || bb_input_open(path, &file, NULL) != BB_OK) return false;
    const bool found = bb_hdf5_is_hdf5(&file, &base);
    bb_input_close(&file);
    return found;
}

static bool is_electrode(void *data, const bb_hdf5_found *found) {
    *(bool *)data |=
        strncmp(found->name, "electrode_", 10) == 0 && found->name[10] >= '0' && found->name[10] <= '9';
    return false;
}

/* Which reader the file is for; fails for what this program itself writes. */
static bb_status find_reader(bb_recording *r, hid_t file, const bb_reader **out, bb_error *err) {
    static const char matlab[] = "MATLAB 7.3 MAT-file";
    char text[BB_HDF5_LABEL], head[sizeof matlab] = "";
    bool electrodes = false;
    const bool ours = (bb_hdf5_get_text(file, "/", &r->file, "format", text, sizeof text) ||
                       bb_hdf5_get_text(file, "/", &r->file, "program", text, sizeof text)) &&
                      strncmp(text, "brainbert ", 10) == 0;
    if (ours)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: expected a recording, found an output of this program (%s)", r->info.path, text);
    const size_t n = sizeof matlab - 1;
    if (bb_hdf5_base(file) > 0 && bb_input_read(&r->file, 0, head, n, NULL) != BB_OK) head[0] = '\0';
    bb_hdf5_walk(file, "/data", 1, BB_MAX_CHANNELS, is_electrode, &electrodes);
    *out = bb_hdf5_get_text(file, "/", &r->file, "nwb_version", text, sizeof text) ? &bb_nwb_reader
           : strcmp(head, matlab) == 0                                             ? &bb_mat73_reader
           : electrodes                                                            ? &bb_treebank_reader
                                                                                   : &bb_plain_hdf5_reader;
    return BB_OK;
}

/* The file is opened to see what it is, and then by the reader it is for. */
static bb_status hdf5_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    hid_t file = -1;
    bb_hdf5_guard guard;
    const bb_reader *reader = NULL;
    bb_hdf5_begin(&guard);
    bb_status status = bb_hdf5_open(r->info.path, &file, err);
    if (status == BB_OK) {
        status = find_reader(r, file, &reader, err);
        H5Fclose(file);
    }
    bb_hdf5_end(&guard);
    if (status != BB_OK) return status;
    r->reader = reader;
    return reader->open(r, options, err);
}

static bb_status hdf5_read(bb_recording *r, const size_t *channels, size_t channel_count, int64_t first,
                           int64_t samples, double *out, bb_error *err) {
    (void)channels, (void)channel_count, (void)first, (void)samples, (void)out;
    return bb_fail(err, BB_ERR_ARGUMENT, "%s: not open", r->info.path);
}

static void hdf5_close(bb_recording *r) { (void)r; }

const bb_reader bb_hdf5_reader = {"HDF5 (NWB, MAT 7.3, Brain Treebank, plain)", hdf5_probe, hdf5_open,
                                  hdf5_read, hdf5_close};

bb_status bb_hdf5_recording_begin(bb_recording *r, bb_hdf5_recording **out, bb_error *err) {
    bb_hdf5_recording *state = *out = r->state = bb_calloc(1, sizeof *state);
    if (!state) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    hid_t file;
    const bb_status status = bb_hdf5_open(r->info.path, &file, err);
    if (status == BB_OK) state->file = file;
    return status;
}

size_t bb_hdf5_recording_channels(const bb_hdf5_recording *s) {
    return (size_t)(s->samples_first && s->data.dims == 2 ? s->data.columns : s->data.rows);
}

int64_t bb_hdf5_recording_samples(const bb_hdf5_recording *s) {
    return s->samples_first && s->data.dims == 2 ? s->data.rows : s->data.columns;
}

bb_status bb_hdf5_recording_take(bb_recording *r, bb_hdf5_recording *s, const char *path, bb_error *err) {
    snprintf(s->name, sizeof s->name, "%s", path);
    BB_TRY(bb_hdf5_array_open(s->file, path, &r->file, BB_HDF5_NUMBERS, &s->data, err));
    if (s->data.rows < 1 || s->data.columns < 1)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected samples, found an empty dataset", r->info.path,
                       path);
    return BB_OK;
}

void bb_hdf5_recording_limit(const bb_hdf5_recording *s, size_t index, bb_channel *channel) {
    double low, high;
    bb_element_limits(s->data.element, &low, &high);
    if (low == high) return;
    const double gain = s->gain ? s->gain[index] : 1;
    channel->low = (gain < 0 ? high : low) * gain + s->offset;
    channel->high = (gain < 0 ? low : high) * gain + s->offset;
}

bb_status bb_hdf5_recording_read(bb_recording *r, const size_t *channels, size_t channel_count, int64_t first,
                                 int64_t samples, double *out, bb_error *err) {
    bb_hdf5_recording *s = r->state;
    bb_hdf5_guard guard;
    bb_hdf5_begin(&guard);
    const bb_status status =
        bb_hdf5_array_read(&s->data, &r->file, s->name, s->samples_first && s->data.dims == 2, channels,
                           channel_count, first, samples, out, err);
    bb_hdf5_end(&guard);
    if (status != BB_OK || !s->gain) return status;
    for (size_t c = 0; c < channel_count; ++c)
        for (int64_t t = 0; t < samples; ++t) {
            double *at = out + (int64_t)c * samples + t;
            *at = *at * s->gain[channels[c]] + s->offset;
        }
    return BB_OK;
}

void bb_hdf5_recording_close(bb_recording *r) {
    bb_hdf5_recording *s = r->state;
    if (!s) return;
    bb_hdf5_guard guard;
    bb_hdf5_begin(&guard);
    bb_hdf5_array_close(&s->data);
    if (s->file > 0) H5Fclose(s->file);
    bb_hdf5_end(&guard);
    bb_free(s->gain);
    bb_free(s);
    r->state = NULL;
}
