/* The optimisers: LAMB (You et al., ICLR 2020) as BrainBERT was pretrained with it, and AdamW (Loshchilov and
 * Hutter, ICLR 2019). Of a model whose stretches are shared by ranks each looks after its own: the calls are
 * collective then, and tell each other the tensors' lengths. */
#ifndef BB_TRAIN_OPTIMIZER_H
#define BB_TRAIN_OPTIMIZER_H

#include "train/stretches.h"

typedef enum bb_optimizer_kind { BB_OPTIMIZER_LAMB, BB_OPTIMIZER_ADAMW } bb_optimizer_kind;

typedef struct bb_optimizer_recipe {
    bb_optimizer_kind kind;
    double beta1, beta2; /* 0.9, 0.999 */
    double epsilon;      /* LAMB 1e-6, AdamW 1e-8 */
    double weight_decay; /* LAMB 0, AdamW 0.01 */
} bb_optimizer_recipe;

bb_optimizer_recipe bb_optimizer_recipe_for(bb_optimizer_kind kind);

/* The square root of the sum of all squares, in double and always in the same order. */
double bb_gradient_norm(const bb_stretches *stretches, const float *gradients);

/* One step. LAMB has no bias correction, the norm of a tensor's weights clamped to [0, 10], and one trust
 * ratio for each tensor. `step` counts from 0 (AdamW corrects its moments by it); `scale` multiplies the
 * gradients first (clipping). Moments and squares are blocks of the stretches; gradients and weights are
 * blocks of the whole table, of which the stretches count. */
void bb_optimizer_step(const bb_optimizer_recipe *recipe, const bb_stretches *stretches, int64_t step,
                       double rate, double scale, const float *gradients, float *moments, float *squares,
                       float *weights);

#endif
