/* A picture under way: text, lines and rectangles on white, saved as a PNG. Coordinates are pixels, y down.
 */
#ifndef BB_PLOT_CANVAS_H
#define BB_PLOT_CANVAS_H

#include <cairo.h>
#include <stdint.h>

#include "brainbert/status.h"

/* Of most pictures. */
enum { BB_CANVAS_WIDTH = 1200, BB_CANVAS_HEIGHT = 720 };

typedef struct bb_canvas {
    cairo_surface_t *surface;
    cairo_t *cr;
    int width;
} bb_canvas;

typedef enum bb_align { BB_ALIGN_LEFT, BB_ALIGN_CENTER, BB_ALIGN_RIGHT } bb_align;

/* A rectangle of whole pixels. */
typedef struct bb_panel {
    int x, y, width, height;
} bb_panel;

bb_status bb_canvas_open(bb_canvas *canvas, int width, int height, bb_error *err);
void bb_canvas_close(bb_canvas *canvas);

/* Writes the PNG, whole or not at all. */
bb_status bb_canvas_save(bb_canvas *canvas, const char *path, bb_error *err);

typedef struct bb_text_style {
    double size; /* pixels */
    int bold;
    int upwards; /* turned to read from the bottom to the top; x and y are the turned text's anchor */
    bb_align align;
    double room; /* longer text ends in an ellipsis; 0: any length */
} bb_text_style;

/* (x, y): on the base line, at the end or the middle that `align` names. `text` may hold anything: bytes that
 * are not UTF-8 and control characters are drawn as question marks. NULL draws nothing. */
void bb_canvas_text(bb_canvas *canvas, double x, double y, bb_text_style style, const char *text);
double bb_canvas_text_width(bb_canvas *canvas, bb_text_style style, const char *text);

/* A sharp line one pixel wide between two pixels' centres; `rgb` is 0xRRGGBB. */
void bb_canvas_line(bb_canvas *canvas, int x0, int y0, int x1, int y1, uint32_t rgb);
void bb_canvas_color(bb_canvas *canvas, uint32_t rgb);

/* The pixels themselves, to be changed in place (row y starts at bits + y * stride, in uint32 0x00RRGGBB),
 * between begin and end. */
uint32_t *bb_canvas_begin_pixels(bb_canvas *canvas, int *stride);
void bb_canvas_end_pixels(bb_canvas *canvas);

#endif
