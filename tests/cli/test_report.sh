#!/usr/bin/env bash
# `report`: one page of several files of results; what is no such file is refused, and nothing is written.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$tmp/cache
expect_status 0 simulate one --channels 8 --seconds 60 --events 40 --rate 1024 --mains 0 --snr 6 --responding 2 --seed 3 --quiet
call=(one/sub-01/ieeg/*.edf --window 0.25 --offset 0 --reference none --draws 20 --threads 1 --quiet)
expect_status 0 probe "${call[@]}" --classes word/loud,word/soft --features bandpower,voltage --controls 2 --few-shot 10,20 --out a.json --report a.html
expect_status 0 finetune "${call[@]}" --classes word/loud,word/soft --window 0.5 --model "$golden/tiny" --channels LA6 --controls 0 --steps 2 --out b.json
expect_status 0 probe "${call[@]}" --value duration --features bandpower --controls 0 --out c.json

# ---- the same results, the same page as --report wrote
expect_status 0 report a.json --out again.html
cmp a.html again.html || fail "another page of the same results"
[ ! -s out ] || fail "wrote to standard output"
# ---- several: all tasks, all kinds of features, in one page that needs no other
expect_status 0 report a.json b.json c.json --out all.html
expect_in all.html "bandpower" "voltage" "finetuned" "duration" "word/loud against word/soft" "LA6" "<svg" "</html>"
expect_same "$(grep -c '<!DOCTYPE html>' all.html)" 1
grep -qiE '(src|href)="?(https?:)?//' all.html && fail "the page fetches something"
cp all.html before

# ---- what is written in files of unknown origin stays text
sed 's|"electrode":	"LA6"|"electrode":	"<script>alert(1)</script>\\u202e"|; s|"bandpower"|"a\\" onload=\\"x"|' a.json >hostile.json
expect_status 0 report hostile.json --out hostile.html
grep -q '<script>alert' hostile.html && fail "a name became a script"
grep -q '" onload="' hostile.html && fail "a name became an attribute"
expect_in hostile.html "&lt;script&gt;"

# ---- refused
refused() { # TEXT FILE...
    local text=$1
    shift
    expect_status 1 report "$@" --out all.html
    expect_in err "$text"
    cmp -s all.html before || fail "$*: the page was replaced"
}
printf '{' >open.json
: >empty.json
printf '[1, 2]' >list.json
head -c 2000 a.json >half.json
printf '%100000s' '' | tr ' ' '[' >deep.json
head -c 4096 /dev/urandom >noise.json
sed 's|"roc_auc":	[0-9.e-]*|"roc_auc": "much"|' a.json >text.json
sed 's|"roc_auc":	[0-9.e-]*|"roc_auc": 1e300|' a.json >huge.json
sed 's|"true_positive":	\[[^]]*\]|"true_positive": [1]|' a.json >lengths.json
sed 's|"position":	\[[^]]*\]|"position": [1, 2]|' a.json >flat.json
for file in open empty list half deep noise text huge lengths flat; do
    refused "$file.json" $file.json
    refused "$file.json" a.json $file.json
done
refused "nothing.json" nothing.json
refused "one" one
expect_status 1 report a.json --out no/x.html
expect_in err "cannot create: no such folder"
expect_status 2 report --out x.html
expect_status 2 report a.json
expect_status 2 report a.json --out x.pdf
expect_no_file no x.html x.pdf
expect_same "$(find . -name '*.tmp*')" ""

# ---- a file cut off or altered anywhere is refused or makes a page; never more than that
"$BB_MUTATE" a.json mutant 60 || fail "cannot damage a.json"
for ((i = 0; i < 60; ++i)); do
    status=0
    "$BB_PROGRAM" report "mutant$i" --out mutant.html >out 2>err || status=$?
    [ $status -le 1 ] || fail "mutant $i: exit status $status"
done
