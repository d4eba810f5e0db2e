#include "base/error.h"
#include "probe/probe.h"

bb_status bb_results_warn_of_order(bb_probe_run *run, const char *whose, const bb_decoding_plan *plan,
                                   bb_error *err) {
    bb_label_order o;
    BB_TRY(bb_decoding_plan_order(plan, &o, err));
    if (!(o.likeness > o.range.high)) return BB_OK; /* nor where either is NaN */
    if (run->info->kind == BB_TASK_NUMBER)
        bb_results_warn(
            run,
            "%sneighbours in time have numbers that correlate with %.2f, which shuffled numbers do "
            "not: slow changes of the signal may pass for an effect",
            whose, o.likeness);
    else
        bb_results_warn(
            run,
            "%sneighbours in time are of one class in %.0f %% of cases, shuffled ones in %.0f %%: "
            "slow changes of the signal may pass for an effect",
            whose, 100 * o.likeness, 100 * o.shuffled);
    return BB_OK;
}
