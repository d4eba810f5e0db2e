#!/usr/bin/env bash
# The real recordings of ../shared as MNE-Python, SciPy, h5py and NumPy read them, where a Python has those.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_shared data
for python in python3 /usr/bin/python3; do
    "$python" -c 'import h5py, mne, numpy, scipy.io' >/dev/null 2>&1 && break
    python=
done
if [ -z "$python" ]; then
    echo "skipped: needs a python3 with mne, scipy, h5py and numpy, which is not here"
    exit 77
fi
"$python" -W ignore "$BB_TESTS/support/agree.py" "$BB_SHARED" "$BB_PROGRAM" "${BB_DUMP_RECORDING:?}" ||
    fail "other readers find something else"
