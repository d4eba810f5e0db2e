#!/usr/bin/env bash
# The arrows between the rooms of src/: each includes only itself and rooms before it (docs/architecture.md).
set -euo pipefail
cd "$(dirname "$0")/.."
declare -A allowed=(
    [base]="" [ranks]="base" [io]="base" [recording]="base io" [signal]="base" [spectrogram]="base"
    [sources]="base recording" [data]="base recording signal" [corpus]="base ranks io"
    [nn]="base" [weights]="base io" [model]="base nn weights"
    [train]="base ranks nn model" [embed]="base ranks io model" [tasks]="base" [features]="base ranks spectrogram model embed"
    [eval]="base ranks nn" [probe]="base ranks" [report]="base plot" [plot]="base" [simulate]="base" [bench]="base ranks model train"
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
rooms=$(IFS='|'; echo "${!allowed[*]}")
if grep -lE "^#include \"($rooms)/" cli/*.[ch]; then
    echo "the program sees more than the public headers"; status=1
fi
exit $status
