/* Rows as coordinates in the space that the training rows span: with K = X X' = L L' (Cholesky, the row that
 * is farthest from the ones before it next) the rows of L have the inner products of the rows of X, and there
 * are no more of them than rows. A penalty on |w| keeps w in that space. (Shawe-Taylor and Cristianini 2004,
 * section 5.2)
 */
#ifndef BB_EVAL_COORDINATES_H
#define BB_EVAL_COORDINATES_H

#include "eval/design.h"

/* Fills the design's coordinates, triangle, pivots and dim, from centre and scale. */
bb_status bb_coordinates_find(bb_design *design, bb_error *err);

/* Weights of coordinates [rank] -> of standardised features [D]. */
bb_status bb_coordinates_leave(const bb_design *design, const double *w, double *weights, bb_error *err);

#endif
