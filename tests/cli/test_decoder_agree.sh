#!/usr/bin/env bash
# Linear decoders have scikit-learn's coefficients, to 1e-4 of their length. Skipped without it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
python=$(python_with sklearn) || exit 77
status=0
"$python" "$BB_TESTS/support/decoder_agree.py" "${BB_LIBRARY:?}" >table || status=$?
cat table
[ "$status" -ne 77 ] || exit 77 # a library with sanitizers
[ "$status" -eq 0 ] || fail "coefficients differ"
[ "$(grep -c "off by" table)" -eq 11 ] || fail "expected 11 comparisons"
