#!/usr/bin/env bash
# The packed dataset of the workflow, in a folder that a cache may have brought: drawn and packed if it is not there.
# It must have the digest that it is cached by: the same pictures give the same bytes on every machine.
# usage: dataset.sh <folder> <sha256 of its manifest>
set -euo pipefail
folder=$1 expected=$2

if [ ! -e "$folder/manifest.json" ]; then
  pictures=$(mktemp -d)
  trap 'rm -rf "$pictures"' EXIT
  deno task -q draw "$pictures/drawn"
  deno run -A cli/main.ts prepare "$pictures/drawn" "$folder"
fi
deno run -A cli/main.ts prepare --verify "$folder"
actual=$(sha256sum "$folder/manifest.json" | cut -d ' ' -f 1)
if [ "$actual" != "$expected" ]; then
  echo "The dataset has the digest $actual, not $expected: if packing was changed on purpose, put the new one into the workflow" >&2
  exit 1
fi
