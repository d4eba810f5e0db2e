#include "plot/colormap.h"

#include <math.h>

/* A colour by lightness (0 black .. 1 white), chroma and hue (degrees). */
typedef struct oklch {
    double lightness, chroma, hue;
} oklch;

static const double radians_per_degree = 3.14159265358979323846 / 180;

static unsigned srgb_byte(double linear) {
    const double x = linear < 0 ? 0 : linear > 1 ? 1 : linear;
    const double coded = x <= 0.0031308 ? 12.92 * x : 1.055 * pow(x, 1 / 2.4) - 0.055;
    return (unsigned)lround(255 * coded);
}

/* OKLab to linear sRGB with the matrices of Ottosson (2020), then the sRGB curve of IEC 61966-2-1. */
static uint32_t rgb_of(oklch color) {
    const double a = color.chroma * cos(color.hue * radians_per_degree);
    const double b = color.chroma * sin(color.hue * radians_per_degree);
    const double l = pow(color.lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    const double m = pow(color.lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    const double s = pow(color.lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    const unsigned red = srgb_byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
    const unsigned green = srgb_byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
    const unsigned blue = srgb_byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
    return red << 16 | green << 8 | blue;
}

/* Lightness rises evenly while the hue turns from violet over blue and green to yellow. The chroma stays just
 * inside sRGB all the way: a clipped channel would put a crease where the data has none. */
static oklch sequential(double x) {
    return (oklch){0.20 + 0.72 * x, 0.08 + 0.08 * x * x * x, 295 - 190 * pow(x, 0.9)};
}

/* x from -1 to 1. */
static oklch diverging(double x) {
    const double away = fabs(x);
    return (oklch){0.985 - 0.575 * pow(away, 1.15), 0.14 * sin(1.9 * away), x < 0 ? 255 : 25};
}

bb_colormap bb_colormap_make(bb_colormap_kind kind, double low, double high) {
    bb_colormap map = {.missing = 0xB8B8B8, .low = low, .high = high};
    for (int i = 0; i < BB_COLORMAP_STEPS; ++i) {
        const double x = i / (BB_COLORMAP_STEPS - 1.0);
        map.colors[i] = rgb_of(kind == BB_COLORMAP_DIVERGING ? diverging(2 * x - 1) : sequential(x));
    }
    return map;
}

uint32_t bb_colormap_pick(const bb_colormap *map, double value) {
    if (!isfinite(value)) return map->missing;
    const double x = (value - map->low) / (map->high - map->low) * BB_COLORMAP_STEPS;
    return map->colors[x < 0 ? 0 : x >= BB_COLORMAP_STEPS ? BB_COLORMAP_STEPS - 1 : (int)x];
}
