#!/bin/sh
# The main job on a small simulated dataset, offline: simulate -> look -> embed -> corpus -> decode. `make demo` runs it.
set -eu
program=$1
out=${2:-demo}
model=$(dirname "$0")/models/small
rm -rf "$out"
mkdir -p "$out"
echo "== 1. simulate one minute of 16 sEEG contacts of two subjects, with words that drive some of them"
"$program" simulate "$out/bids" --subjects 2 --seconds 60 --channels 16 --seed 1
recording=$out/bids/sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf
"$program" info "$out/bids" "$recording"
echo "== 2. one contact's spectrogram, as the model sees it"
"$program" spectrogram "$recording" --channel RA5 --start 8 --out "$out/spectrogram.png"
"$program" spectrogram "$recording" --channel RA5 --start 8 --method all --out "$out/spectrograms.png"
echo "== 3. embed: notch, Laplacian (without the contact that channels.tsv marks bad), STFT by session, a trained BrainBERT"
"$program" info "$model"
"$program" embed "$recording" --model "$model" --out "$out/features.npy"
"$program" embed "$recording" --model "$model" --out "$out/events.h5" --events annotations --quiet
head -4 "$out/features.tsv"
echo "== 4. all recordings of all subjects to one corpus to train from"
"$program" prepare "$out/bids" --window 2 --out "$out/corpus.h5"
"$program" info "$out/corpus.h5"
echo "== 5. how well the model fills in what is masked, beside predictors that learned nothing"
"$program" evaluate "$out/corpus.h5" --model "$model" --windows 100 --picture "$out/filled.png"
echo "== 6. which contacts tell words from silence, with a linear decoder, beside shuffled labels"
"$program" probe "$recording" --model "$model" --features encoder,bandpower --window 1 --offset -0.2 --baseline -1.2 --cache none \
    --report "$out/words.html"
echo "== done. Look at:"
echo "   $out/spectrogram.png   the picture; spectrograms.png: STFT, superlet and Morlet side by side"
echo "   $out/features.npy      [windows, channels, D], described line by line in features.tsv"
echo "   $out/events.h5         windows centred on the words, with their labels and the recipe"
echo "   $out/filled.png        three windows, masked, and as the model fills them in"
echo "   $out/words.html        what each contact tells, as a page with pictures"
echo "   $out/corpus.h5         every sound window of every contact, preprocessed"
# Where there is a desktop, open the picture too.
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null; then xdg-open "$out/spectrogram.png" || true; fi
