/* Numbers as files store them: their type, byte order and way to double. */
#ifndef BB_IO_ELEMENT_H
#define BB_IO_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bb_element {
    char kind;    /* 'i' signed, 'u' unsigned, 'f' IEEE float; other letters: no number */
    size_t width; /* bytes: 1, 2, 4, 8; of floats 2, 4, 8 */
    bool big_endian;
} bb_element;

/* Whether it is a number of a known width. */
bool bb_element_is_number(bb_element element);

/* `count` elements at `data`, `step` elements apart, as doubles times `scale`. */
void bb_elements_to_f64(bb_element element, const void *data, int64_t step, int64_t count, double scale,
                        double *out);

/* The least and the largest value that an integer can have; both 0 for floats. */
void bb_element_limits(bb_element element, double *low, double *high);

/* IEEE half to float, exactly. */
float bb_half_to_f32(uint16_t half);
/* The nearest half, of two the even one; infinite from 65520 on. */
uint16_t bb_half_from_f32(float value);

#endif
