#include "model/positions.h"

#include <math.h>

/* e^x in float32, rounded as PyTorch rounds it on processors: its exponential is SLEEF's (Shibata and
 * Petrogalli, IEEE TPDS 31(6), 2020), x = q ln 2 + s with ln 2 in two parts, a polynomial in s, fused
 * multiply-adds. The frequencies below must have its last bit: at frame 186 that bit is 1e-5 of the sine's
 * argument, more than all other rounding of the encoder together. */
static float exp_as_pytorch(float x) {
    static const float coefficients[] = {0.00139304355f, 0.00833336078f, 0.0416664854f, 0.166666672f, 0.5f};
    const float q = rintf(x * 1.44269504f);
    float s = fmaf(q, -0.693145752f, x), p = 0.000198527618f;
    s = fmaf(q, -1.42860677e-06f, s);
    for (int i = 0; i < 5; ++i) p = fmaf(p, s, coefficients[i]);
    return ldexpf(1.0f + fmaf(s * s, p, s), (int)q);
}

void bb_fill_positions(int64_t frames, int64_t hidden_dim, float *table) {
    for (int64_t d = 0; d < hidden_dim; d += 2) {
        const float rate = exp_as_pytorch((float)d * (float)(-log(10000.0) / (double)hidden_dim));
        for (int64_t t = 0; t < frames; ++t) {
            const double angle = (double)((float)t * rate); /* the product is rounded to float32 too */
            table[t * hidden_dim + d] = (float)sin(angle);
            if (d + 1 < hidden_dim) table[t * hidden_dim + d + 1] = (float)cos(angle);
        }
    }
}
