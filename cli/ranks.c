#include "ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "progress.h"

static bb_ranks *ranks;

const bb_ranks *ranks_get(void) { return bb_ranks_count(ranks) > 1 ? ranks : NULL; }
bool ranks_speaks(void) { return bb_ranks_me(ranks) == 0; }

/* How many of us the launcher says it started; 1 without one. mpirun's word counts first: srun may have
 * started it. */
static int launched(void) {
    static const char *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
        const char *size = getenv(sizes[i]);
        if (size) return atoi(size) > 1 ? atoi(size) : 1;
    }
    return 1;
}

/* Whether the launcher lets its processes find each other. Those that srun started without, Open MPI ends
 * with a message that is of no help. */
static bool introduced(void) {
    return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMIX_RANK") || getenv("PMI_RANK");
}

static int complain_of_strangers(int count, int known) {
    return complain(
        EXIT_FAILED,
        "started %d times over, of which MPI knows %d: 'srun --mpi=pmix' or mpirun makes them one "
        "job",
        count, known);
}

int ranks_begin(void) {
    bb_error err = {0};
    const int count = launched();
    if (count == 1) return -1;
    if (!bb_ranks_supported())
        return complain(
            EXIT_FAILED,
            "started %d times over, but built without MPI: install libopenmpi-dev, then configure "
            "and build again; or start it once",
            count);
    if (!introduced()) return complain_of_strangers(count, 1);
    if (bb_ranks_join(&ranks, &err) != BB_OK) return complain(EXIT_FAILED, "%s", err.message);
    if (bb_ranks_count(ranks) == count) return -1;
    return complain_of_strangers(count, bb_ranks_count(ranks));
}

void ranks_give_way(void) {
    enum { GRACE_S = 3 }; /* what launchers take to end the others, who may get signals meanwhile */
    static bool given;
    const double begun = seconds_now();
    const struct timespec nap = {.tv_nsec = 50000000};
    while (!ranks_speaks() && !given && seconds_now() - begun < GRACE_S) nanosleep(&nap, NULL);
    given = true;
}

int ranks_end(int status) {
    if (!ranks) return status;
    if (status != EXIT_DONE) {
        ranks_give_way(); /* rank 0's status counts, where it met the same */
        fflush(stdout);
        bb_ranks_abort(status);
    }
    bb_ranks_leave(ranks);
    ranks = NULL;
    return status;
}

/* mpirun without a word from its user binds two ranks to a core each, however many there are; what the user
 * did say it puts into the environment. Other launchers bind as they were told. */
static bool bound_by_user(void) {
    return getenv("OMPI_MCA_hwloc_base_binding_policy") || !getenv("OMPI_COMM_WORLD_SIZE");
}

static void say(const bb_cores *c, const common_options *common) {
    fprintf(stderr,
            "brainbert: %d ranks on %d node%s; on this one %d rank%s, %d socket%s, %d processor%s: %lld "
            "thread%s each\n",
            bb_ranks_count(ranks), c->nodes, c->nodes == 1 ? "" : "s", c->local_ranks,
            c->local_ranks == 1 ? "" : "s", c->sockets, c->sockets == 1 ? "" : "s", c->node_cores,
            c->node_cores == 1 ? "" : "s", (long long)common->threads, common->threads == 1 ? "" : "s");
    if (c->local_ranks > c->sockets && c->node_cores >= c->local_ranks)
        fprintf(stderr, "brainbert: one rank for each socket is usually the fastest: %d for this node\n",
                c->sockets);
}

int ranks_settle(common_options *common) {
    bb_cores cores;
    bb_error err = {0};
    if (!ranks_get()) return -1;
    if (bb_ranks_take_cores(ranks, bound_by_user(), &cores, &err) != BB_OK)
        return complain(EXIT_FAILED, "%s", err.message);
    if (common->threads == 0) common->threads = cores.cores;
    if (!ranks_speaks())
        common->quiet = true;
    else if (!common->quiet)
        say(&cores, common);
    return -1;
}
