#!/usr/bin/env bash
# `finetune`: learns; killed at any moment, the same call goes on and ends with the same results; models of its folds load.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$tmp/cache
tiny=$golden/tiny
simulated=(--channels 8 --rate 1024 --mains 0 --snr 6 --responding 2 --seed 3 --quiet)
expect_status 0 simulate one --seconds 90 --events 60 "${simulated[@]}"
expect_status 0 simulate two --seconds 30 --events 20 --subjects 2 "${simulated[@]}"
one=$(echo one/sub-01/ieeg/*.edf)
labels=(--window 0.5 --offset 0 --reference none --folds 2 --draws 50 --threads 1 --quiet)
call=("$one" --model "$tiny" --classes "word/loud,word/soft" "${labels[@]}" --channels "LA6,LA7" --controls 1 --batch 16
    --check-every 8 --json)

# ---- a linear unit alone, and all of it: words against none, the burst in the middle of the window, at a contact that responds
# (LA6; spectrograms have 0.97 there) and one that does not
expect_in one/derivatives/truth/sub-01_truth.json '"responding": ["LA6", "LA8"]'
baseline=("$one" --model "$tiny" --baseline -1.1 "${labels[@]}" --window 1 --offset -0.35 --channels "LA6,LA7" --controls 0 --batch 32 --json)
for freeze in "" --freeze; do
    # shellcheck disable=SC2086 # no word where it is empty
    expect_status 0 finetune "${baseline[@]}" --steps 60 --head-rate 0.01 --encoder-rate 1e-3 --dropout 0 $freeze
    cp out "learned$freeze"
    expect_same "$(json tasks.0.decoder tasks.0.results.{0,1}.{features,electrode} 'tasks.0.summary#' | tr '\n' ';')" \
        "fine-tuned model;finetuned;LA6;finetuned;LA7;1;"
    json tasks.0.results.{0,1}.roc_auc | paste -s | awk '{ exit !($1 > 0.85 && $2 < 0.75) }' || fail "it does not learn"
done
cmp -s learned learned--freeze && fail "--freeze changes nothing"

# ---- the same call gives the same bytes, with a run folder or without
expect_status 0 finetune "${call[@]}" --steps 40
cp out whole
expect_status 0 finetune "${call[@]}" --steps 40 --run run --out r.json --report r.html
cmp -s out whole || fail "--run changes the results"
cmp -s <(cat r.json; echo) out || cmp -s r.json out || fail "--out is not what --json prints"
expect_in r.html "finetuned" "</html>"
expect_same "$(cd run && echo */*/*)" "$(echo LA{6,7}/fold-{1,2}/{labels,shuffle-1})"
files() { find run -type f -exec cksum {} + && find run -path '*checkpoint-*' -printf '%p %T@\n' | sort; }
before=$(files)
expect_status 0 finetune "${call[@]}" --steps 40 --run run
cmp -s out whole || fail "a run that is done gives other results"
[ "$(files)" = "$before" ] || fail "a run that is done was trained again"
expect_status 1 finetune "${call[@]}" --steps 41 --run run
expect_in err "steps"
[ "$(files)" = "$before" ] || fail "another call changed the run"

# ---- killed again and again, the same bytes in the end
kills=0
for ((tries = 0; tries < 40; ++tries)); do
    "$BB_PROGRAM" finetune "${call[@]}" --steps 40 --run killed >out 2>err &
    sleep "0.$((2 + RANDOM % 4))$((RANDOM % 10))"
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    status=$?
    case $status in
    137) kills=$((kills + 1)) ;;
    0) rm -rf killed ;; # was faster: once more
    *) fail "killed $kills times it does not go on" ;;
    esac
    [ $kills -lt 5 ] || break
done
[ $kills -gt 0 ] || fail "no call was killed in $tries"
expect_status 0 finetune "${call[@]}" --steps 40 --run killed
cmp -s out whole || fail "killed $kills times it ends with other results"
for folder in LA6/fold-1/labels LA7/fold-2/shuffle-1; do
    cmp run/$folder/last/model.safetensors killed/$folder/last/model.safetensors || fail "$folder: another model"
done
expect_same "$(find killed -name '*.tmp*' | wc -l)" 0

# ---- a fold's model is a model
expect_status 0 embed "$one" --model run/LA6/fold-1/labels/best --out tuned.npy --window 0.5 --channels LA6 --reference none --quiet
expect_status 0 embed "$one" --model "$tiny" --out tiny.npy --window 0.5 --channels LA6 --reference none --quiet
expect_same "$("$BB_NPY_DIFF" --shape tuned.npy)" "$("$BB_NPY_DIFF" --shape tiny.npy)"
expect_finite tuned.npy
cmp -s tuned.npy tiny.npy && fail "fine-tuning changed nothing"
expect_status 0 info run/LA6/fold-1/labels/best
expect_status 0 probe "$one" --model run/LA6/fold-1/labels/best --classes "word/loud,word/soft" "${labels[@]}" --channels LA6 \
    --features encoder --controls 0

# ---- subjects whose electrodes have the same names
expect_status 0 finetune two --model "$tiny" --classes "word/loud,word/soft" "${labels[@]}" --channels LA4 --controls 0 \
    --steps 2 --run runs --json
expect_same "$(cd runs && echo */*)" "$(echo sub-0{1,2}_LA4/fold-{1,2})"
expect_same "$(json tasks.0.results.{0,1}.windows | tr '\n' ' ')" "20 20 "

# ---- the best electrode; numbers; several sessions
expect_status 0 finetune "${baseline[@]}" --best 1 --steps 2
expect_same "$(json 'tasks.0.results#')" 1
expect_status 0 finetune "${baseline[@]:0:3}" "${labels[@]}" --value duration --channels LA6 --controls 0 --steps 2 --json
expect_same "$(json tasks.0.measure)" pearson_r

# ---- what fails
expect_status 2 finetune "$one"
expect_in err "--model is needed"
expect_status 1 finetune "${call[@]}" --split subject
expect_in err "no fine-tuning"
expect_status 1 finetune "${call[@]}" --model nothing
: >file
expect_status 1 finetune "${call[@]}" --steps 2 --run file
expect_status 1 finetune "${call[@]}" --steps 2 --normalize session --head-rate 0
expect_in err "rate"
