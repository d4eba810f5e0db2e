#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_parts.h"

static hid_t group_of(hid_t at, const char *name, const char *type, bool variable) {
    const hid_t group = H5Gcreate2(at, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0) abort();
    if (type) part_text_attribute(group, "neurodata_type", type, variable);
    return group;
}

static void put_doubles(hid_t at, const char *name, const double *values, size_t count) {
    const hsize_t shape = count;
    part_dataset(at, name, H5T_IEEE_F64LE, 1, &shape, NULL, false, H5T_NATIVE_DOUBLE, values);
}

static void put_integers(hid_t at, const char *name, hid_t type, const int64_t *values, size_t count) {
    const hsize_t shape = count;
    part_dataset(at, name, type, 1, &shape, NULL, false, H5T_NATIVE_INT64, values);
}

/* Truth values as Python writes them: an enumeration of FALSE and TRUE. */
static void put_truths(hid_t at, const char *name, const bool *values, size_t count) {
    const hid_t type = H5Tenum_create(H5T_STD_I8LE);
    const int8_t zero = 0, one = 1;
    const hsize_t shape = count;
    H5Tenum_insert(type, "FALSE", &zero);
    H5Tenum_insert(type, "TRUE", &one);
    int8_t *bytes = calloc(count, 1);
    if (!bytes) abort();
    for (size_t i = 0; i < count; ++i) bytes[i] = values[i];
    part_dataset(at, name, type, 1, &shape, NULL, false, type, bytes);
    free(bytes);
    H5Tclose(type);
}

/* Row i is channel count - 1 - i. */
static void put_table(hid_t general, const export_signal *s, const export_nwb_options *o) {
    const size_t n = s->channel_count;
    const bool variable = o->layout.variable;
    const hid_t ephys = group_of(general, "extracellular_ephys", NULL, variable);
    const hid_t group = group_of(ephys, "array", "ElectrodeGroup", variable);
    const hid_t table = group_of(ephys, "electrodes", "DynamicTable", variable);
    const char **names = calloc(n, sizeof *names), **places = calloc(n, sizeof *places),
               **groups = calloc(n, sizeof *groups);
    int64_t *id = calloc(n, sizeof *id);
    double *axis = calloc(n, sizeof *axis);
    bool *bad = calloc(n, sizeof *bad);
    if (!names || !places || !groups || !id || !axis || !bad) abort();
    part_text_attribute(group, "description", o->group, variable);
    for (size_t i = 0; i < n; ++i) {
        id[i] = (int64_t)(100 + i);
        names[i] = s->names[n - 1 - i];
        places[i] = i == 0 ? "unknown" : "hippocampus";
        groups[i] = "array";
        bad[i] = o->bad && o->bad[n - 1 - i];
    }
    put_integers(table, "id", H5T_STD_I64LE, id, n);
    part_texts(table, "label", names, n, variable);
    part_texts(table, "location", places, n, variable);
    part_texts(table, "group_name", groups, n, variable);
    if (o->bad) put_truths(table, "bad", bad, n);
    for (size_t d = 0; d < 3 && o->positions; ++d) {
        for (size_t i = 0; i < n; ++i) axis[i] = o->positions[3 * (n - 1 - i) + d];
        put_doubles(table, d == 0 ? "x" : d == 1 ? "y" : "z", axis, n);
    }
    free(names), free(places), free(groups), free(id), free(axis), free(bad);
    H5Gclose(table);
    H5Gclose(group);
    H5Gclose(ephys);
}

static void put_clock(hid_t series, const export_signal *s, const export_nwb_options *o) {
    if (!o->timestamps) {
        part_number(series, "starting_time", o->start_s);
        part_name_number(series, "starting_time", "rate", s->rate_hz);
        part_name_text(series, "starting_time", "unit", "seconds", o->layout.variable);
        return;
    }
    double *times = calloc((size_t)s->samples, sizeof *times);
    if (!times) abort();
    for (int64_t t = 0; t < s->samples; ++t) times[t] = o->start_s + (double)t / s->rate_hz;
    put_doubles(series, "timestamps", times, (size_t)s->samples);
    free(times);
}

static void put_series(hid_t acquisition, const export_signal *s, const export_nwb_options *o) {
    const bool variable = o->layout.variable;
    const hid_t series = group_of(acquisition, "ElectricalSeries", "ElectricalSeries", variable);
    export_hdf5_layout layout = o->layout;
    layout.samples_first = true;
    part_samples(series, "data", s, &layout);
    part_name_number(series, "data", "conversion", (layout.step > 0 ? layout.step : 1) * 1e-6);
    part_name_text(series, "data", "unit", "volts", variable);
    put_clock(series, s, o);
    int64_t *rows = calloc(s->channel_count, sizeof *rows);
    if (!rows) abort();
    for (size_t i = 0; i < s->channel_count; ++i) rows[i] = (int64_t)(s->channel_count - 1 - i);
    put_integers(series, "electrodes", H5T_STD_I32LE, rows, s->channel_count);
    part_name_text(series, "electrodes", "neurodata_type", "DynamicTableRegion", variable);
    free(rows);
    H5Gclose(series);
}

/* Each trial has two tags, of which the first is its event's label. */
static void put_trials(hid_t file, const export_signal *s, const export_nwb_options *o) {
    const size_t n = s->event_count;
    const hid_t intervals = group_of(file, "intervals", NULL, false),
                trials = group_of(intervals, "trials", "TimeIntervals", o->layout.variable);
    double *start = calloc(n, sizeof *start), *stop = calloc(n, sizeof *stop);
    const char **tags = calloc(2 * n, sizeof *tags);
    int64_t *ends = calloc(n, sizeof *ends);
    if (!start || !stop || !tags || !ends) abort();
    for (size_t i = 0; i < n; ++i) {
        start[i] = o->start_s + s->events[i].onset_s;
        stop[i] = start[i] + s->events[i].duration_s;
        tags[2 * i] = s->events[i].label;
        tags[2 * i + 1] = "second";
        ends[i] = (int64_t)(2 * i + 2);
    }
    put_doubles(trials, "start_time", start, n);
    put_doubles(trials, "stop_time", stop, n);
    part_texts(trials, "tags", tags, 2 * n, o->layout.variable);
    put_integers(trials, "tags_index", H5T_STD_U8LE, ends, n);
    free(start), free(stop), free(tags), free(ends);
    H5Gclose(trials);
    H5Gclose(intervals);
}

void export_nwb(const export_signal *s, const char *path, const export_nwb_options *o) {
    const bool variable = o->layout.variable;
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (file < 0) abort();
    part_text_attribute(file, "nwb_version", "2.7.0", variable);
    part_text_attribute(file, "neurodata_type", "NWBFile", variable);
    const hid_t general = group_of(file, "general", NULL, false),
                subject = group_of(general, "subject", "Subject", variable),
                acquisition = group_of(file, "acquisition", NULL, false);
    part_texts(subject, "subject_id", (const char *const[]){"sub-07"}, 0, variable);
    part_texts(general, "session_id", (const char *const[]){"day2"}, 0, variable);
    put_table(general, s, o);
    put_series(acquisition, s, o);
    if (s->event_count > 0) put_trials(file, s, o);
    H5Gclose(acquisition);
    H5Gclose(subject);
    H5Gclose(general);
    if (H5Fclose(file) < 0) abort();
}
