#!/usr/bin/env bash
# `pretrain`: learns; killed at any moment and resumed it ends with the same bytes; parts of a batch, signals, a full disk,
# a loss that explodes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tiny=$golden/tiny
expect_status 0 simulate tree --subjects 2 --channels 10 --seconds 40 --rate 1024 --seed 3 --quiet
expect_status 0 prepare tree --out c.h5 --window 2 --quiet

train() { # train RUN ARGUMENT...
    local run=$1
    shift
    expect_status 0 pretrain c.h5 --out "$run" --model "$tiny" --batch 8 --threads 1 --quiet "$@"
}
loss() { sed -n "$2p" "$1/metrics.jsonl" | grep -o '"loss": [0-9.]*' | cut -d' ' -f2; }
near() { awk -v a="$1" -v b="$2" -v r="$3" 'BEGIN { exit !(a > 0 && (a - b) * (a - b) <= r * r * b * b) }'; }

# ---- it learns: the loss of windows that are not trained on falls, and the best checkpoint is a model
train long --steps 60 --rate 3e-3 --optimizer adamw --check-every 20 --json
expect_same "$(json steps)" 60
validation=$(grep -o '"validation_loss": [0-9.]*' long/metrics.jsonl | cut -d' ' -f2)
expect_same "$(wc -l <<<"$validation")" 3
awk -v first="$(head -1 <<<"$validation")" -v last="$(tail -1 <<<"$validation")" 'BEGIN { exit !(last < first) }' ||
    fail "the validation loss does not fall: $validation"
expect_status 0 embed tree/sub-01/ieeg/*.edf --model long/best --out features.npy --quiet
expect_finite features.npy
expect_same "$(find long/pictures -name '*.png' | wc -l)" 3
expect_status 1 pretrain c.h5 --out long --model "$tiny" --steps 5
expect_in err "holds a run already"

# ---- killed again and again at any moment, the same weights as without, in either precision
for precision in f32 bf16; do
    rm -rf whole killed
    train whole --steps 24 --check-every 4 --precision $precision
    expect_in whole/options.json "\"precision\":	\"$precision\""
    for wait in 0.3 0.15 0.4 0.2 0.5; do
        how=(--resume) # follows the run's own precision
        [ -e killed/last ] || { how=(--steps 24 --check-every 4 --precision "$precision"); rm -rf killed; }
        "$BB_PROGRAM" pretrain c.h5 --out killed --model "$tiny" --batch 8 --threads 1 --quiet "${how[@]}" >/dev/null 2>&1 &
        sleep "$wait"
        kill -9 $! 2>/dev/null
        wait $! 2>/dev/null
    done
    if [ -e killed/last ]; then how=(--resume); else how=(--steps 24 --check-every 4 --precision "$precision"); rm -rf killed; fi
    train killed "${how[@]}"
    for file in model.safetensors training.safetensors state.json; do
        cmp "whole/last/$file" "killed/last/$file" || fail "$precision: after kills and resumptions $file is another"
    done
    expect_same "$(grep -c . killed/metrics.jsonl)" 24
    expect_same "$(find killed -name '*.tmp*' | wc -l)" 0
done

# ---- Ctrl-C ends with a checkpoint; the run goes on from it
"$BB_PROGRAM" pretrain c.h5 --out stopped --model "$tiny" --batch 8 --threads 1 --steps 100000 --quiet >out 2>err &
for _ in $(seq 100); do [ -s stopped/metrics.jsonl ] && break; sleep 0.1; done
kill -INT $!
wait $! && fail "a stopped run says that it is done"
expect_in err "stopped after step" "--resume goes on"
[ -e stopped/last/model.safetensors ] || fail "no checkpoint after Ctrl-C"

# ---- parts of a batch, and threads: the same curve to float32's rounding
train parts --steps 10 --memory 0.1 --dropout 0.1
expect_status 0 pretrain c.h5 --out threads --model "$tiny" --batch 8 --threads 2 --quiet --steps 10 --dropout 0.1
for step in 1 5 10; do
    near "$(loss parts $step)" "$(loss threads $step)" 1e-5 || fail "step $step: parts and threads change the loss"
done

# ---- bf16: near float32's curve and not on it; a processor without units for it is told of, once
expect_status 0 pretrain c.h5 --out bf16 --model "$tiny" --batch 8 --threads 2 --steps 10 --dropout 0.1 --precision bf16
warnings=$(grep -c "no units for bf16: --precision f32 would be faster" err)
case $(uname -m)-$(grep -c -m 1 avx512_bf16 /proc/cpuinfo) in
x86_64-0) expect_same "$warnings" 1 ;;
x86_64-1) expect_same "$warnings" 0 ;;
esac
for step in 1 5 10; do # an operand is rounded by up to 2^-9; of what that does to a loss the most part averages out
    near "$(loss bf16 $step)" "$(loss threads $step)" 3e-3 || fail "step $step: bf16 is far from float32"
done
near "$(loss bf16 10)" "$(loss threads 10)" 1e-7 && fail "bf16 changes nothing"

# ---- a loss that comes apart stops the run with a message
expect_status 1 pretrain c.h5 --out wild --model "$tiny" --batch 8 --steps 200 --rate 10 --warm-up 0 --optimizer adamw --quiet \
    --clip 0
expect_in err "come apart" "lower learning rate"

# ---- a full disk is reported, and the last checkpoint stays whole
train full --steps 4 --check-every 4
(
    trap '' XFSZ
    ulimit -f 100 # kB; a checkpoint of the moments takes 600
    "$BB_PROGRAM" pretrain c.h5 --out full2 --model "$tiny" --batch 8 --steps 4 --quiet >out 2>err
) && fail "a full disk was not noticed"
expect_in err "safetensors"
expect_no_file full2/last
expect_status 0 info full/last

# ---- a run from before there was a choice of precision
sed -i '/"precision"/d' full/options.json
train full --resume

# ---- wrong calls
expect_status 2 pretrain c.h5
expect_status 2 pretrain c.h5 --out x --steps 0
expect_status 1 pretrain c.h5 --out x --mask round
expect_in err "static or adaptive"
expect_status 1 pretrain c.h5 --out x --precision f16
expect_in err "f32 or bf16"
expect_status 1 pretrain c.h5 --out x --size huge
expect_status 1 pretrain c.h5 --out x --size small --hold-out 9
expect_in err "hold out"
expect_status 1 pretrain tree/sub-01/ieeg/*.edf --out x --size small
expect_status 1 pretrain c.h5 --out nothing --resume
expect_no_file x nothing
