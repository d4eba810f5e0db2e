#include <math.h>

#include "recording/recording.h"

double bb_rate_tidy(double rate_hz, double slack) {
    static const double grains[] = {1000, 512, 500, 256, 250, 128, 100, 64, 50, 10, 5, 1};
    for (size_t i = 0; i < sizeof grains / sizeof *grains; ++i) {
        const double near = grains[i] * round(rate_hz / grains[i]);
        if (near > 0 && fabs(near - rate_hz) <= slack) return near;
    }
    return rate_hz;
}
