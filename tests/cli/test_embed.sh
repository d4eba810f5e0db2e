#!/usr/bin/env bash
# embed: shapes, tables, the signal's options, events, several recordings, both kinds of output.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tiny=$golden/tiny

# embed OUT ARGUMENT...: with the tiny model, which has 64 features.
embed() {
    local file=$1
    shift
    expect_status 0 embed "$@" --model "$tiny" --out "$file"
    case $file in *.npy) expect_finite "$file" ;; esac
}

# lines FILE: what one embed wrote, without the heading.
lines() { tail -n +2 "$1"; }

heading=$'window\tchannel\trecording\tstart_s\tend_s\tevent\tunsound'
wav=$golden/wav.npy

# One window of one channel: the same as spectrogram and encode, one after the other.
embed wav.npy "$wav"
expect_shape wav.npy "1 1 64"
expect_same "$(cat wav.tsv)" "$heading"$'\n0\tch1\t'"$wav"$'\t0.000000\t5.000000\tn/a\t'
expect_status 0 spectrogram "$wav" --out spectrogram.npy
expect_status 0 encode spectrogram.npy --model "$tiny" --out encoded.npy --output pooled
tail -c 256 wav.npy | write_npy flat.npy '<f4' '64,'
cmp -s flat.npy encoded.npy || fail "embed is not spectrogram and encode"
read -r frames _ <<<"$("$BB_NPY_DIFF" --shape spectrogram.npy)"

# The same with the recording as its session: the option is kept, and the model's own word is followed.
embed session.npy "$wav" --normalize session
expect_in err "it was trained on spectrograms normalised by window, not by session"
expect_in session.json '"session"'
expect_status 0 spectrogram "$wav" --out spectrogram.npy --normalize session
expect_status 0 encode spectrogram.npy --model "$tiny" --out encoded.npy --output pooled
tail -c 256 session.npy | write_npy flat.npy '<f4' '64,'
cmp -s flat.npy encoded.npy || fail "embed is not spectrogram and encode, normalised by session"
cmp -s wav.npy session.npy && fail "--normalize session gives what window gives"

for pool in "center 64" "mean 64" "segments:4 256" "none $frames 64"; do
    read -r name shape <<<"$pool"
    embed pool.npy "$wav" --pool "$name"
    expect_shape pool.npy "1 1 $shape"
done
# Every frame of the model that is kept here, in bytes instead of float32: 1.2 % away, the worst frame with a cosine of
# 0.99975; another level of the processor rounds otherwise, so the bounds are further off.
small=$BB_TESTS/../models/small
for precision in f32 int8 auto; do
    expect_status 0 embed "$wav" --model "$small" --pool none --precision $precision --out $precision.npy
done
said=$(sed -n 's/^brainbert: --precision auto: //p' err)
"$BB_NPY_DIFF" --rows int8.npy f32.npy 0.03 0.999 >/dev/null || fail "--precision int8 is too far from float32"
cmp -s int8.npy f32.npy && fail "--precision int8 rounds nothing"
cmp -s auto.npy "$said.npy" || fail "auto says '$said' and gives something else"
expect_in int8.json '"precision":	"int8"'
expect_in auto.json "\"precision\":	\"$said\"" # never auto itself
expect_status 0 embed "$wav" --model "$tiny" --out precise.h5 --precision bf16 --json
expect_same "$(json precision)" bf16
"$BB_H5_FEATURES" precise.h5 precise.npy >/dev/null 2>attributes || fail "precise.h5: $(cat attributes)"
expect_in attributes "precision: bf16"

embed mean.npy "$wav" --pool mean
cmp -s wav.npy mean.npy && fail "--pool mean gives what center gives"

# A dataset. Laplacian: a contact needs both neighbours, so the ends of each shaft fall away.
expect_status 0 simulate sim --channels 8 --seconds 21 --rate 512 --events 6 --seed 3 --subjects 2
# The recordings alone, under names that the dataset's tables do not belong to: all contacts count as good.
for subject in 01 02; do
    cp "sim/sub-$subject/ieeg/sub-${subject}_task-words_run-01_ieeg.edf" "sub-${subject}_words.edf"
done
edf=sub-01_words.edf
expect_status 0 info "$edf" --json
mapfile -t channels < <(json channels.{0,1,2,3,4,5,6,7}.name)
embed f.npy "$edf"
read -r windows count dim <<<"$("$BB_NPY_DIFF" --shape f.npy)"
expect_same "$windows $dim" "4 64"
expect_same "$(head -1 f.tsv)" "$heading"
expect_same "$(lines f.tsv | wc -l)" $((windows * count))
expect_same "$(lines f.tsv | cut -f 1,4,5 | sort -u | tr '\t\n' '  ')" \
    "0 0.000000 5.000000 1 5.000000 10.000000 2 10.000000 15.000000 3 15.000000 20.000000 "
expect_same "$(lines f.tsv | cut -f 3,6 | sort -u)" "$edf"$'\tn/a'
[ "$(lines f.tsv | awk -F '\t' '$1 == 0' | wc -l)" -eq "$count" ] || fail "channels of a window are missing"

embed none.npy "$edf" --reference none
expect_shape none.npy "4 8 64"
expect_same "$(lines none.tsv | cut -f 2 | head -8 | tr '\n' ' ')" "$(printf '%s ' "${channels[@]}")"
embed car.npy "$edf" --reference car
expect_shape car.npy "4 8 64"
cmp -s none.npy car.npy && fail "--reference car changes nothing"
# In its dataset one contact is marked bad.
embed dataset.npy sim/sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf --reference car
expect_shape dataset.npy "4 7 64"
embed bipolar.npy "$edf" --reference bipolar
lines bipolar.tsv | cut -f 2 | grep -qF "${channels[0]}-${channels[1]}" || fail "no pair ${channels[0]}-${channels[1]}"

# Rows follow their channels whatever else is asked for.
embed one.npy "$edf" --reference none --channels "${channels[2]}, ${channels[5]}"
expect_shape one.npy "4 2 64"
expect_same "$(lines one.tsv | cut -f 2 | head -2 | tr '\n' ' ')" "${channels[2]} ${channels[5]} "
window=$((8 * 64 * 4))
{
    tail -c $((4 * window)) none.npy | head -c $((3 * 256)) | tail -c 256
    tail -c $((4 * window)) none.npy | head -c $((6 * 256)) | tail -c 256
} | write_npy expected.npy '<f4' '2, 64'
tail -c $((4 * 2 * 256)) one.npy | head -c 512 | write_npy found.npy '<f4' '2, 64'
cmp -s found.npy expected.npy || fail "a channel's features depend on the others"
embed bads.npy "$edf" --bads "${channels[2]}"
[ "$(lines bads.tsv | cut -f 2 | grep -cx "${channels[2]}")" -eq 0 ] || fail "--bads keeps the channel"

for option in "--notch 50" "--notch none" "--highpass 0.5" "--window 4"; do
    # shellcheck disable=SC2086 # two words
    embed other.npy "$edf" $option
    cmp -s f.npy other.npy && fail "$option changes nothing"
done
embed again.npy "$edf" --notch 60 --reference laplacian --highpass 0 --window 5 --stride 5
cmp -s f.npy again.npy || fail "saying the recipe's own values changes something"
# Half of an overlapping stride's windows are those of the whole one.
embed stride.npy "$edf" --stride 2.5
expect_same "$("$BB_NPY_DIFF" --shape stride.npy | cut -d ' ' -f 1)" 7
expect_same "$(lines stride.tsv | cut -f 4 | sort -un | tr '\n' ' ')" \
    "0.000000 2.500000 5.000000 7.500000 10.000000 12.500000 15.000000 "

# Events: from a table or from the recording itself, one window each, those that leave the recording left out.
events=sim/sub-01/ieeg/sub-01_task-words_run-01_events.tsv
for source in "$events" annotations; do
    embed "events.npy" "$edf" --events "$source" --offset -1 --window 2
    awk -F '\t' 'NR > 1 && $1 >= 1 && $1 <= 20 { printf "%.6f\n", $1 - 1 }' "$events" | sort -n >starts
    lines events.tsv | cut -f 4 | sort -un >found
    [ "$(wc -l <starts)" -eq "$(wc -l <found)" ] || fail "$source: windows at $(cat found), expected $(cat starts)"
    # The first sample lies within half a sample of 512 Hz and half of 2048 Hz.
    paste starts found | awk '{ d = $1 - $2; if (d > 1.3e-3 || d < -1.3e-3) exit 1 }' ||
        fail "$source: windows at $(cat found), expected $(cat starts)"
    lines events.tsv | cut -f 6 | grep -qv n/a || fail "$source: no labels"
done
embed default.npy "$edf" --events "$events"
embed offset.npy "$edf" --events "$events" --offset -2.5
cmp -s default.npy offset.npy || fail "the default offset is not -2.5"

# HDF5 holds the same.
for pool in center none; do
    embed a.npy "$edf" --pool $pool --events "$events"
    embed a.h5 "$edf" --pool $pool --events "$events"
    "$BB_H5_FEATURES" a.h5 b.npy >b.tsv 2>attributes || fail "a.h5: $(cat attributes)"
    cmp -s a.npy b.npy || fail "a.h5 holds other features than a.npy"
    cmp -s a.tsv b.tsv || fail "a.h5 describes its windows otherwise: $(diff a.tsv b.tsv)"
    expect_in attributes "pooling: $pool" "model: $tiny" "program: brainbert"
    sed -n '/^recipe: /,/^model: /p' attributes | sed 's/^recipe: //; /^model: /d' >out
    expect_same "$(json signal.reference window_s | tr '\n' ' ')" "laplacian 5 "
done

# Several recordings make one array, in their order.
second=${edf//sub-01/sub-02}
embed both.npy "$edf" "$second" --reference none
embed second.npy "$second" --reference none
expect_shape both.npy "8 8 64"
{ tail -c $((4 * window)) none.npy && tail -c $((4 * window)) second.npy; } | cmp -s - <(tail -c $((8 * window)) both.npy) ||
    fail "two recordings together give other features than one by one"
expect_same "$(lines both.tsv | cut -f 1,3 | sort -un | cut -f 2 | tr '\n' ' ')" \
    "$(printf '%s ' "$edf" "$edf" "$edf" "$edf" "$second" "$second" "$second" "$second")"
expect_status 1 embed "$edf" "$wav" --model "$tiny" --out unlike.npy --reference none --notch none
expect_in err "wav.npy: expected the"
expect_status 1 embed "$edf" "$wav" --model "$tiny" --out unlike.npy # an array counts as filtered, an EDF does not
expect_in err "wav.npy: its signal would be treated otherwise"
expect_status 2 embed "$edf" "$second" --model "$tiny" --out unlike.npy --events "$events"
expect_no_file unlike.npy unlike.tsv

# More recordings than a process may have files open; what their tables say of electrodes is kept where all agree.
mkdir many
for i in $(seq 10 49); do
    cp "$wav" "many/$i.npy"
    printf 'name\tx\ty\tz\tgroup\tregion\nch1\t1\t2\t%s\tLA\tarea %s\n' "$i" "$i" >"many/${i}_electrodes.tsv"
done
(ulimit -n 32 && expect_status 0 embed many --model "$tiny" --out many.npy) || exit 1
expect_shape many.npy "40 1 64"
cp many.json out
expect_same "$(json channels.0.group)" LA
grep -q '"region"\|"position"' many.json && fail "the first recording's place is written for all"
cp many/10_electrodes.tsv many/11_electrodes.tsv
embed alike.npy many/10.npy many/11.npy
expect_in alike.json '"region":	"area 10"' '"position"'

# A channel that one recording marks bad and that is used all the same says so.
printf 'name\tstatus\nch1\tbad\n' >many/11_channels.tsv
embed marked.npy many/10.npy many/11.npy --bads none
cp marked.json out
expect_same "$(json channels.0.status)" bad
embed marked.h5 many/11.npy --bads none
expect_in marked.h5 '"status":	"bad"'
grep -q '"status"' alike.json && fail "a status where nothing is marked"

# Without a reference a bad channel is left out.
embed bads.npy "$edf" --reference none --bads LA2
lines bads.tsv | cut -f 2 | grep -qx LA2 && fail "--bads LA2 --reference none embeds LA2"

# The report.
expect_status 0 embed "$edf" --model "$tiny" --out f.npy --json
expect_same "$(json out windows channels | tr '\n' ' ')" "f.npy 4 $count "
json elapsed_s first_window_s ms_per_window times_real_time embed_s encode_s spectrogram_s >/dev/null
json wait_input_s wait_output_s read_s write_s >/dev/null
awk -v busy="$(json encoder_busy)" 'BEGIN { exit !(busy > 0 && busy <= 1) }' || fail "the encoder is busy for $(json encoder_busy) of the time"
expect_status 0 embed "$edf" --model "$tiny" --out f.npy
expect_in err "encoder busy" "s for input" "s for output"
expect_status 0 embed "$edf" --model "$tiny" --out f.npy --quiet
[ ! -s out ] || fail "--quiet is not quiet"
[ ! -s err ] || fail "--quiet is not quiet"
expect_same "$(echo ./*.tmp.*)" "./*.tmp.*"

# A model's recipe says how spectrograms are made; an untrained one has none to keep to.
expect_status 0 embed "$wav" --model untrained:small --out superlet.npy --method superlet --orders 3-12
expect_in superlet.json superlet order_max
expect_status 0 embed "$wav" --model untrained:small --out stft.npy
cmp -s superlet.npy stft.npy && fail "--method changes nothing"
expect_status 1 embed "$wav" --model "$tiny" --out x.npy --method superlet
expect_in err "its recipe says"
expect_no_file x.npy
