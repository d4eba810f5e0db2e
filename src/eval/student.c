/* Quantiles of Student's t distribution. */
#include <math.h>

#include "brainbert/bootstrap.h"

/* P(|t| < sqrt(degrees) tan(theta)): for odd degrees
 *     2/pi (theta + sin cos (1 + 2/3 cos^2 + .. + (2 4 .. (degrees - 3)) / (3 5 .. (degrees - 2))
 * cos^(degrees - 3))), for even ones sin (1 + 1/2 cos^2 + .. + (1 3 .. (degrees - 3)) / (2 4 .. (degrees -
 * 2)) cos^(degrees - 2)). */
static double probability_within(double theta, int64_t degrees) {
    const double s = sin(theta), c = cos(theta);
    const int odd = degrees % 2 != 0;
    double term = 1, sum = degrees > 1 ? 1 : 0;
    for (int64_t k = odd ? 3 : 2; k <= degrees - 2 && term > 1e-18; k += 2) {
        term *= c * c * (double)(k - 1) / (double)k;
        sum += term;
    }
    return odd ? 2 / M_PI * (theta + s * c * sum) : s * sum;
}

double bb_student_quantile(double p, int64_t degrees) {
    if (!(p > 0 && p < 1) || degrees < 1) return NAN;
    if (p == 0.5) return 0;
    const double within = fabs(2 * p - 1);
    double low = 0, high = M_PI_2;
    for (int i = 0; i < 100 && low < high; ++i) {
        const double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high) break;
        *(probability_within(middle, degrees) < within ? &low : &high) = middle;
    }
    const double t = sqrt((double)degrees) * tan(0.5 * (low + high));
    return p < 0.5 ? -t : t;
}
