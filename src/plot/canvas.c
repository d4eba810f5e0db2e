#include "plot/canvas.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

bb_status bb_canvas_open(bb_canvas *canvas, int width, int height, bb_error *err) {
    canvas->width = width;
    canvas->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    canvas->cr = cairo_create(canvas->surface);
    if (cairo_status(canvas->cr) != CAIRO_STATUS_SUCCESS) {
        bb_canvas_close(canvas);
        return bb_fail(err, BB_ERR_MEMORY, "no memory for a picture of %d x %d pixels", width, height);
    }
    /* Neither the screen's subpixels nor its hinting belong in a picture for print. */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(canvas->cr, options);
    cairo_font_options_destroy(options);
    bb_canvas_color(canvas, 0xFFFFFF);
    cairo_paint(canvas->cr);
    return BB_OK;
}

void bb_canvas_close(bb_canvas *canvas) {
    if (canvas->cr) cairo_destroy(canvas->cr);
    if (canvas->surface) cairo_surface_destroy(canvas->surface);
    *canvas = (bb_canvas){0};
}

typedef struct png_sink {
    bb_output *out;
    bb_error *err;
    bb_status status;
} png_sink;

static cairo_status_t write_bytes(void *context, const unsigned char *data, unsigned size) {
    png_sink *sink = context;
    sink->status = bb_output_write(sink->out, data, size, sink->err);
    return sink->status == BB_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

bb_status bb_canvas_save(bb_canvas *canvas, const char *path, bb_error *err) {
    if (cairo_status(canvas->cr) != CAIRO_STATUS_SUCCESS)
        return bb_fail(err, BB_ERR_MEMORY, "%s: cannot draw: %s", path,
                       cairo_status_to_string(cairo_status(canvas->cr)));
    bb_output out;
    BB_TRY(bb_output_open(path, &out, err));
    png_sink sink = {&out, err, BB_OK};
    const cairo_status_t written = cairo_surface_write_to_png_stream(canvas->surface, write_bytes, &sink);
    bb_status status = sink.status;
    if (status == BB_OK && written != CAIRO_STATUS_SUCCESS)
        status = bb_fail(err, BB_ERR_MEMORY, "%s: cannot encode the picture: %s", path,
                         cairo_status_to_string(written));
    if (status == BB_OK) status = bb_output_commit(&out, err);
    bb_output_discard(&out);
    return status;
}

/* Length of the UTF-8 character at `s` (RFC 3629), or 0 when there is none. */
static int utf8_length(const unsigned char *s) {
    if (s[0] >= 0x20 && s[0] < 0x7F) return 1;
    const int n = s[0] >= 0xC2 && s[0] <= 0xDF   ? 2
                  : (s[0] & 0xF0) == 0xE0        ? 3
                  : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4
                                                 : 0;
    for (int i = 1; i < n; ++i)
        if ((s[i] & 0xC0) != 0x80) return 0;
    if ((s[0] == 0xC2 && s[1] < 0xA0) || (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    return n;
}

enum { TEXT_MAX = 512 };
static const char ellipsis[] = "\xE2\x80\xA6";

/* A drawable copy, of at most TEXT_MAX bytes. */
static void make_drawable(const char *text, char out[TEXT_MAX + 8]) {
    size_t used = 0;
    const unsigned char *s = (const unsigned char *)text;
    while (*s && used < TEXT_MAX) {
        const int n = utf8_length(s);
        if (n > 0)
            memcpy(out + used, s, (size_t)n);
        else
            out[used] = '?';
        used += n > 0 ? (size_t)n : 1;
        s += n > 0 ? n : 1;
    }
    out[used] = '\0';
}

static double width_of(bb_canvas *canvas, const char *text) {
    cairo_text_extents_t extents;
    cairo_text_extents(canvas->cr, text, &extents);
    return extents.x_advance;
}

/* Takes characters off the end until the text and an ellipsis fit. */
static void shorten(bb_canvas *canvas, char *text, double room) {
    size_t n = strlen(text);
    if (room <= 0 || width_of(canvas, text) <= room) return;
    do {
        do --n;
        while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80);
        memcpy(text + n, ellipsis, sizeof ellipsis);
    } while (n > 0 && width_of(canvas, text) > room);
}

static void set_font(bb_canvas *canvas, bb_text_style style) {
    cairo_select_font_face(canvas->cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(canvas->cr, style.size);
}

double bb_canvas_text_width(bb_canvas *canvas, bb_text_style style, const char *text) {
    char drawn[TEXT_MAX + 8];
    make_drawable(text, drawn);
    set_font(canvas, style);
    return width_of(canvas, drawn);
}

void bb_canvas_text(bb_canvas *canvas, double x, double y, bb_text_style style, const char *text) {
    if (!text || !*text) return;
    char drawn[TEXT_MAX + 8];
    make_drawable(text, drawn);
    set_font(canvas, style);
    shorten(canvas, drawn, style.room);
    const double width = width_of(canvas, drawn);
    const double back = style.align == BB_ALIGN_LEFT ? 0 : style.align == BB_ALIGN_CENTER ? width / 2 : width;
    cairo_save(canvas->cr);
    bb_canvas_color(canvas, 0x1A1A1A);
    cairo_translate(canvas->cr, x, y);
    if (style.upwards) cairo_rotate(canvas->cr, -1.5707963267948966);
    cairo_move_to(canvas->cr, -back, 0);
    cairo_show_text(canvas->cr, drawn);
    cairo_restore(canvas->cr);
}

void bb_canvas_color(bb_canvas *canvas, uint32_t rgb) {
    cairo_set_source_rgb(canvas->cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                         (rgb & 255) / 255.0);
}

void bb_canvas_line(bb_canvas *canvas, int x0, int y0, int x1, int y1, uint32_t rgb) {
    bb_canvas_color(canvas, rgb);
    cairo_set_line_width(canvas->cr, 1);
    cairo_set_line_cap(canvas->cr, CAIRO_LINE_CAP_SQUARE);
    cairo_move_to(canvas->cr, x0 + 0.5, y0 + 0.5);
    cairo_line_to(canvas->cr, x1 + 0.5, y1 + 0.5);
    cairo_stroke(canvas->cr);
}

uint32_t *bb_canvas_begin_pixels(bb_canvas *canvas, int *stride) {
    cairo_surface_flush(canvas->surface);
    *stride = cairo_image_surface_get_stride(canvas->surface) / (int)sizeof(uint32_t);
    return (uint32_t *)(void *)cairo_image_surface_get_data(canvas->surface);
}

void bb_canvas_end_pixels(bb_canvas *canvas) { cairo_surface_mark_dirty(canvas->surface); }
