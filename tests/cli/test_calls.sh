#!/usr/bin/env bash
# Help, versions, and calls that are wrong: exit status 2, a message that says why, nothing on standard output.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

method="--method --frequencies --orders --cycles --multiplicative --bins --hop --trim" # how a spectrogram is made
files="--rate --data --rate-from --names --unit --labels" # how a file is read
labelled="--model --heads --normalize --split --folds --repeats --gap --controls --draws --best --cache --out --report
    --task --events --times --label --classes --value --cut --window --offset --baseline --rest --every --balance --trials
    --notch --harmonics --reference --highpass --bandpass --channels --bads $files" # decoding of labelled windows
declare -A options=(
    [simulate]="--subjects --sessions --channels --seconds --rate --events --mains --snr --responding --unsound --extras"
    [info]="--heads $files"
    [spectrogram]="--out $method --channel --start --window --normalize --notch --reference --highpass --channels
        --harmonics --bandpass --bads $files"
    [convert]="--heads --float16 $files"
    [encode]="--model --out --output --pool --lengths --precision --heads"
    [embed]="--model --out --pool --window --stride --events --offset --normalize --precision --heads $method --notch
        --harmonics --reference --highpass --bandpass --channels --bads $files"
    [prepare]="--out --append --subjects --selection --skip --window --stride --float32 --compress --normalize $method --notch --harmonics
        --reference --highpass --bandpass --channels --bads $files"
    [pretrain]="--out --size --model --steps --batch --rate --warm-up --clip --dropout --normalize --mask --mask-share --shard-optimizer
        --optimizer --precision --hold-out --validation --check-every --published --memory --resume
        --window --stride --method --notch --harmonics --reference --highpass --bandpass --channels --bads"
    [evaluate]="--model --only --validation --windows --mask --mask-share --picture"
    [dimension]="--model --windows --window --share --frames --out --picture --normalize --precision --heads $method --notch
        --harmonics --reference --highpass --bandpass --channels --bads $files"
    [probe]="$labelled --features --pool --precision --decoder --steps --electrodes --few-shot --runs"
    [finetune]="$labelled --run --pool --steps --batch --head-rate --encoder-rate --patience --check-every --dropout --clip
        --freeze"
    [report]="--out"
    [bench]="--model --corpus --rounds --level --growth --hours --scaling --windows --times --shard-optimizer"
)
common="--threads --seed --json --quiet --help"

# usage TEXT ARGUMENT...: a wrong call, whose message holds TEXT.
usage() {
    local text=$1
    shift
    expect_status 2 "$@"
    expect_in err "$text"
    [ ! -s out ] || fail "brainbert $*: wrote to standard output"
}

expect_status 0 --help
cp out front
expect_status 0 -h
cmp -s front out || fail "-h is not --help"
for command in "${!options[@]}"; do
    expect_in front "  $command "
    expect_status 0 "$command" --help
    [ ! -s err ] || fail "$command --help: wrote to standard error"
    for option in ${options[$command]} $common; do
        grep -q -e "^  $option " out || fail "$command --help: no $option"
    done
    # Every option of the help stands in the list above, so that none goes untested here.
    while read -r option; do
        case " $(echo "${options[$command]}" | tr -s ' \n' ' ') $common " in
        *" $option "*) ;;
        *) fail "$command --help: $option is not expected" ;;
        esac
    done < <(sed -n 's/^  \(--[a-z0-9-]*\).*/\1/p' out)
    expect_status 0 "$command" some thing -h # help comes before everything else
    expect_status 0 "$command" --version
    usage "unknown option --frobnicate" "$command" --frobnicate
    usage "--threads wants a value" "$command" --threads
    for bad in x -1 1.5 '' 1e9 nan 2x; do
        usage "--threads: expected a whole number from 0 to 4096, found '$bad'" "$command" --threads "$bad"
    done
    usage "--json takes no value" "$command" --json=yes
done
expect_same "$(sed -n 's/^  \([a-z]*\) .*/\1/p' front | wc -l)" "${#options[@]}"

expect_status 0 --version
grep -qE '^brainbert [0-9]+\.[0-9]+\.[0-9]+$' out || fail "--version: no version"

usage "brainbert COMMAND"
usage "unknown command 'frobnicate'" frobnicate
usage "unknown command '--frobnicate'" --frobnicate
for command in info spectrogram convert encode embed simulate probe finetune report; do
    usage "$command: expected" "$command"
done
usage "convert: expected SRC DST, found 1 argument" convert x
usage "spectrogram: expected" spectrogram x y --out z.npy

wav=$golden/wav.npy tiny=$golden/tiny
usage "--out" spectrogram "$wav"
usage "--out: expected a name that ends in .npy or .png" spectrogram "$wav" --out x.jpg
usage "--out: expected a name that ends in .npy or .png" spectrogram "$wav" --out .png
usage "--method: expected" spectrogram "$wav" --out x.npy --method wavelet
usage "--method all: expected a picture" spectrogram "$wav" --out x.npy --method all
usage "--method all: shows the published recipes" spectrogram "$wav" --out x.png --method all --bins 20
usage "--cycles: belongs to superlet and morlet" spectrogram "$wav" --out x.npy --cycles 3
usage "--orders: belongs to superlet" spectrogram "$wav" --out x.npy --method morlet --orders 3-4
usage "--orders: expected two" spectrogram "$wav" --out x.npy --method superlet --orders 3
usage "--frequencies: expected two" spectrogram "$wav" --out x.npy --method superlet --frequencies -3
usage "--normalize: expected window, session, none" spectrogram "$wav" --out x.npy --normalize x
usage "--normalize: expected window, session, none" spectrogram "$wav" --out x.npy --method superlet --normalize demo
usage "--notch: expected" spectrogram "$wav" --out x.npy --notch sixty
usage "--start: expected a number" spectrogram "$wav" --out x.npy --start -1
usage "--model and --out are needed" encode "$wav" --model "$tiny"
usage "--model and --out are needed" encode "$wav" --out x.npy
usage "--output: expected encoder, prediction or pooled" encode "$wav" --model "$tiny" --out x.npy --output x
usage "--pool: expected" encode "$wav" --model "$tiny" --out x.npy --output pooled --pool x
usage "--model and --out are needed" embed "$wav" --model "$tiny"
usage "--model and --out are needed" embed "$wav" --out x.npy
usage "--out: expected a name that ends in .npy or .h5" embed "$wav" --model "$tiny" --out x.txt
usage "--out: expected a name that ends in .npy or .h5" embed "$wav" --model "$tiny" --out .h5
for pool in segments segments: segments:0 segments:-1 segments:x segments:2x middle; do
    usage "--pool: expected center, mean, none or segments:K, found '$pool'" \
        embed "$wav" --model "$tiny" --out x.npy --pool "$pool"
done
for bad in f8 '' int F32 'f32 '; do
    for call in "embed --out x.npy" "encode --out x.npy" dimension; do
        # shellcheck disable=SC2086 # words
        usage "--precision: expected f32, bf16, int8 or auto, found '$bad'" $call "$wav" --model "$tiny" --precision "$bad"
    done
done
for bad in f8 auto; do
    usage "--precision: expected f32, bf16 or int8, found '$bad'" probe "$wav" --model "$tiny" --precision "$bad"
done
usage "--reference: expected laplacian, bipolar, car or none" embed "$wav" --model "$tiny" --out x.npy --reference x
for bad in 5000 1024 1e-5 0 9.99; do
    usage "--notch: expected 60, 50, another frequency from 10 to 1000 Hz or none" \
        embed "$wav" --model "$tiny" --out x.npy --notch "$bad"
done
for bad in -5 x '' inf nan; do
    usage "--notch: expected 60, 50, another frequency" embed "$wav" --model "$tiny" --out x.npy --notch "$bad"
    usage "--window: expected a number from" embed "$wav" --model "$tiny" --out x.npy --window "$bad"
    usage "--stride: expected a number from" embed "$wav" --model "$tiny" --out x.npy --stride "$bad"
    usage "--rate: expected a number from" embed "$wav" --model "$tiny" --out x.npy --rate "$bad"
    usage "--highpass: expected a number from" embed "$wav" --model "$tiny" --out x.npy --highpass="$bad"
done
usage "--stride" embed "$wav" --model "$tiny" --out x.npy --events annotations --stride 1
usage "--offset" embed "$wav" --model "$tiny" --out x.npy --offset -1
usage "--model is needed" dimension "$wav"
usage "--out: expected a name that ends in .tsv" dimension "$wav" --model "$tiny" --out x.npy
usage "--picture: expected a name that ends in .png" dimension "$wav" --model "$tiny" --picture x.jpg
usage "--share: expected a number from 0.01 to 0.9999" dimension "$wav" --model "$tiny" --share 1
usage "--windows: expected a whole number from 2 to 16384" dimension "$wav" --model "$tiny" --windows 1
usage "--normalize: expected window or session" dimension "$wav" --model "$tiny" --normalize x
for command in probe finetune; do
    call=("$command" "$wav" --model "$tiny")
    usage "--split: expected blocked, trial, session, subject or published, found 'x'" "${call[@]}" --split x
    usage "--folds: expected a whole number from 2" "${call[@]}" --folds 1
    usage "--repeats: expected a whole number from 1" "${call[@]}" --repeats 0
    usage "--gap: expected a number from 0" "${call[@]}" --gap -1
    usage "--controls: expected a whole number from 0" "${call[@]}" --controls -1
    usage "--best: expected a whole number from 0" "${call[@]}" --best -1
    usage "--normalize: expected window or session" "${call[@]}" --normalize none
    usage "--out: expected a name that ends in .json" "${call[@]}" --out x.html
    usage "--report: expected a name that ends in .html" "${call[@]}" --report x.json
    usage "--pool: expected center, mean or segments:K, found 'none'" "${call[@]}" --pool none
    usage "--window: expected a number from" "${call[@]}" --window 0
    usage "--reference: expected" "${call[@]}" --reference x
    usage "--cut: " "${call[@]}" --cut median
    usage "--cut: " "${call[@]}" --value x --cut most
    usage "--task: " "${call[@]}" --task loudness
    usage "--baseline: is one second class" "${call[@]}" --rest 1 --baseline -1
    usage "--events: belongs to one recording, found 2" "${call[@]}" "$wav" --events x.tsv
    usage "--times: belong to one recording, found 2" "${call[@]}" "$wav" --times a=x.txt,b=y.txt
done
usage "--decoder: expected convex, unit or mlp, found 'finetuned'" probe "$wav" --decoder finetuned
usage "--electrodes: expected each, together or pooled, found 'all'" probe "$wav" --electrodes all
for bad in '' x 1 '5,' 5:1:1 1:10:1 10:20 10:20:0 10:20:5:5 10,x 10,,20 5:1000000:1; do
    usage "--few-shot: expected numbers such as 50:1050:50 or 10,20,40, found '$bad'" probe "$wav" --few-shot "$bad"
done
usage "--runs: expected a whole number from 1" probe "$wav" --runs 0
usage "--model is needed" finetune "$wav"
usage "--dropout: expected a number from 0 to 0.99" finetune "$wav" --model "$tiny" --dropout 1
usage "--steps: expected a whole number from 1" finetune "$wav" --model "$tiny" --steps 0
usage "--out: expected a name that ends in .html" report x.json
usage "--out: expected a name that ends in .html" report x.json --out x.htm
usage "--notch: expected" pretrain "$wav" --out run --notch sixty
usage "--method: expected stft" pretrain "$wav" --out run --method wavelet
usage "--channels: expected a whole number from 1" simulate sim --channels 0
usage "--seconds: expected a number" simulate sim --seconds 0
usage "--rate: expected a whole number from 128" simulate sim --rate 1
usage "--rounds: expected a whole number from 0 to 99" bench --rounds 100
usage "--growth: expected a name that ends in .png" bench --growth x.svg
usage "--corpus: is not read with --growth" bench --growth x.png --corpus x.h5
usage "--hours: expected a number from 0.02 to 24" bench --growth x.png --hours 0.01
usage "--level: expected portable, avx2, avx512, avx512-vnni or avx512-bf16, found 'sse'" bench --level sse
expect_no_file x.npy x.tsv sim run x.json x.html

# No command makes the folder that its output is to lie in.
sim=(--channels 4 --seconds 2 --rate 256 --quiet)
for call in "embed $wav --model $tiny --out no/x.npy" "embed $wav --model $tiny --out no/x.h5" \
    "simulate no/sim" "prepare $wav --out no/x.h5" "convert $wav no/x.edf" "spectrogram $wav --out no/x.png" "dimension $wav --model $tiny --out no/x.tsv" \
    "dimension $wav --model $tiny --picture no/x.png" "probe $wav --out no/x.json" "probe $wav --report no/x.html" \
    "finetune $wav --model $tiny --out no/x.json" "bench --growth no/x.png" "report x.json --out no/x.html"; do
    # shellcheck disable=SC2086 # words
    expect_status 1 $call
    expect_in err ": cannot create: no such folder"
    expect_no_file no
done

# What a killed call left is removed by the next one for the same output, what a running one writes is not.
true & wait $!
gone=$!
mkdir "sim.tmp.$gone" && : >"sim.tmp.$gone/x" && mkdir "sim.tmp.$$" && : >"x.edf.tmp.$gone" && : >"x.npy.tmp.$gone"
expect_status 0 simulate sim "${sim[@]}"
expect_status 0 convert sim/sub-01/ieeg/*.edf x.edf
expect_status 0 embed x.edf --model "$tiny" --out x.npy
expect_same "$(echo ./*.tmp.*)" "./sim.tmp.$$"
rm -r sim sim.tmp.* x.*

# Behind "--" every word is an input.
expect_status 1 info -- --json
expect_in err "--json: cannot open"
# "--name=value" is "--name value".
expect_status 0 info "$wav" --rate=1024 --json
expect_same "$(json rate_hz)" 1024
