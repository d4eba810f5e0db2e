#!/bin/bash
# Recordings to features: a rank takes stretches of windows.
#     sbatch docs/cluster/embed.sh features.h5 run/best night1.edf night2.edf ...
#SBATCH --job-name=embed
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=32
#SBATCH --time=02:00:00
set -euo pipefail
features=$1 model=$2
shift 2
# The same call again goes on where a job ended: stretches that are finished stand in FEATURES.parts.
srun --mpi=pmix --cpus-per-task="$SLURM_CPUS_PER_TASK" --kill-on-bad-exit=1 brainbert embed "$@" --model "$model" --precision auto --out "$features"
