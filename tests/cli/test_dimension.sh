#!/usr/bin/env bash
# `dimension`: electrodes over recordings, the table, JSON and picture; what is short, unsound or asked for wrongly.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
tiny=$golden/tiny
expect_status 0 simulate tree --subjects 2 --sessions 2 --channels 8 --seconds 61 --rate 512 --seed 3 --quiet
run1=tree/sub-01/ses-01/ieeg/sub-01_ses-01_task-words_run-01_ieeg.edf
run2=tree/sub-01/ses-02/ieeg/sub-01_ses-02_task-words_run-01_ieeg.edf

# ---- one recording: 12 windows, of which every control is the spectrogram's own
expect_status 0 dimension "$run1" --model "$tiny" --out t.tsv --json --frames
cp out one.json
expect_in err "have fewer than 500 sound windows" "has 12"
expect_same "$(json share)" 0.95
channels=$(json rows#)
expect_same "$channels" "$(($(wc -l <t.tsv) - 1))"
expect_same "$(head -1 t.tsv)" $'subject\trecording\telectrode\tregion\twindows\tembeddings\tspectrogram\tframes'
for i in 0 $((channels - 1)); do
    row=$(json "rows.$i.subject" "rows.$i.recording" "rows.$i.electrode" "rows.$i.region" "rows.$i.windows" \
        "rows.$i.embeddings" "rows.$i.spectrogram" "rows.$i.frames" | paste -s)
    expect_same "$row" "$(sed -n $((i + 2))p t.tsv)"
    expect_same "$(json "rows.$i.embedding_curve#" "rows.$i.spectrogram_curve#" "rows.$i.frames_curve#" | paste -sd ' ')" \
        "12 12 12"
    # The dimension is where the curve passes the share; the last but one of 12 centred windows holds everything.
    for kind in "embeddings embedding" "spectrogram spectrogram" "frames frames"; do
        read -r value curve <<<"$kind"
        d=$(json "rows.$i.$value")
        before=0
        [ "$d" -lt 2 ] || before=$(json "rows.$i.${curve}_curve.$((d - 2))")
        awk -v a="$before" -v b="$(json "rows.$i.${curve}_curve.$((d - 1))")" -v c="$(json "rows.$i.${curve}_curve.10")" \
            'BEGIN { exit !(a <= 0.95 && b > 0.95 && c > 1 - 1e-9 && c < 1 + 1e-9) }' || fail "row $i: $value $d is not where the curve passes"
    done
done

# ---- the same by hand: embeddings averaged over all frames have as many windows; the share moves the dimension
expect_status 0 dimension "$run1" --model "$tiny" --share 0.5 --json --quiet
low=$(json rows.0.embeddings)
cp one.json out
[ "$low" -le "$(json rows.0.embeddings)" ] || fail "a smaller share has more components"
grep -q '"frames"' one.json || fail "--frames gives no frames"

# ---- two sessions of a subject are one electrode, two subjects are two; regions add up
expect_status 0 dimension "$run1" "$run2" --model "$tiny" --json --quiet
[ ! -s err ] || fail "--quiet is not quiet"
expect_same "$(json rows#)" "$channels"
expect_same "$(json rows.0.windows)" 24
grep -q '"frames' out && fail "frames without --frames"
expect_status 0 dimension tree --model "$tiny" --json --out all.tsv --picture all.png
cp out all.json
rows=$(json rows#)
expect_same "$(tail -n +2 all.tsv | cut -f 1 | sort -u | paste -sd ' ')" "01 02"
expect_same "$(tail -n +2 all.tsv | cut -f 5 | sort -u)" 24
expect_same "$(head -c 8 all.png | tail -c 7 | head -c 3)" PNG
sum=0
for r in $(seq 0 $(($(json regions#) - 1))); do
    region=$(json "regions.$r.region")
    count=$(json "regions.$r.electrodes")
    sum=$((sum + count))
    tail -n +2 all.tsv | awk -F '\t' -v region="$region" -v n="$count" -v mean="$(json "regions.$r.embeddings")" \
        -v sd="$(json "regions.$r.embeddings_sd")" '$4 == region { c++; s += $6; q += $6 * $6 }
        END { v = q / c - (s / c)^2; exit !(c == n && (s / c - mean)^2 < 1e-12 && (v - sd^2)^2 < 1e-12) }' ||
        fail "region $region is not the mean of its rows"
done
expect_same "$sum" "$rows"

# ---- at most --windows, and the same bytes on any number of threads
expect_status 0 dimension tree --model "$tiny" --windows 5 --json
expect_same "$(json rows.0.windows "rows.$((rows - 1)).windows" | paste -sd ' ')" "5 5"
expect_same "$(json rows.0.embedding_curve#)" 5
grep -q fewer err && fail "a warning where there are enough windows"
expect_status 0 dimension tree --model "$tiny" --json --threads 1 --quiet
cp out single
expect_status 0 dimension tree --model "$tiny" --json --threads 2 --quiet
cmp -s single out || fail "another number of threads gives other bytes"

# ---- bytes instead of float32 move a curve a little: by some 1e-4 of the whole variance
expect_status 0 dimension tree --model "$tiny" --json --precision int8 --quiet
expect_same "$(json precision)" int8
mv out int8
cp single out
expect_same "$(json precision)" f32
near() { awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; exit !(d != 0 && d < 0.01 && d > -0.01) }'; }
near "$(json rows.0.embedding_curve.0)" "$(cp int8 out && json rows.0.embedding_curve.0)" ||
    fail "--precision int8 changes nothing, or too much"

# ---- text; a window's length and normalisation change what is measured
expect_status 0 dimension "$run1" --model "$tiny" --quiet
expect_in out electrode windows embeddings spectrogram region electrodes "+-"
grep -q frames out && fail "frames in the table without --frames"
for option in "--window 4" "--normalize session" "--notch none" "--reference none"; do
    # shellcheck disable=SC2086 # two words
    expect_status 0 dimension "$run1" --model "$tiny" --quiet --json $option --frames
    cmp -s one.json out && fail "$option changes nothing"
done

# ---- unsound windows are left out
expect_status 0 simulate spoilt --channels 8 --seconds 61 --rate 512 --seed 3 --unsound 4 --quiet
expect_status 0 dimension spoilt --model "$tiny" --out s.tsv
expect_in err "windows were left out for missing, flat or clipped stretches"
[ "$(tail -n +2 s.tsv | cut -f 5 | sort -n | head -1)" -lt 12 ] || fail "no electrode has fewer windows"
[ "$(tail -n +2 s.tsv | cut -f 5 | sort -n | tail -1)" -eq 12 ] || fail "all electrodes have fewer windows"

# ---- what cannot be done leaves nothing
expect_status 1 dimension "$golden/wav.npy" --model "$tiny" --out x.tsv --picture x.png
expect_in err "no electrode has two sound windows"
expect_status 1 dimension "$run1" --model "$tiny" --window 100 --out x.tsv
expect_status 1 dimension "$run1" nothing.edf --model "$tiny" --out x.tsv
expect_status 1 dimension "$run1" --model nothing --out x.tsv
expect_status 1 dimension "$run1" --model "$tiny" --method superlet
expect_in err "its recipe says"
cp tree/sub-01/ses-01/ieeg/sub-01_ses-01_task-words_run-01_events.tsv kept
expect_status 1 dimension "$run1" --model "$tiny" --out tree/sub-01/ses-01/ieeg/sub-01_ses-01_task-words_run-01_events.tsv
expect_in err "would replace it"
cmp -s kept tree/sub-01/ses-01/ieeg/sub-01_ses-01_task-words_run-01_events.tsv || fail "a table was replaced"
expect_no_file x.tsv x.png
expect_same "$(echo ./*.tmp.*)" "./*.tmp.*"

# What it prints is what `report` draws.
expect_status 0 report one.json --out one.html
expect_in one.html "Intrinsic dimension"
