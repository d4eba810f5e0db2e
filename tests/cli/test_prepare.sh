#!/usr/bin/env bash
# `prepare`: from trees to one corpus, in every encoding; killed, resumed, appended to; a full disk; other threads.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

expect_status 0 simulate tree --subjects 3 --channels 12 --seconds 30 --rate 1024 --seed 3 --quiet
expect_status 0 simulate other --subjects 1 --channels 8 --seconds 20 --rate 2048 --seed 4 --quiet

prepare() { expect_status 0 prepare "$@"; }
windows() { expect_status 0 info "$1" --json && json windows; }

# ---- what is in it
prepare tree --out whole.h5 --json
expect_same "$(json sessions reused skipped | tr '\n' ' ')" "3 0 0 "
expect_no_file whole.h5.parts
expect_status 0 info whole.h5
expect_in out "prepared corpus, int16" "subjects    3" "sessions    3" "laplacian reference"
expect_status 0 info whole.h5 --json
expect_same "$(json format subjects window_s rate_hz sessions.0.channels.0.status)" "$(printf 'brainbert corpus\n3\n5\n2048\ngood')"
all=$(json windows)
[ "$all" -gt 50 ] || fail "only $all windows"

# ---- the same bytes, whatever the number of threads
prepare tree --out one.h5 --threads 1
prepare tree --out two.h5 --threads 2
cmp one.h5 two.h5 || fail "another number of threads, other bytes"
cmp one.h5 whole.h5 || fail "another call, other bytes"

# ---- every encoding holds as many windows
for how in --compress --float32 "--float32 --compress"; do
    # shellcheck disable=SC2086 # two options
    prepare tree --out encoded.h5 $how
    expect_same "$(windows encoded.h5)" "$all"
    rm encoded.h5
done

# ---- killed at any moment, the same call goes on; nothing is lost or doubled
for option in "" --compress; do
    rm -f whole.h5 killed.h5
    # shellcheck disable=SC2086 # nothing, or an option
    prepare tree other --out whole.h5 $option
    kills=0
    for wait in 0.01 0.02 0.03 0.05 0.08 0.1 0.12 0.15 0.2 0.25 0.3 0.5; do
        # shellcheck disable=SC2086
        "$BB_PROGRAM" prepare tree other --out killed.h5 $option --quiet >/dev/null 2>&1 &
        sleep "$wait"
        kill -9 $! 2>/dev/null && kills=$((kills + 1))
        wait $! 2>/dev/null
        if [ -e killed.h5 ]; then
            cmp killed.h5 whole.h5 || fail "a corpus appeared that is not whole, after $wait s"
        fi
    done
    # shellcheck disable=SC2086
    prepare tree other --out killed.h5 $option
    cmp killed.h5 whole.h5 || fail "resumed after $kills kills, other bytes"
    expect_no_file killed.h5.parts killed.h5.tmp.*
done

# ---- a full disk is reported, leaves no corpus, and what was finished is used by the next call
prepare tree --out whole.h5.again.h5
limit=$(($(stat -c %s whole.h5.again.h5) / 2 / 1024))
(
    trap '' XFSZ # the write fails instead
    ulimit -f "$limit"
    "$BB_PROGRAM" prepare tree --out full.h5 >out 2>err
) && fail "a full disk was not noticed"
expect_in err "full.h5" "full.h5.parts keeps the recordings that are finished"
expect_no_file full.h5
prepare tree --out full.h5 --json
[ "$(json reused)" -ge 1 ] || fail "nothing was reused after a full disk"
cmp full.h5 whole.h5.again.h5 || fail "after a full disk, other bytes"

# ---- appending: what is there is not added again, and a recipe that differs is refused
prepare tree --out grown.h5
expect_status 1 prepare other --out grown.h5
expect_in err "grown.h5" "append to it"
cmp grown.h5 full.h5 || fail "a refused call changed the corpus"
prepare tree other --out grown.h5 --append --json
expect_same "$(json sessions reused | tr '\n' ' ')" "1 3 "
prepare tree other --out direct.h5
cmp grown.h5 direct.h5 || fail "appended, other bytes"
expect_status 1 prepare other --out grown.h5 --append --window 2
expect_in err "another recipe"
prepare tree other --out grown.h5 --json
expect_same "$(json sessions reused | tr '\n' ' ')" "0 4 "

# ---- session statistics are of the spectrograms that are asked for
prepare other --out superlet.h5 --method superlet
expect_status 0 info superlet.h5
expect_in out "session statistics of superlet of 0.1 to 200 Hz, 1 cycles, orders 3 to 30"
expect_status 1 prepare other --out superlet.h5 --append
expect_in err "another recipe"

# ---- both trees have a sub-01, who are two; whatever the path is called, a tree is the same one
expect_status 0 info grown.h5 --json
expect_same "$(json subjects sessions.0.dataset sessions.3.dataset sessions.3.subject)" \
    $'4\nbrainbert simulation, seed 3\nbrainbert simulation, seed 4\n01'
expect_status 0 info grown.h5
expect_in out "dataset brainbert simulation, seed 3" "dataset brainbert simulation, seed 4"
(cd tree/sub-01 && "$BB_PROGRAM" prepare ieeg ../../other/ --out ../../grown.h5 --json --quiet >../../out)
expect_same "$(json sessions reused | tr '\n' ' ')" "0 2 "
expect_status 0 info other/ --json
expect_same "$(json dataset recordings.0.dataset)" $'brainbert simulation, seed 4\nbrainbert simulation, seed 4'
expect_status 0 info other other/sub-01/ieeg/*.edf
expect_same "$(grep -c '^  dataset     brainbert simulation, seed 4$' out)" 2

# ---- recordings that cannot be used are all named before the work; --skip leaves them out
mkdir broken && cp -r tree/. broken/
head -c 700 tree/sub-02/ieeg/sub-02_task-words_run-01_ieeg.edf >broken/sub-02/ieeg/sub-02_task-words_run-01_ieeg.edf
expect_status 1 prepare broken --out broken.h5
expect_in err "sub-02_task-words_run-01_ieeg.edf" "1 of 3 recordings"
expect_no_file broken.h5 broken.h5.parts
prepare broken --out broken.h5 --skip --json
expect_same "$(json sessions skipped | tr '\n' ' ')" "2 1 "

# ---- of several recordings each may lack a channel that is named, but not all; --skip leaves out no fault of the call's
expect_status 1 prepare tree --out names.h5 --bads ZZ9 --skip
expect_in err "bads: 'ZZ9' is in none of the 3 recordings"
grep -q "keeps the recordings" err && fail "promised parts that are not there"
expect_status 1 prepare tree --out names.h5 --channels ZZ9 --skip
prepare tree other --out names.h5 --bads LA1 --window 21 --skip --json
expect_same "$(json sessions skipped | tr '\n' ' ')" "3 1 "
expect_in err "left out: " "expected a window of at most the recording's 20 s"
rm names.h5

# ---- a corpus among its recordings is none of them
mkdir plain && cp tree/sub-01/ieeg/*.edf plain/a.edf
prepare plain --out plain/corpus.h5
prepare plain --out plain/corpus.h5 --json
expect_same "$(json sessions reused | tr '\n' ' ')" "0 1 "
prepare plain --out other_corpus.h5
cp other/sub-01/ieeg/*.edf plain/b.edf # nobody says whose they are
expect_status 0 info plain --json
expect_same "$(json subjects)" 1
prepare plain --out other_corpus.h5 --append
expect_status 0 info other_corpus.h5 --json
expect_same "$(json subjects sessions.1.source | tr '\n' ' ')" "1 plain/b.edf "
rm -r plain other_corpus.h5

# ---- a corpus that was cut off, or of which a byte differs, is not taken for whole
size=$(stat -c %s direct.h5)
for part in 1 3 10 50 90 99; do
    head -c $((size * part / 100)) direct.h5 >cut.h5
    expect_status 1 info cut.h5
done
head -c $((size - 1)) direct.h5 >cut.h5
expect_status 1 info cut.h5

# ---- calls that make no sense
expect_status 2 prepare tree
expect_status 2 prepare tree --out corpus.hdf
expect_status 2 prepare tree --out x.h5 --bandpass 250-70
expect_status 1 prepare nowhere --out x.h5
expect_status 1 prepare tree --out x.h5 --subjects 9
expect_no_file x.h5 x.h5.parts
exit 0
