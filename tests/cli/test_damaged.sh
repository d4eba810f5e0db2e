#!/usr/bin/env bash
# Damaged copies of every kind of input, the same ones each time: exit status 0 or 1 and never a signal, a message
# with every failure, and no output left by one.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tiny=$golden/tiny wav=$golden/wav.npy corpus=$BB_TESTS/fuzz/corpus

expect_status 0 simulate sim --channels 4 --seconds 6 --rate 256 --events 2
edf=sim/sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf
events=${edf%_ieeg.edf}_events.tsv
mkdir results

# survives WHAT ARGUMENT...: one call with a damaged input.
survives() {
    local what=$1 status=0
    shift
    "$BB_PROGRAM" "$@" >out 2>err || status=$?
    case $status in
    0) ;;
    1)
        grep -q '^brainbert: ' err || fail "$what: brainbert $*: failed without a message"
        [ "$1" = info ] || expect_same "$what: $(echo results/*)" "$what: results/*"
        ;;
    *) fail "$what: brainbert $*: exit status $status" ;;
    esac
    rm -f results/*
}

# damage FILE COPY COUNT COMMAND...: calls the command for each of COUNT damaged copies.
damage() {
    local file=$1 copy=$2 count=$3 n
    shift 3
    "$BB_MUTATE" "$file" damaged "$count" || fail "cannot damage $file"
    for ((n = 0; n < count; ++n)); do
        mv "damaged$n" "$copy"
        survives "${file##*/}, copy $n" "$@"
    done
}

# info takes many copies in one call.
damage_info() {
    "$BB_MUTATE" "$1" copy 200 || fail "cannot damage $1"
    survives "$1" info copy*
    survives "$1" info --json copy*
    rm -f copy*
}

for file in "$wav" "$golden/shaft_raw.npy" "$edf" "$golden/tiny/model.safetensors" "$golden"/{views,tiny,tiny_half}.pth \
    "$golden"/{views,tiny}_legacy.pth "$corpus"/{edf,npy_recording,pth,safetensors,treebank}/*.seed; do
    damage_info "$file"
done

embed=(embed --model "$tiny" --out results/f.npy --threads 1)
damage "$wav" bad.npy 24 "${embed[@]}" bad.npy
damage "$wav" bad.npy 8 spectrogram bad.npy --out results/s.npy
damage "$wav" bad.npy 8 spectrogram bad.npy --out results/s.png
damage "$edf" bad.edf 32 "${embed[@]}" bad.edf --reference none
damage "$edf" bad.edf 12 "${embed[@]}" bad.edf --events annotations --window 1 --offset 0
damage "$edf" bad.edf 12 convert bad.edf results/c.edf
damage "$events" bad.tsv 24 "${embed[@]}" "$edf" --events bad.tsv --window 1 --offset 0
for seed in "$corpus"/treebank/*.seed; do
    damage "$seed" bad.h5 12 "${embed[@]}" bad.h5 --reference none
done
printf '["LA1", "LA2", "LA3", "LA4", "LB1", "LB2", "LB3", "LB4", "LB5", "LB6"]\n' >labels.json
damage labels.json bad.json 24 "${embed[@]}" "$corpus/treebank/latest.seed" --labels bad.json

encode=(encode "$golden/tiny_input.npy" --out results/e.npy --threads 1)
damage "$golden/tiny_input.npy" bad.npy 16 encode bad.npy --model "$tiny" --out results/e.npy
printf '\310\0\0\0\170\0\0\0' | write_npy lengths.npy '<i4' '2,'
damage lengths.npy bad.npy 16 "${encode[@]}" --model "$tiny" --lengths bad.npy
for model in tiny tiny_half tiny_legacy; do
    damage "$golden/$model.pth" bad.pth 16 "${encode[@]}" --model bad.pth
done
cp -r "$tiny" model
damage "$tiny/model.safetensors" model/model.safetensors 16 "${encode[@]}" --model model
cp "$tiny/model.safetensors" model
damage "$tiny/config.json" model/config.json 40 "${encode[@]}" --model model
expect_no_file brainbert_was_here
