#!/usr/bin/env bash
# Linear decoders have scikit-learn's coefficients, to 1e-4 of their length. Skipped without it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
python=$(python_with sklearn) || exit 77
# A library with sanitizers wants a program that has them too.
if nm -D "${BB_LIBRARY:?}" | grep -q __asan_; then
    echo "skipped: the library has sanitizers, Python has not"
    exit 77
fi
"$python" "$BB_TESTS/support/decoder_agree.py" "$BB_LIBRARY" >table || { cat table && fail "coefficients differ"; }
[ "$(grep -c "off by" table)" -eq 11 ] || fail "expected 11 comparisons"
