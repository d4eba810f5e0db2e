#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/memory.h"
#include "recording/edf.h"

/* The fields of the signals' part: each field for all signals, then the next one. */
enum {
    LABEL,
    TRANSDUCER,
    UNIT,
    PHYSICAL_MIN,
    PHYSICAL_MAX,
    DIGITAL_MIN,
    DIGITAL_MAX,
    FILTER,
    SAMPLES,
    FIELDS
};
static const size_t widths[FIELDS] = {16, 80, 8, 8, 8, 8, 8, 80, 8};

/* A kind of fault, told once with the first channel that has it. */
typedef struct tally {
    size_t count;
    const char *first;
} tally;

typedef struct header {
    bb_recording *r;
    bb_edf *edf;
    char fixed[BB_EDF_BLOCK];
    char *table; /* signal_count * 256 bytes */
    tally odd_numbers, unscaled, blank_units, empty_signals, odd_labels;
} header;

static void count_fault(tally *t, const char *label) {
    if (t->count++ == 0) t->first = label;
}

static void warn_of(const header *h, const tally *t, const char *what) {
    if (t->count > 0)
        bb_recording_warn(h->r, "%s: %zu channels, the first is '%s'", what, t->count, t->first);
}

static const char *field(const header *h, size_t signal, int which) {
    size_t place = signal * widths[which];
    for (int f = 0; f < which; ++f) place += widths[f] * h->edf->signal_count;
    return h->table + place;
}

static bool is_blank(char c) { return c == ' ' || c == '\0'; }

static void copy_trimmed(char *out, const char *text, size_t length) {
    while (length > 0 && is_blank(text[length - 1])) --length;
    for (; length > 0 && is_blank(*text); --length) ++text;
    memcpy(out, text, length);
    out[length] = '\0';
}

/* A numeric field. *odd is set where it needed a guess: a comma, or something behind the number. */
static bool parse_number(const char *text, size_t length, double *out, bool *odd) {
    const size_t used = bb_decimal_parse(text, length, out);
    for (size_t i = used; i < length; ++i) *odd |= !is_blank(text[i]);
    *odd |= memchr(text, ',', length) != NULL;
    return used > 0;
}

static bool parse_whole(const char *text, size_t length, int64_t *out, bool *odd) {
    double value;
    if (!parse_number(text, length, &value, odd) || value != floor(value) || fabs(value) > 1e9) return false;
    *out = (int64_t)value;
    return true;
}

static void set_format(header *h) {
    const bool bdf = (unsigned char)h->fixed[0] == 0xff;
    const char *kind = h->fixed + 192;
    const bool plus = strncmp(kind, bdf ? "BDF+" : "EDF+", 4) == 0;
    h->edf->sample_bytes = bdf ? 3 : 2;
    h->edf->discontinuous = plus && kind[4] == 'D';
    h->r->info.format = bdf ? plus ? "BDF+" : "BDF" : plus ? "EDF+" : "EDF";
}

/* dd.mm.yy and hh.mm.ss; neither is used for anything. */
static void check_date(header *h) {
    const char *text = h->fixed + 168;
    static const int top[6] = {31, 12, 99, 23, 59, 60};
    bool good = true;
    for (int i = 0; i < 6; ++i) {
        const char *at = text + (i < 3 ? 0 : 8) + i % 3 * 3;
        const int value = (at[0] - '0') * 10 + at[1] - '0';
        good &= at[0] >= '0' && at[0] <= '9' && at[1] >= '0' && at[1] <= '9' && value <= top[i];
        good &= i > 1 || value > 0;
    }
    if (!good)
        bb_recording_warn(h->r, "the start '%.8s %.8s' is no date and time; it is not used", text, text + 8);
}

static bb_status read_table(header *h, bb_error *err) {
    int64_t count = 0;
    bool odd = false;
    BB_TRY(bb_input_read(&h->r->file, 0, h->fixed, sizeof h->fixed, err));
    if (!parse_whole(h->fixed + 252, 4, &count, &odd) || count < 1 || count > 9999)
        return bb_fail(err, BB_ERR_FORMAT, "%s: header, byte 252: expected a number of signals, found '%.4s'",
                       h->r->info.path, h->fixed + 252);
    if ((count + 1) * BB_EDF_BLOCK > h->r->file.size)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: header: expected %lld bytes for %lld signals, found a file of %lld bytes",
                       h->r->info.path, (long long)(count + 1) * BB_EDF_BLOCK, (long long)count,
                       (long long)h->r->file.size);
    const size_t signals = (size_t)count;
    h->edf->signal_count = signals;
    h->edf->signals = bb_calloc(signals, sizeof *h->edf->signals);
    h->table = bb_calloc(signals, BB_EDF_BLOCK);
    if (!h->edf->signals || !h->table)
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu signals", h->r->info.path, signals);
    return bb_input_read(&h->r->file, BB_EDF_BLOCK, h->table, signals * BB_EDF_BLOCK, err);
}

/* Gain and zero from the ranges; where they make no sense the digital values stand as they are. */
static void set_scale(header *h, size_t i, bb_edf_signal *s) {
    double range[4]; /* physical min and max, digital min and max */
    bool good = true, odd = false;
    for (int f = 0; f < 4; ++f)
        good &= parse_number(field(h, i, PHYSICAL_MIN + f), BB_EDF_NUMBER, &range[f], &odd);
    if (odd && good) count_fault(&h->odd_numbers, s->label);
    if (!good || range[0] == range[1] || range[2] >= range[3]) {
        count_fault(&h->unscaled, s->label);
        s->gain = 1;
        s->zero = 0;
        strcpy(s->unit, "digital");
        return;
    }
    const bool brain = bb_channel_is_brain(bb_channel_type_of(s->label));
    double scale = bb_unit_to_uv(s->unit);
    if (s->unit[0] == '\0' && brain) {
        count_fault(&h->blank_units, s->label);
        scale = 1;
    }
    if (scale > 0) strcpy(s->unit, "uV");
    s->gain = (range[1] - range[0]) / (range[3] - range[2]);
    s->zero = (range[0] - range[2] * s->gain) * (scale > 0 ? scale : 1);
    s->gain *= scale > 0 ? scale : 1;
    const double ends[2] = {s->gain * range[2] + s->zero, s->gain * range[3] + s->zero};
    s->low = fmin(ends[0], ends[1]); /* an inverted signal has a negative gain */
    s->high = fmax(ends[0], ends[1]);
}

static void set_label(header *h, size_t i, bb_edf_signal *s) {
    copy_trimmed(s->label, field(h, i, LABEL), BB_EDF_LABEL);
    copy_trimmed(s->unit, field(h, i, UNIT), BB_EDF_NUMBER);
    s->annotations =
        strcasecmp(s->label, "EDF Annotations") == 0 || strcasecmp(s->label, "BDF Annotations") == 0;
    bool odd = s->label[0] == '\0';
    for (const char *c = s->label; *c; ++c) odd |= *c < 0x20 || *c > 0x7e;
    if (s->label[0] == '\0') snprintf(s->label, sizeof s->label, "ch%u", (unsigned)i + 1);
    if (odd) count_fault(&h->odd_labels, s->label);
}

static bb_status read_signals(header *h, bb_error *err) {
    bb_edf *edf = h->edf;
    for (size_t i = 0; i < edf->signal_count; ++i) {
        bb_edf_signal *s = &edf->signals[i];
        bool odd = false;
        set_label(h, i, s);
        const char *samples = field(h, i, SAMPLES);
        if (!parse_whole(samples, BB_EDF_NUMBER, &s->samples, &odd) || s->samples < 0)
            return bb_fail(err, BB_ERR_FORMAT,
                           "%s: header, signal %zu (%s): expected samples per record, found '%.8s'",
                           h->r->info.path, i + 1, s->label, samples);
        if (odd) count_fault(&h->odd_numbers, s->label);
        if (s->samples == 0) count_fault(&h->empty_signals, s->label);
        if (s->samples > 0 && !s->annotations) set_scale(h, i, s);
        s->place = edf->record_bytes;
        edf->record_bytes += s->samples * (int64_t)edf->sample_bytes;
    }
    if (edf->record_bytes == 0)
        return bb_fail(err, BB_ERR_FORMAT, "%s: header: expected samples, found none in any signal",
                       h->r->info.path);
    warn_of(h, &h->odd_labels, "labels that are blank or not ASCII");
    warn_of(h, &h->odd_numbers, "numbers with a comma or odd characters, read as far as they go");
    warn_of(h, &h->unscaled,
            "physical or digital range is empty, reversed or no number, so values are digital");
    warn_of(h, &h->blank_units, "no unit, taken for uV");
    warn_of(h, &h->empty_signals, "no samples, left out");
    return BB_OK;
}

/* Where the data start and how many records there are: what the file's size says, not what the header claims.
 */
static bb_status place_records(header *h, bb_error *err) {
    bb_edf *edf = h->edf;
    const int64_t computed = (int64_t)(edf->signal_count + 1) * BB_EDF_BLOCK, size = h->r->file.size;
    int64_t declared = 0, records = -1;
    bool odd = false;
    const bool known = parse_whole(h->fixed + 184, 8, &declared, &odd);
    if (!parse_whole(h->fixed + 236, 8, &records, &odd)) records = -1;
    edf->data_start = computed;
    if (!known || declared != computed) {
        /* A longer header is believed only if the data then fit to the byte. */
        if (known && declared > computed && records > 0 && declared < size &&
            (size - declared) % edf->record_bytes == 0 && (size - declared) / edf->record_bytes == records)
            edf->data_start = declared;
        bb_recording_warn(h->r,
                          "the header says it has '%.8s' bytes, expected %lld; data read from byte %lld",
                          h->fixed + 184, (long long)computed, (long long)edf->data_start);
    }
    edf->records = (size - edf->data_start) / edf->record_bytes;
    const int64_t rest = (size - edf->data_start) % edf->record_bytes;
    if (edf->records == 0)
        return bb_fail(
            err, BB_ERR_FORMAT, "%s: expected data records of %lld bytes from byte %lld, found %lld bytes",
            h->r->info.path, (long long)edf->record_bytes, (long long)edf->data_start, (long long)rest);
    if (records != edf->records)
        bb_recording_warn(h->r, "the header says '%.8s' data records, the file holds %lld, which are used",
                          h->fixed + 236, (long long)edf->records);
    if (rest > 0)
        bb_recording_warn(h->r, "%lld bytes behind the last whole data record are not used", (long long)rest);
    return BB_OK;
}

static void set_record_length(header *h) {
    bool odd = false, voltages = false;
    for (size_t i = 0; i < h->edf->signal_count; ++i)
        voltages |= !h->edf->signals[i].annotations && h->edf->signals[i].samples > 0;
    const bool good = parse_number(h->fixed + 244, 8, &h->edf->record_s, &odd) && h->edf->record_s >= 0;
    if (good && h->edf->record_s > 0 && odd)
        bb_recording_warn(h->r, "the record's length '%.8s' s was read as %g s", h->fixed + 244,
                          h->edf->record_s);
    /* A file of annotations alone may have records without length. */
    if (good && (h->edf->record_s > 0 || !voltages)) return;
    h->edf->record_s = 1;
    bb_recording_warn(h->r, "the record's length '%.8s' s is no length; taken for 1 s, so rates may be wrong",
                      h->fixed + 244);
}

bb_status bb_edf_read_header(bb_recording *r, bb_edf *edf, bb_error *err) {
    header h = {.r = r, .edf = edf};
    bb_status status = read_table(&h, err);
    if (status == BB_OK) {
        set_format(&h);
        check_date(&h);
        status = read_signals(&h, err);
    }
    if (status == BB_OK) status = place_records(&h, err);
    if (status == BB_OK) set_record_length(&h);
    bb_free(h.table);
    return status;
}
