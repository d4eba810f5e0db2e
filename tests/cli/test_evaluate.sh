#!/usr/bin/env bash
# `evaluate`: the loss of a model, as training measures it, beside trivial predictors; nothing is written.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tiny=$golden/tiny
expect_status 0 simulate tree --subjects 2 --channels 10 --seconds 40 --rate 1024 --seed 3 --quiet
expect_status 0 prepare tree --out c.h5 --window 2 --quiet
for normalize in window session; do # and an evaluation follows the model
    expect_status 0 pretrain c.h5 --out $normalize --model "$tiny" --steps 3 --batch 64 --validation 0.2 --check-every 3 \
        --normalize $normalize --seed 4 --threads 1 --quiet
done

files() { find . -type f ! -name out ! -name err -printf '%p %s %T@\n' | sort; }
before=$(files)
predictors="model untrained zeros frequency time frequency_blind time_blind"

# ---- the same windows and masks as in training's validation: the same loss, to float32's rounding
for normalize in window session; do
    expect_status 0 evaluate c.h5 --model $normalize/last --validation 0.2 --seed 4 --threads 1 --json --quiet
    expect_same "$(json windows of_windows | tr '\n' ' ')" "36 36 "
    for predictor in $predictors; do
        json "predictors.$predictor.loss" "predictors.$predictor.l1" "predictors.$predictor.content" | tr '\n' ' ' |
            awk '{ d = $1 - $2 - 2 * $3; exit !($2 > 0 && $3 > $2 && d * d < 1e-12) }' ||
            fail "$predictor: no loss that is l1 + 2 content"
    done
    validation=$(grep -o '"validation_loss": [0-9.]*' $normalize/metrics.jsonl | cut -d' ' -f2)
    awk -v a="$(json predictors.model.loss)" -v b="$validation" 'BEGIN { exit !((a - b) * (a - b) < 1e-8 * b * b) }' ||
        fail "training validates at $validation"
done

# ---- one of the subjects; the table
expect_status 0 evaluate c.h5 --model window/last --only 02 --windows 20 --mask adaptive --mask-share 0.05 --threads 1 \
    --quiet
expect_same "$(wc -l <out)" 9
expect_in out "20 of 120 windows" "% of cells masked" "loss" "the model" "an untrained model" "zeros" \
    "interpolation over frequency" "interpolation over time" "mask not known"
[ ! -s err ] || fail "wrote to standard error"

# ---- an untrained model is the untrained model of the same seed
expect_status 0 evaluate c.h5 --model untrained:small:7 --seed 7 --windows 5 --threads 1 --json
expect_same "$(json predictors.model.loss)" "$(json predictors.untrained.loss)"

# ---- wrong calls
expect_status 2 evaluate c.h5
expect_in err "--model is needed"
expect_status 2 evaluate --model "$tiny"
expect_status 1 evaluate c.h5 --model nothing
expect_status 1 evaluate tree/sub-01/ieeg/*.edf --model "$tiny"
expect_status 1 evaluate c.h5 --model "$tiny" --only 9
expect_in err "expected subjects, sessions" "found '9'"
expect_status 0 evaluate c.h5 --model "$tiny" --only "sub-01_task-words_run-01_ieeg.edf,sub-02" --json --quiet
all=$(json of_windows)
expect_status 0 evaluate c.h5 --model "$tiny" --json --quiet
expect_same "$(json of_windows)" "$all"
expect_status 1 evaluate c.h5 --model "$tiny" --mask round
expect_in err "static or adaptive"
mkdir other && cp "$tiny"/* other
sed -i 's/"input_dim": 40/"input_dim": 40, "recipe": {"spectrogram": {"method": "superlet"}}/' other/config.json
expect_status 1 evaluate c.h5 --model other
expect_in err "by superlet" "by stft"
rm -r other

expect_same "$(files)" "$before"

# ---- a picture on request
expect_status 0 evaluate c.h5 --model window/last --windows 8 --picture filled.png --quiet
expect_same "$(head -c 8 filled.png | od -An -tx1 | tr -d ' ')" 89504e470d0a1a0a
expect_status 2 evaluate c.h5 --model window/last --picture filled.jpg
expect_status 1 evaluate c.h5 --model window/last --windows 8 --picture no/filled.png --quiet
