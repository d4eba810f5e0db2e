#!/usr/bin/env bash
# Where nobody states the mains frequency the recipe's is assumed: said once in a call, whatever the number of files.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
line="no mains frequency stated: 60 Hz assumed; --notch says another"

expect_status 0 simulate none --subjects 2 --channels 4 --seconds 6 --rate 512 --mains 0 --quiet
expect_status 0 simulate stated --channels 4 --seconds 6 --rate 512 --mains 50 --quiet
edf=sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf

# told COUNT ARGUMENT...: how many lines say so.
told() {
    local count=$1
    shift
    expect_status 0 "$@"
    expect_same "$(grep -cF -e "$line" err)" "$count"
}

told 1 prepare none stated --out all.h5
expect_status 0 info all.h5
expect_in out "notch by session: 50, 60 Hz, laplacian reference"
told 0 prepare none --notch 50 --out notched.h5
expect_status 0 info notched.h5
expect_in out "notch 50 Hz, laplacian reference"
told 0 prepare stated --out stated.h5
told 1 embed none/sub-0?/ieeg/*.edf --model "$golden/tiny" --out x.npy --reference none
expect_in err "$edf: warning: $line"
told 0 embed none/$edf --model "$golden/tiny" --out x.npy --quiet
told 1 spectrogram none/$edf --out x.npy
told 0 spectrogram none/$edf --out x.npy --notch none
told 0 spectrogram stated/$edf --out x.npy
told 0 spectrogram "$golden/shaft_raw.npy" --out x.npy # a bare array is not filtered
told 0 convert none/$edf x.edf

# A model whose recipe has a low rate leaves nothing to notch at its half.
expect_status 0 convert "$golden/tiny" slow
sed -i 's/"rate_hz":\t2048/"rate_hz":\t400/' slow/config.json
expect_status 1 embed none/$edf --model slow --out y.npy --notch 200
expect_in err "--notch: expected less than half of the recipe's 400 Hz, found '200'"
expect_no_file y.npy
