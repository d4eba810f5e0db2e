#include "train/schedule.h"

#include <math.h>

double bb_learning_rate(double base, double warm_up, int64_t step, int64_t steps) {
    const int64_t rising = (int64_t)(warm_up * (double)steps);
    if (step <= rising) return rising > 0 ? base * (double)step / (double)rising : base;
    const double hundredth = (double)(steps - rising) / 100;
    return base * pow(0.99, floor((double)(step - rising - 1) / hundredth));
}
