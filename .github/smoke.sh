#!/usr/bin/env bash
# One pass over what ccmim does, on one device: doctor, 20 steps of pretraining, a probe, an export.
# usage: smoke.sh <cpu|cuda> <dataset> <folder for what it writes>
set -euo pipefail
device=$1 dataset=$2 out=$3
mkdir -p "$out"

ccmim() {
  echo "+ ccmim $*" >&2
  deno run -A cli/main.ts "$@"
}

ccmim doctor --device "$device"
ccmim pretrain --data "$dataset" --out "$out/run" --recipe demo --steps 20 --warmup 2 --device "$device"
ccmim probe --checkpoint "$out/run" --data "$dataset" --out "$out/probe" --kind knn --device "$device"
ccmim export --checkpoint "$out/run" --out "$out/encoder.onnx" --data "$dataset"
