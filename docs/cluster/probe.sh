#!/bin/bash
# What can be decoded: ranks share the windows of the features, then electrodes and folds. `finetune` goes the same way.
#     sbatch docs/cluster/probe.sh results.json run/best my_bids_dataset --classes word/loud,word/soft
#SBATCH --job-name=probe
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=32
#SBATCH --time=02:00:00
set -euo pipefail
results=$1 model=$2
shift 2
# Features are kept in a folder that every node sees, and are not made again.
srun --mpi=pmix --cpus-per-task="$SLURM_CPUS_PER_TASK" --kill-on-bad-exit=1 brainbert probe "$@" --model "$model" --cache "${SCRATCH:-$PWD}/brainbert-cache" --out "$results"
