#!/bin/bash
# Pretraining, as many jobs behind each other as it takes: five minutes before its time is over a job ends with a checkpoint
# and queues again.
#     sbatch docs/cluster/pretrain.sh corpus.h5 run --size large --steps 500000 --batch 256
#SBATCH --job-name=pretrain
#SBATCH --nodes=8
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=32
#SBATCH --time=24:00:00
#SBATCH --signal=B:USR1@300
#SBATCH --open-mode=append
#SBATCH --requeue
set -uo pipefail
corpus=$1 run=$2
shift 2
resume=
[ -e "$run/options.json" ] && resume=--resume
late=
trap 'late=yes; scancel --signal=USR1 "$SLURM_JOB_ID"' USR1 # passed on to the ranks, which end with a checkpoint
# Two tasks a node: one rank for each socket.
srun --mpi=pmix --cpus-per-task="$SLURM_CPUS_PER_TASK" --kill-on-bad-exit=1 brainbert pretrain "$corpus" --out "$run" "$@" ${resume:+"$resume"} &
step=$!
status=0
wait $step || status=$?
while kill -0 $step 2>/dev/null; do # the signal interrupted the waiting
    status=0
    wait $step || status=$?
done
[ -n "$late" ] && scontrol requeue "$SLURM_JOB_ID"
exit $status
