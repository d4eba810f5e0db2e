/* Work over rows in blocks of a fixed size, whatever the number of threads: sums over rows are made of the
 * same parts in the same order everywhere. */
#ifndef BB_TRAIN_ROW_BLOCKS_H
#define BB_TRAIN_ROW_BLOCKS_H

#include <stdint.h>

enum { BB_ROW_BLOCK = 64 };

static inline int64_t bb_row_blocks(int64_t rows) { return (rows + BB_ROW_BLOCK - 1) / BB_ROW_BLOCK; }

static inline int64_t bb_rows_of_block(int64_t rows, int64_t block) {
    const int64_t left = rows - block * BB_ROW_BLOCK;
    return left < BB_ROW_BLOCK ? left : BB_ROW_BLOCK;
}

#endif
