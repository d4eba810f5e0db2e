/* Linear layers with ReLU between them, forward and backward: the linear unit behind the encoder (no hidden
 * layer) as well as perceptrons on features. A batch is worked off in parts, whose gradients add up.
 *
 * Layer l takes R rows of widths[l] numbers to widths[l + 1]. */
#ifndef BB_TRAIN_PERCEPTRON_H
#define BB_TRAIN_PERCEPTRON_H

#include "brainbert/finetune.h"
#include "train/parameters.h"

enum { BB_PERCEPTRON_LAYERS = BB_PERCEPTRON_HIDDEN + 1 };

typedef struct bb_perceptron {
    int layers;
    int64_t widths[BB_PERCEPTRON_LAYERS + 1];
    bb_parameters parameters; /* weight [out, in] and bias [out] of each layer */
    float *weights, *gradients;
    float *outputs[BB_PERCEPTRON_LAYERS];      /* [R, out]: after ReLU, the last one's as they are */
    float *gradients_in[BB_PERCEPTRON_LAYERS]; /* [R, in]: d loss / d a layer's input; of the first NULL */
} bb_perceptron;

/* For parts of up to `rows` rows; weights and biases uniform within 1 / sqrt(in), which `seed` decides. */
bb_status bb_perceptron_create(int64_t width, const int *hidden, int hidden_count, int64_t outputs,
                               int64_t rows, uint64_t seed, bb_perceptron *out, bb_error *err);
void bb_perceptron_free(bb_perceptron *perceptron);

/* x[rows, width] -> perceptron->outputs[layers - 1]. Uses OpenMP's current number of threads, as the backward
 * pass does. */
bb_status bb_perceptron_forward(bb_perceptron *perceptron, const float *x, int64_t rows, bb_error *err);

/* From d loss / d outputs and the x of the forward pass: the gradients grow; dx[rows, width], or NULL. */
bb_status bb_perceptron_backward(bb_perceptron *perceptron, const float *x, int64_t rows, const float *d,
                                 float *dx, bb_error *err);

#endif
