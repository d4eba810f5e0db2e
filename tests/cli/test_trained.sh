#!/usr/bin/env bash
# The model that comes with the project (models/small): what its card says of it, on recordings that it never saw.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
model=$BB_TESTS/../models/small
expect_status 0 info "$model" --json
expect_same "$(json parameters hidden_dim trained recipe.spectrogram.normalize recipe.window_s | tr '\n' ' ')" "4728760 384 true session 2 "
[ "$(wc -c <"$model/model.safetensors")" -lt 12000000 ] || fail "the model takes more than 12 MB"

# beats CORPUS PREDICTOR...: the model's loss is below each of these.
beats() {
    local corpus=$1 predictor
    shift
    expect_status 0 evaluate "$corpus" --model "$model" --windows 200 --quiet --json
    for predictor; do
        awk -v a="$(json predictors.model.loss)" -v b="$(json "predictors.$predictor.loss")" 'BEGIN { exit !(a > 0 && a < b) }' ||
            fail "$corpus: $predictor is as good as the model"
    done
}

# Simulated recordings of another seed than those it was trained on.
expect_status 0 simulate tree --subjects 1 --channels 10 --seconds 60 --rate 1024 --seed 77 --quiet
expect_status 0 prepare tree --out simulated.h5 --window 2 --quiet
beats simulated.h5 zeros untrained frequency time

# embed follows its recipe.
expect_status 0 embed tree/sub-01/ieeg/*.edf --model "$model" --out features.npy --quiet
expect_shape features.npy "30 $(($(tail -n +2 features.tsv | wc -l) / 30)) 384"
expect_finite features.npy

need_shared data/bids_speech_2000hz
expect_status 0 prepare "$(shared data/bids_speech_2000hz)" --reference none --bads none --out speech.h5 --window 2 --quiet
beats speech.h5 zeros untrained frequency time
