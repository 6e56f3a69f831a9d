#!/usr/bin/env bash
# Pretrains on a cluster whose jobs end before a run does: five minutes before its time is up the job is asked to stop, ccmim
# writes a checkpoint and exits with 75, and the job puts itself into the queue again, where it goes on.
#
#   sbatch docs/examples/slurm.sh --data photographs --out runs/vit-b --recipe imagenet-vit-b
#
#SBATCH --job-name=ccmim
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --gres=gpu:1
#SBATCH --mem=64G
#SBATCH --time=08:00:00
#SBATCH --signal=B:TERM@300
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log
set -uo pipefail

ccmim=${CCMIM:-ccmim}

# Where the run lies, so as to know whether it has begun
out=
previous=
for word in "$@"; do
  case $word in
    --out=*) out=${word#--out=} ;;
    *) [ "$previous" = --out ] && out=$word ;;
  esac
  previous=$word
done
if [ -z "$out" ]; then
  echo "Cannot tell where the run is: give --out" >&2
  exit 2
fi

resume=()
[ -e "$out/config.json" ] && resume=(--resume)

# The signal comes to this shell alone (B: above). It is handed on, and bash waits again: a wait ends at a signal.
"$ccmim" pretrain "$@" "${resume[@]}" &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM INT
wait "$child"
code=$?
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
  code=$?
done

if [ "$code" -eq 75 ]; then
  echo "Stopped at a checkpoint: queued again"
  scontrol requeue "$SLURM_JOB_ID" || exit 75
  exit 0
fi
exit "$code"
