#!/usr/bin/env bash
# embed where something is odd or goes wrong: the same bytes each time, gaps in the data, no half-written files.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tiny=$golden/tiny wav=$golden/wav.npy
expect_status 0 simulate sim --channels 8 --seconds 21 --rate 512 --seed 3
edf=sim/sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf

# Twice the same bytes, in both kinds of file, on any number of threads.
for kind in npy h5; do
    expect_status 0 embed "$edf" --model "$tiny" --out a.$kind --threads 2
    sleep 1.1 # HDF5's time stamps count seconds
    expect_status 0 embed "$edf" --model "$tiny" --out b.$kind --threads 2
    cmp -s a.$kind b.$kind || fail "two runs write different .$kind"
done
cmp -s a.tsv b.tsv || fail "two runs write different .tsv"
expect_status 0 embed "$edf" --model "$tiny" --out one.npy --threads 1
cmp -s one.npy a.npy || fail "one thread writes other features than two"
expect_status 0 simulate again --channels 8 --seconds 21 --rate 512 --seed 3
diff -r sim again >/dev/null || fail "simulate writes different files for one seed"

# What describes the electrodes goes with the features; nothing that was read is written over.
expect_status 0 embed "$edf" --model "$tiny" --out described.npy
cp described.json out
expect_same "$(json format coordinate_unit pooling | tr '\n' ' ')" "brainbert features mm center "
expect_in described.json '"region"' '"position"' '"SEEG"' '"laplacian"'
beside=${edf%.edf}
cp "$beside.json" kept.json
expect_status 1 embed "$edf" --model "$tiny" --out "$beside.npy"
expect_in err "$beside.json: writing $beside.npy would replace it"
cmp kept.json "$beside.json" || fail "a sidecar was written over"
expect_no_file "$beside.npy" "$beside.tsv"

# Untrained models say so.
expect_status 0 embed "$wav" --model untrained:small --out small.npy
expect_shape small.npy "1 1 384"
expect_in err "untrained:small: warning: its weights are untrained"

# Values that are not finite: a warning, and features all the same.
header=$(($(wc -c <"$wav") - 10240 * 8))
{
    tail -c +$((header + 1)) "$wav" | head -c 16000
    for _ in 1 2 3; do printf '\0\0\0\0\0\0\370\177'; done # NaN
    printf '\0\0\0\0\0\0\360\377'                           # -infinity
    tail -c +$((header + 1 + 16000 + 32)) "$wav"
} | write_npy gaps.npy '<f8' '10240,'
expect_status 0 embed gaps.npy --model "$tiny" --out gaps_out.npy
expect_in err "gaps.npy: warning: 4 samples were not finite" \
    'gaps.npy: 1 of 1 channels has unsound stretches (ch1 missing 2 ms): the table'
expect_finite gaps_out.npy
expect_same "$(cut -f 7 gaps_out.tsv | tr '\n' ' ')" "unsound missing "
expect_status 0 embed gaps.npy --model "$tiny" --out gaps_out.h5
expect_in err "the dataset \`unsound\` marks their windows"
expect_status 0 embed gaps.npy --model "$tiny" --out gaps_quiet.npy --quiet
[ -s err ] && fail "--quiet is not: $(cat err)"
{
    tail -c +$((header + 1)) "$wav" | head -c 40000
    head -c 41920 /dev/zero
} | write_npy still.npy '<f8' '10240,'
expect_status 0 embed still.npy --model "$tiny" --out still.npy.npy --window 1
expect_in err "(ch1 flat 2.6 s)"
expect_same "$(tail -n +2 still.npy.tsv | cut -f 7 | tr '\n' ' ')" "  flat flat flat "
for ((i = 0; i < 10240; ++i)); do printf '\0\0\300\177'; done | write_npy nan.npy '<f4' '10240,'
expect_status 0 embed nan.npy --model "$tiny" --out nan_out.npy
expect_in err "nan.npy: warning: 10240 samples were not finite"
expect_finite nan_out.npy

# Shorter than a window: one window of all of it, and a word about that.
head -c $((10240 * 4)) /dev/zero | write_npy zeros.npy '<f4' '10240,'
expect_status 0 embed zeros.npy --model "$tiny" --out zeros_out.npy
expect_finite zeros_out.npy
head -c $((4096 * 4)) "$wav" | write_npy short.npy '<f4' '4096,'
expect_status 0 embed short.npy --model "$tiny" --out short_out.npy
expect_in err "short.npy: warning: 2 s are shorter than a window of 5 s"
expect_shape short_out.npy "1 1 64"

# refused TEXT ARGUMENT...: exit status 1, the message, and neither array nor table, nor anything half-written.
refused() {
    local text=$1
    shift
    mkdir place
    for kind in npy h5; do
        expect_status 1 embed "$@" --out place/f.$kind
        expect_in err "$text"
    done
    rmdir place 2>/dev/null || fail "left behind: $(ls place)"
}
refused "short.npy: " short.npy --model "$tiny" --window 5
refused "evil.pth: " "$wav" --model "$golden/evil.pth"
expect_in err "posix.system"
expect_no_file brainbert_was_here "$golden/brainbert_was_here"
refused "nothing.edf: cannot open" nothing.edf --model "$tiny"
refused "nothing: cannot open" "$wav" --model nothing
refused "ZZ9" "$edf" --model "$tiny" --channels ZZ9
refused "ZZ9" "$edf" --model "$tiny" --bads ZZ9
refused "LA1" "$edf" --model "$tiny" --channels LA1 # the shaft's end has no Laplacian
refused "nothing.tsv: cannot open" "$edf" --model "$tiny" --events nothing.tsv
printf 'onset\tduration\ttrial_type\n100\t1\tx\n' >late.tsv
refused "no event's window lies inside" "$edf" --model "$tiny" --events late.tsv
printf 'onset\tduration\ttrial_type\n' >none.tsv
refused "none.tsv: expected events, found none" "$edf" --model "$tiny" --events none.tsv
refused "expected events, found none" "$wav" --model "$tiny" --events annotations
refused "." . --model "$tiny"
refused "leave no spectrogram frame" "$wav" --model "$tiny" --window 0.1

# Nowhere to write.
expect_status 1 embed "$wav" --model "$tiny" --out nowhere/f.npy
expect_in err "nowhere/f.npy: cannot create"
mkdir sealed f.npy
if [ "$(id -u)" -ne 0 ]; then
    chmod 555 sealed
    expect_status 1 embed "$wav" --model "$tiny" --out sealed/f.npy
    expect_in err "sealed/f.npy"
fi
for kind in npy h5; do
    mkdir -p f.$kind
    expect_status 1 embed "$wav" --model "$tiny" --out f.$kind # a directory stands there
    expect_in err "f.$kind"
    expect_same "$(echo ./*.tmp.*)" "./*.tmp.*"
done
expect_no_file f.tsv

# A recording, or the events, are never overwritten by what comes out.
cp "$wav" own.npy
expect_status 1 embed own.npy --model "$tiny" --out own.npy
expect_in err "own.npy"
expect_status 1 spectrogram own.npy --out ./own.npy
expect_in err "own.npy: writing ./own.npy would replace it"
cmp -s own.npy "$wav" || fail "the recording was overwritten"
cp "$edf" own.edf
expect_status 1 convert own.edf own.edf
cmp -s own.edf "$edf" || fail "the recording was overwritten"
cp "$golden/tiny_input.npy" in.npy
expect_status 1 encode in.npy --model "$tiny" --out in.npy
cmp -s in.npy "$golden/tiny_input.npy" || fail "the input was overwritten"
cp late.tsv words.tsv
expect_status 1 embed "$edf" --model "$tiny" --events words.tsv --offset -95 --out words.npy
expect_in err "words.tsv"
cmp -s words.tsv late.tsv || fail "the table of events was overwritten"

# A full disk, here a limit on the size of files: exit status 1 and nothing left.
mkdir full
for kind in npy h5; do
    status=0
    (
        trap '' XFSZ
        ulimit -f 8 # KiB
        exec "$BB_PROGRAM" embed "$edf" --model "$tiny" --out full/f.$kind --pool none
    ) >out 2>err || status=$?
    expect_same "$kind $status" "$kind 1"
    expect_in err "full/f.$kind"
    expect_same "$(echo full/*)" "full/*"
done
(
    trap '' XFSZ
    ulimit -f 8
    ! "$BB_PROGRAM" encode "$golden/tiny_input.npy" --model "$tiny" --out full/e.npy 2>>err &&
        ! "$BB_PROGRAM" spectrogram "$wav" --out full/s.npy 2>>err &&
        ! "$BB_PROGRAM" spectrogram "$wav" --out full/s.png 2>>err &&
        ! "$BB_PROGRAM" convert "$edf" full/c.edf 2>>err &&
        ! "$BB_PROGRAM" convert "$tiny" full/model 2>>err
) || fail "a full disk passes for success"
expect_no_file full/e.npy full/s.npy full/s.png full/c.edf full/model/config.json full/model/model.safetensors

# Killed: nothing under the final name. Asked to stop: nothing at all, and a word.
expect_status 0 simulate long --channels 16 --seconds 300 --rate 512
long=long/sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf
mkdir killed stopped
for signal in KILL INT; do
    folder=killed
    [ $signal = INT ] && folder=stopped
    for kind in npy h5; do
        set -m # without job control a background job ignores SIGINT
        "$BB_PROGRAM" embed "$long" --model untrained:large --threads 1 --out $folder/f.$kind 2>err &
        job=$!
        set +m
        for ((i = 0; i < 600; ++i)); do # until it has begun to write
            compgen -G "$folder/f.$kind.tmp.*" >/dev/null && break
            sleep 0.05
        done
        kill -$signal $job
        status=0
        wait $job 2>/dev/null || status=$?
        expect_no_file $folder/f.npy $folder/f.tsv $folder/f.h5
        [ $signal = KILL ] || expect_same "$kind $status" "$kind 1"
    done
done
[ -s err ] || fail "stopped without a word"
rmdir stopped 2>/dev/null || fail "left behind: $(ls stopped)"
