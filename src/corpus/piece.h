/* Pieces: what a corpus is made of. A part (one recording's windows, on its way into a corpus) and a whole
 * corpus look the same to the one who joins them. */
#ifndef BB_CORPUS_PIECE_H
#define BB_CORPUS_PIECE_H

#include <cJSON.h>

#include "base/file.h"
#include "corpus/rows.h"

/* A stored window. */
typedef struct bb_row {
    int64_t at; /* its first byte in the file */
    double start_s;
    float scale;
    uint32_t checksum;
    uint32_t bytes;
    int32_t channel; /* among the piece's */
} bb_row;

/* A channel's numbers, one row of a table of doubles: these four, then F means and F standard deviations of
 * the logarithms of its spectrogram. */
enum { BB_STAT_WINDOWS, BB_STAT_LEFT_OUT, BB_STAT_MEAN, BB_STAT_SD, BB_STAT_LOGS };

static inline size_t bb_stat_columns(int bins) { return BB_STAT_LOGS + 2 * (size_t)bins; }

typedef struct bb_piece {
    bb_input file; /* `path` belongs to it */
    bb_row_format format;
    int64_t row_count;
    bb_row *rows; /* in order of session, time and channel */
    size_t channel_count;
    int bins;           /* F */
    double *stats;      /* [channels, bb_stat_columns] */
    int32_t *sessions;  /* [channels]; of a corpus alone */
    bool whole;         /* of a corpus alone: its tables' checksum is the one it states */
    cJSON *description; /* docs/corpus.md; its "sessions" say what the channels are */
} bb_piece;

/* BB_ERR_CANCELLED, and what a call that was stopped leaves. */
bb_status bb_fail_stopped(bb_error *err);

/* Closes the file and frees what the piece holds. */
void bb_piece_close(bb_piece *piece);

/* Whether every row lies inside the file and belongs to a channel that is there; else BB_ERR_FORMAT. */
bb_status bb_piece_check(const bb_piece *piece, bb_error *err);

/* Row `index`'s stored bytes to out[bb_row_room], their checksum compared. */
bb_status bb_piece_read(const bb_piece *piece, int64_t index, void *out, bb_error *err);

/* ---------------------------------------------------------------- parts */

/* Writes a part as a stream: rows, then the tables. Nothing appears at its path before it is finished. */
typedef struct bb_part_writer {
    bb_output output;
    bb_row *rows;
    size_t row_count, row_capacity;
    int64_t size; /* bytes of rows so far */
} bb_part_writer;

bb_status bb_part_begin(const char *path, bb_part_writer *writer, bb_error *err);

/* Appends a row; `row->at` is set here. */
bb_status bb_part_append(bb_part_writer *writer, bb_row row, const void *stored, bb_error *err);

/* Puts the part in place with its tables. It is not synced: whether its bytes are whole is told by their
 * checksums. */
bb_status bb_part_finish(bb_part_writer *writer, const double *stats, size_t channels, int bins,
                         const cJSON *description, bb_error *err);
void bb_part_abandon(bb_part_writer *writer);

/* Opens a part; BB_ERR_FORMAT for one that is not whole. Of one that an earlier call wrote, which may have
 * died on the way to the disk, the checksums of all rows are compared (`written_before`). */
bb_status bb_part_open(const char *path, const bb_row_format *format, bool written_before, bb_piece *out,
                       bb_error *err);

/* ---------------------------------------------------------------- joining */

/* All pieces' windows, in order, to the corpus at `path`, which appears whole or not at all. The pieces have
 * one format and number of bins. `description` is the corpus's, with the sessions of all pieces in it. Pieces
 * whose files are closed are opened one at a time. `progress` is told of rows. */
bb_status bb_join(bb_piece *pieces, size_t count, const cJSON *description, const char *path,
                  bb_progress progress, void *progress_context, bb_error *err);

/* A whole corpus as a piece. Whether `whole` is left to the caller to see to, after other checks, which say
 * more of what is wrong. */
bb_status bb_corpus_piece_open(const char *path, bb_piece *out, bb_error *err);

#endif
