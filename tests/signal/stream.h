/* Running a whole signal through a chain in blocks of chosen sizes. */
#ifndef BB_TESTS_SIGNAL_STREAM_H
#define BB_TESTS_SIGNAL_STREAM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "brainbert/signal.h"
#include "support.h"

enum { RANDOM_BLOCKS = -1, WHOLE = 0 };

typedef struct stream {
    size_t outputs;
    int64_t samples; /* per output */
    int64_t repaired;
    double *data; /* [outputs, samples] */
} stream;

static inline void stream_free(stream *s) { free(s->data); }

static inline int64_t block_size(int64_t block, int64_t left, uint64_t turn) {
    int64_t n = block;
    if (block == WHOLE) n = left;
    if (block == RANDOM_BLOCKS) n = (int64_t)(bb_random_bits(7, 0, turn) % 3000);
    return n < left ? n : left;
}

/* Appends out[outputs, produced] (rows `room` apart) at sample `at` of the stream. */
static inline void stream_append(stream *s, int64_t at, const double *out, int64_t room, int64_t produced) {
    assert_true(produced >= 0 && produced <= room && at + produced <= s->samples);
    for (size_t o = 0; o < s->outputs; ++o)
        memcpy(s->data + (int64_t)o * s->samples + at, out + (int64_t)o * room,
               (size_t)produced * sizeof *out);
}

/* in[channels, samples], `block` samples at a time, through `chain`, which is destroyed; every sample that is
 * promised must come out. */
static inline stream run_chain(bb_chain *chain, const double *in, size_t channels, int64_t samples,
                               int64_t block) {
    const int64_t most = block > 0 ? block : samples < 3000 ? 3000 : samples;
    stream s = {bb_chain_output_count(chain), bb_chain_output_length(chain, samples), 0, NULL};
    s.data = calloc(s.outputs * (size_t)s.samples + 1, sizeof *s.data);
    double *part = calloc(channels * (size_t)most, sizeof *part);
    double *out = calloc(s.outputs * (size_t)bb_chain_capacity(chain, most), sizeof *out);
    int64_t at = 0, produced = 0;
    uint64_t turn = 0;
    for (int64_t taken = 0, n; taken < samples; taken += n) {
        n = block_size(block, samples - taken, turn++);
        for (size_t c = 0; c < channels; ++c)
            memcpy(part + (int64_t)c * n, in + (int64_t)c * samples + taken, (size_t)n * sizeof *part);
        const int64_t room = bb_chain_capacity(chain, n);
        assert_ok(bb_chain_push(chain, part, n, out, room, &produced, e));
        stream_append(&s, at, out, room, produced);
        at += produced;
    }
    const int64_t room = block > 0 && block < 1000 ? block : 1000;
    for (produced = 1; produced > 0; at += produced) {
        assert_ok(bb_chain_flush(chain, out, room, &produced, e));
        stream_append(&s, at, out, room, produced);
    }
    assert_int_equal(at, s.samples);
    s.repaired = bb_chain_repaired(chain);
    bb_chain_destroy(chain);
    free(part);
    free(out);
    return s;
}

/* A chain over contacts LA1 .. of one shaft, all good. */
static inline bb_chain *shaft_chain(const bb_signal_recipe *recipe, double rate_hz, size_t channels,
                                    int threads) {
    static char names[128][8];
    bb_chain_channel list[128] = {0};
    assert_true(channels <= 128);
    for (size_t c = 0; c < channels; ++c) {
        snprintf(names[c], sizeof names[c], "LA%zu", c + 1);
        list[c].name = names[c];
    }
    bb_chain *chain;
    assert_ok(bb_chain_create(recipe, rate_hz, list, channels, threads, &chain, e));
    return chain;
}

#endif
