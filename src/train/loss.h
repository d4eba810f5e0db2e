/* The content-aware reconstruction loss (Wang et al., ICLR 2023, section 2): the mean of |Y - Yhat| over
 * masked cells, plus alpha times the same mean over masked cells with |Y| > gamma. A mean over no cell is 0.
 */
#ifndef BB_TRAIN_LOSS_H
#define BB_TRAIN_LOSS_H

#include <stdint.h>

typedef struct bb_loss_recipe {
    float alpha, gamma; /* 2, 1 */
} bb_loss_recipe;

/* The published one. */
bb_loss_recipe bb_loss_recipe_default(void);

/* Of a whole batch, however many parts it is worked off in. */
typedef struct bb_loss_counts {
    int64_t masked, content; /* cells; those with |Y| > gamma */
} bb_loss_counts;

typedef struct bb_loss {
    double l1, content, total; /* the means; total = l1 + alpha content */
} bb_loss;

/* Adds what target and mask [cells] (0 or 1) hold. */
void bb_loss_count(const bb_loss_recipe *recipe, const float *target, const uint8_t *mask, int64_t cells,
                   bb_loss_counts *counts);

/* Adds this part's share of the batch's loss, whose counts are known, to *loss, and writes d loss / d
 * prediction; gradient NULL: not wanted. */
void bb_loss_add(const bb_loss_recipe *recipe, const bb_loss_counts *counts, const float *prediction,
                 const float *target, const uint8_t *mask, int64_t cells, bb_loss *loss, float *gradient);

#endif
