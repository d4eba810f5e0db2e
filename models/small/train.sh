#!/bin/sh
# How this model was trained: train.sh PROGRAM RECORDINGS OUT. RECORDINGS is the folder of public recordings that
# README.md lists; OUT gets corpus.h5, the two runs and model/. An hour on two cores.
set -eu
program=$1 recordings=$2 out=$3
mkdir -p "$out"
corpus=$out/corpus.h5
prepare() { "$program" prepare --out "$corpus" --window 2 --stride 0.5 --skip "$@"; }
# Surface electrodes and unnamed contacts as they were recorded; shafts against their neighbours.
prepare --reference none "$recordings/hdf5" "$recordings/mat/TestFile_01.mat" \
    "$recordings/brainvision/bids_grip_1000hz" "$recordings/edf/sample_ecog.edf"
prepare --append --reference none --notch 50 "$recordings/mat/TestFile_02.mat"
"$program" simulate "$out/simulated" --subjects 2 --channels 16 --seconds 120 --seed 5
prepare --append "$recordings/edf/sample_seeg.edf" "$recordings/edf/naplib_2048hz.edf" \
    "$recordings/brainvision/bids_hfo_2000hz" "$out/simulated"

train() {
    "$program" pretrain "$corpus" --batch 32 --optimizer adamw --normalize session --mask-share 0.2 --threads 2 "$@"
}
# Planned for 6,000 steps, ended after 2,000, when the validation loss fell little more at that rate.
train --out "$out/first" --size small --steps 6000 --rate 1e-3 --warm-up 0.03 --check-every 250 &
until [ -e "$out/first/checkpoint-000002000" ]; do sleep 1; done
kill -9 "$!"
train --out "$out/second" --model "$out/first/checkpoint-000002000" --steps 2400 --rate 3e-4 --warm-up 0.02 --check-every 200 --seed 1
"$program" convert "$out/second/last" "$out/model" --float16
