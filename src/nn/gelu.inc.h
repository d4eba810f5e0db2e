/* GELU in the compiler's vectors; for the bodies of vector kernels, behind base/vector.inc.h. */

/* erfc(|x| / sqrt 2) / 2 = t (a1 + t (a2 + ..)) e^(-x^2 / 2) / 2 with t = 1 / (1 + p |x| / sqrt 2), to 7.5e-8
 * (Abramowitz and Stegun, 7.1.26); *bell is e^(-x^2 / 2). The normal distribution's tail beyond |x|. */
INLINE vf normal_tail(vf x, vf *bell) {
    const vf size = max_vector(x, -x);
    const vf t = splat(1.0f) / (splat(1.0f) + splat(0.3275911f * 0.70710678f) * size);
    *bell = exp_vector(splat(-0.5f) * x * x);
    vf p = splat(1.061405429f);
    p = p * t + splat(-1.453152027f);
    p = p * t + splat(1.421413741f);
    p = p * t + splat(-0.284496736f);
    p = p * t + splat(0.254829592f);
    return splat(0.5f) * p * t * *bell;
}

/* x/2 (1 + erf(x / sqrt 2)) */
INLINE vf gelu(vf x) {
    vf bell;
    const vf tail = normal_tail(x, &bell);
    return x * select_vector(x > (vf){0}, splat(1.0f) - tail, tail);
}

/* The same to 2e-4, a third of the work, and at 1 a twentieth of what rounding to bf16 adds: x (1/2 + h(x))
 * with h(x) = erf(x / sqrt 2) / 2 as an odd polynomial for |x| <= 4.2, of least largest error in x h, and 1/2
 * beyond. */
INLINE vf gelu_for_bf16(vf x) {
    const vf bound = splat(4.2f), h = max_vector(-max_vector(-x, -bound), -bound), u = h * h;
    vf p = splat(-9.61389524e-10f);
    p = p * u + splat(8.33044496e-08f);
    p = p * u + splat(-3.14009867e-06f);
    p = p * u + splat(6.82707978e-05f);
    p = p * u + splat(-0.000960822217f);
    p = p * u + splat(0.00933803897f);
    p = p * u + splat(-0.0656034127f);
    p = p * u + splat(0.398533314f);
    return x * (splat(0.5f) + h * p);
}
