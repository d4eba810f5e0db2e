#!/usr/bin/env bash
# info: recordings and models, as text and as JSON.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

expect_status 0 info "$golden/wav.npy" --json
expect_same "$(json format rate_hz duration_s channels# channels.0.name channels.0.type channels.0.unit \
    channels.0.status channels.0.samples events# | tr '\n' ' ')" "npy 2048 5 1 ch1 IEEG uV good 10240 0 "
expect_status 0 info "$golden/wav.npy"
expect_in out "format      npy" "rate        2048 Hz" "duration    5 s" "channels    1"
expect_status 0 info "$golden/wav.npy" --rate 1000 --json
expect_same "$(json rate_hz duration_s | tr '\n' ' ')" "1000 10.24 "
expect_status 0 info "$golden/shaft_raw.npy" --json
expect_same "$(json channels#)" 8

# Recordings in formats that are not read are told of.
expect_status 0 simulate odd --channels 4 --seconds 6 --rate 512 --seed 7
: >odd/sub-01/ieeg/sub-01_task-other_ieeg.edf.gz
expect_status 0 info odd
expect_in out "warning     1 recording in a format that is not read: sub-01_task-other_ieeg.edf.gz"
expect_status 0 info odd --json
expect_same "$(json warnings#)" 1
expect_status 0 prepare odd --out odd.h5 --reference none
expect_in err "warning: 1 recording in a format that is not read: sub-01_task-other_ieeg.edf.gz"

# What simulate writes is what info finds.
expect_status 0 simulate sim --channels 8 --seconds 12 --rate 512 --events 3 --seed 7
edf=sim/sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf
expect_status 0 info "$edf" --json
expect_same "$(json format rate_hz duration_s channels# events# channels.0.unit | tr '\n' ' ')" "EDF+ 512 12 8 3 uV "
json events.0.onset_s events.0.duration_s events.0.label channels.7.name channels.7.type channels.7.status >values
grep -q '^word/' values || fail "the first event's label is $(sed -n 3p values)"
mapfile -t first < <(sed -n '2s/\t/\n/gp' "${edf%_ieeg.edf}_events.tsv")
# EDF+ keeps onsets to the microsecond at least.
awk -v a="$(sed -n 1p values)" -v b="${first[0]}" 'BEGIN { d = a - b; exit !(d < 1e-6 && d > -1e-6) }' ||
    fail "the first event lies at $(sed -n 1p values), events.tsv says ${first[0]}"
expect_status 0 info "$edf"
expect_in out "format      EDF+" "rate        512 Hz" "events      3"

# One model in its containers.
for model in tiny tiny/model.safetensors tiny.pth tiny_half.pth tiny_legacy.pth; do
    expect_status 0 info "$golden/$model" --json
    expect_same "$(json parameters hidden_dim layers heads input_dim feed_forward_dim trained | tr '\n' ' ')" \
        "76584 64 2 4 40 128 true "
    json recipe.signal.rate_hz recipe.signal.reference recipe.spectrogram.method recipe.window_s format >/dev/null
    expect_status 0 info "$golden/$model"
    expect_in out "parameters  76584" "hidden      64" "heads       4" "layers      2" "2048 Hz"
done
expect_status 0 info untrained:small --json
expect_same "$(json hidden_dim trained | tr '\n' ' ')" "384 false "

# Several at once: one list; a path that fails does not hide the others, but tells in the exit status.
expect_status 0 info "$golden/wav.npy" "$golden/tiny.pth" --json
expect_same "$(json 0.rate_hz 1.hidden_dim | tr '\n' ' ')" "2048 64 "
expect_status 1 info "$golden/wav.npy" nothing.edf "$golden/tiny.pth" --json
expect_in err "nothing.edf: cannot open"
expect_same "$(json 0.rate_hz 1.hidden_dim | tr '\n' ' ')" "2048 64 "

# What it is not, it names.
printf 'no recording at all, but a text of some length' >text.edf
expect_status 1 info text.edf
expect_in err "text.edf: the content is of none of the formats read"
: >empty.npy
expect_status 1 info empty.npy
expect_in err "empty.npy: "
mkdir folder
expect_status 1 info folder
expect_in err "folder: "
expect_status 1 info "$golden/evil.pth"
expect_in err "evil.pth: expected a recording, found a zip archive" "posix.system"
expect_no_file brainbert_was_here

# A full disk behind standard output is a failure.
if [ -e /dev/full ]; then
    status=0
    "$BB_PROGRAM" info "$golden/wav.npy" >/dev/full 2>err || status=$?
    expect_same $status 1
    expect_in err "standard output"
fi

# A tree: one recording, one subject, no session, run 01.
expect_status 0 info sim
expect_in out "format      BIDS" ", 1 recording" "1 subject, "
grep -q -e "recordings" -e "subjects" out && fail "one is not many"
grep -Eq '^  01 +- +01 +EDF\+ ' out || fail "no subject, session and run"
