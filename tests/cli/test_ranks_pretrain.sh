#!/usr/bin/env bash
# `pretrain` by several ranks: the curve of one process, resumed at another number of ranks, a rank that dies, the optimiser in
# shares; commands that are not for ranks.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_mpi
tiny=$golden/tiny
expect_status 0 simulate tree --subjects 2 --channels 10 --seconds 40 --rate 1024 --seed 3 --quiet
expect_status 0 prepare tree --out c.h5 --window 2 --quiet
call=(pretrain c.h5 --model "$tiny" --batch 8 --steps 50 --check-every 10 --rate 3e-3 --threads 1)

has_steps() { [ -e "$1/metrics.jsonl" ] && [ "$(wc -l <"$1/metrics.jsonl")" -ge "$2" ]; }
numbers() { grep -o "\"$2\": [-0-9.e]*" "$1/metrics.jsonl" | cut -d' ' -f2; }
# Losses of all steps that both have, and of validation, relative: ranks add in another order, which after 50 steps is 1e-8 here.
same_curve() {
    local key
    for key in loss validation_loss; do
        paste <(numbers "$1" $key) <(numbers "$2" $key) |
            awk 'NF == 2 { ++n; d = $1 / $2 - 1; if (d * d > 1e-10) exit 1 } END { exit n < 1 }' ||
            fail "$key of $2 is not that of $1"
    done
}

# ---- 1, 2, 4 ranks and a number that does not divide the batch: the same curve, one log, one folder
expect_status 0 "${call[@]}" --out one --quiet
for ranks in 2 3 4; do
    expect_ranks 0 $ranks "${call[@]}" --out of$ranks --json
    expect_in err "$ranks ranks on 1 node" "hidden) of"
    expect_same "$(json steps) $(json ranks)" "50 $ranks"
    expect_same "$(wc -l <of$ranks/metrics.jsonl)" 50
    expect_same "$(find of$ranks -maxdepth 1 | wc -l)" "$(find one -maxdepth 1 | wc -l)"
    same_curve one of$ranks
done

# ---- the optimiser in shares: the same sums and steps, so the same bytes
for ranks in 2 3; do
    expect_ranks 0 $ranks "${call[@]}" --out shared$ranks --shard-optimizer --quiet
    for file in model.safetensors training.safetensors state.json; do
        cmp "of$ranks/last/$file" "shared$ranks/last/$file" || fail "--shard-optimizer by $ranks ranks: another $file"
    done
done
expect_ranks 0 2 "${call[@]}" --out adamw --optimizer adamw --shard-optimizer --steps 5 --quiet
expect_status 0 "${call[@]}" --out adamw1 --optimizer adamw --steps 5 --quiet
same_curve adamw1 adamw

# ---- a rank dies after a checkpoint: the job ends, `last` is whole, and any number of ranks goes on from there
kill_rank 2 '[ -e killed/last ]' "${call[@]}" --out killed --steps 400 --quiet --shard-optimizer
expect_in err "signal 9"
cp -r killed killed3
expect_status 0 info killed/last
for job in "1 killed" "3 killed3"; do
    # The whole run takes long; up to the next checkpoint is enough to see that it goes on where it was.
    read -r ranks run <<<"$job"
    before=$(readlink "$run/last")
    kill_rank "$ranks" "[ \$(readlink $run/last) != $before ]" pretrain c.h5 --out "$run" --resume --quiet --threads 1
    expect_same "$(numbers "$run" step | sort -n | uniq -d | wc -l)" 0
done
same_curve killed killed3
expect_status 0 "${call[@]}" --out whole --steps 400 --quiet
same_curve whole killed3

# ---- a signal, which mpirun passes on: a checkpoint at once, whole, by all ranks together
start_ranks 3 "${call[@]}" --steps 100000 --check-every 100000 --out told --quiet
await "has_steps told 5"
kill -USR1 "$job"
status=0
wait $job || status=$?
expect_same $status 1
expect_in err "told: stopped after step"
expect_same "$(find told -name '*.tmp' | wc -l)" 0
expect_same "$(readlink told/last)" "$(printf 'checkpoint-%09d' "$(wc -l <told/metrics.jsonl)")"

# ---- rank 0 says what all met, once; whoever met something alone says who it is
expect_ranks 1 2 pretrain nothing.h5 --out none
expect_same "$(grep -c '^brainbert: nothing.h5' err)" 1
expect_ranks 1 4 "${call[@]}" --out none --batch 3
expect_in err "a window of each batch for each of 4 ranks, found batches of 3"
expect_ranks 2 2 pretrain c.h5 --out none --batch 0
expect_same "$(grep -c 'expected a whole number' err)" 1
expect_no_file none
status=0
SLURM_STEP_NUM_TASKS=2 "$BB_PROGRAM" info nothing 2>err || status=$?
expect_same $status 1
expect_in err "started 2 times over, of which MPI knows 1"
for command in info encode simulate; do
    expect_ranks 2 2 "$command" x
    expect_in err "its work is not shared by ranks"
done
