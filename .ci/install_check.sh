#!/usr/bin/env bash
# Installs into an empty prefix and builds examples/ from outside the tree: by pkg-config (shared and static) and by
# the CMake package. The three programs must give the same numbers.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
make install PREFIX="$prefix" >"$work/install.log" 2>&1 || { cat "$work/install.log"; exit 1; }
for file in bin/brainbert include/brainbert/model.h share/brainbert/models/small/config.json; do test -e "$prefix/$file" || { echo "missing $file"; exit 1; }; done
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name brainbert.pc)")
export PKG_CONFIG_PATH
libdir=$(pkg-config --variable=libdir brainbert)
# shellcheck disable=SC2046 # lists of flags
{
    cc -std=c17 -Wall -Werror examples/embed_clip/main.c $(pkg-config --cflags --libs brainbert) -o "$work/shared"
    cc -std=c17 examples/embed_clip/main.c $(pkg-config --cflags brainbert) "$libdir/libbrainbert.a" \
        $(pkg-config --libs --static brainbert) -o "$work/static"
}
cp -r examples/embed_clip "$work/outside"
cmake -S "$work/outside" -B "$work/outside/build" -DCMAKE_PREFIX_PATH="$prefix" >"$work/cmake.log"
cmake --build "$work/outside/build" >>"$work/cmake.log"
export LD_LIBRARY_PATH=$libdir
for program in "$work/shared" "$work/static" "$work/outside/build/embed_clip"; do
    "$program" tests/golden/wav.npy tests/golden/tiny >"$work/$(basename "$program").txt"
done
test "$(wc -l <"$work/shared.txt")" -eq 64
cmp "$work/shared.txt" "$work/static.txt"
cmp "$work/shared.txt" "$work/embed_clip.txt"
# Public headers compile alone, as C and as C++; nothing but bb_* is exported.
for header in include/brainbert/*.h; do
    echo "#include \"$PWD/$header\"" | cc -std=c17 -Wall -Werror -Iinclude -fsyntax-only -x c -
    echo "#include \"$PWD/$header\"" | c++ -std=c++17 -Wall -Werror -Iinclude -fsyntax-only -x c++ -
done
foreign=$(nm -D --defined-only "$libdir/libbrainbert.so" | awk '{print $3}' | grep -v '^bb_' || true)
test -z "$foreign" || { echo "exported: $foreign"; exit 1; }
"$prefix/bin/brainbert" --version
