#!/usr/bin/env bash
# `prepare` and `embed` over ranks: the same bytes at any number of them; a rank that is killed ends the job, and the next
# start goes on from what is finished.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_mpi

expect_equal() { cmp "$1" "$2" || fail "$2 has other bytes than $1"; }

# has_parts FOLDER: for kill_rank, that some part is finished.
has_parts() { compgen -G "$1/*.part" >/dev/null; }

# ---------------------------------------------------------------- prepare

expect_status 0 simulate tree --subjects 5 --channels 8 --seconds 30 --rate 512 --seed 3 --quiet
expect_status 0 simulate other --subjects 2 --channels 8 --seconds 20 --rate 1024 --seed 4 --quiet

# ---- the same bytes
expect_status 0 prepare tree --out one.h5 --json
expect_same "$(json sessions reused skipped | tr '\n' ' ')" "5 0 0 "
for n in 1 2 4; do
    expect_ranks 0 "$n" prepare tree --out "spread$n.h5" --json
    expect_same "$(json sessions reused skipped | tr '\n' ' ')" "5 0 0 "
    expect_equal one.h5 "spread$n.h5"
    expect_no_file "spread$n.h5.parts"
done

# ---- a recording twice, under two names and treated in two ways: left out with --skip, else refused
mkdir copies && cp -r tree/. copies/
mkdir copies/sub-09 && cp -r copies/sub-02/. copies/sub-09/
for file in copies/sub-09/*/*sub-02*; do mv "$file" "${file//sub-02/sub-09}"; done
expect_status 1 prepare copies --out copies.h5
expect_in err "a corpus holds a recording once"
expect_ranks 1 3 prepare copies --out copies.h5
expect_in err "a corpus holds a recording once"
expect_no_file copies.h5

# ---- a damaged file; --skip leaves it out, whichever rank it belongs to
for broken in sub-01 sub-04; do
    for file in "copies/$broken/ieeg"/*.edf; do head -c 1000 "$file" >short && cp short "$file"; done
    rm -rf copies.h5 spread.h5 copies.h5.parts
    expect_status 0 prepare copies --out copies.h5 --skip --json
    expected=$(json sessions reused skipped windows windows_left_out)
    expect_ranks 1 2 prepare copies --out spread.h5
    expect_no_file spread.h5
    for n in 2 4; do
        rm -rf spread.h5 spread.h5.parts
        expect_ranks 0 "$n" prepare copies --out spread.h5 --skip --json
        expect_same "$(json sessions reused skipped windows windows_left_out)" "$expected"
        expect_equal copies.h5 spread.h5
    done
done

# ---- appending
cp one.h5 grown.h5
expect_status 0 prepare tree other --out grown.h5 --append
for n in 2 4; do
    cp one.h5 spread.h5
    expect_ranks 1 "$n" prepare other --out spread.h5
    expect_in err "append to it"
    expect_equal one.h5 spread.h5
    expect_ranks 0 "$n" prepare tree other --out spread.h5 --append --json
    expect_same "$(json sessions reused | tr '\n' ' ')" "2 5 "
    expect_equal grown.h5 spread.h5
done

# ---- a rank that is killed ends the job; the next start makes what is missing
expect_status 0 simulate long --subjects 12 --channels 8 --seconds 25 --rate 512 --seed 5 --quiet
expect_status 0 prepare long --out whole.h5 --method superlet
kill_rank 3 "has_parts killed.h5.parts" prepare long --out killed.h5 --method superlet
expect_no_file killed.h5
expect_ranks 0 2 prepare long --out killed.h5 --method superlet --json
[ "$(json reused)" -ge 1 ] || fail "nothing was reused after a rank was killed"
[ "$(json sessions)" -ge 1 ] || fail "the rank was killed too late"
expect_equal whole.h5 killed.h5
expect_no_file killed.h5.parts killed.h5.tmp.*

# ---------------------------------------------------------------- embed

tiny=$golden/tiny
expect_features() { # A B: the same features, with all that lies beside them
    expect_equal "$1" "$2"
    case $1 in *.npy)
        expect_equal "${1%.npy}.tsv" "${2%.npy}.tsv"
        expect_equal "${1%.npy}.json" "${2%.npy}.json"
        ;;
    esac
}
remarks() { grep -E 'unsound stretches|events left out' err | sed 's/spread/one/g'; }

# ---- the same bytes and remarks, in both kinds of file: windows a stride apart and at events, by session too
expect_status 0 simulate sick --sessions 3 --channels 8 --seconds 40 --rate 512 --unsound 3 --seed 6 --quiet
while read -r kind how; do
    # shellcheck disable=SC2086 # several options
    expect_status 0 embed sick --model "$tiny" --out "one.$kind" $how
    expected=$(remarks)
    for n in 2 4; do
        # shellcheck disable=SC2086
        expect_ranks 0 "$n" embed sick --model "$tiny" --out "spread.$kind" $how </dev/null
        expect_same "$(remarks)" "$expected"
        expect_features "one.$kind" "spread.$kind"
        expect_no_file "spread.$kind.parts"
    done
done <<'END'
npy --stride 1.7
npy --events annotations --normalize session
h5 --events annotations
h5 --window 2 --pool none --precision auto
END
case $expected in *unsound*) ;; *) fail "nothing was unsound" ;; esac

# ---- a rank that is killed ends the job; the next start makes what is missing; another call nothing of it
expect_status 0 embed sick --model "$tiny" --out one.npy --window 1 --stride 0.04
kill_rank 3 "has_parts killed.npy.parts" embed sick --model "$tiny" --out killed.npy --window 1 --stride 0.04
expect_no_file killed.npy killed.tsv killed.json
cp -r killed.npy.parts other.npy.parts
for n in 1 2 4; do
    rm -rf killed.* && cp -r other.npy.parts killed.npy.parts
    # A part that is cut off, or damaged, is made again.
    whole=(killed.npy.parts/*.part)
    if [ "$n" -eq 4 ]; then truncate -s -5 "${whole[0]}"; fi
    expect_ranks 0 "$n" embed sick --model "$tiny" --out killed.npy --window 1 --stride 0.04 --json
    expect_same "$(json reused)" $((${#whole[@]} - (n == 4)))
    [ "$(json parts)" -gt "${#whole[@]}" ] || fail "the rank was killed too late"
    expect_features one.npy killed.npy
    expect_no_file killed.npy.parts
done
expect_status 0 embed sick --model "$tiny" --out one.npy --window 1 --pool mean
expect_ranks 0 2 embed sick --model "$tiny" --out other.npy --window 1 --pool mean --json
expect_same "$(json reused)" 0
expect_features one.npy other.npy
expect_no_file other.npy.parts

# ---- what cannot be written is told before the work
mkdir folder.npy
expect_ranks 1 2 embed sick --model "$tiny" --out folder.npy
expect_in err "found a directory"
