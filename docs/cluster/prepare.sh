#!/bin/bash
# Recordings and trees to one corpus: a rank takes whole recordings.
#     sbatch docs/cluster/prepare.sh corpus.h5 my_bids_dataset treebank ...
#SBATCH --job-name=prepare
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=8
#SBATCH --time=04:00:00
set -euo pipefail
corpus=$1
shift
# The same call again goes on where a job ended: parts that are finished stand in CORPUS.parts.
srun --mpi=pmix --cpus-per-task="$SLURM_CPUS_PER_TASK" --kill-on-bad-exit=1 brainbert prepare "$@" --skip --out "$corpus"
