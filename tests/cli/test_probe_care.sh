#!/usr/bin/env bash
# `probe`: encoders' features, the cache, threads, files that appear whole or not at all, and what fails.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$tmp/cache
export OMP_WAIT_POLICY=passive # threads that wait leave the processors of a busy machine to those that work
tiny=$golden/tiny
expect_status 0 simulate one --channels 8 --seconds 60 --events 40 --rate 1024 --mains 0 --snr 6 --responding 2 --seed 3 --quiet
one=$(echo one/sub-01/ieeg/*.edf)
call=("$one" --classes "word/loud,word/soft" --window 1 --offset -0.35 --reference none --controls 2 --draws 20 --threads 1 --quiet --json)
plain=(--features "stft@segments:2,superlet,morlet,bandpower,voltage:0.25")

# ---- the cache: the second call gives the same bytes and makes no features; without one they are the same
expect_status 0 probe "${call[@]}" "${plain[@]}"
cp out first
kept() { find cache -type f -printf '%p %s %i %T@\n' | sort; }
before=$(kept)
expect_same "$(find cache/brainbert -name '*.features' | wc -l)" 5
expect_status 0 probe "${call[@]}" "${plain[@]}"
cmp -s out first || fail "cached features give other results"
[ "$(kept)" = "$before" ] || fail "features that were there were made again"
expect_status 0 probe "${call[@]}" "${plain[@]}" --cache none
cmp -s out first || fail "--cache none gives other results"
expect_status 0 probe "${call[@]}" "${plain[@]}" --threads 2 --cache other
cmp -s out first || fail "two threads give other results"
expect_same "$(cd other && echo *)" "$(cd cache/brainbert && echo *)"
for file in other/*; do cmp -s "$file" "cache/brainbert/${file##*/}" || fail "two threads make other features"; done
# Damaged features are made again; those of another window are others.
for file in other/*; do printf x | dd of="$file" bs=1 seek=300 conv=notrunc status=none; done
expect_status 0 probe "${call[@]}" "${plain[@]}" --cache other
cmp -s out first || fail "damaged features give other results"
[ "$(kept)" = "$before" ] || fail "--cache DIR writes elsewhere"
expect_status 0 probe "${call[@]}" --features bandpower --window 0.8
expect_same "$(find cache/brainbert -name '*.features' | wc -l)" 6
HOME=$tmp/home XDG_CACHE_HOME='' expect_status 0 probe "${call[@]}" --features bandpower
expect_same "$(find home/.cache/brainbert -name '*.features' | wc -l)" 1
HOME='' XDG_CACHE_HOME='' expect_status 0 probe "${call[@]}" --features bandpower

# ---- encoders: two threads give the same; poolings; untrained ones follow the seed
encoders=(--model "$tiny" --channels "LA6,LA7" --features "encoder,encoder@mean,untrained")
expect_status 0 probe "${call[@]}" "${encoders[@]}" --cache none
cp out first
expect_same "$(json model tasks.0.summary.{0,1,2}.features tasks.0.results.{0,5}.features | tr '\n' ' ')" \
    "$tiny encoder encoder@mean untrained encoder untrained "
expect_status 0 probe "${call[@]}" "${encoders[@]}" --threads 2 --cache none
cmp -s out first || fail "two threads give other results"
# Another precision makes other features, which are kept beside those of float32.
for precision in f32 int8 f32; do
    expect_status 0 probe "${call[@]}" "${encoders[@]}" --cache precisions --precision $precision
    expect_same "$(json precision)" $precision
    cp out $precision.json
done
expect_same "$(find precisions -name '*.features' | wc -l)" 6
cmp -s f32.json first || fail "--precision f32 is not the default"
expect_status 0 probe "${call[@]}" --model "$tiny" --channels LA6 --features untrained@segments:2,stft,stft@mean --pool segments:3
expect_same "$(json tasks.0.summary.{0,1,2}.features | tr '\n' ' ')" "untrained@segments:2 stft@segments:3 stft@mean "
# Of equal weights the features are equal, whatever their name; they are one file of the cache.
expect_status 0 probe "${call[@]}" --model untrained:small --window 0.5 --offset 0 --channels LA6,LA7 --best 1 \
    --features encoder,untrained,voltage --cache twins
expect_same "$(json tasks.0.results.0.roc_auc)" "$(json tasks.0.results.1.roc_auc)"
expect_same "$(find twins -name '*.features' | wc -l)" 2
expect_status 0 probe "$one" --model "$tiny" --classes word/loud,word/soft --window 0.5 --channels LA6 --controls 0 --draws 0 --threads 1 --quiet --json
expect_same "$(json 'tasks.0.summary#' tasks.0.summary.{0,1,2,3}.features | tr '\n' ' ')" "4 encoder stft bandpower voltage:0.25 "
expect_status 0 probe "${call[@]}" --model "$BB_TESTS/../models/small" --window 0.5 --offset 0 --channels LA6 --features encoder \
    --normalize session

# ---- files appear whole or not at all
expect_status 0 probe "${call[@]}" --features bandpower --out r.json --report r.html
cmp -s r.json out || [ "$(cat r.json)" = "$(cat out)" ] || fail "--out is not what --json prints"
expect_in r.html "<svg" "LA6" "bandpower" "</html>"
cp r.html before.html
for missing in "--out no/r.json" "--report no/r.html"; do
    # shellcheck disable=SC2086 # two words
    expect_status 1 probe "${call[@]}" --features bandpower --window 0.3 --cache unused $missing
    expect_in err "cannot create: no such folder"
    expect_no_file no unused # nothing was computed
done
expect_status 1 probe "${call[@]}" --features bandpower --classes word/loud,nothing --out r.json --report r.html
cmp -s r.html before.html || fail "a call that failed replaced the page"
mkdir there.json
expect_status 1 probe "${call[@]}" --features bandpower --out there.json
expect_same "$(find . -name '*.tmp*')" ""

# ---- what fails, and why
fails() { # TEXT ARGUMENT...
    local text=$1
    shift
    expect_status 1 probe "${call[@]}" --features bandpower "$@"
    expect_in err "$text"
    [ ! -s out ] || fail "$*: failed, and wrote to standard output"
}
fails "'word/none'; there are: word/loud (20), word/soft (20)" --classes word/loud,word/none
fails "'encoder': expected a model" --features encoder
fails "expected encoder, stft" --features nothing
fails "expected each kind once, found 'voltage' again" --features voltage,voltage@none
fails "features: expected names with commas between them" --features stft,,voltage
fails "features: expected some, found none" --features ''
fails "a pooling" --features stft@none
fails "no frame" --features stft --window 0.1
fails "groups to leave out one by one, found 1" --split session
fails "groups to leave out one by one, found 1" --split subject
fails "no choice of electrodes" --split subject --electrodes pooled
fails "no choice of electrodes" --split subject --best 2
fails "LX1" --channels LX1
fails "nothing" --model nothing
fails "nothing.tsv" --events nothing.tsv
fails "no_such" --label no_such
fails "no_such" --value no_such
fails "leave the recording" --offset 1000
fails "expected 100 windows or more, found 40" --folds 100
: >empty.edf
for input in empty.edf nothing.edf; do
    expect_status 1 probe $input --quiet
    expect_in err $input
done
# A recording without events.
expect_status 0 convert "$golden/wav.npy" bare.edf --rate 1024
expect_status 1 probe bare.edf --window 0.5 --quiet
expect_in err "events"
