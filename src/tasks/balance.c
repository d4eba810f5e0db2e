/* As many trials of each class in every recording, so that neither a class nor a recording with more of one
 * can be told by its frequency. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "tasks/task.h"

typedef struct draw {
    uint64_t lot;
    size_t trial;
    int label;
} draw;

/* By class; within it the drawn ones first. */
static int compare_draws(const void *a, const void *b) {
    const draw *x = a, *y = b;
    if (x->label != y->label) return x->label < y->label ? -1 : 1;
    if (x->lot != y->lot) return x->lot < y->lot ? -1 : 1;
    return (x->trial > y->trial) - (x->trial < y->trial);
}

/* Marks in `kept` which of the trials [first, end) of one recording stay. */
static void draw_recording(const bb_task *task, size_t first, size_t end, draw *draws, bool *kept) {
    size_t counts[BB_TASK_MAX_CLASSES + 1] = {0}, least = end - first, taken = 0;
    for (size_t i = first; i < end; ++i) {
        const bb_trial *t = &task->trials[i];
        draws[i - first] = (draw){bb_random_bits(task->options.seed, t->recording, i - first), i, t->label};
        ++counts[t->label];
    }
    for (size_t c = 0; c < task->info.class_count; ++c)
        if (counts[c] < least) least = counts[c];
    qsort(draws, end - first, sizeof *draws, compare_draws);
    for (size_t i = 0; i < end - first; ++i) {
        taken = i > 0 && draws[i].label == draws[i - 1].label ? taken + 1 : 0;
        kept[draws[i].trial] = taken < least;
    }
}

bb_status bb_task_balance(bb_task *task, bb_error *err) {
    bb_task_info *info = &task->info;
    size_t left = 0;
    draw *draws = bb_calloc(info->trial_count, sizeof *draws);
    bool *kept = bb_calloc(info->trial_count, sizeof *kept);
    if (draws && kept) {
        for (size_t first = 0, end; first < info->trial_count; first = end) {
            for (end = first; end < info->trial_count; ++end)
                if (task->trials[end].recording != task->trials[first].recording) break;
            draw_recording(task, first, end, draws, kept);
        }
        for (size_t i = 0; i < info->trial_count; ++i)
            if (kept[i]) task->trials[left++] = task->trials[i];
        info->left_out.balancing = info->trial_count - left;
        info->trial_count = left;
    }
    const bool done = draws && kept;
    bb_free(draws);
    bb_free(kept);
    return done ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory to balance %zu trials", info->trial_count);
}
