#!/usr/bin/env bash
# The real recordings of ../shared, where they are: what info finds, and features of each.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_shared data/edf data/npz/btb_electrode_5s_2048hz.npy golden/real
clip=$(shared data/npz/btb_electrode_5s_2048hz.npy)

# The published demo's clip against the reference: float32 of z-scores up to about 10.
expect_status 0 info "$clip" --json
expect_same "$(json rate_hz duration_s channels# | tr '\n' ' ')" "2048 5 1 "
expect_status 0 spectrogram "$clip" --out s.npy
expect_near s.npy "$(shared golden/real/stft_pretrain.npy)" 2e-6
expect_status 0 spectrogram "$clip" --out s.npy --normalize demo
expect_near s.npy "$(shared golden/real/stft_demo.npy)" 2e-6
expect_status 0 spectrogram "$clip" --out s.png

# check NAME RATE SECONDS CHANNELS EVENTS WINDOWS EMBEDDED: as their README has it.
check() {
    local file
    file=$(shared "data/edf/$1")
    expect_status 0 info "$file" --json
    json rate_hz duration_s channels# events# >figures
    awk -v rate="$2" -v seconds="$3" -v channels="$4" -v events="$5" '
        { found[NR] = $1 }
        function near(a, b, bound) { return a - b <= bound && b - a <= bound }
        END { exit !(near(found[1], rate, 0.005) && near(found[2], seconds, 0.05) && found[3] == channels &&
                     found[4] == events) }' figures || fail "$1: $(tr '\n' ' ' <figures), expected ${*:2:4}"
    expect_status 0 embed "$file" --model "$golden/tiny" --out f.npy --reference none
    expect_finite f.npy
    expect_shape f.npy "$6 $7 64"
    expect_same "$(tail -n +2 f.tsv | wc -l)" $(($6 * $7))
    expect_status 0 embed "$file" --model "$golden/tiny" --out f.npy # the recipe's Laplacian
    expect_finite f.npy
    expect_same "$("$BB_NPY_DIFF" --shape f.npy | cut -d ' ' -f 1)" "$6"
}
check sample_seeg.edf 1000 20 98 3 4 88
check sample_ecog.edf 999.41 21.67 78 1 4 76
check naplib_2048hz.edf 2048 2 115 0 1 104
expect_status 0 info "$(shared data/edf/sample_ecog.edf)" --json
json events.0.onset_s events.0.label >event
expect_in event "eeg sz start"
awk 'NR == 1 { exit !($1 > 10.22 && $1 < 10.24) }' event || fail "the seizure lies at $(head -1 event)"
expect_status 0 embed "$(shared data/edf/sample_ecog.edf)" --model "$golden/tiny" --out f.npy --events annotations
expect_same "$("$BB_NPY_DIFF" --shape f.npy | cut -d ' ' -f 1)" 1
