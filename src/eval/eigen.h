/* Eigenvalues and eigenvectors of symmetric matrices, by LAPACK's divide and conquer (dsyevd: Gu and
 * Eisenstat, SIAM J. Matrix Anal. Appl. 1995). No state is kept: several threads may call at once. An
 * OpenBLAS behind LAPACK has threads of its own, whose number its environment says: with another one the last
 * digits may differ. */
#ifndef BB_EVAL_EIGEN_H
#define BB_EVAL_EIGEN_H

#include <stdint.h>

#include "brainbert/status.h"

/* The largest matrix taken: 2 GB, and the workspace twice that. Up to 4096 is what it is meant for. */
enum { BB_EIGEN_ORDER_MOST = 16384 };

/* a [n,n]: in, a symmetric matrix, of which one triangle is read (row i, columns 0..i); out, row i is the
 * unit eigenvector of values[i], of either sign. values [n]: descending. The workspace is 2 n^2 numbers.
 * BB_ERR_ARGUMENT for an n outside 1..BB_EIGEN_ORDER_MOST and for a matrix that is not finite. After a
 * failure `a` is spoilt. */
bb_status bb_eigen_symmetric(double *a, int64_t n, double *values, bb_error *err);

/* The same without eigenvectors: faster, and its workspace is 2 n numbers.
 * `a` is spoilt. */
bb_status bb_eigen_symmetric_values(double *a, int64_t n, double *values, bb_error *err);

#endif
