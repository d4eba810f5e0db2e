#include "nn/packed.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Bytes of panels that are gone through for a few rows before the next rows: they stay in the second-level
 * cache, with room for the rows beside them. */
enum { BLOCK_BYTES = 400 << 10 };

struct bb_packed {
    const bb_product_kernels *kernels;
    bb_format format;
    bb_epilogue epilogue;
    int64_t in, out, words, panels;
    int64_t block;      /* panels */
    uint32_t *data;     /* [panels, words, kernels->columns] */
    float *bias;        /* of all columns of all panels, 0 behind `out` */
    float *scale, *sum; /* the same, of BB_FORMAT_INT8 */
};

bb_format bb_packed_format(const bb_packed *p) { return p->format; }

/* ---------------------------------------------------------------- packing */

/* One column's weights -> words; of bytes also their scale and scaled sum. */
static void encode_column(const bb_packed *p, const float *weight, uint32_t *words, float *scale,
                          float *sum) {
    memset(words, 0, (size_t)p->words * sizeof *words);
    if (p->format == BB_FORMAT_F32) {
        memcpy(words, weight, (size_t)p->in * sizeof *weight);
    } else if (p->format == BB_FORMAT_BF16) {
        p->kernels->to_bf16(weight, p->in, words);
    } else {
        float most = 0;
        int64_t total = 0;
        for (int64_t i = 0; i < p->in; ++i) most = fmaxf(most, fabsf(weight[i]));
        int8_t *bytes = (int8_t *)words;
        for (int64_t i = 0; i < p->in && most > 0; ++i)
            total += bytes[i] = (int8_t)lrintf(weight[i] / most * 127.0f);
        *scale = most / 127.0f;
        *sum = *scale * (float)total;
    }
}

/* The columns' words side by side; those that are missing are zero. `column` [words] is scratch. */
static void pack_panel(bb_packed *p, const float *weight, int64_t panel, uint32_t *column) {
    const int64_t N = p->kernels->columns;
    uint32_t *to = p->data + panel * p->words * N;
    for (int64_t j = 0; j < N && panel * N + j < p->out; ++j) {
        const int64_t o = panel * N + j;
        encode_column(p, weight + o * p->in, column, p->scale ? p->scale + o : NULL,
                      p->sum ? p->sum + o : NULL);
        for (int64_t k = 0; k < p->words; ++k) to[k * N + j] = column[k];
    }
}

static bb_status pack(bb_packed *p, const float *weight, bb_error *err) {
    int failed = 0;
#pragma omp parallel
    {
        uint32_t *column = bb_calloc((size_t)p->words, sizeof *column);
        if (!column) {
#pragma omp atomic write
            failed = 1;
        }
#pragma omp for schedule(static)
        for (int64_t i = 0; i < p->panels; ++i)
            if (column) pack_panel(p, weight, i, column);
        bb_free(column);
    }
    return failed ? bb_fail(err, BB_ERR_MEMORY, "no memory to pack weights") : BB_OK;
}

static bb_status fill(bb_packed *p, const float *weight, const float *bias, bb_error *err) {
    const size_t columns = (size_t)(p->panels * p->kernels->columns);
    p->data = bb_calloc(columns * (size_t)p->words, sizeof *p->data);
    p->bias = bb_calloc(columns, sizeof *p->bias);
    if (p->format == BB_FORMAT_INT8) {
        p->scale = bb_calloc(columns, sizeof *p->scale);
        p->sum = bb_calloc(columns, sizeof *p->sum);
    }
    if (!p->data || !p->bias || (p->format == BB_FORMAT_INT8 && (!p->scale || !p->sum)))
        return bb_fail(err, BB_ERR_MEMORY, "no memory for packed weights");
    memcpy(p->bias, bias, (size_t)p->out * sizeof *bias);
    return pack(p, weight, err);
}

bb_status bb_packed_create(const float *weight, const float *bias, int64_t in, int64_t out, bb_format format,
                           bb_epilogue epilogue, bb_packed **packed, bb_error *err) {
    *packed = NULL;
    bb_packed *p = bb_calloc(1, sizeof *p);
    if (!p) return bb_fail(err, BB_ERR_MEMORY, "no memory for a layer");
    *p = (bb_packed){.kernels = bb_product_kernels_get(),
                     .format = format,
                     .epilogue = epilogue,
                     .in = in,
                     .out = out,
                     .words = bb_word_count(format, in)};
    p->panels = (out + p->kernels->columns - 1) / p->kernels->columns;
    p->block = BLOCK_BYTES / (p->words * p->kernels->columns * (int64_t)sizeof *p->data);
    if (p->block < 1) p->block = 1;
    const bb_status status = fill(p, weight, bias, err);
    if (status == BB_OK)
        *packed = p;
    else
        bb_packed_destroy(p);
    return status;
}

void bb_packed_destroy(bb_packed *p) {
    if (!p) return;
    bb_free(p->data);
    bb_free(p->bias);
    bb_free(p->scale);
    bb_free(p->sum);
    bb_free(p);
}

/* ---------------------------------------------------------------- running */

/* Rows are cut into stretches of as equal length as they can be, none longer than a tile. */
static int64_t row_tiles(const bb_packed *p, int64_t rows) {
    return (rows + p->kernels->rows - 1) / p->kernels->rows;
}

int64_t bb_packed_tiles(const bb_packed *p, int64_t rows) { return p->panels * row_tiles(p, rows); }

static void run_tile(const bb_packed *p, const bb_words *x, int64_t first_row, int rows, int64_t panel,
                     const bb_words *y) {
    const int64_t N = p->kernels->columns, column = panel * N;
    _Alignas(64) uint32_t sums[BB_TILE_ROWS * BB_TILE_COLUMNS];
    p->kernels->multiply[p->format](x->words + first_row * x->stride, x->stride, rows,
                                    p->data + panel * p->words * N, p->words, sums, N);
    bb_finish f = {.epilogue = p->epilogue,
                   .columns = p->out - column < N ? p->out - column : N,
                   .bias = p->bias + column,
                   .y = bb_words_from(y, first_row, column)};
    if (p->format == BB_FORMAT_INT8) {
        f.column_scale = p->scale + column;
        f.column_sum = p->sum + column;
        f.row_scale = x->scale + first_row;
        f.row_offset = x->offset + first_row;
    }
    p->kernels->finish(&f, p->format, rows, sums, N);
}

/* The order of tiles: a block of panels, in it row after row, for each of which panel after panel. */
void bb_packed_run(const bb_packed *p, const bb_words *x, int64_t rows, int64_t first, int64_t end,
                   const bb_words *y) {
    const int64_t stretches = row_tiles(p, rows), whole = p->block * stretches;
    for (int64_t t = first; t < end; ++t) {
        const int64_t block = t / whole, panel = block * p->block,
                      width = p->panels - panel < p->block ? p->panels - panel : p->block,
                      within = t - block * whole, m = within / width;
        const int64_t row = rows * m / stretches, next = rows * (m + 1) / stretches;
        run_tile(p, x, row, (int)(next - row), panel + within % width, y);
    }
}
