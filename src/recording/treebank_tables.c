#include "recording/treebank_tables.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/table.h"
#include "recording/channel_match.h"

/* Relative to the recording's folder, or the one above it; %1 subject, %2 trial, %3 movie. */
static const char *const published[] = {[BB_TREEBANK_CORRUPTED] = "corrupted_elec.json",
                                        [BB_TREEBANK_LOCALIZATION] = "localization/sub_%1/depth-wm.csv",
                                        [BB_TREEBANK_TIMINGS] = "subject_timings/sub_%1_%2_timings.csv",
                                        [BB_TREEBANK_METADATA] = "subject_metadata/sub_%1_%2_metadata.json",
                                        [BB_TREEBANK_TRANSCRIPT] = "transcripts/%3/features.csv"};

/* Relative to data-by-subject/subjectN. */
static const char *const by_subject[] = {[BB_TREEBANK_CORRUPTED] = "../../corrupted_elec.json",
                                         [BB_TREEBANK_LOCALIZATION] = "localization/depth-wm.csv",
                                         [BB_TREEBANK_TIMINGS] = "data/trials/%2/trigger-times.csv",
                                         [BB_TREEBANK_METADATA] = "data/trials/%2/metadata.json",
                                         [BB_TREEBANK_TRANSCRIPT] =
                                             "../../transcripts/%3/manual/word-times-stanford.csv"};

static char *existing(const char *folder, const char *pattern, const bb_treebank_name *name,
                      const char *movie) {
    char relative[512];
    size_t n = 0;
    for (const char *at = pattern; *at && n < sizeof relative; ++at) {
        const char *value = *at != '%'     ? NULL
                            : at[1] == '1' ? name->subject
                            : at[1] == '2' ? name->trial
                                           : movie;
        if (value) {
            n += (size_t)snprintf(relative + n, sizeof relative - n, "%s", value);
            ++at;
        } else {
            relative[n++] = *at;
        }
    }
    if (n >= sizeof relative) return NULL;
    relative[n] = '\0';
    char *path = bb_path_join(folder, relative);
    if (path && bb_file_exists(path)) return path;
    bb_free(path);
    return NULL;
}

char *bb_treebank_find(const char *recording_path, const bb_treebank_name *name, bb_treebank_file file,
                       const char *movie) {
    if (!movie) movie = "";
    char *folder = name->by_subject ? bb_strndup(recording_path, name->subject_length)
                                    : bb_path_directory(recording_path);
    char *found =
        folder ? existing(folder, name->by_subject ? by_subject[file] : published[file], name, movie) : NULL;
    if (folder && !found && !name->by_subject) {
        char *above = bb_path_join(folder, "..");
        if (above) found = existing(above, published[file], name, movie);
        bb_free(above);
    }
    bb_free(folder);
    return found;
}

static bb_status keep(bb_recording *r, const char **to, const char *text, bb_error *err) {
    if (text && !(*to = bb_recording_keep(r, text, SIZE_MAX)))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    return BB_OK;
}

/* Pairs the channels with `rows`; row_of is freed by the caller. */
static bb_status match(bb_recording *r, const char *const *rows, size_t row_count, size_t **row_of,
                       bb_error *err) {
    size_t matched;
    const char **names = bb_calloc(r->channel_count, sizeof *names);
    *row_of = bb_calloc(r->channel_count, sizeof **row_of);
    for (size_t i = 0; names && i < r->channel_count; ++i) names[i] = r->channels[i].name;
    const bb_status status =
        names && *row_of ? bb_match_names(names, r->channel_count, rows, row_count, *row_of, &matched, err)
                         : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    bb_free(names);
    return status;
}

static bb_status mark_corrupted(bb_recording *r, const cJSON *list, const char *path, bb_error *err) {
    const int size = cJSON_GetArraySize(list);
    const char **rows = bb_calloc((size_t)size, sizeof *rows);
    size_t *row_of = NULL, count = 0;
    if (!rows) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    bb_status status = BB_OK;
    for (const cJSON *item = list->child; item && status == BB_OK; item = item->next) {
        rows[count] = cJSON_GetStringValue(item);
        if (!rows[count++])
            status = bb_fail(err, BB_ERR_FORMAT, "%s: \"%s\": entry %zu: expected an electrode's name", path,
                             list->string, count);
    }
    if (status == BB_OK) status = match(r, rows, count, &row_of, err);
    for (size_t i = 0; i < r->channel_count && status == BB_OK; ++i)
        if (row_of[i] != BB_NO_ROW) {
            r->channels[i].bad = true;
            r->channels[i].remark = "corrupted";
        }
    bb_free(row_of);
    bb_free(rows);
    return status;
}

/* {"sub_1": ["F3dIe11", ...], ...}; the code's own list says "subject1". */
static bb_status take_corrupted(bb_recording *r, const bb_treebank_name *name, bb_error *err) {
    char key[2][32];
    cJSON *object = NULL;
    char *path = bb_treebank_find(r->info.path, name, BB_TREEBANK_CORRUPTED, NULL);
    if (!path) return BB_OK;
    snprintf(key[0], sizeof key[0], "sub_%s", name->subject);
    snprintf(key[1], sizeof key[1], "subject%s", name->subject);
    bb_status status = bb_recording_add_file(r, path, err);
    if (status == BB_OK) status = bb_json_read(path, &object, err);
    if (status == BB_OK && !cJSON_IsObject(object))
        status = bb_fail(err, BB_ERR_FORMAT, "%s: expected a JSON object of subjects and electrodes", path);
    for (size_t i = 0; i < 2 && status == BB_OK; ++i) {
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, key[i]);
        if (cJSON_IsArray(list))
            status = mark_corrupted(r, list, path, err);
        else if (list)
            status = bb_fail(err, BB_ERR_FORMAT, "%s: \"%s\": expected a list of electrodes", path, key[i]);
    }
    cJSON_Delete(object);
    bb_free(path);
    return status;
}

typedef struct places {
    bb_table table;
    int electrode, region, axes[3];
    bool voxels; /* L, I, P */
    const char **names;
    bb_channel *rows; /* region, has_position, position alone */
    size_t count, name_room, row_room;
} places;

static bb_status find_columns(places *p, bb_error *err) {
    static const char *const regions[] = {"DesikanKilliany", "Destrieux", "DKT", "region"};
    static const char *const axes[2][3] = {{"L", "I", "P"}, {"x", "y", "z"}};
    p->electrode = bb_table_column_like(&p->table, "Electrode");
    p->region = BB_TABLE_NO_COLUMN;
    for (size_t i = 0; i < sizeof regions / sizeof *regions && p->region == BB_TABLE_NO_COLUMN; ++i)
        p->region = bb_table_column_like(&p->table, regions[i]);
    for (size_t i = 0; i < 3; ++i) p->axes[i] = bb_table_column_like(&p->table, axes[0][i]);
    p->voxels = p->axes[0] >= 0 && p->axes[1] >= 0 && p->axes[2] >= 0;
    for (size_t i = 0; i < 3 && !p->voxels; ++i) p->axes[i] = bb_table_column_like(&p->table, axes[1][i]);
    if (p->electrode == BB_TABLE_NO_COLUMN)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: line 1: expected comma-separated column names with 'Electrode' among them, found "
                       "'%.32s'",
                       p->table.name, p->table.headings[0]);
    return BB_OK;
}

static bb_status add_place(places *p, bb_error *err) {
    const char *name = bb_table_value(&p->table, p->electrode);
    bb_channel x = {.region = bb_table_value(&p->table, p->region), .has_position = true};
    if (!name) return BB_OK;
    for (size_t i = 0; i < 3; ++i) {
        const char *cell = bb_table_value(&p->table, p->axes[i]);
        if (!cell || strcasecmp(cell, "nan") == 0)
            x.has_position = false;
        else if (!bb_table_number(cell, &x.position[i]))
            return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected a coordinate, found '%.32s'",
                           p->table.name, p->table.line, cell);
    }
    if (p->count == BB_MAX_CHANNELS ||
        bb_grow((void **)&p->names, &p->name_room, p->count + 1, sizeof *p->names) ||
        bb_grow((void **)&p->rows, &p->row_room, p->count + 1, sizeof *p->rows))
        return bb_fail(err, BB_ERR_MEMORY, "%s: line %zu: no memory for another electrode", p->table.name,
                       p->table.line);
    p->names[p->count] = name;
    p->rows[p->count++] = x;
    return BB_OK;
}

static bb_status place_channels(bb_recording *r, places *p, bb_error *err) {
    size_t *row_of = NULL;
    BB_TRY(find_columns(p, err));
    for (bool more = true; more;) {
        BB_TRY(bb_table_next(&p->table, &more, err));
        if (more) BB_TRY(add_place(p, err));
    }
    bb_status status = match(r, p->names, p->count, &row_of, err);
    for (size_t i = 0; i < r->channel_count && status == BB_OK; ++i) {
        if (row_of[i] == BB_NO_ROW) continue;
        const bb_channel *x = &p->rows[row_of[i]];
        bb_channel *to = &r->channels[i];
        status = keep(r, &to->region, x->region, err);
        if (!x->has_position) continue;
        to->has_position = true;
        memcpy(to->position, x->position, sizeof to->position);
        if (p->voxels) r->info.coordinate_system = "LIP", r->info.coordinate_unit = "voxels";
    }
    bb_free(row_of);
    return status;
}

static bb_status take_localization(bb_recording *r, const bb_treebank_name *name, bb_error *err) {
    places p = {0};
    char *path = bb_treebank_find(r->info.path, name, BB_TREEBANK_LOCALIZATION, NULL);
    if (!path) return BB_OK;
    bb_status status = bb_recording_add_file(r, path, err);
    if (status == BB_OK) status = bb_table_open(path, ',', &p.table, err);
    if (status == BB_OK) status = place_channels(r, &p, err);
    bb_table_close(&p.table);
    bb_free(p.names);
    bb_free(p.rows);
    bb_free(path);
    return status;
}

/* The movie's folder among the transcripts; a name that leads elsewhere is refused. */
static bb_status read_movie(const char *path, char out[BB_BIDS_LENGTH], bb_error *err) {
    cJSON *object = NULL;
    BB_TRY(bb_json_read(path, &object, err));
    const char *movie = bb_json_string(object, "filename");
    bb_status status = BB_OK;
    if (!movie)
        status = bb_fail(err, BB_ERR_FORMAT, "%s: \"filename\": expected the movie's name", path);
    else if (!*movie || *movie == '.' || strchr(movie, '/') || strlen(movie) >= BB_BIDS_LENGTH)
        status = bb_fail(err, BB_ERR_REFUSED,
                         "%s: \"filename\": expected the name of a folder, found '%.64s'", path, movie);
    else
        snprintf(out, BB_BIDS_LENGTH, "%s", movie);
    cJSON_Delete(object);
    return status;
}

static bb_status take_words(bb_recording *r, const bb_treebank_name *name, bool rate_stated, bb_error *err) {
    char movie[BB_BIDS_LENGTH] = "";
    char *metadata = bb_treebank_find(r->info.path, name, BB_TREEBANK_METADATA, NULL);
    char *timings = bb_treebank_find(r->info.path, name, BB_TREEBANK_TIMINGS, NULL);
    bb_status status = metadata ? read_movie(metadata, movie, err) : BB_OK;
    char *transcript = *movie ? bb_treebank_find(r->info.path, name, BB_TREEBANK_TRANSCRIPT, movie) : NULL;
    if (status == BB_OK && timings) status = bb_treebank_take_words(r, timings, transcript, rate_stated, err);
    bb_free(transcript);
    bb_free(timings);
    bb_free(metadata);
    return status;
}

bb_status bb_treebank_take_tables(bb_recording *r, bool rate_stated, bb_error *err) {
    bb_treebank_name name;
    if (!bb_treebank_name_parse(r->info.path, &name)) return BB_OK;
    BB_TRY(keep(r, &r->info.subject, name.subject, err));
    BB_TRY(keep(r, &r->info.session, name.trial, err));
    BB_TRY(take_corrupted(r, &name, err));
    BB_TRY(take_localization(r, &name, err));
    return take_words(r, &name, rate_stated, err);
}
