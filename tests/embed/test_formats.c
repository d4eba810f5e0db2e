/* One recording written in every format and layout that the tests can write: the same names, rate, events and
 * samples come from all of them, and the same features, to the format's own resolution. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "brainbert/embed.h"
#include "export.h"
#include "support.h"

/* 1000 Hz, so that resampling to 2048 Hz takes part; whole seconds, as EDF pads to them. */
enum { RATE = 1000, CHANNELS = 8, SAMPLES = 6 * RATE, WINDOWS = 3, D = 64 };
static const double sd_uv = 100, most_uv = 480;

static const char *const names[CHANNELS] = {"LA1", "LA2", "LA3", "LA4", "LA5", "LA6", "LA7", "LA8"};

/* Times in quarters of a second, which every format holds as they are. */
static const export_event events[] = {
    {0.25, 0, "Stimulus/one"}, {2.5, 0.5, "Response/two, three"}, {5.75, 0, "Stimulus/one"}};
enum { EVENTS = sizeof events / sizeof *events };

/* Noise of all frequencies, so that no bin of the spectrogram is near 0; in whole steps of `step` uV, 0: any
 * values. */
static export_signal make_signal(double *data, double step) {
    for (int64_t i = 0; i < CHANNELS * SAMPLES; ++i) {
        const double value = fmax(fmin(sd_uv * bb_random_normal(5, 0, (uint64_t)i), most_uv), -most_uv);
        data[i] = step > 0 ? round(value / step) * step : value;
    }
    return (export_signal){RATE, CHANNELS, SAMPLES, names, data, EVENTS, events};
}

/* How a file is written. `step`: uV between neighbouring values that it can hold, 0: doubles, as they are;
 * `exact`: it holds whole uV as they are. */
typedef struct layout layout;
struct layout {
    const char *file, *format;
    void (*write)(const export_signal *signal, const char *path, const layout *l);
    double step;
    bool exact, events;
    double limit_uv; /* of EDF's range */
    export_brainvision_layout brainvision;
    export_fif_options fif;
    export_nwb_options nwb;
    export_hdf5_layout hdf5;
    bool packed, integers; /* MAT 5, .npz */
    const char *descr;     /* .npy */
    bool fortran;
};

static void write_edf(const export_signal *s, const char *path, const layout *l) {
    bb_edf_channel channels[CHANNELS];
    bb_event list[EVENTS];
    bb_edf_writer *writer;
    for (size_t c = 0; c < CHANNELS; ++c)
        channels[c] = (bb_edf_channel){s->names[c], -l->limit_uv, l->limit_uv == 32768 ? 32767 : l->limit_uv};
    for (size_t i = 0; i < EVENTS; ++i)
        list[i] = (bb_event){s->events[i].onset_s, s->events[i].duration_s, s->events[i].label, 0};
    assert_ok(bb_edf_writer_open(path, channels, CHANNELS, RATE, 0, list, EVENTS, &writer, e));
    assert_ok(bb_edf_writer_append(writer, s->data, SAMPLES, e));
    assert_ok(bb_edf_writer_close(writer, e));
}

static void write_brainvision(const export_signal *s, const char *path, const layout *l) {
    export_brainvision(s, path, &l->brainvision);
}

static void write_fif(const export_signal *s, const char *path, const layout *l) {
    export_fif(s, path, &l->fif);
}

static void write_nwb(const export_signal *s, const char *path, const layout *l) {
    export_nwb_options o = l->nwb;
    o.layout = l->hdf5;
    o.group = "depth electrodes";
    export_nwb(s, path, &o);
}

static void write_hdf5(const export_signal *s, const char *path, const layout *l) {
    export_hdf5(s, path, &l->hdf5);
}

static void write_mat73(const export_signal *s, const char *path, const layout *l) {
    export_mat73(s, path, &l->hdf5);
}

static void write_mat5(const export_signal *s, const char *path, const layout *l) {
    export_mat5(path, s, l->packed, l->integers);
}

static void write_npz(const export_signal *s, const char *path, const layout *l) {
    export_npz(path, s, l->packed, l->integers);
}

static void write_treebank(const export_signal *s, const char *path, const layout *l) {
    (void)l;
    export_treebank(s, path, bb_temp_path("electrode_labels.json"));
}

static void put_element(FILE *file, double value, const char *descr) {
    const int width = descr[2] - '0';
    const float single = (float)value;
    uint64_t bits = (uint64_t)llround(value);
    uint32_t half;
    if (descr[1] == 'f' && width == 8) memcpy(&bits, &value, sizeof bits);
    if (descr[1] == 'f' && width == 4) {
        memcpy(&half, &single, sizeof half);
        bits = half;
    }
    for (int b = 0; b < width; ++b)
        fputc((int)(bits >> 8 * (descr[0] == '>' ? width - 1 - b : b) & 0xff), file);
}

static void write_npy(const export_signal *s, const char *path, const layout *l) {
    FILE *file = fopen(path, "wb");
    char text[128];
    assert_non_null(file);
    snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': %s, 'shape': (%d, %d), }", l->descr,
             l->fortran ? "True" : "False", CHANNELS, SAMPLES);
    fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, file);
    fprintf(file, "%-117s\n", text);
    for (int64_t i = 0; i < CHANNELS * SAMPLES; ++i)
        put_element(file, s->data[l->fortran ? i % CHANNELS * SAMPLES + i / CHANNELS : i], l->descr);
    assert_int_equal(fclose(file), 0);
}

#define NPY(file) file, "npy", write_npy
#define NPZ(file) file, "npz", write_npz
#define MAT5(file) file, "MAT", write_mat5, .events = true
#define MAT73(file) file, "MAT 7.3", write_mat73
#define HDF5(file) file, "HDF5", write_hdf5
#define TREEBANK(file) file, "Brain Treebank HDF5", write_treebank
#define NWB(file) file, "NWB", write_nwb, .events = true
#define EDF(file) file, "EDF+", write_edf, .events = true
#define BRAINVISION(file) file, "BrainVision", write_brainvision, .events = true
#define FIF(file) file, "FIF", write_fif, .events = true

/* Floats of up to 480 uV, in uV or V. FIF counts in V, in which whole uV are no doubles: two roundings of up
 * to 480 uV; its integers are written in steps of 2^-24 V. */
#define FLOAT_STEP 0x1p-15
#define VOLT_STEP 0x1p-43
#define FIF_STEP (1e6 / (1 << 24))

static const layout layouts[] = {
    {NPY("a.npy"), .step = 0, .exact = true, .descr = "<f8"},
    {NPY("b.npy"), .step = 0, .exact = true, .descr = ">f8", .fortran = true},
    {NPY("c.npy"), .step = FLOAT_STEP, .exact = true, .descr = "<f4", .fortran = true},
    {NPY("d.npy"), .step = 1, .exact = true, .descr = ">i2"},
    {NPZ("a.npz"), .step = 0, .exact = true},
    {NPZ("b.npz"), .step = 0, .exact = true, .packed = true},
    {NPZ("c.npz"), .step = 1, .exact = true, .integers = true},
    {NPZ("d.npz"), .step = 1, .exact = true, .packed = true, .integers = true},
    {MAT5("a.mat"), .step = 0, .exact = true},
    {MAT5("b.mat"), .step = 0, .exact = true, .packed = true},
    {MAT5("c.mat"), .step = 1, .exact = true, .integers = true},
    {MAT5("d.mat"), .step = 1, .exact = true, .packed = true, .integers = true},
    {MAT73("e.mat"), .step = 0, .exact = true},
    {MAT73("f.mat"), .step = 0, .exact = true, .hdf5 = {true, 1000, 3, true, false, 0}},
    {MAT73("g.mat"), .step = 1, .exact = true, .hdf5 = {true, 0, 0, false, false, 1}},
    {MAT73("h.mat"), .step = 1, .exact = true, .hdf5 = {false, 777, 2, true, false, 1}},
    {HDF5("a.h5"), .step = 0, .exact = true},
    {HDF5("b.h5"), .step = 0, .exact = true, .hdf5 = {true, 512, 8, true, true, 0}},
    {HDF5("c.h5"), .step = 1, .exact = true, .hdf5 = {true, 0, 0, false, true, 1}},
    {HDF5("d.h5"), .step = 1, .exact = true, .hdf5 = {false, 999, 5, false, false, 1}},
    {TREEBANK("t.h5"), .exact = true},
    {NWB("a.nwb"), .step = 0, .exact = true},
    {NWB("b.nwb"), .step = 0.25, .exact = true, .hdf5 = {true, 600, 4, true, true, 0.25}},
    {NWB("c.nwb"), .step = 1, .exact = true, .nwb = {.start_s = 8}, .hdf5 = {true, 0, 0, false, false, 1}},
    {NWB("d.nwb"), .step = 0, .exact = true, .nwb = {.timestamps = true}, .hdf5 = {.variable = true}},
    {EDF("a.edf"), .step = 1, .exact = true, .limit_uv = 32768},
    {EDF("b.edf"), .step = 1200.0 / 65535, .limit_uv = 600},
    {BRAINVISION("a.vhdr"), .step = 1, .exact = true,
     .brainvision = {"INT_16", false, false, 1, "\xc2\xb5V", 1}},
    {BRAINVISION("b.vhdr"), .step = 1, .exact = true,
     .brainvision = {"INT_16", true, true, 0.001, "mV", 1e3}},
    {BRAINVISION("c.vhdr"), .step = 0.1, .exact = true, .brainvision = {"INT_16", false, true, 0.1, NULL, 1}},
    {BRAINVISION("d.vhdr"), .step = 0.0625, .exact = true,
     .brainvision = {"INT_32", true, false, 62.5, "nV", 1e-3}},
    {BRAINVISION("e.vhdr"), .step = 1, .exact = true, .brainvision = {"INT_32", false, true, 1e-6, "V", 1e6}},
    {BRAINVISION("f.vhdr"), .step = FLOAT_STEP, .exact = true,
     .brainvision = {"IEEE_FLOAT_32", false, false, 1, "uV", 1}},
    {BRAINVISION("g.vhdr"), .step = FLOAT_STEP, .exact = true,
     .brainvision = {"IEEE_FLOAT_32", true, true, 0.5, "uV", 1}},
    {FIF("a.fif"), .step = FIF_STEP, .fif = {.type = EXPORT_FIF_SHORT, .buffer = 500, .dated = true}},
    {FIF("b.fif"), .step = FIF_STEP, .fif = {.type = EXPORT_FIF_PACK16, .buffer = 1000}},
    {FIF("c.fif"), .step = FIF_STEP, .fif = {.type = EXPORT_FIF_INT, .buffer = 700, .first_sample = 4000}},
    {FIF("d.fif"), .step = FLOAT_STEP, .fif = {.type = EXPORT_FIF_FLOAT, .buffer = 1000, .part_buffers = 2}},
    {FIF("e.fif"), .step = VOLT_STEP, .fif = {.type = EXPORT_FIF_DOUBLE, .buffer = 6000}},
};
enum { LAYOUTS = sizeof layouts / sizeof *layouts };

/* What comes out of one file. */
typedef struct result {
    double *data;    /* [CHANNELS, SAMPLES] */
    float *features; /* [WINDOWS, outputs, D] */
    size_t outputs, windows;
} result;

typedef struct tools {
    bb_spectrogram_plan *plan;
    bb_encoder *encoder;
} tools;

static tools make_tools(void) {
    const bb_spectrogram_recipe recipe = bb_spectrogram_recipe_default();
    bb_model *model;
    tools t;
    assert_ok(bb_spectrogram_plan_create(&recipe, &t.plan, e));
    assert_ok(bb_model_open(bb_test_path("golden/tiny"), 0, &model, e));
    assert_ok(bb_encoder_create(model, BB_PRECISION_F32, 1, &t.encoder, e));
    bb_model_close(model);
    return t;
}

static void free_tools(tools *t) {
    bb_encoder_destroy(t->encoder);
    bb_spectrogram_plan_destroy(t->plan);
}

static bb_status collect(void *context, int64_t window, const float *features, const unsigned char *unsound,
                         bb_error *err) {
    result *r = context;
    (void)unsound, (void)err;
    memcpy(r->features + (size_t)window * r->outputs * D, features, r->outputs * D * sizeof *features);
    ++r->windows;
    return BB_OK;
}

/* By the published recipe as it is: bb_signal_recipe_for would take bare arrays for preprocessed. */
static void embed(bb_recording *recording, const tools *t, result *r) {
    const bb_pooling mean = {.kind = BB_POOL_MEAN};
    bb_window_options o = bb_window_options_default();
    bb_window_stream *stream;
    o.signal = bb_signal_recipe_default();
    o.window_s = 2;
    o.threads = 1;
    assert_ok(bb_window_stream_create(recording, &o, &stream, e));
    const bb_window_info *info = bb_window_stream_info(stream);
    assert_true(info->windows == WINDOWS && info->rate_hz == 2048);
    r->outputs = info->channel_count;
    assert_int_equal(r->outputs, CHANNELS - 2); /* the ends of the shaft have one neighbour */
    assert_int_equal(info->sources[0], 1);
    r->features = calloc(WINDOWS * r->outputs * D, sizeof *r->features);
    assert_non_null(r->features);
    assert_ok(bb_embed(stream, t->plan, NULL, t->encoder, &mean, 1, collect, r, NULL, NULL, NULL, e));
    assert_int_equal(r->windows, WINDOWS);
    bb_window_stream_destroy(stream);
}

static void check_info(const bb_recording_info *info, const layout *l) {
    assert_string_equal(info->format, l->format);
    assert_true(info->rate_hz == RATE && info->duration_s == (double)SAMPLES / RATE);
    assert_int_equal(info->channel_count, CHANNELS);
    assert_int_equal(info->preprocessed, l->write == write_npy || l->write == write_npz);
    for (size_t c = 0; c < CHANNELS; ++c) {
        char number[8];
        snprintf(number, sizeof number, "ch%zu", c + 1);
        assert_string_equal(info->channels[c].name, l->write == write_npy ? number : names[c]);
        assert_string_equal(info->channels[c].unit, "uV");
        assert_int_equal(info->channels[c].samples, SAMPLES);
        assert_true(bb_channel_is_brain(info->channels[c].type));
    }
    assert_int_equal(info->event_count, l->events ? EVENTS : 0);
    for (size_t i = 0; i < info->event_count; ++i) {
        assert_string_equal(info->events[i].label, events[i].label);
        assert_true(info->events[i].onset_s == events[i].onset_s);
        assert_true(info->events[i].duration_s == events[i].duration_s);
    }
}

static result run(const export_signal *s, const layout *l, const tools *t) {
    const char *path = bb_temp_path(l->file);
    const bool unstated = l->write == write_npy || l->write == write_treebank;
    const bb_recording_options options = {.rate_hz = unstated ? RATE : 0};
    size_t all[CHANNELS];
    bb_recording *recording;
    result r = {.data = calloc(CHANNELS * SAMPLES, sizeof(double))};
    assert_non_null(r.data);
    for (size_t c = 0; c < CHANNELS; ++c) all[c] = c;
    l->write(s, path, l);
    assert_ok(bb_recording_open(path, &options, &recording, e));
    check_info(bb_recording_get_info(recording), l);
    assert_ok(bb_recording_read(recording, all, CHANNELS, 0, SAMPLES, r.data, e));
    embed(recording, t, &r);
    bb_recording_close(recording);
    return r;
}

static void free_result(result *r) {
    free(r->data);
    free(r->features);
}

static void compare(const layout *l, const result *r, const result *plain, bool exact) {
    const double half_step = exact ? 0 : l->step / 2;
    const double *x = plain->data, *y = r->data;
    const size_t size = WINDOWS * plain->outputs * D;
    /* Half a step and the rounding of its product with the unit. */
    const double off = bb_max_error_f64(x, y, CHANNELS * SAMPLES);
    if (!(off <= half_step * (1 + 1e-9))) fail_msg("%s: samples differ by %g uV", l->file, off);
    const double apart = bb_max_error_f32(plain->features, r->features, size);
    /* Rounding to steps adds noise of 0.29 steps to a signal of 100 uV, which moves z-scores by about 0.005
     * steps / uV and the features of a model whose layers are normalised by as much; twice that, and
     * float32's rounding of values around 1 where doubles differ in their last bits. */
    const double bound = off == 0 ? 0 : l->step / sd_uv + 1e-6;
    if (!(apart <= bound)) fail_msg("%s: features differ by %g, expected at most %g", l->file, apart, bound);
}

/* Every layout against doubles in a bare array. */
static void compare_all(double signal_step) {
    double *data = calloc(CHANNELS * SAMPLES, sizeof *data);
    assert_non_null(data);
    const export_signal s = make_signal(data, signal_step);
    tools t = make_tools();
    result plain = run(&s, &layouts[0], &t);
    assert_memory_equal(plain.data, data, CHANNELS * SAMPLES * sizeof *data);
    for (size_t i = 1; i < LAYOUTS; ++i) {
        result r = run(&s, &layouts[i], &t);
        compare(&layouts[i], &r, &plain, layouts[i].step == 0 || (layouts[i].exact && signal_step > 0));
        free_result(&r);
    }
    free_result(&plain);
    free_tools(&t);
    free(data);
}

static void whole_microvolts_are_the_same_in_every_format(void **state) {
    (void)state;
    compare_all(1);
}

static void other_values_are_the_same_to_the_formats_resolution(void **state) {
    (void)state;
    compare_all(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_microvolts_are_the_same_in_every_format),
        cmocka_unit_test(other_values_are_the_same_to_the_formats_resolution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
