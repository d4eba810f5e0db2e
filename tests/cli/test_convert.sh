#!/usr/bin/env bash
# convert: checkpoints to a folder that encodes the same, recordings to EDF+ and back.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
input=$golden/stft_pretrain.npy

for model in tiny tiny.pth tiny_half.pth tiny_legacy.pth; do
    expect_status 0 convert "$golden/$model" "$model.d"
    expect_same "$(cd "$model.d" && echo ./*)" "./config.json ./model.safetensors"
    expect_status 0 encode "$input" --model "$golden/$model" --out a.npy
    expect_status 0 encode "$input" --model "$model.d" --out b.npy
    cmp -s a.npy b.npy || fail "$model: the converted model gives other bytes"
    expect_status 0 convert "$model.d" twice --quiet
    [ ! -s err ] || fail "--quiet is not quiet"
    cmp -s "$model.d/model.safetensors" twice/model.safetensors || fail "$model: converted twice, other weights"
    expect_status 0 info "$model.d" --json
    expect_same "$(json hidden_dim layers heads recipe_stated | tr '\n' ' ')" "64 2 4 true "
done
# Half the bytes: the numbers of tiny_half.pth, which PyTorch rounded.
expect_status 0 convert "$golden/tiny" half --float16
[ "$(wc -c <half/model.safetensors)" -lt "$(($(wc -c <"$golden/tiny/model.safetensors") * 6 / 10))" ] || fail "float16 is too long"
expect_status 0 encode "$input" --model half --out a.npy
expect_status 0 encode "$input" --model "$golden/tiny_half.pth" --out b.npy
cmp -s a.npy b.npy || fail "--float16 rounds otherwise than PyTorch"
"$BB_JSON_GET" hidden_dim <tiny.pth.d/config.json >/dev/null 2>&1 || "$BB_JSON_GET" <tiny.pth.d/config.json ||
    fail "config.json is no JSON"
expect_status 0 convert "$golden/tiny" deep/er/folder
expect_status 1 convert "$golden/evil.pth" evil
expect_in err "evil.pth" "posix.system"
expect_no_file evil/model.safetensors evil/config.json brainbert_was_here
expect_status 1 convert nothing.pth nothing
expect_in err "nothing.pth: cannot open"
expect_no_file nothing
for name in wav x.npy x.vhdr .edf; do # a recording, but none of these is an EDF file
    expect_status 1 convert "$golden/wav.npy" "$name"
    expect_in err "is a recording, which is written as EDF+: expected a name that ends in .edf, found '$name'"
    expect_no_file "$name"
done
expect_status 0 convert "$golden/wav.npy" x.EDF
expect_status 0 info x.EDF
: >taken
expect_status 1 convert "$golden/tiny" taken
expect_in err "taken"

# A recording to EDF+: 16 bits over each channel's own range, so within half a step of it.
expect_status 0 convert "$golden/shaft_raw.npy" shaft.edf
expect_status 0 info shaft.edf --json
expect_same "$(json format rate_hz channels# | tr '\n' ' ')" "EDF+ 2048 8 "
expect_status 0 simulate sim --channels 8 --seconds 12 --rate 512 --events 3
expect_status 0 convert sim/sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf bids.edf
expect_in err "EDF+ has no place for bad marks (1), types (8), positions and regions (8 channels): they stay behind"
edf=words.edf # alone: its dataset's tables mark a contact bad
cp sim/sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf "$edf"
expect_status 0 convert "$edf" copy.edf
grep -q "stay behind" err && fail "nothing stays behind here"
expect_status 0 info "$edf" --json
json rate_hz duration_s channels# events# events.0.label events.2.onset_s channels.0.name channels.7.name >before
expect_status 0 info copy.edf --json
json rate_hz duration_s channels# events# events.0.label events.2.onset_s channels.0.name channels.7.name >after
cmp -s before after || fail "$(diff before after)"
for file in "$edf" copy.edf; do
    expect_status 0 embed "$file" --model "$golden/tiny" --out "$(basename "$file").npy"
done
# Requantised twice: features move by far less than they differ between channels (about 1).
expect_near "$(basename "$edf").npy" copy.edf.npy 0.02
expect_status 1 convert "$golden/tiny.pth" model.edf
expect_status 1 convert "$golden/wav.npy" rate.edf --rate 173.61
expect_in err "whole number of samples per second"
expect_no_file model.edf rate.edf
head -c 8188 /dev/zero | write_npy odd.npy '<f4' '2047,'
expect_status 0 convert odd.npy odd.edf # 2047 samples at 2048 Hz
expect_in err "warning: EDF has no records that 2047 samples fill: the last second ends in zeros"
