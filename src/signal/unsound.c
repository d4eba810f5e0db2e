#include "signal/unsound.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "brainbert/windows.h"
#include "signal/chain.h"

/* Clipped from the third sample in a row on: the peak of a signal that merely fills its range is at its end
 * for one or two, and several digitisers scale their files so that the largest sample is the range's end. */
enum { CLIPPED_AT_LEAST = 3, FLAT_AT_LEAST = 10, CHUNK = 64 };
static const double flat_s = 0.1;

/* Ends of a range are met to within this part of it: more than rounding, less than a step of 24 bits. */
static const double range_rounding = 1e-9;

/* Samples [first, end). */
typedef struct run {
    int64_t first, end;
} run;

typedef struct track {
    run open; /* the run that the last sample belongs to; empty: none */
    run *runs;
    size_t count, capacity, begin; /* runs[begin .. count) are remembered */
    int64_t samples;               /* in runs that count, the open one left out */
} track;

typedef struct channel {
    double low, high; /* from here on outwards it is clipped */
    double value;     /* of the open flat run */
    bool out_of_memory;
    track tracks[BB_UNSOUND_KINDS];
} channel;

struct bb_unsound {
    size_t count;
    channel *channels;
    int64_t position;                   /* samples so far */
    int64_t at_least[BB_UNSOUND_KINDS]; /* samples of a run that counts */
    int64_t chunk;
};

static const unsigned char bits[BB_UNSOUND_KINDS] = {BB_UNSOUND_MISSING, BB_UNSOUND_FLAT, BB_UNSOUND_CLIPPED};

static void set_range(channel *c, const bb_unsound_range *range) {
    /* Without a range nothing is clipped that is not missing. */
    c->high = nextafter(BB_BEYOND_VOLTAGE, INFINITY);
    c->low = -c->high;
    if (!(range->low < range->high && range->low > c->low && range->high < c->high)) return;
    const double rounding = range_rounding * (range->high - range->low);
    c->low = range->low + rounding, c->high = range->high - rounding;
}

bb_unsound *bb_unsound_create(double rate_hz, const bb_unsound_range *ranges, size_t channels) {
    bb_unsound *u = bb_calloc(1, sizeof *u);
    if (!u) return NULL;
    u->count = channels;
    u->channels = bb_calloc(channels, sizeof *u->channels);
    if (!u->channels) {
        bb_free(u);
        return NULL;
    }
    for (size_t c = 0; c < channels; ++c) set_range(&u->channels[c], &ranges[c]);
    u->at_least[BB_MISSING] = 1;
    u->at_least[BB_FLAT] = (int64_t)fmax(ceil(flat_s * rate_hz - 1e-6), FLAT_AT_LEAST);
    u->at_least[BB_CLIPPED] = CLIPPED_AT_LEAST;
    u->chunk = u->at_least[BB_FLAT] < CHUNK ? u->at_least[BB_FLAT] : CHUNK;
    return u;
}

void bb_unsound_destroy(bb_unsound *u) {
    if (!u) return;
    for (size_t c = 0; c < u->count; ++c)
        for (int k = 0; k < BB_UNSOUND_KINDS; ++k) bb_free(u->channels[c].tracks[k].runs);
    bb_free(u->channels);
    bb_free(u);
}

/* ---------------------------------------------------------------- finding */

static bool close_run(track *t, int64_t at_least) {
    const run open = t->open;
    t->open = (run){0, 0};
    if (open.end - open.first < at_least) return true;
    if (bb_grow((void **)&t->runs, &t->capacity, t->count + 1, sizeof *t->runs) != 0) return false;
    t->runs[t->count++] = open;
    t->samples += open.end - open.first;
    return true;
}

/* Samples [first, end) are, or are not, of the track's kind. */
static bool mark(track *t, bool are, int64_t first, int64_t end, int64_t at_least) {
    if (!are) return t->open.end == 0 || close_run(t, at_least);
    if (t->open.end == 0) t->open.first = first;
    t->open.end = end;
    return true;
}

/* BB_MISSING, BB_CLIPPED, or BB_UNSOUND_KINDS for neither. */
static inline int kind_of(const channel *c, double x) {
    if (!(fabs(x) <= BB_BEYOND_VOLTAGE)) return BB_MISSING; /* NaN too */
    return x > c->low && x < c->high ? BB_UNSOUND_KINDS : BB_CLIPPED;
}

/* Whether all samples are inside the range, its ends left out. Without branches, for the vector units. */
static bool all_inside(const double *x, int64_t n, double low, double high) {
    int64_t inside = 0;
    for (int64_t t = 0; t < n; ++t) inside += (x[t] > low) & (x[t] < high);
    return inside == n;
}

static bool find_missing_and_clipped(const bb_unsound *u, channel *c, const double *x, int64_t n,
                                     int64_t at) {
    const bool inside = all_inside(x, n, c->low, c->high);
    bool ok = true;
    for (int64_t first = 0, end; first < n; first = end) {
        const int kind = inside ? BB_UNSOUND_KINDS : kind_of(c, x[first]);
        end = inside ? n : first + 1;
        while (end < n && kind_of(c, x[end]) == kind) ++end;
        for (int k = BB_MISSING; k <= BB_CLIPPED; k += BB_CLIPPED - BB_MISSING)
            ok &= mark(&c->tracks[k], k == kind, at + first, at + end, u->at_least[k]);
    }
    return ok;
}

/* Of at most as many samples as make a flat run, so that no such run lies inside without touching an end: it
 * is enough to look how far the open run goes on, and how far back from the end the last value goes. */
static bool find_flat(const bb_unsound *u, channel *c, const double *x, int64_t n, int64_t at) {
    track *flat = &c->tracks[BB_FLAT];
    int64_t same = 0;
    bool ok = true;
    if (flat->open.end != 0) {
        while (same < n && x[same] == c->value) ++same;
        flat->open.end += same;
        if (same == n) return true;
        ok = close_run(flat, u->at_least[BB_FLAT]);
    }
    int64_t first = n - 1;
    if (!(fabs(x[first]) <= BB_BEYOND_VOLTAGE)) return ok;
    while (first > same && x[first - 1] == x[n - 1]) --first;
    c->value = x[n - 1];
    flat->open = (run){at + first, at + n};
    return ok;
}

bb_status bb_unsound_push(bb_unsound *u, const double *in, int64_t samples, int threads, bb_error *err) {
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t i = 0; i < (int64_t)u->count; ++i) {
        channel *c = &u->channels[i];
        const double *x = in + i * samples;
        for (int64_t done = 0, n; done < samples; done += n) {
            n = samples - done < u->chunk ? samples - done : u->chunk;
            c->out_of_memory |= !find_missing_and_clipped(u, c, x + done, n, u->position + done);
            c->out_of_memory |= !find_flat(u, c, x + done, n, u->position + done);
        }
    }
    u->position += samples;
    for (size_t c = 0; c < u->count; ++c)
        if (u->channels[c].out_of_memory)
            return bb_fail(err, BB_ERR_MEMORY, "no memory for the unsound stretches of channel %zu", c);
    return BB_OK;
}

/* ---------------------------------------------------------------- answering */

static bool overlaps(run r, int64_t first, int64_t end, int64_t at_least) {
    const int64_t from = r.first > first ? r.first : first, to = r.end < end ? r.end : end;
    return to - from >= at_least;
}

unsigned char bb_unsound_bits(const bb_unsound *u, size_t channel_index, int64_t first, int64_t end) {
    unsigned char found = 0;
    for (int k = 0; k < BB_UNSOUND_KINDS; ++k) {
        const track *t = &u->channels[channel_index].tracks[k];
        bool is = overlaps(t->open, first, end, u->at_least[k]);
        for (size_t i = t->begin; i < t->count && t->runs[i].first < end && !is; ++i)
            is = overlaps(t->runs[i], first, end, u->at_least[k]);
        if (is) found |= bits[k];
    }
    return found;
}

void bb_unsound_forget(bb_unsound *u, int64_t first) {
    for (size_t c = 0; c < u->count; ++c)
        for (int k = 0; k < BB_UNSOUND_KINDS; ++k) {
            track *t = &u->channels[c].tracks[k];
            while (t->begin < t->count && t->runs[t->begin].end <= first) ++t->begin;
            if (t->begin == 0 || 2 * t->begin < t->count)
                continue; /* moved when it is worth it: each run once on average */
            memmove(t->runs, t->runs + t->begin, (t->count - t->begin) * sizeof *t->runs);
            t->count -= t->begin;
            t->begin = 0;
        }
}

int64_t bb_unsound_samples(const bb_unsound *u, size_t channel_index, int kind) {
    const track *t = &u->channels[channel_index].tracks[kind];
    const int64_t open = t->open.end - t->open.first;
    return t->samples + (open >= u->at_least[kind] ? open : 0);
}
