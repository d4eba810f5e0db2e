#!/usr/bin/env bash
# The arrows between the rooms of src/: each includes only itself and rooms before it (docs/architecture.md).
set -euo pipefail
cd "$(dirname "$0")/.."
declare -A allowed=(
    [base]="" [io]="base" [signal]="base" [spectrogram]="base" [data]="base io signal"
    [nn]="base" [model]="base nn" [embed]="base io model" [plot]="base" [simulate]="base" [bench]="base nn"
)
status=0
for room in src/*/; do
    room=$(basename "$room")
    while read -r used; do
        case " $room ${allowed[$room]-?} brainbert " in
        *" $used "*) ;;
        *) echo "src/$room includes $used/, which it should not know"; status=1 ;;
        esac
    done < <(grep -hoE '^#include "[a-z]+/' "src/$room"/*.[ch] | sed 's/#include "//; s/\///' | sort -u)
done
if grep -lE '^#include "(base|io|signal|spectrogram|data|nn|model|embed|plot|simulate|bench)/' cli/*.[ch]; then
    echo "the program sees more than the public headers"; status=1
fi
exit $status
