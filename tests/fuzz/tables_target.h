/* What the targets for tables beside a recording share: a folder of their own that the input's pieces,
 * separated by the byte 0x1e, are written to as files, and a recording in memory that they are applied to. */
#ifndef BB_FUZZ_TABLES_TARGET_H
#define BB_FUZZ_TABLES_TARGET_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "recording/recording.h"

enum { TARGET_FILES = 8, TARGET_PATH = 512 };

static char target_folder[] = "/tmp/brainbert-fuzz-XXXXXX";
static const char *target_folders[TARGET_FILES];
static const char *target_names[TARGET_FILES]; /* relative; a folder in them comes first in target_folders */

static inline const char *target_file(const char *name) {
    static char path[TARGET_PATH];
    snprintf(path, sizeof path, "%s/%s", target_folder, name);
    return path;
}

static inline void remove_target(void) {
    for (size_t i = 0; i < TARGET_FILES && target_names[i]; ++i) unlink(target_file(target_names[i]));
    for (size_t i = TARGET_FILES; i-- > 0;)
        if (target_folders[i]) rmdir(target_file(target_folders[i]));
    rmdir(target_folder);
}

static inline void prepare_target(void) {
    static int prepared;
    if (prepared++) return;
    if (!mkdtemp(target_folder)) abort();
    for (size_t i = 0; i < TARGET_FILES && target_folders[i]; ++i)
        if (bb_make_directories(target_file(target_folders[i]), NULL) != BB_OK) abort();
    atexit(remove_target);
}

/* Piece i becomes file i; an empty or missing one leaves the file out. */
static inline void write_pieces(const uint8_t *data, size_t size) {
    prepare_target();
    for (size_t i = 0; i < TARGET_FILES && target_names[i]; ++i) {
        const uint8_t *end = size ? memchr(data, 0x1e, size) : NULL;
        const size_t length = end ? (size_t)(end - data) : size;
        if (length == 0) {
            unlink(target_file(target_names[i]));
        } else {
            FILE *file = fopen(target_file(target_names[i]), "wb");
            if (!file || fwrite(data, 1, length, file) != length || fclose(file) != 0) abort();
        }
        data += length + (end != NULL);
        size -= length + (end != NULL);
    }
}

/* Four channels of 400 samples, the last an EKG, whose path is `name` in the folder. */
static inline bb_recording *make_recording(const char *name, double rate_hz, bool assumed) {
    static const char *const names[] = {"LA1", "LA2", "T1cIe11", "EKG"};
    bb_recording *r = bb_calloc(1, sizeof *r);
    if (!r) abort();
    r->file.fd = -1;
    r->rate_assumed = r->unit_assumed = assumed;
    r->info.format = "made";
    r->info.path = bb_strdup(target_file(name));
    for (size_t i = 0; i < 4; ++i) {
        const bb_channel c = {.name = names[i],
                              .unit = "uV",
                              .type = bb_channel_type_of(names[i]),
                              .rate_hz = rate_hz,
                              .samples = 400};
        if (bb_recording_add_channel(r, &c, NULL) != BB_OK) abort();
    }
    return r;
}

/* What every open recording promises. */
static inline void check_recording(bb_recording *r) {
    if (bb_recording_finish(r, NULL) != BB_OK) return;
    for (size_t i = 0; i < r->info.channel_count; ++i) {
        const bb_channel *c = &r->info.channels[i];
        if (!c->name || !c->unit || !(c->rate_hz > 0)) abort();
        for (size_t k = 0; k < 3; ++k)
            if (c->has_position && c->position[k] - c->position[k] != 0) abort();
    }
    for (size_t i = 0; i < r->info.event_count; ++i)
        if (r->info.events[i].onset_s - r->info.events[i].onset_s != 0 || !r->info.events[i].label) abort();
}

#endif
