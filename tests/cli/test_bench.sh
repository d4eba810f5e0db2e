#!/usr/bin/env bash
# bench: the table has its lines and the JSON its fields, with and without a corpus, at the level that was asked for;
# nothing is left behind.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir scratch
export TMPDIR=$PWD/scratch
tiny=$golden/tiny

expect_status 0 bench --model "$tiny" --rounds 1 --threads 2 --quiet
expect_in out "threads 2, kernels " "multiply-adds of float32" "memory, read" "signal chain" "STFT, in double" \
    "superlet, 16 windows" "encode, batch 1, all frames" "encode, batch 16, pooled center" \
    "threads 2 against 1, encode, batch 16: f32 " "16 channels, " "%"
[ ! -s err ] || fail "bench --quiet: wrote to standard error"
expect_same "$(ls scratch)" ""

# A corpus is one more stage; limited to the portable level there are no units for short products.
expect_status 0 simulate sim --channels 4 --seconds 10 --quiet
expect_status 0 prepare sim --out corpus.h5 --quiet
expect_status 0 bench --model "$tiny" --rounds 1 --threads 1 --level portable --corpus corpus.h5 --json
expect_same "$(json threads cpu_level rounds | tr '\n' ' ')" "1 portable 1 "
expect_same "$(json peaks.0.peak peaks.1.peak peaks.3.peak stages.0.stage | tr '\n' ' ')" "f32 bf16 memory_read signal "
[ "$(json peaks.0.rate)" != 0 ] || fail "no peak"
"$BB_JSON_GET" peaks.1.rate <out >/dev/null 2>&1 && fail "bf16 has a peak at the portable level"
expect_in out '"stage":	"corpus_read"' '"stage":	"pooled_batch_16"' '"precision":	"f32"' '"share_of_peak":' '"gflop":'
expect_same "$(json pipeline.0.precision pipeline.0.channels | tr '\n' ' ')" "f32 16 "
json pipeline.0.windows_per_s pipeline.0.times_real_time pipeline.0.encoder_busy >/dev/null
expect_same "$(json threads_against_one)" "{}"
expect_same "$(ls scratch)" ""

# Growth: a table, JSON and a picture.
expect_status 0 bench --model "$tiny" --growth g.png --hours 0.02 --rounds 1 --quiet
expect_in out "length of the recording, h" "channels" "length of a window, s" "parameters of the model, million" "exponent"
[ ! -s err ] || fail "bench --growth --quiet: wrote to standard error"
expect_same "$(head -c 8 g.png | od -An -tx1 | tr -d ' ')" 89504e470d0a1a0a
expect_status 0 bench --model "$tiny" --growth again.png --hours 0.02 --rounds 1 --json
expect_same "$(json picture growth.0.series growth.0.points# growth.1.points# growth.2.series growth.2.points# \
    growth.3.points# | tr '\n' ' ')" "again.png hours 4 6 window 5 3 "
json growth.2.time_exponent growth.2.counted_exponent growth.3.memory_exponent growth.1.points.5.peak_bytes \
    growth.1.points.5.counted_s >/dev/null
expect_same "$(json growth.1.points.5.size growth.1.points.5.windows | tr '\n' ' ')" "32 32 "
expect_same "$(ls scratch)" ""

# Interrupted, it leaves nothing.
"$BB_PROGRAM" bench --model "$tiny" --growth stopped.png --hours 4 >out 2>err &
running=$!
while [ -z "$(find scratch -name '*-0.edf*')" ] && kill -0 "$running" 2>/dev/null; do sleep 0.1; done
kill -TERM "$running"
wait "$running"
expect_same "$?" 1
expect_in err "stopped"
expect_no_file stopped.png
expect_same "$(ls scratch)" ""

expect_status 1 bench --model nowhere
expect_in err "nowhere"
expect_status 1 bench --model "$tiny" --corpus nowhere.h5
expect_in err "nowhere.h5"
