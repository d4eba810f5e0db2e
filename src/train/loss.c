#include "train/loss.h"

#include <math.h>

bb_loss_recipe bb_loss_recipe_default(void) { return (bb_loss_recipe){.alpha = 2, .gamma = 1}; }

void bb_loss_count(const bb_loss_recipe *r, const float *target, const uint8_t *mask, int64_t cells,
                   bb_loss_counts *counts) {
    for (int64_t i = 0; i < cells; ++i) {
        counts->masked += mask[i];
        counts->content += mask[i] && fabsf(target[i]) > r->gamma;
    }
}

void bb_loss_add(const bb_loss_recipe *r, const bb_loss_counts *counts, const float *prediction,
                 const float *target, const uint8_t *mask, int64_t cells, bb_loss *loss, float *gradient) {
    const double one = counts->masked ? 1.0 / (double)counts->masked : 0,
                 content = counts->content ? 1.0 / (double)counts->content : 0;
    double l1_sum = 0, content_sum = 0;
    for (int64_t i = 0; i < cells; ++i) {
        if (gradient) gradient[i] = 0;
        if (!mask[i]) continue;
        const double apart = (double)prediction[i] - target[i];
        const int hot = fabsf(target[i]) > r->gamma;
        l1_sum += fabs(apart);
        if (hot) content_sum += fabs(apart);
        if (gradient)
            gradient[i] = (float)((one + (hot ? r->alpha * content : 0)) * ((apart > 0) - (apart < 0)));
    }
    loss->l1 += l1_sum * one;
    loss->content += content_sum * content;
    loss->total += l1_sum * one + r->alpha * content_sum * content;
}
