#include "features/feature_set.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { NAME = 64 };

struct bb_feature_set {
    bb_feature_set_info info;
    bb_map map;
    char name[NAME];
    char **names;
    size_t *sources;
    const bb_channel **electrodes;
    double *start_s;
    bool *kept;
};

static bool copy(const bb_survey *s, const bb_recording_info *r, bb_feature_set *set) {
    const size_t C = (size_t)s->channels, W = (size_t)s->rows;
    bool complete = true;
    set->names = bb_calloc(C, sizeof *set->names);
    set->sources = bb_calloc(C, sizeof *set->sources);
    set->electrodes = bb_calloc(C, sizeof *set->electrodes);
    set->start_s = bb_calloc(W, sizeof *set->start_s);
    set->kept = bb_calloc(W, sizeof *set->kept);
    if (!set->names || !set->sources || !set->electrodes || !set->start_s || !set->kept) return false;
    for (size_t c = 0; c < C && complete; ++c) {
        complete = (set->names[c] = bb_strdup(s->names[c])) != NULL;
        set->sources[c] = s->sources[c];
        set->electrodes[c] = &r->channels[s->sources[c]];
    }
    memcpy(set->start_s, s->start_s, W * sizeof *set->start_s);
    for (size_t w = 0; w < W; ++w) set->kept[w] = !isnan(s->start_s[w]);
    return complete;
}

bb_status bb_feature_set_create(const bb_survey *s, const bb_recording_info *recording,
                                const bb_feature_spec *spec, int64_t dim, bb_feature_set **out,
                                bb_error *err) {
    bb_feature_set *set = *out = bb_calloc(1, sizeof *set);
    if (!set) return bb_fail(err, BB_ERR_MEMORY, "no memory for a set of features");
    set->info = (bb_feature_set_info){.windows = s->rows,
                                      .channels = s->channels,
                                      .dim = dim,
                                      .window_s = s->window_s,
                                      .rate_hz = s->rate_hz};
    bb_feature_spec_name(spec, set->name, sizeof set->name);
    if (!copy(s, recording, set)) {
        bb_feature_set_destroy(set);
        *out = NULL;
        return bb_fail(err, BB_ERR_MEMORY, "no memory for a set of %lld windows", (long long)s->rows);
    }
    set->info.name = set->name;
    set->info.channel_names = (const char *const *)set->names;
    set->info.sources = set->sources;
    set->info.electrodes = set->electrodes;
    set->info.start_s = set->start_s;
    set->info.kept = set->kept;
    return BB_OK;
}

bb_cache_head bb_feature_set_head(const bb_feature_set *set, const char *key) {
    bb_cache_head head = {.windows = set->info.windows, .channels = set->info.channels, .dim = set->info.dim};
    memcpy(head.key, key, sizeof head.key);
    return head;
}

static void take(bb_feature_set *set, const bb_map *map, const bb_cache_view *view) {
    set->map = *map;
    set->info.unsound = view->unsound;
    set->info.data = view->rows;
}

bool bb_feature_set_recall(bb_feature_set *set, const char *path, const char *key) {
    const bb_cache_head expected = bb_feature_set_head(set, key);
    bb_map map;
    bb_cache_view view;
    if (bb_map_open(path, &map, NULL) != BB_OK) return false;
    const bool found = bb_cache_parse(map.data, map.size, path, &view, NULL) == BB_OK &&
                       memcmp(view.head.key, expected.key, sizeof expected.key) == 0 &&
                       view.head.windows == expected.windows && view.head.channels == expected.channels &&
                       view.head.dim == expected.dim;
    if (found) take(set, &map, &view);
    if (!found) bb_map_close(&map);
    set->info.cached = found;
    return found;
}

void bb_feature_set_forget(bb_feature_set *set) {
    bb_map_close(&set->map);
    set->info.unsound = NULL;
    set->info.data = NULL;
    set->info.cached = false;
}

bb_status bb_feature_set_attach(bb_feature_set *set, bb_map map, bb_error *err) {
    bb_cache_view view;
    const bb_status status = bb_cache_parse(map.data, map.size, "features", &view, err);
    if (status == BB_OK) take(set, &map, &view);
    if (status != BB_OK) bb_map_close(&map);
    return status;
}

const bb_feature_set_info *bb_feature_set_get_info(const bb_feature_set *set) { return &set->info; }

void bb_feature_set_destroy(bb_feature_set *set) {
    if (!set) return;
    bb_map_close(&set->map);
    for (int64_t c = 0; set->names && c < set->info.channels; ++c) bb_free(set->names[c]);
    bb_free(set->names);
    bb_free(set->sources);
    bb_free(set->electrodes);
    bb_free(set->start_s);
    bb_free(set->kept);
    bb_free(set);
}
