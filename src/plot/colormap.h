/* Values to colours. Both maps are paths through OKLab whose lightness is monotone from the ends or the
 * centre, so that order survives in grey print and for colour-blind readers. (B. Ottosson, "A perceptual
 * color space for image processing", 2020) */
#ifndef BB_PLOT_COLORMAP_H
#define BB_PLOT_COLORMAP_H

#include <stdint.h>

enum { BB_COLORMAP_STEPS = 256 };

typedef enum bb_colormap_kind {
    BB_COLORMAP_SEQUENTIAL, /* dark violet-blue, teal, green, yellow */
    BB_COLORMAP_DIVERGING   /* blue, white, red */
} bb_colormap_kind;

typedef struct bb_colormap {
    uint32_t colors[BB_COLORMAP_STEPS]; /* 0x00RRGGBB */
    uint32_t missing;                   /* grey: the colour of what is not a finite number */
    double low, high;                   /* values of the first and the last colour */
} bb_colormap;

/* low < high, both finite. */
bb_colormap bb_colormap_make(bb_colormap_kind kind, double low, double high);

/* Values outside [low, high] take the colour of the nearer end. */
uint32_t bb_colormap_pick(const bb_colormap *map, double value);

#endif
