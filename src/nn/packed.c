#include "nn/packed.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "nn/strassen.h"

/* Bytes of panels that are gone through for a few rows before the next rows: they stay in the second-level
 * cache, with room for the rows beside them. */
enum { BLOCK_BYTES = 400 << 10 };

/* Whose sum, 255 * 127 each at most, an int32 holds. */
enum { MOST_BYTES = 65536 };

struct bb_packed {
    const bb_product_kernels *kernels;
    bb_format format;
    bb_epilogue epilogue;
    int64_t in, out;
    int64_t columns; /* of all panels: out; pairs of them of BB_FORMAT_PAIRS */
    int64_t words;   /* of depth in a panel; of each of the seven of BB_FORMAT_PAIRS */
    int64_t panels;
    int64_t block;      /* panels of a block */
    int64_t depths;     /* parts in which the depth is gone through; more than one of BB_FORMAT_PAIRS alone */
    int64_t panel_size; /* words */
    uint32_t *data;     /* [panels, words, N]; BB_FORMAT_PAIRS: [panels, depths, 7, words / depths, N] */
    float *bias;        /* [out], and zeros to fill a panel */
    float *zeros;       /* a panel's */
    float *scale, *sum; /* as bias, of BB_FORMAT_INT8 */
};

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
        bool finite = true;
        for (int64_t i = 0; i < p->in; ++i) {
            most = fmaxf(most, fabsf(weight[i]));
            finite = finite && isfinite(weight[i]);
        }
        int8_t *bytes = (int8_t *)words;
        for (int64_t i = 0; i < p->in && most > 0 && finite; ++i)
            total += bytes[i] = (int8_t)lrintf(weight[i] / most * 127.0f);
        /* A number that is none must not pass for 0. */
        *scale = finite ? most / 127.0f : NAN;
        *sum = *scale * (float)total;
    }
}

static int64_t depth_begin(const bb_packed *p, int64_t part) { return p->words * part / p->depths; }

static void pack_pairs(bb_packed *p, const float *weight, int64_t column, uint32_t *to) {
    const int64_t N = p->kernels->columns;
    for (int64_t d = 0; d < p->depths; ++d) {
        const int64_t begin = depth_begin(p, d), end = depth_begin(p, d + 1);
        bb_strassen_columns(weight + column * p->in, weight + (p->columns + column) * p->in, p->words, begin,
                            end, to + BB_STRASSEN_PRODUCTS * begin * N, N);
    }
}

/* The columns' words side by side; those that are missing are zero. `column` [words] is scratch. */
static void pack_panel(bb_packed *p, const float *weight, int64_t panel, uint32_t *column) {
    const int64_t N = p->kernels->columns;
    uint32_t *to = p->data + panel * p->panel_size;
    for (int64_t j = 0; j < N && panel * N + j < p->columns; ++j) {
        const int64_t o = panel * N + j;
        if (p->format == BB_FORMAT_PAIRS) {
            pack_pairs(p, weight, o, to + j);
            continue;
        }
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
    const size_t filled = (size_t)(p->out + p->kernels->columns);
    p->data = bb_calloc((size_t)p->panels * (size_t)p->panel_size, sizeof *p->data);
    p->bias = bb_calloc(filled, sizeof *p->bias);
    p->zeros = bb_calloc((size_t)p->kernels->columns, sizeof *p->zeros);
    if (p->format == BB_FORMAT_INT8) {
        p->scale = bb_calloc(filled, sizeof *p->scale);
        p->sum = bb_calloc(filled, sizeof *p->sum);
    }
    if (!p->data || !p->bias || !p->zeros || (p->format == BB_FORMAT_INT8 && (!p->scale || !p->sum)))
        return bb_fail(err, BB_ERR_MEMORY, "no memory for packed weights");
    memcpy(p->bias, bias, (size_t)p->out * sizeof *bias);
    return pack(p, weight, err);
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t up(int64_t a, int64_t b) { return (a + b - 1) / b; }

/* Sums that wait for the rest of their depth wait in y, which only an addition to y allows. */
static void lay_out(bb_packed *p) {
    const int64_t N = p->kernels->columns, pairs = p->format == BB_FORMAT_PAIRS;
    p->words = pairs ? p->in / 2 : bb_word_count(p->format, p->in);
    p->columns = pairs ? p->out / 2 : p->out;
    p->panels = up(p->columns, N);
    p->panel_size = (pairs ? BB_STRASSEN_PRODUCTS : 1) * p->words * N;
    const int64_t bytes = p->panel_size * (int64_t)sizeof *p->data;
    p->depths = pairs && p->epilogue == BB_EPILOGUE_ADD ? up(bytes, BLOCK_BYTES) : 1;
    p->block = bytes < BLOCK_BYTES ? BLOCK_BYTES / bytes : 1;
}

bb_status bb_packed_create(const float *weight, const float *bias, int64_t in, int64_t out, bb_format format,
                           bb_epilogue epilogue, bb_packed **packed, bb_error *err) {
    *packed = NULL;
    if (format == BB_FORMAT_PAIRS && (in % 2 || out % 2))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "expected even numbers of inputs and outputs, found %lld and %lld", (long long)in,
                       (long long)out);
    if (format == BB_FORMAT_INT8 && in > MOST_BYTES)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "int8: expected up to %d inputs of a layer, found %lld",
                       MOST_BYTES, (long long)in);
    bb_packed *p = bb_calloc(1, sizeof *p);
    if (!p) return bb_fail(err, BB_ERR_MEMORY, "no memory for a layer");
    *p = (bb_packed){
        .kernels = bb_product_kernels_get(), .format = format, .epilogue = epilogue, .in = in, .out = out};
    lay_out(p);
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
    bb_free(p->zeros);
    bb_free(p->scale);
    bb_free(p->sum);
    bb_free(p);
}

/* ---------------------------------------------------------------- tiles */

/* Rows (or pairs of them) are cut into stretches of as equal length as they can be, none longer than a tile.
 */
static int64_t stretch_count(const bb_packed *p, int64_t rows) { return up(rows, p->kernels->rows); }

static int64_t rows_of_words(const bb_packed *p, int64_t rows) {
    return p->format == BB_FORMAT_PAIRS ? rows / 2 : rows;
}

int64_t bb_packed_tiles(const bb_packed *p, int64_t rows) {
    return p->panels * stretch_count(p, rows_of_words(p, rows));
}

static void run_tile(const bb_packed *p, const bb_words *x, int64_t first_row, int rows, int64_t panel,
                     const uint32_t *ahead, const bb_words *y) {
    const int64_t N = p->kernels->columns, column = panel * N;
    _Alignas(64) uint32_t sums[BB_TILE_ROWS * BB_TILE_COLUMNS];
    p->kernels->multiply[p->format](x->words + first_row * x->stride, x->stride, rows,
                                    p->data + panel * p->panel_size, p->words, ahead, sums, N);
    bb_finish f = {.epilogue = p->epilogue,
                   .columns = least(p->out - column, N),
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

/* Even and odd rows, first and second columns: four blocks of y. */
static bb_finish finish_block(const bb_packed *p, int64_t panel, int64_t depth, int block, bb_words y) {
    const int64_t N = p->kernels->columns, column = panel * N;
    return (bb_finish){.epilogue = p->epilogue,
                       .columns = least(p->columns - column, N),
                       .bias = depth == 0 ? p->bias + column + block % 2 * p->columns : p->zeros,
                       .y = y};
}

/* y is a matrix of rows. */
static void finish_rows(const bb_packed *p, int64_t first_pair, int pairs, int64_t panel, int64_t depth,
                        uint32_t *const *sums, const bb_words *y) {
    const int64_t N = p->kernels->columns;
    for (int i = 0; i < 4; ++i) {
        bb_finish f = finish_block(p, panel, depth, i,
                                   bb_words_from(y, 2 * first_pair + i / 2, panel * N + i % 2 * p->columns));
        f.y.stride *= 2;
        p->kernels->finish(&f, BB_FORMAT_F32, pairs, sums[i], N);
    }
}

/* y is what another such product multiplies, whose depth is cut where our columns are: the four blocks are
 * what its pairs are made of. */
static void finish_pairs(const bb_packed *p, int64_t first_pair, int pairs, int64_t panel,
                         uint32_t *const *sums, const bb_words *y) {
    const int64_t N = p->kernels->columns;
    for (int i = 0; i < 4; ++i) {
        const bb_finish f = finish_block(p, panel, 0, i, (bb_words){.words = sums[i], .stride = N});
        p->kernels->finish(&f, BB_FORMAT_F32, pairs, sums[i], N);
    }
    for (int r = 0; r < pairs; ++r)
        p->kernels->pair((const float *)(sums[0] + r * N), (const float *)(sums[1] + r * N),
                         (const float *)(sums[2] + r * N), (const float *)(sums[3] + r * N),
                         least(p->columns - panel * N, N),
                         y->words + (first_pair + r) * y->stride + panel * N, p->columns);
}

static void run_pairs(const bb_packed *p, const bb_words *x, int64_t first_pair, int pairs, int64_t panel,
                      int64_t depth, const uint32_t *ahead, const bb_words *y) {
    const int64_t begin = depth_begin(p, depth), end = depth_begin(p, depth + 1);
    _Alignas(64) uint32_t room[BB_STRASSEN_PRODUCTS * BB_TILE_ROWS * BB_TILE_COLUMNS];
    uint32_t *sums[BB_STRASSEN_PRODUCTS];
    bb_strassen_tile(p->kernels, x->words + first_pair * x->stride, x->stride, p->words, begin, end, pairs,
                     p->data + panel * p->panel_size + BB_STRASSEN_PRODUCTS * begin * p->kernels->columns,
                     ahead, room, sums);
    if (y->format == BB_FORMAT_PAIRS)
        finish_pairs(p, first_pair, pairs, panel, sums, y);
    else
        finish_rows(p, first_pair, pairs, panel, depth, sums, y);
}

/* ---------------------------------------------------------------- running */

/* Stretches [first, end) of one block of panels: row after row, for each of which panel after panel. */
static void run_block(const bb_packed *p, const bb_words *x, int64_t rows, int64_t stretches, int64_t first,
                      int64_t end, int64_t panel, int64_t width, const bb_words *y) {
    for (int64_t depth = 0; depth < p->depths; ++depth)
        for (int64_t t = first; t < end; ++t) {
            const int64_t m = t / width, row = rows * m / stretches, next = rows * (m + 1) / stretches;
            const uint32_t *ahead = x->words + (next < rows ? next : 0) * x->stride;
            if (p->format == BB_FORMAT_PAIRS)
                run_pairs(p, x, row, (int)(next - row), panel + t % width, depth, ahead, y);
            else
                run_tile(p, x, row, (int)(next - row), panel + t % width, ahead, y);
        }
}

/* Tiles are counted block by block. */
void bb_packed_run(const bb_packed *p, const bb_words *x, int64_t rows, int64_t first, int64_t end,
                   const bb_words *y) {
    const int64_t words_rows = rows_of_words(p, rows), stretches = stretch_count(p, words_rows),
                  whole = p->block * stretches;
    while (first < end) {
        const int64_t block = first / whole, panel = block * p->block,
                      width = least(p->block, p->panels - panel), begin = block * whole,
                      next = least(end, begin + width * stretches);
        run_block(p, x, words_rows, stretches, first - begin, next - begin, panel, width, y);
        first = next;
    }
}
