#include "signal/montage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct place {
    bb_contact contact;
    size_t channel;
    bool bad;
} place;

/* Every contact among the channels once, sorted by shaft and number. */
typedef struct contacts {
    place *places;
    size_t count;
} contacts;

static int compare_contacts(const void *a, const void *b) {
    const bb_contact *x = a, *y = b; /* a place begins with its contact */
    const int shafts = strcmp(x->shaft, y->shaft);
    return shafts ? shafts : (x->number > y->number) - (x->number < y->number);
}

static int compare_places(const void *a, const void *b) {
    const int contacts_differ = compare_contacts(a, b);
    if (contacts_differ) return contacts_differ;
    const place *x = a, *y = b;
    return (x->channel > y->channel) - (x->channel < y->channel);
}

static bb_status find_contacts(const bb_chain_channel *channels, size_t count, contacts *out, bb_error *err) {
    *out = (contacts){bb_calloc(count, sizeof(place)), 0};
    if (!out->places) return bb_fail(err, BB_ERR_MEMORY, "re-reference: no memory for %zu contacts", count);
    size_t n = 0;
    for (size_t c = 0; c < count; ++c)
        if (bb_contact_parse(channels[c].name, &out->places[n].contact)) {
            out->places[n].channel = c;
            out->places[n++].bad = channels[c].bad;
        }
    qsort(out->places, n, sizeof(place), compare_places);
    for (size_t i = 0; i < n; ++i) /* of two channels with one contact's label the first one is it */
        if (out->count == 0 || compare_contacts(&out->places[i], &out->places[out->count - 1]) != 0)
            out->places[out->count++] = out->places[i];
    return BB_OK;
}

/* The good contact `step` further along the shaft, or NULL. */
static const place *neighbour(const contacts *all, const place *from, int step) {
    bb_contact wanted = from->contact;
    wanted.number += step;
    const place *found = bsearch(&wanted, all->places, all->count, sizeof(place), compare_contacts);
    return found && !found->bad ? found : NULL;
}

static char *pair_name(const char *first, const char *second) {
    const size_t size = strlen(first) + strlen(second) + 2;
    char *name = bb_calloc(size, 1);
    if (name) snprintf(name, size, "%s-%s", first, second);
    return name;
}

static bb_status add(bb_montage *m, char *name, size_t source, size_t left, size_t right, bb_error *err) {
    if (!name) return bb_fail(err, BB_ERR_MEMORY, "re-reference: no memory for channel names");
    m->derivations[m->count++] = (bb_derivation){name, source, left, right};
    return BB_OK;
}

static bb_status add_contacts(bb_montage *m, const bb_chain_channel *channels, const contacts *all,
                              bb_error *err) {
    for (size_t i = 0; i < all->count; ++i) {
        const place *at = &all->places[i];
        const bool laplacian = m->reference == BB_REFERENCE_LAPLACIAN;
        const place *left = laplacian ? neighbour(all, at, -1) : at, *right = neighbour(all, at, 1);
        if (at->bad || !left || !right) continue;
        const char *name = channels[at->channel].name;
        BB_TRY(add(m, laplacian ? bb_strdup(name) : pair_name(name, channels[right->channel].name),
                   at->channel, left->channel, right->channel, err));
    }
    return BB_OK;
}

static bb_status add_channels(bb_montage *m, const bb_chain_channel *channels, size_t count, bb_error *err) {
    for (size_t c = 0; c < count; ++c)
        if (m->reference == BB_REFERENCE_NONE || !channels[c].bad)
            BB_TRY(add(m, bb_strdup(channels[c].name), c, c, c, err));
    return BB_OK;
}

/* The mean over one channel alone is that channel, and would leave nothing of it. */
static bool is_empty(const bb_montage *m) { return m->count < (m->reference == BB_REFERENCE_CAR ? 2 : 1); }

static bb_status fail_empty(const bb_montage *m, size_t channels, size_t contacts_found, bb_error *err) {
    if (channels == 0) return bb_fail(err, BB_ERR_UNSUPPORTED, "signal chain: there are no channels");
    if (m->reference == BB_REFERENCE_CAR)
        return bb_fail(
            err, BB_ERR_UNSUPPORTED,
            "reference car leaves no channel: expected two or more good ones to average, found %zu "
            "of %zu; use --reference none",
            m->count, channels);
    return bb_fail(
        err, BB_ERR_UNSUPPORTED,
        "reference %s leaves no channel: of %zu channels %zu are labelled as contacts (such as LA3), "
        "and none of those is good and has %s; use --reference none or car",
        bb_reference_name(m->reference), channels, contacts_found,
        m->reference == BB_REFERENCE_LAPLACIAN ? "a good neighbour on either side on its shaft"
                                               : "a good next neighbour on its shaft");
}

static int compare_sources(const void *a, const void *b) {
    const bb_derivation *x = a, *y = b;
    return (x->source > y->source) - (x->source < y->source);
}

static bb_status build(bb_montage *m, const bb_chain_channel *channels, size_t count, bb_error *err) {
    m->derivations = bb_calloc(count, sizeof *m->derivations);
    if (!m->derivations)
        return bb_fail(err, BB_ERR_MEMORY, "re-reference: no memory for %zu channels", count);
    contacts all = {0};
    bb_status status;
    if (m->reference == BB_REFERENCE_LAPLACIAN || m->reference == BB_REFERENCE_BIPOLAR) {
        status = find_contacts(channels, count, &all, err);
        if (status == BB_OK) status = add_contacts(m, channels, &all, err);
    } else {
        status = add_channels(m, channels, count, err);
    }
    bb_free(all.places);
    if (status == BB_OK && is_empty(m)) status = fail_empty(m, count, all.count, err);
    qsort(m->derivations, m->count, sizeof *m->derivations, compare_sources);
    return status;
}

bb_status bb_montage_create(bb_reference reference, const bb_chain_channel *channels, size_t count,
                            bb_montage *out, bb_error *err) {
    *out = (bb_montage){.reference = reference};
    const bb_status status = build(out, channels, count, err);
    if (status != BB_OK) bb_montage_free(out);
    return status;
}

void bb_montage_free(bb_montage *montage) {
    for (size_t i = 0; i < montage->count; ++i) bb_free(montage->derivations[i].name);
    bb_free(montage->derivations);
    *montage = (bb_montage){0};
}

size_t bb_montage_compact(bb_montage *m, size_t count, size_t *rows, size_t *channels) {
    for (size_t i = 0; i < m->count; ++i) {
        const bb_derivation *d = &m->derivations[i];
        rows[d->source] = rows[d->left] = rows[d->right] = 1;
    }
    size_t used = 0;
    for (size_t c = 0; c < count; ++c) {
        if (!rows[c]) continue;
        channels[used] = c;
        rows[c] = used++;
    }
    for (size_t i = 0; i < m->count; ++i) {
        bb_derivation *d = &m->derivations[i];
        d->source = rows[d->source], d->left = rows[d->left], d->right = rows[d->right];
    }
    return used;
}

/* The channels are added in their order, whatever the number of threads, so that the bytes are the same: each
 * thread has stretches of the samples. */
static void average(const bb_montage *m, const double *rows, int64_t stride, int64_t samples, double *mean) {
    enum { STRETCH = 128 };
#pragma omp for schedule(static)
    for (int64_t from = 0; from < samples; from += STRETCH) {
        const int64_t end = samples - from < STRETCH ? samples : from + STRETCH;
        memset(mean + from, 0, (size_t)(end - from) * sizeof *mean);
        for (size_t i = 0; i < m->count; ++i) {
            const double *row = rows + (int64_t)m->derivations[i].source * stride;
            for (int64_t t = from; t < end; ++t) mean[t] += row[t];
        }
        for (int64_t t = from; t < end; ++t) mean[t] /= (double)m->count;
    }
}

void bb_montage_apply(const bb_montage *m, const double *rows, int64_t stride, int64_t samples, double *mean,
                      double *out, int64_t out_stride) {
    if (m->reference == BB_REFERENCE_CAR) average(m, rows, stride, samples, mean);
#pragma omp for schedule(static)
    for (int64_t i = 0; i < (int64_t)m->count; ++i) {
        const bb_derivation *d = &m->derivations[i];
        const double *x = rows + (int64_t)d->source * stride;
        const double *left = rows + (int64_t)d->left * stride, *right = rows + (int64_t)d->right * stride;
        double *y = out + i * out_stride;
        if (m->reference == BB_REFERENCE_LAPLACIAN)
            for (int64_t t = 0; t < samples; ++t) y[t] = x[t] - (left[t] + right[t]) / 2;
        else if (m->reference == BB_REFERENCE_BIPOLAR)
            for (int64_t t = 0; t < samples; ++t) y[t] = x[t] - right[t];
        else if (m->reference == BB_REFERENCE_CAR)
            for (int64_t t = 0; t < samples; ++t) y[t] = x[t] - mean[t];
        else
            memcpy(y, x, (size_t)samples * sizeof *y);
    }
}
