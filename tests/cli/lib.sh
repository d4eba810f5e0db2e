# shellcheck shell=bash disable=SC2034 # variables are used by the scripts
# What the scripts of this folder share. Sourced; each script then works in $tmp, removed at its end.
set -u
: "${BB_PROGRAM:?}" "${BB_TESTS:?}" "${BB_NPY_DIFF:?}" "${BB_H5_FEATURES:?}" "${BB_JSON_GET:?}" "${BB_MUTATE:?}"
golden=$BB_TESTS/golden
# In builds with sanitizers a finding must not look like the program's own exit status 1.
export ASAN_OPTIONS="exitcode=99:${ASAN_OPTIONS:-}" UBSAN_OPTIONS="exitcode=99:print_stacktrace=1:${UBSAN_OPTIONS:-}"
export LSAN_OPTIONS="suppressions=$BB_TESTS/support/lsan.supp:print_suppressions=0:${LSAN_OPTIONS:-}"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/brainbert-cli-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    [ -s out ] && sed 's/^/  stdout: /' out | head -40 >&2
    [ -s err ] && sed 's/^/  stderr: /' err | head -40 >&2
    exit 1
}

# expect_status STATUS ARGUMENT...: runs the program; its output stays in the files out and err.
expect_status() {
    local expected=$1 status=0
    shift
    "$BB_PROGRAM" "$@" >out 2>err || status=$?
    [ "$status" -eq "$expected" ] || fail "brainbert $*: exit status $status, expected $expected"
    if [ "$expected" -ne 0 ] && [ ! -s err ]; then fail "brainbert $*: failed without a message"; fi
}

# expect_in FILE TEXT...: each text stands in the file, as it is.
expect_in() {
    local file=$1 text
    shift
    for text; do grep -qF -e "$text" "$file" || fail "'$text' is not in $file"; done
}

expect_same() { [ "$1" = "$2" ] || fail "found '$1', expected '$2'"; }

expect_no_file() {
    local file
    for file; do [ ! -e "$file" ] || fail "$file exists"; done
}

# expect_near A.npy B.npy BOUND [FRAMES...]
expect_near() { "$BB_NPY_DIFF" "$@" >/dev/null || fail "$1 is not $2"; }

expect_shape() { expect_same "$("$BB_NPY_DIFF" --shape "$1")" "$2"; }

expect_finite() { "$BB_NPY_DIFF" --finite "$1" || fail "$1 holds values that are not finite"; }

# json KEY...: values in the file out, one a line.
json() { "$BB_JSON_GET" "$@" <out || fail "out does not hold $*"; }

# write_npy FILE DTYPE SHAPE: version 1.0 of the format; the array's bytes come from standard input.
write_npy() {
    local header="{'descr': '$2', 'fortran_order': False, 'shape': ($3), }"
    { printf '\223NUMPY\001\000\166\000%-117s\n' "$header" && cat; } >"$1" # 118 bytes of header
}

# shared NAME: the path of ../shared/NAME; skips the script where it is not here.
shared() { printf '%s/%s\n' "${BB_SHARED:-/nonexistent}" "$1"; }
need_shared() {
    local name
    for name; do
        if [ ! -e "$(shared "$name")" ]; then
            echo "skipped: needs ../shared/$name, which is not here"
            exit 77
        fi
    done
}

# python_with MODULE...: a Python that has them all; says so and fails where there is none.
python_with() {
    local python modules="$*"
    for python in python3 /usr/bin/python3; do
        "$python" -c "import ${modules// /, }" >/dev/null 2>&1 && echo "$python" && return
    done
    echo "skipped: needs a python3 with $modules, which is not here" >&2
    return 1
}

# Several ranks: skips the script where there is no mpirun, or the program was built without MPI.
need_mpi() {
    if ! command -v mpirun >/dev/null; then
        echo "skipped: needs mpirun, which is not here"
        exit 77
    fi
    if mpi 2 "$BB_PROGRAM" info nothing 2>&1 | grep -q "built without MPI"; then
        echo "skipped: the program was built without MPI"
        exit 77
    fi
}

# mpi RANKS COMMAND...: more ranks than processors are fine, and so is root. Open MPI's own leaks, in modules that it has unloaded
# by the time they are looked for, cannot be told from ours, which one process's runs look for.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mpi() { ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" mpirun --oversubscribe -n "$@"; }

# expect_ranks STATUS RANKS ARGUMENT...: as expect_status, by so many ranks.
expect_ranks() {
    local expected=$1 ranks=$2 status=0
    shift 2
    mpi "$ranks" "$BB_PROGRAM" "$@" >out 2>err || status=$?
    [ "$status" -eq "$expected" ] || fail "brainbert $* by $ranks ranks: exit status $status, expected $expected"
}

# start_ranks RANKS ARGUMENT...: in the background, mpirun's process as $job, its output in out and err.
start_ranks() {
    local ranks=$1
    shift
    ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" mpirun --oversubscribe -n "$ranks" "$BB_PROGRAM" "$@" >out 2>err &
    job=$!
}

# await CONDITION: until the shell command CONDITION holds; the job has to live that long.
await() {
    for _ in $(seq 1000); do
        eval "$1" && return
        kill -0 "$job" 2>/dev/null || fail "the job ended before $1"
        sleep 0.02
    done
    fail "the job goes on without $1"
}

# kill_rank RANKS CONDITION ARGUMENT...: starts the job, waits until CONDITION holds, kills one of its ranks, and sees to it that
# the job ends within 30 s, and not well.
kill_rank() {
    local condition=$2 victim status=0
    start_ranks "$1" "${@:3}"
    await "$condition"
    victim=$(pgrep -P $job | tail -1)
    [ -n "$victim" ] || fail "brainbert ${*:3}: no rank is there to be killed"
    kill -9 "$victim"
    local begun=$SECONDS
    wait $job || status=$?
    [ $status -ne 0 ] || fail "brainbert ${*:3}: a killed rank and exit status 0"
    [ $((SECONDS - begun)) -le 30 ] || fail "brainbert ${*:3}: ended $((SECONDS - begun)) s after a rank was killed"
}
