#!/usr/bin/env bash
# The real recordings of ../shared as MNE-Python, SciPy, h5py and NumPy read them, where a Python has those.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_shared data
python=$(python_with h5py mne numpy scipy.io) || exit 77
"$python" -W ignore "$BB_TESTS/support/agree.py" "$BB_SHARED" "$BB_PROGRAM" "${BB_DUMP_RECORDING:?}" ||
    fail "other readers find something else"
