#!/usr/bin/env bash
# `pretrain`: learns; killed at any moment and resumed it ends with the same bytes; parts of a batch, signals, a full disk,
# a loss that explodes; straight from recordings.
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
# How often a curve or picture stands in the events for TensorBoard.
events() { LC_ALL=C grep -aoF "$2" "$1/events.out.tfevents.0.brainbert" | wc -l; }
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
expect_same "$(events long train/loss) $(events long validation/loss) $(events long prediction)" "60 3 3"
expect_status 1 pretrain c.h5 --out long --model "$tiny" --steps 5
expect_in err "holds a run already"

# ---- normalised by session, from a corpus prepared for either: other spectrograms, and embed follows the model
train session --steps 2 --normalize session
expect_in session/last/config.json '"session"'
near "$(loss session 1)" "$(loss long 1)" 1e-6 && fail "--normalize session gives the loss that window gives"
expect_status 0 embed tree/sub-01/ieeg/*.edf --model session/last --out by_model.npy --quiet
expect_status 0 embed tree/sub-01/ieeg/*.edf --model session/last --normalize session --out by_call.npy --quiet
expect_in session/last/config.json "masked pretraining" '"begun_from":	"tiny"' '"steps":	2'
# Begun from a model, the training goes on as the model was trained.
expect_status 0 pretrain c.h5 --out further --model session/last --steps 1 --batch 8 --quiet
expect_in further/last/config.json '"session"'
cmp by_model.npy by_call.npy || fail "the model's normalisation is not followed"

# ---- as in the published code: other initial weights and loss mask, normalised by window
for published in "" --published; do
    # shellcheck disable=SC2086 # an option, or none
    expect_status 0 pretrain c.h5 --out "new$published" --size small --batch 2 --threads 1 --steps 1 --quiet $published
done
expect_in new--published/options.json "\"published\":	true"
expect_in new--published/last/config.json '"window"'
near "$(loss new 1)" "$(loss new--published 1)" 1e-6 && fail "--published changes nothing"

# ---- killed at 20 random moments, start-up and checkpoints among them, the same bytes as without
steps=(--batch 2 --steps 200 --check-every 20)
same_as_whole() {
    local file
    for file in model.safetensors training.safetensors state.json; do
        cmp "whole/last/$file" "killed/last/$file" || fail "after $kills kills and resumptions $file is another"
    done
    expect_same "$(grep -c . killed/metrics.jsonl)" 200
    expect_same "$(events killed train/loss) $(events killed prediction)" "200 10"
    # Rates and dates have a fixed width.
    expect_same "$(stat -c %s killed/events.out.tfevents.0.brainbert)" "$(stat -c %s whole/events.out.tfevents.0.brainbert)"
    expect_same "$(find killed -name '*.tmp*' | wc -l)" 0
}
begun=$(date +%s%N)
train whole "${steps[@]}"
whole_ns=$(($(date +%s%N) - begun))
kills=0
RANDOM=1
while [ $kills -lt 20 ]; do
    resume=(--resume)
    [ -e killed/options.json ] || { resume=("${steps[@]}"); rm -rf killed; }
    "$BB_PROGRAM" pretrain c.h5 --out killed --model "$tiny" --threads 1 --quiet "${resume[@]}" >out 2>err &
    sleep "$(awk -v r=$RANDOM -v t="$whole_ns" 'BEGIN { print r / 32768 * t * 1e-9 / 5 }')"
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    case $? in
    137) kills=$((kills + 1)) ;;
    0) same_as_whole && rm -rf killed ;; # was faster: once more, until there are 20
    *) fail "a run that was killed $kills times does not go on" ;;
    esac
done
resume=(--resume)
[ -e killed/options.json ] || { resume=("${steps[@]}"); rm -rf killed; }
train killed "${resume[@]}"
same_as_whole

# ---- the same in bf16, whose precision the run keeps
train whole16 --steps 12 --check-every 4 --precision bf16
expect_in whole16/options.json "\"precision\":	\"bf16\""
"$BB_PROGRAM" pretrain c.h5 --out cut16 --model "$tiny" --batch 8 --threads 1 --quiet --steps 12 --check-every 4 --precision bf16 &
for _ in $(seq 100); do [ -e cut16/last ] && break; sleep 0.02; done
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
train cut16 --resume
cmp whole16/last/model.safetensors cut16/last/model.safetensors || fail "bf16: killed and resumed, another model"

# ---- Ctrl-C ends with a checkpoint; the run goes on from it
"$BB_PROGRAM" pretrain c.h5 --out stopped --model "$tiny" --batch 8 --threads 1 --steps 100000 --quiet >out 2>err &
for _ in $(seq 100); do [ -s stopped/metrics.jsonl ] && break; sleep 0.1; done
kill -INT $!
wait $! && fail "a stopped run says that it is done"
expect_in err "stopped after step" "--resume goes on"
[ -e stopped/last/model.safetensors ] || fail "no checkpoint after Ctrl-C"
# Also in the middle of products large enough that oneDNN's data below the stack pointer would be overwritten.
for name in INT TERM USR1; do
    "$BB_PROGRAM" pretrain c.h5 --out "by$name" --size small --batch 8 --threads 1 --steps 100000 --quiet >out 2>err &
    for _ in $(seq 100); do [ -s "by$name/metrics.jsonl" ] && break; sleep 0.1; done
    sleep 0.1
    kill -$name $!
    status=0
    wait $! || status=$?
    expect_same "$name: $status" "$name: 1"
    [ -e "by$name/last/model.safetensors" ] || fail "no checkpoint after SIG$name"
    rm -r "by$name"
done

# ---- parts of a batch, and threads: the same curve of 50 steps to float32's rounding
expect_status 0 pretrain c.h5 --out whole32 --model "$tiny" --batch 32 --threads 2 --steps 50 --json
expect_same "$(json windows_at_a_time)" 32
train parts --batch 32 --steps 50 --memory 0.0038 --json
expect_same "$(json windows_at_a_time)" 4
for step in $(seq 50); do
    near "$(loss parts "$step")" "$(loss whole32 "$step")" 1e-5 || fail "step $step: parts and threads change the loss"
done

# ---- bf16: near float32's curve and not on it; a processor without units for it is told of, once
expect_status 0 pretrain c.h5 --out bf16 --model "$tiny" --batch 32 --threads 2 --steps 10 --precision bf16
warnings=$(grep -c "no units for bf16: --precision f32 would be faster" err)
case $(uname -m)-$(grep -c -m 1 avx512_bf16 /proc/cpuinfo) in
x86_64-0) expect_same "$warnings" 1 ;;
x86_64-1) expect_same "$warnings" 0 ;;
esac
for step in 1 5 10; do # an operand is rounded by up to 2^-9; of what that does to a loss the most part averages out
    near "$(loss bf16 $step)" "$(loss whole32 $step)" 3e-3 || fail "step $step: bf16 is far from float32"
done
near "$(loss bf16 10)" "$(loss whole32 10)" 1e-7 && fail "bf16 changes nothing"

# ---- a run goes on with its own memory, and with no other corpus; with recordings too short to validate on it says so
train small --batch 32 --steps 2 --memory 0.0038
sed -i 's/"steps":[^,]*,/"steps": 3,/' small/options.json
train small --resume --json
expect_same "$(json windows_at_a_time)" 4
expect_status 0 prepare tree --out other.h5 --window 2 --reference none --quiet
expect_status 1 pretrain other.h5 --out small --resume
expect_in err "another corpus than other.h5"
expect_status 0 prepare tree --out long.h5 --window 30 --quiet
expect_status 0 pretrain long.h5 --out unchecked --model "$tiny" --steps 1 --batch 1 --threads 1
expect_in err "no windows to validate on"
expect_same "$(readlink unchecked/best)" "$(readlink unchecked/last)"
rm unchecked/last # lost in a copy
expect_status 0 pretrain long.h5 --out unchecked --resume --threads 1 --quiet
expect_same "$(grep -c . unchecked/metrics.jsonl)" 1

# ---- a loss that comes apart stops the run with a message
expect_status 1 pretrain c.h5 --out wild --model "$tiny" --batch 8 --steps 200 --rate 10 --warm-up 0 --optimizer adamw --quiet \
    --clip 0
expect_in err "come apart" "lower learning rate"

# ---- a full disk at a checkpoint: a message; the checkpoint before stays whole, and the run goes on from it
on_full_disk() { # on_full_disk RUN ARGUMENT...
    local run=$1
    shift
    (
        trap '' XFSZ
        ulimit -f 500 # kB; a checkpoint of the moments takes 600, everything else less
        expect_status 1 pretrain c.h5 --out "$run" --model "$tiny" --batch 8 --threads 1 --quiet "$@"
    ) || exit 1
    expect_in err "$run/checkpoint-" "safetensors" "File too large"
    expect_same "$(find "$run" -name '*.tmp*' | wc -l)" 0
}
on_full_disk first --steps 4
expect_no_file first/last
train full --steps 4 --check-every 4
sed -i 's/"steps":[^,]*,/"steps": 8,/' full/options.json # it was to be longer
cp -r full/last/ before
on_full_disk full --resume
diff -r before full/last/ || fail "the checkpoint before the full disk is another"
expect_status 0 info full/last
train full --resume
expect_same "$(grep -o '"step":[^,]*' full/last/state.json | tr -dc 0-9)" 8

# ---- straight from recordings: the same corpus, the same model as in two calls
how=(--window 2 --method morlet --reference bipolar)
expect_status 0 prepare tree --out morlet.h5 --quiet "${how[@]}"
size=(--size small --batch 2 --threads 1 --steps 2)
expect_status 0 pretrain morlet.h5 --out two "${size[@]}" --quiet
expect_status 0 pretrain tree --out one "${size[@]}" "${how[@]}" --json
expect_in err "one/corpus.h5: " "2 recordings prepared"
expect_same "$(json out steps | tr '\n' ' ')" "one 2 "
cmp morlet.h5 one/corpus.h5 || fail "pretrain prepares another corpus than prepare"
cmp two/last/model.safetensors one/last/model.safetensors || fail "trained straight from recordings, another model"
# Nothing is prepared beside a run that is there already, and a run's recordings do not change.
expect_status 1 pretrain tree --out two "${size[@]}"
expect_in err "holds a run already"
expect_no_file two/corpus.h5
expect_status 0 pretrain ./tree --out one --resume --quiet
expect_status 0 pretrain one/corpus.h5 --out one --resume --quiet
expect_status 1 pretrain tree/sub-01/ieeg/*.edf --out one --resume
expect_in err "other recordings than the call's" "it holds tree/sub-02"
expect_status 1 pretrain tree morlet.h5 --out one --resume
expect_in err "other recordings than the call's" "it lacks morlet.h5"
# Stopped while it prepares or before its first step, the same call goes on; later, --resume.
mkdir rest && cp one/corpus.h5 rest
expect_status 0 pretrain tree --out rest "${size[@]}" "${how[@]}"
expect_in err "0 recordings prepared, 2 found finished"
cmp one/last/model.safetensors rest/last/model.safetensors || fail "from a corpus that was finished, another model"
"$BB_PROGRAM" pretrain tree --out cut --model "$tiny" --window 2 --steps 100000 --batch 8 --threads 1 --quiet >out 2>err &
for _ in $(seq 100); do [ -s cut/metrics.jsonl ] && break; sleep 0.1; done
kill -INT $!
wait $! && fail "a stopped run says that it is done"
taken=$(grep -c . cut/metrics.jsonl)
sed -i "s/100000/$((taken + 2))/" cut/options.json
expect_status 0 pretrain tree --out cut --resume --threads 1 --quiet
expect_same "$(events cut train/loss)" $((taken + 2))
expect_status 1 pretrain c.h5 --out x --window 2
expect_in err "prepared already"
expect_status 1 pretrain tree/dataset_description.json --out x
expect_status 1 pretrain tree/sub-01/ieeg/*.edf c.h5 --out x
expect_no_file x

# ---- a run from before there was a choice of precision
sed -i '/"precision"/d' full/options.json
train full --resume

# ---- wrong calls
expect_status 2 pretrain c.h5
expect_status 2 pretrain c.h5 --out x --steps 0
expect_status 2 pretrain c.h5 --out x --mask round
expect_in err "static or adaptive"
expect_status 2 pretrain c.h5 --out x --normalize round
expect_in err "expected window or session"
expect_status 2 pretrain tree --out x --normalize none
expect_status 1 pretrain tree --out x --model nowhere
expect_status 2 pretrain c.h5 --out x --precision f16
expect_in err "f32 or bf16"
expect_status 1 pretrain c.h5 --out x --size huge
expect_status 1 pretrain c.h5 --out x --size small --hold-out 9
expect_in err "found '9'"
expect_status 1 pretrain none.h5 --out x --size small
expect_status 1 pretrain c.h5 --out nothing --resume
expect_status 1 pretrain tree --out nothing --resume
expect_no_file x nothing
