#!/usr/bin/env bash
# spectrogram: the golden arrays, a picture, a channel and stretch of a recording.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
wav=$golden/wav.npy

# float32 of z-scores up to about 10: half a unit in the last place is 5e-7; the transform's own order of sums
# differs from the reference's in float64.
bound=2e-6
expect_status 0 spectrogram "$wav" --out window.npy
expect_near window.npy "$golden/stft_pretrain.npy" $bound
expect_status 0 spectrogram "$wav" --out demo.npy --normalize demo
expect_near demo.npy "$golden/stft_demo.npy" $bound
expect_status 0 spectrogram "$wav" --out again.npy --threads 1 --quiet
cmp -s window.npy again.npy || fail "two runs differ"
expect_status 0 spectrogram "$wav" --out magnitude.npy --normalize none
expect_finite magnitude.npy

# Superlets and Morlets: z-scores as the golden ones to the float32 sums' 2e-6 of a magnitude, some 1e-5 of a sd.
for method in superlet morlet; do
    expect_status 0 spectrogram "$wav" --out $method.npy --method $method
    expect_near $method.npy "$golden/$method.npy" 1e-4
done
expect_status 0 spectrogram "$wav" --out other.npy --method superlet --frequencies 2-150 --orders 1-12 --cycles 3 \
    --bins 20 --hop 64 --trim 3
expect_shape other.npy "$((10240 / 64 - 6)) 20"
expect_status 0 spectrogram "$wav" --out plain.npy --method superlet --multiplicative --normalize none
expect_shape plain.npy "195 40"
expect_status 1 spectrogram "$wav" --out x.npy --method superlet --frequencies 10-1025
expect_in err "at most 1024 Hz"
expect_no_file x.npy
expect_status 0 spectrogram "$wav" --out all.png --method all
[ "$(wc -c <all.png)" -gt 20000 ] || fail "all.png is too small for three pictures"

for normalize in window demo none; do
    expect_status 0 spectrogram "$wav" --out "$normalize.png" --normalize $normalize
    expect_same "$(head -c 8 "$normalize.png" | od -An -tx1 | tr -d ' ')" 89504e470d0a1a0a
    [ "$(wc -c <"$normalize.png")" -gt 5000 ] || fail "$normalize.png is too small for a picture"
done

# A channel by name, a stretch by its start and length; 2 s of 2048 Hz are 4096 samples, at most 50 to a frame,
# whose first and last ten fall away.
expect_status 0 simulate sim --channels 8 --seconds 12 --rate 512
edf=sim/sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf
expect_status 0 spectrogram "$edf" --out edf.npy --channel LA3 --start 4 --window 2
expect_shape edf.npy "$((4096 / 50 + 1 + 1 - 20)) 40"
expect_finite edf.npy
expect_status 0 spectrogram "$edf" --out edf.png --channel LA3
expect_status 0 spectrogram "$edf" --out late.npy --channel LA3 --start 6 --window 2
cmp -s edf.npy late.npy && fail "--start changes nothing"
rm ./*.npy
expect_status 1 spectrogram "$edf" --out x.npy --channel ZZ9
expect_in err "ZZ9"
expect_status 1 spectrogram "$edf" --out x.npy --start 11
expect_in err "$edf"
expect_status 1 spectrogram "$edf" --out x.npy --window 13
expect_in err "$edf"
expect_status 1 spectrogram "$wav" --out x.npy --window 0.01
expect_in err "$wav"
expect_status 1 spectrogram nothing.edf --out x.npy
expect_in err "nothing.edf: cannot open"
expect_status 1 spectrogram "$golden/tiny.pth" --out x.npy
expect_no_file ./*.npy
