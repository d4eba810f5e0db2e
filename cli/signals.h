/* Signals that ask the program to end: Ctrl-C, SIGTERM, and SIGUSR1, which mpirun passes on to its ranks.
 * They interrupt nobody who computes: all threads that we start block them, but for one that is there for
 * them. A handler puts its frame below the stack pointer, where oneDNN's products on AVX-512 keep data. */
#ifndef BB_CLI_SIGNALS_H
#define BB_CLI_SIGNALS_H

#include <stdbool.h>

/* First of all, before there are other threads. */
void signals_begin(void);

/* From now on the first one is only remembered, for work that ends at its next step; a second one ends the
 * program as one does before this call. */
void signals_remember(void);

/* Whether one came. */
bool signals_came(void);

#endif
