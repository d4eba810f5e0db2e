#!/usr/bin/env bash
# encode: one model in four containers against the golden arrays, whose second window is padded from frame 120 on.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
input=$golden/tiny_input.npy
read -r windows frames _ <<<"$("$BB_NPY_DIFF" --shape "$input")"
expect_same "$windows" 2

# 64-bit little-endian numbers.
le64() { for n; do printf '%b' "\\x$(printf %02x $((n % 256)))\\x$(printf %02x $((n / 256)))\\0\\0\\0\\0\\0\\0"; done; }
le64 "$frames" 120 | write_npy lengths.npy '<i8' '2,'

# float32 through two layers against float64: 1e-5 is some ten times what is reached. Weights kept as half floats
# are off by 2^-11 of their size before anything is computed.
for model in tiny tiny/model.safetensors tiny.pth tiny_legacy.pth tiny_half.pth; do
    bound=1e-5
    [ $model = tiny_half.pth ] && bound=2e-2
    name=${model//\//_}
    expect_status 0 encode "$input" --model "$golden/$model" --lengths lengths.npy --out "$name.npy"
    expect_near "$name.npy" "$golden/tiny_encoded.npy" $bound "$frames" 120
    expect_status 0 encode "$input" --model "$golden/$model" --lengths lengths.npy --out p.npy --output prediction
    expect_near p.npy "$golden/tiny_predicted.npy" $bound "$frames" 120
    expect_status 0 encode "$input" --model "$golden/$model" --lengths lengths.npy --out c.npy --output pooled
    expect_shape c.npy "2 64"
    tail -c $((2 * 64 * 4)) c.npy | head -c $((64 * 4)) | write_npy first.npy '<f4' '64,'
    expect_near first.npy "$golden/tiny_pooled.npy" $bound
done
cmp -s tiny.npy tiny_legacy.pth.npy || fail "the same weights in another container give other bytes"
cmp -s tiny.npy tiny.pth.npy || fail "the same weights in another container give other bytes"

# The same bytes on any number of threads.
expect_status 0 encode "$input" --model "$golden/tiny" --lengths lengths.npy --out one.npy --threads 1
expect_status 0 encode "$input" --model "$golden/tiny" --lengths lengths.npy --out two.npy --threads 2
cmp -s one.npy two.npy || fail "two threads give other bytes than one"

# Rounded products: numbers of up to 4 are off by 0.008 (bf16) and 0.02 (int8) at most; the bounds are five times that.
for precision in "bf16 0.04" "int8 0.1"; do
    read -r name bound <<<"$precision"
    expect_status 0 encode "$input" --model "$golden/tiny" --lengths lengths.npy --out "$name.npy" --precision "$name"
    mv err "said_$name"
    expect_near "$name.npy" one.npy "$bound" "$frames" 120
    cmp -s "$name.npy" one.npy && fail "--precision $name rounds nothing"
done
expect_status 0 encode "$input" --model "$golden/tiny" --lengths lengths.npy --out auto.npy --precision auto
chosen=$(sed -n 's/^brainbert: --precision auto: //p' err)
case $chosen in
int8)
    [ ! -s said_int8 ] || fail "--precision int8 warns where auto takes it"
    cmp -s auto.npy int8.npy || fail "auto says int8 and gives something else"
    ;;
f32) # the tiny model bears int8, so there are no units
    expect_in said_int8 "warning: this processor has no units for int8: --precision f32 would be faster"
    cmp -s auto.npy one.npy || fail "auto says f32 and gives something else"
    ;;
*) fail "--precision auto chose '$chosen'" ;;
esac
expect_status 0 encode "$input" --model "$golden/tiny" --lengths lengths.npy --out quiet.npy --precision auto --quiet
[ ! -s err ] || fail "--quiet is not quiet"
cmp -s auto.npy quiet.npy || fail "auto chooses otherwise when quiet"

expect_status 0 encode "$input" --model "$golden/tiny" --out mean.npy --output pooled --pool mean
expect_shape mean.npy "2 64"
expect_status 0 encode "$input" --model "$golden/tiny" --out segments.npy --output pooled --pool segments:3
expect_shape segments.npy "2 192"
expect_status 0 encode "$golden/stft_pretrain.npy" --model "$golden/tiny" --out single.npy
read -r frames _ <<<"$("$BB_NPY_DIFF" --shape "$golden/stft_pretrain.npy")"
expect_shape single.npy "$frames 64"
expect_finite single.npy
expect_status 0 encode "$golden/stft_pretrain.npy" --model untrained:small --out small.npy --output pooled
expect_shape small.npy 384
printf '' | write_npy none.npy '<f4' '0, 10, 40'
expect_status 0 encode none.npy --model "$golden/tiny" --out nothing_out.npy
expect_shape nothing_out.npy "0 10 64"

# refused TEXT ARGUMENT...: exit status 1, the message, no output.
refused() {
    local text=$1
    shift
    expect_status 1 encode "$@" --out refused.npy
    expect_in err "$text"
    expect_no_file refused.npy
}
refused "wav.npy: expected [T, 40] or [B, T, 40]" "$golden/wav.npy" --model "$golden/tiny"
refused "nothing.npy: cannot open" nothing.npy --model "$golden/tiny"
refused "nothing.pth: cannot open" "$input" --model nothing.pth
for model in untrained:huge untrained:smal untrained:small: untrained:small:x untrained:small:1x untrained:small2; do
    refused "$model: expected untrained:small, untrained:base or untrained:large" "$input" --model $model
done
refused "evil.pth" "$input" --model "$golden/evil.pth"
expect_in err "posix.system"
expect_no_file brainbert_was_here "$golden/brainbert_was_here"
refused "lengths.npy: expected 1 whole numbers" "$golden/stft_pretrain.npy" --model "$golden/tiny" --lengths lengths.npy
le64 0 120 | write_npy zero.npy '<i8' '2,'
refused "zero.npy: expected 2 whole numbers from 1 to" "$input" --model "$golden/tiny" --lengths zero.npy
le64 1 1000 | write_npy long.npy '<i8' '2,'
refused "long.npy: expected 2 whole numbers from 1 to" "$input" --model "$golden/tiny" --lengths long.npy
refused "4 heads, the call says 7" "$input" --model "$golden/tiny/model.safetensors" --heads 7

# What was written, for machines.
expect_status 0 encode "$input" --model "$golden/tiny" --out f.npy --json
expect_same "$(json out | tr '\n' ' ')" "f.npy "
