/* What `dimension` found: kept by electrode, shown as a table, JSON and a picture. */
#ifndef BB_CLI_DIMENSION_RESULT_H
#define BB_CLI_DIMENSION_RESULT_H

#include "brainbert/dimension.h"

typedef struct dimension_result {
    const char *model, *precision;
    double share;
    bool frames; /* measured too */
    size_t count, room;
    char **persons;             /* [count] whose electrode: equal for two recordings of one subject */
    bb_dimension_place *places; /* [count] own copies */
    bb_dimension *found;        /* [count] */
} dimension_result;

/* The row of this electrode of this person, added when it is new; `place` is copied. (size_t)-1: no memory.
 */
size_t dimension_row(dimension_result *r, const char *person, const bb_dimension_place *place, bool *is_new);
void dimension_result_free(dimension_result *r);

/* To standard output. */
void dimension_print(const dimension_result *r);
void dimension_print_json(const dimension_result *r);

/* Cumulated variance by components, a faint line for each electrode. */
bb_status dimension_draw(const dimension_result *r, const char *path, bb_error *err);

#endif
