#!/usr/bin/env bash
# Superlets of other recipes than the golden ones against ../shared/reference, where a Python has NumPy and SciPy.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_shared reference
python=$(python_with numpy scipy.signal) || exit 77
"$python" -W ignore "$BB_TESTS/support/superlets.py" "$BB_SHARED" "$BB_PROGRAM" || fail "the reference finds something else"
