#!/usr/bin/env bash
# `probe` tells of labels that come in an order which shuffled ones do not have, and of no others.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
expect_status 0 simulate tree --channels 4 --seconds 240 --rate 512 --responding 0 --seed 3 --quiet

# events NAME: 110 of them, their labels by an expression of awk in i.
events() {
    awk "BEGIN { srand(5); print \"onset\tduration\ttrial_type\tsize\"
                 for (i = 1; i <= 110; ++i) printf \"%d\t0.3\t%s\t%g\n\", 2 * i, ($2) ? \"a\" : \"b\", $3 }" >"$1"
}
probe() {
    expect_status 0 probe tree --window 0.5 --features bandpower --controls 20 --draws 10 --cache none --threads 1 "$@"
}
events runs.tsv 'int(i / 10) % 2' 'sin(i / 9)'
events tossed.tsv 'rand() < 0.5' 'rand()'
told="neighbours in time"
probe --events runs.tsv --classes a,b
expect_in err "$told are of one class in 90 % of cases, shuffled ones in "
probe --events runs.tsv --classes a,b --json
expect_in out "$told are of one class"
probe --events runs.tsv --value size
expect_in err "$told have numbers that correlate with 0.99"
probe --events tossed.tsv --classes a,b
if grep -q "$told" err; then fail "tossed labels are said to be in order"; fi
probe --events tossed.tsv --value size
if grep -q "$told" err; then fail "tossed numbers are said to be in order"; fi
probe --events runs.tsv --classes a,b --controls 0 # nothing to compare with
if grep -q "$told" err; then fail "told without shuffles"; fi
