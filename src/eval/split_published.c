/* The published split: scikit-learn's train_test_split over the shuffle of NumPy's legacy RandomState. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "eval/split.h"

/* The Mersenne Twister MT19937 (Matsumoto and Nishimura, ACM Trans. Model. Comput. Simul. 8, 1998), with the
 * seeding of its 2002 revision. */
enum { STATE = 624, MIDDLE = 397 };

typedef struct twister {
    uint32_t state[STATE];
    int at;
} twister;

static void seed_twister(twister *t, uint32_t seed) {
    t->state[0] = seed;
    for (uint32_t i = 1; i < STATE; ++i) {
        const uint32_t last = t->state[i - 1];
        t->state[i] = UINT32_C(1812433253) * (last ^ last >> 30) + i;
    }
    t->at = STATE;
}

static void turn(twister *t) {
    for (int i = 0; i < STATE; ++i) {
        const uint32_t mixed =
            (t->state[i] & UINT32_C(0x80000000)) | (t->state[(i + 1) % STATE] & UINT32_C(0x7FFFFFFF));
        const uint32_t twist = mixed & 1 ? UINT32_C(0x9908B0DF) : 0;
        t->state[i] = t->state[(i + MIDDLE) % STATE] ^ mixed >> 1 ^ twist;
    }
    t->at = 0;
}

static uint32_t next_bits(twister *t) {
    if (t->at == STATE) turn(t);
    uint32_t y = t->state[t->at++];
    y ^= y >> 11;
    y ^= y << 7 & UINT32_C(0x9D2C5680);
    y ^= y << 15 & UINT32_C(0xEFC60000);
    return y ^ y >> 18;
}

/* Even in 0 .. most: draws under the smallest mask until one fits; two words, the first the upper, where one
 * is too short. */
static uint64_t next_below(twister *t, uint64_t most) {
    uint64_t mask = most, value;
    for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
    do {
        value = next_bits(t);
        if (most > UINT32_MAX) value = value << 32 | next_bits(t);
        value &= mask;
    } while (value > most);
    return value;
}

/* Fisher and Yates from the end. */
static void permute(int64_t *items, int64_t n) {
    twister t;
    seed_twister(&t, 42);
    for (int64_t i = n - 1; i > 0; --i) {
        const int64_t j = (int64_t)next_below(&t, (uint64_t)i), kept = items[i];
        items[i] = items[j];
        items[j] = kept;
    }
}

static void reverse(int64_t *items, int64_t n) {
    for (int64_t i = 0, j = n - 1; i < j; ++i, --j) {
        const int64_t kept = items[i];
        items[i] = items[j];
        items[j] = kept;
    }
}

/* The first `count` of n items to the end: three reversals, two of them inside the parts. */
static void first_to_end(int64_t *items, int64_t n, int64_t count) {
    reverse(items, count);
    reverse(items + count, n - count);
    reverse(items, n);
}

/* A permutation's first ceil(share n) are for testing, the others, behind them, for training. */
static int64_t train_test(int64_t *items, int64_t n, double share) {
    const int64_t test = (int64_t)ceil(share * (double)n);
    permute(items, n);
    first_to_end(items, n, test);
    return n - test;
}

void bb_split_published(int64_t n, int64_t *out, int64_t parts[3]) {
    for (int64_t i = 0; i < n; ++i) out[i] = i;
    const int64_t most = train_test(out, n, 0.2);
    /* The published code keeps this many, which may be one fewer than there are. */
    const int64_t kept = (int64_t)((double)n * 0.8);
    parts[0] = kept < most ? kept : most;
    parts[1] = train_test(out + most, n - most, 0.5);
    parts[2] = n - most - parts[1];
    memmove(out + parts[0], out + most, (size_t)(n - most) * sizeof *out);
}
