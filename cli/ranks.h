/* The job's ranks, where a launcher started several of us. */
#ifndef BB_CLI_RANKS_H
#define BB_CLI_RANKS_H

#include "brainbert/ranks.h"
#include "options.h"

/* Joins the others that mpirun or srun started. -1, or the exit status to leave with. */
int ranks_begin(void);
/* Leaves them with the command's exit status; where that is no success, it ends them all. */
int ranks_end(int status);

/* Before a rank other than 0 says that it failed: what all of them met, rank 0 says, and its end is theirs.
 */
void ranks_give_way(void);

/* NULL: we are alone. */
const bb_ranks *ranks_get(void);
/* Rank 0 speaks for all: results, remarks and progress are its own. */
bool ranks_speaks(void);

/* Processors and, unless --threads said how many, threads of this rank; says what was chosen. Ranks that do
 * not speak become quiet. -1, or the exit status to leave with. */
int ranks_settle(common_options *common);

#endif
