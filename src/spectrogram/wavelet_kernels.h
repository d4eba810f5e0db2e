/* A bank of complex filters, evaluated at every hop-th sample only, and the weighted geometric mean of their
 * magnitudes. One body (wavelet_kernels.inc.h) is compiled for each instruction set. */
#ifndef BB_SPECTROGRAM_WAVELET_KERNELS_H
#define BB_SPECTROGRAM_WAVELET_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* The most frames that are worked on at once, at any level; as many columns of zeros lie on both sides. */
enum { BB_WAVELET_MARGIN = 208 };

/* A window's samples by phase: sample hop * q + b stands at at[b * stride + q], so that what a tap meets in
 * neighbouring frames stands side by side. Columns [-BB_WAVELET_MARGIN, columns + BB_WAVELET_MARGIN) may be
 * read. */
typedef struct bb_phases {
    int64_t hop, stride, columns;
    const float *at;
} bb_phases;

/* z[t] = sum over m < length of taps[m] x[hop t + first + m]; taps are pairs of real and imaginary part. */
typedef struct bb_wavelet {
    int64_t first, length;
    const float *taps;
    float weight; /* exponent of |z| in the geometric mean */
} bb_wavelet;

/* out[i] = product over the wavelets of |z[first_frame + i]|^weight. `out` has room for `frames` rounded up
 * to 16. */
typedef void bb_wavelet_kernel(const bb_phases *x, const bb_wavelet *wavelets, size_t count,
                               int64_t first_frame, int64_t frames, float *out);

extern bb_wavelet_kernel bb_wavelets_portable, bb_wavelets_avx2, bb_wavelets_avx512;

bb_wavelet_kernel *bb_wavelet_kernel_get(void);

#endif
