#!/usr/bin/env bash
# simulate: what its options ask for is what the dataset says; the same bytes from any number of threads; an
# interrupted run leaves nothing.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

call=(--subjects 2 --sessions 2 --channels 12 --seconds 30 --rate 512 --snr 3 --responding 4 --unsound 2 --extras)
expect_status 0 simulate sim "${call[@]}" --seed 5 --json
expect_same "$(json subjects sessions channels | tr '\n' ' ')" "2 2 12 "
OMP_NUM_THREADS=3 expect_status 0 simulate again "${call[@]}" --seed 5 --quiet
diff -r sim again >/dev/null || fail "the number of threads changes the bytes"

for subject in sub-01 sub-02; do
    for session in ses-01 ses-02; do
        name=${subject}_$session folder=sim/$subject/$session/ieeg
        cp "sim/derivatives/truth/${name}_truth.json" out
        expect_same "$(json responding# unsound# contacts# events# | tr '\n' ' ')" "4 2 12 15 "
        # Every contact that responds does so with the ratio that was asked for.
        expect_same "$(grep -c '"loud": 3.0000}' out)" 8 # high gamma and wave
        expect_status 0 info "$folder/${name}_task-words_run-01_ieeg.edf" --json
        expect_same "$(json channels# events# channels.12.type channels.13.type | tr '\n' ' ')" "14 15 ECG TRIG "
        expect_same "$(wc -l <"$folder/${name}_task-words_run-01_channels.tsv")" 15
        expect_same "$(wc -l <"$folder/${name}_electrodes.tsv")" 13
    done
done
cmp -s sim/sub-01/ses-01/ieeg/*electrodes.tsv sim/sub-02/ses-01/ieeg/*electrodes.tsv && fail "two subjects, one brain"

expect_status 1 simulate wrong --channels 4 --responding 5
expect_in err "responding: expected 0 to 4, found 5"
expect_status 1 simulate wrong --seconds 5 --unsound 2
expect_in err "unsound: expected 0 to 1, found 2"

expect_status 0 simulate silent --channels 4 --seconds 2 --rate 256 --mains 0 --quiet
expect_in silent/sub-01/ieeg/sub-01_task-words_run-01_ieeg.json '"PowerLineFrequency": "n/a"'
expect_status 0 info silent/sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf
rm -r silent

# No EDF record holds 7.3 s at 2048 Hz: the nearest length that one does, with nothing behind its last sample.
expect_status 0 simulate odd --channels 4 --seconds 7.3
expect_in err "4 contacts, 7.296875 s at 2048 Hz"
edf=odd/sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf
expect_status 0 info "$edf" --json
expect_same "$(json duration_s rate_hz channels.0.samples warnings# | tr '\n' ' ')" "7.296875 2048 14944 0 "
expect_in "${edf%.edf}.json" '"RecordingDuration": 7.296875'
expect_in odd/derivatives/truth/sub-01_truth.json '"seconds": 7.296875'
expect_status 0 convert "$edf" odd.edf
expect_status 0 info odd.edf --json
expect_same "$(json duration_s)" 7.296875
rm -r odd odd.edf

set -m # without job control a background job ignores SIGINT
"$BB_PROGRAM" simulate stopped --channels 64 --seconds 100000 --quiet >out 2>err &
job=$!
set +m
for _ in $(seq 100); do
    ls stopped.tmp.*/sub-01/ieeg/*.tmp.* >/dev/null 2>&1 && break
    sleep 0.1
done
kill -INT $job
status=0
wait $job || status=$?
expect_same $status 1
expect_in err "simulation stopped"
expect_same "$(ls)" "$(printf '%s\n' again err out sim)"
