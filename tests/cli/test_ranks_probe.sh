#!/usr/bin/env bash
# `probe` and `finetune` by several ranks: the bytes of one process, in results and in the cache; a rank that is killed ends the
# job, and the next start goes on from what is finished.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_mpi
tiny=$golden/tiny
simulated=(--subjects 2 --channels 6 --rate 1024 --mains 0 --snr 6 --responding 2 --seed 3 --quiet)
expect_status 0 simulate tree --seconds 60 --events 40 --unsound 4 "${simulated[@]}"
labels=(--classes "word/loud,word/soft" --offset 0 --reference none --draws 50 --threads 1 --quiet --json)
call=(probe tree "${labels[@]}" --model "$tiny" --window 0.5 --controls 3)

# same_bytes CALL...: one process, 2 and 4 ranks print the same.
same_bytes() {
    local ranks
    expect_status 0 "$@"
    cp out alone
    [ -s alone ] || fail "brainbert $*: no results"
    for ranks in 2 4; do
        expect_ranks 0 $ranks "$@"
        cmp alone out || fail "brainbert $* by $ranks ranks: other results"
    done
}

# ---- features of all kinds, electrodes, splits, decoders; rows of a second at full rate travel in several pieces
same_bytes "${call[@]}" --cache none --features encoder,bandpower,stft,voltage:0.25
expect_in out "were passed over" # marks of unsound windows travel too
same_bytes "${call[@]}" --cache none --features encoder,bandpower --electrodes together
same_bytes "${call[@]}" --cache none --features encoder,stft --split subject --normalize session
same_bytes "${call[@]}" --cache none --features bandpower --split trial --folds 3 --repeats 2 --best 3 --few-shot 10,15 --runs 2
same_bytes "${call[@]}" --cache none --features bandpower --decoder mlp --steps 2 --controls 0 --folds 2 --channels "LA1,LA3"
same_bytes "${call[@]}" --cache none --features voltage --window 1 --folds 2 --controls 0
# Fewer windows than ranks: three of the second subject.
cp -r tree few
for file in few/sub-02/ieeg/*_events.tsv; do sed -n '1,/loud/p' "$file" >some && sed -n '/soft/p' "$file" | head -2 >>some && cp some "$file"; done
same_bytes "${call[@]/tree/few}" --cache none --features encoder,bandpower --split subject

# ---- the cache holds the same files, written once; what is missing of it is made anew
kinds=(--features "encoder,bandpower,stft")
expect_status 0 "${call[@]}" "${kinds[@]}" --cache kept1
cp out alone
for ranks in 2 4; do
    expect_ranks 0 $ranks "${call[@]}" "${kinds[@]}" --cache kept$ranks --out r$ranks.json --report r$ranks.html
    cmp alone out || fail "by $ranks ranks with a cache: other results"
    diff -r kept1 kept$ranks || fail "by $ranks ranks: another cache"
    cmp <(cat r$ranks.json; echo) out || cmp r$ranks.json out || fail "--out is not what --json prints"
done
expect_same "$(find kept1 -name '*.features' | wc -l)" 6
cmp r2.html r4.html || fail "another number of ranks, another page"
states() { find "$1" -type f -printf '%p %i %T@\n' | sort; }
before=$(states kept2)
expect_ranks 0 4 "${call[@]}" "${kinds[@]}" --cache kept2
cmp alone out || fail "from the cache: other results"
expect_same "$(states kept2)" "$before"
find kept2 -name '*.features' | sort | head -3 | xargs rm
expect_ranks 0 3 "${call[@]}" "${kinds[@]}" --cache kept2
cmp alone out || fail "from a part of the cache: other results"
diff -r kept1 kept2 || fail "what was missing is another now"

# ---- fine-tuning: the same scores and models, folds dealt; a run goes on at another number of ranks
tuned=(finetune tree "${labels[@]}" --model "$tiny" --window 0.5 --folds 2 --controls 1 --batch 8 --cache kept --channels "LA1,LA3")
expect_status 0 "${tuned[@]}" --steps 6 --check-every 3 --run run1
cp out alone
models() { (cd "$1" && find -L . -path '*/last/*' -name '*.safetensors' -exec cksum {} + | sort); }
for ranks in 2 4; do
    expect_ranks 0 $ranks "${tuned[@]}" --steps 6 --check-every 3 --run run$ranks
    cmp alone out || fail "fine-tuned by $ranks ranks: other results"
    expect_same "$(models run$ranks)" "$(models run1)"
done
before=$(states run2 | grep checkpoint-)
expect_ranks 0 4 "${tuned[@]}" --steps 6 --check-every 3 --run run2
cmp alone out || fail "a run that is done gives other results"
expect_same "$(states run2 | grep checkpoint-)" "$before"

# ---- a rank dies while the second recording's features are made: no results, and the first one's are used by the next start
expect_status 0 simulate long --seconds 120 --events 60 "${simulated[@]}"
heavy=(probe long "${labels[@]}" --model untrained:small --window 1 --controls 0 --features encoder)
kill_rank 2 'compgen -G "killed/*.features" >/dev/null' "${heavy[@]}" --cache killed --out r.json
[ ! -s out ] || fail "a killed job prints results"
expect_no_file r.json
expect_same "$(find killed -name '*.features' | wc -l)" 1
before=$(states killed | grep 'features ')
expect_status 0 "${heavy[@]}" --cache whole
cp out alone
expect_ranks 0 3 "${heavy[@]}" --cache killed --out r.json
cmp alone out || fail "after a kill: other results"
diff -r whole killed || fail "after a kill: another cache"
expect_in <(states killed) "$before"
expect_same "$(find killed -name '*.tmp*' | wc -l)" 0

# ---- and while it is fine-tuned
kill_rank 2 'compgen -G "killed-run/*/fold-*/labels/last" >/dev/null' "${tuned[@]}" --steps 30 --check-every 10 --run killed-run
[ ! -s out ] || fail "a killed job prints results"
expect_status 0 "${tuned[@]}" --steps 30 --check-every 10 --run whole-run
cp out alone
expect_ranks 0 3 "${tuned[@]}" --steps 30 --check-every 10 --run killed-run
cmp alone out || fail "fine-tuned after a kill: other results"
expect_same "$(models killed-run)" "$(models whole-run)"
