#!/usr/bin/env bash
# `probe` on recordings whose truth is known: contacts that respond to words decode, the others lie among shuffled labels;
# every split, use of electrodes, decoder and kind of labels.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # the awk of conditions
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$tmp/cache
simulated=(--channels 8 --rate 1024 --mains 0 --snr 6 --responding 2 --seed 3 --quiet)
expect_status 0 simulate one --seconds 90 --events 60 "${simulated[@]}"
expect_status 0 simulate tree --subjects 2 --sessions 2 --seconds 60 --events 40 "${simulated[@]}"
one=$(echo one/sub-01/ieeg/*.edf)
# The burst of a word lies from 0.05 to 0.25 s behind its onset.
burst=(--window 0.25 --offset 0 --reference none --features bandpower --controls 6 --draws 100 --threads 1 --quiet --json)
words=(--classes "word/loud,word/soft")

truth() { tr ',' '\n' <"$1" | sed -n "/\"$2\"/,/]/p" | grep -o 'L[A-Z][0-9]*' | sort; }
responding=$(truth one/derivatives/truth/sub-01_truth.json responding | tr '\n' ' ')
expect_same "$(wc -w <<<"$responding")" 2

# results [MEASURE]: a line a result of the JSON in out: features electrode score ci_low ci_high control_low control_high windows
results() {
    local i key keys=()
    for ((i = 0; i < $(json 'tasks.0.results#'); ++i)); do
        for key in features electrode "${1:-roc_auc}" ci_low ci_high control_low control_high windows; do
            keys+=("tasks.0.results.$i.$key")
        done
    done
    json "${keys[@]}" | paste - - - - - - - -
}

# holds CONDITION...: each holds, in awk, for every line of the file table; `responds` tells of its contact.
holds() {
    local condition
    for condition; do
        awk -F '\t' -v list=" $responding" "{ responds = index(list, \" \" \$2 \" \"); if (!($condition)) exit 1 }" table ||
            fail "a result is not so that $condition: $(cat table)"
    done
}

# ---- responding contacts and the others. At 6 dB an observer of the burst has 0.97 (docs/simulate.md); the others have
# 0.5 +- 0.08 (60 windows), and the interval of the controls is that of 95 %.
expect_status 0 probe "$one" "${words[@]}" "${burst[@]}"
results >table
expect_same "$(wc -l <table)" 7 # the bad contact is left out
holds '!responds || ($3 > 0.88 && $3 > $7 && $4 > 0.5)' 'responds || ($3 > 0.25 && $3 < 0.75 && $3 > $6 && $3 < $7)' \
    '$4 <= $3 && $3 <= $5 && $6 < 0.5 && 0.5 < $7' '$8 == 60'
expect_same "$(json tasks.0.name tasks.0.measure tasks.0.chance tasks.0.windows tasks.0.window_s tasks.0.control_runs \
    tasks.0.bootstrap_draws tasks.0.classes.0.name tasks.0.classes.0.windows tasks.0.classes.1.windows \
    tasks.0.split.kind tasks.0.split.folds tasks.0.split.gap_s tasks.0.decoder 'tasks#' 'tasks.0.warnings#' \
    recordings.0 coordinate_unit | tr '\n' ';')" \
    "word/loud against word/soft;roc_auc;0.5;60;0.25;6;100;word/loud;30;30;blocked;5;0.25;logistic regression;1;0;$one;mm;"
json tasks.0.results.0.{subject,group,region,position,control_mean,f1,accuracy,roc_curve.false_positive.50} \
    tasks.0.results.0.roc_curve.true_positive.50 >/dev/null
json tasks.0.summary.0.{features,electrodes,mean,sd,ci_low,ci_high,control_mean,control_low,control_high} | tr '\n' ' ' >got
awk '{ exit !($1 == "bandpower" && $2 == 7 && $5 < $3 && $3 < $6 && $8 < $7 && $7 < $9) }' got || fail "summary: $(cat got)"
expect_same "$(cut -f3 table | awk '{ sum += $1 } END { printf "%.9f", sum / NR }')" \
    "$(json tasks.0.summary.0.mean | awk '{ printf "%.9f", $1 }')"
cp table blocked

# The table says the same; without shuffles and draws there is nothing to say of chance.
expect_status 0 probe "$one" "${words[@]}" "${burst[@]:0:12}" --threads 1 --draws 100
expect_in out "word/loud against word/soft: 30 word/loud, 30 word/soft; windows of 0.25 s" "split: blocked, 5 folds" "6 shuffles"
while IFS=$'\t' read -r features electrode score _; do
    grep -q "^$electrode  *$features  *$(LC_ALL=C printf '%.3f' "$score") " out || fail "$electrode: another number in the table"
done <table
expect_status 0 probe "$one" "${words[@]}" "${burst[@]}" --controls 0 --draws 0
expect_same "$(json tasks.0.results.0.{ci_low,control_low,control_mean} | tr '\n' ' ')" "null null null "

# ---- splits
expect_status 0 probe "$one" "${words[@]}" "${burst[@]}" --split trial --folds 4
expect_same "$(json tasks.0.split.kind tasks.0.split.folds | tr '\n' ' ')" "trial 4 "
results >table
holds '!responds || $3 > 0.85'
expect_status 0 probe "$one" "${words[@]}" "${burst[@]}" --split published
expect_same "$(json tasks.0.split.folds tasks.0.results.0.windows | tr '\n' ' ')" "1 6 "
expect_status 0 probe tree "${words[@]}" "${burst[@]}" --split session
expect_same "$(json tasks.0.split.folds tasks.0.windows recordings# | tr '\n' ' ')" "2 160 4 "
results >table
expect_same "$(wc -l <table)" 14 # each is one of two sessions
holds '$8 == 80'
for subject in 01 02; do
    responding=$(truth tree/derivatives/truth/sub-${subject}_ses-01_truth.json responding | tr '\n' ' ')
    [ $subject = 01 ] && rows=1,7 || rows=8,14
    results | sed -n "${rows}p" >table
    holds '!responds || $3 > 0.85' 'responds || $3 < 0.78'
done
# What one subject's contacts taught helps at another's, where the rules of responding are the same.
expect_status 0 probe tree "${words[@]}" "${burst[@]}" --split subject
expect_same "$(json tasks.0.split.folds 'tasks.0.results#' tasks.0.results.{0,13}.subject | tr '\n' ' ')" "2 14 01 02 "
results | sed -n 8,14p >table
holds '$8 == 80'
best=$(sort -t$'\t' -k3,3gr table | cut -f2 | head -1)
case " $responding" in *" $best "*) ;; *) fail "of subject 02 $best decodes best" ;; esac

# ---- electrodes
responding=$(truth one/derivatives/truth/sub-01_truth.json responding | tr '\n' ' ')
for use in together pooled; do
    expect_status 0 probe "$one" "${words[@]}" "${burst[@]}" --electrodes $use
    results >table
    expect_same "$(cut -f2,8 table)" "7 $use"$'\t'60
    holds '$3 > 0.75'
done
# Subjects are decoded each by itself, as if they had been asked about alone.
expect_status 0 probe tree "${words[@]}" "${burst[@]}" --electrodes together
expect_same "$(json tasks.0.results.{0,1}.{subject,electrode} tasks.0.summary.0.electrodes | tr '\n' ';')" \
    "01;7 together;02;7 together;2;"
expect_status 0 probe tree "${words[@]}" "${burst[@]}"
results >all
for subject in 01 02; do
    expect_status 0 probe tree/sub-$subject "${words[@]}" "${burst[@]}"
    results
done >alone
cmp -s all alone || fail "two subjects: $(cat all), each alone: $(cat alone)"
expect_status 0 probe tree "${words[@]}" "${burst[@]:0:12}" --threads 1 --split session
expect_in out "subject  electrode  features"
expect_same "$(grep -cE '^0[12]       L' out)" 14
# Without events of one class a subject is left out, and says so; without any other it fails.
cp -r tree lame
for file in lame/sub-02/ses-*/ieeg/*_events.tsv; do sed -i 's|word/soft|word/loud|' "$file"; done
expect_status 0 probe lame "${words[@]}" "${burst[@]}"
expect_same "$(results)" "$(head -7 all)"
expect_in out "subject 02 is left out"
expect_status 1 probe lame/sub-02 "${words[@]}" "${burst[@]}"
# Electrodes that no recording has together: one is bad in each session.
cp -r tree/sub-01 apart
sed -i 's|^\(LA6\t.*\)\tgood|\1\tbad|' apart/ses-01/ieeg/*_channels.tsv
sed -i 's|^\(LA8\t.*\)\tgood|\1\tbad|' apart/ses-02/ieeg/*_channels.tsv
expect_status 1 probe apart "${words[@]}" "${burst[@]}" --electrodes together
expect_in err "expected a recording of all 7, found none"
expect_status 0 probe apart "${words[@]}" "${burst[@]}"
results >table
expect_same "$(cut -f2,8 table | sort | tr '\t\n' '  ')" "LA1 80 LA3 80 LA4 80 LA5 80 LA6 40 LA7 80 LA8 40 "
expect_in out "80 of 560 windows of electrodes were passed over"
# The voltage tells a word from none by its wave; what follows is of the best contacts alone, and says so.
awk -F '\t' -v OFS='\t' '
    NR == 1 { print "onset", "duration", "trial_type", "level"; next }
    { loud = $3 ~ /loud/; print $1, $2, loud ? "loud" : "soft", (loud ? 2 : 1) + NR % 7 / 20 }
    { print $1 - 0.6, 0.3, "none", "n/a" }' one/sub-01/ieeg/*_events.tsv >own.tsv
own=(--events own.tsv "${burst[@]}")
expect_status 0 probe "$one" "${own[@]}" --classes loud,none --window 0.4 --best 2
results >table
expect_same "$(cut -f2 table | tr '\n' ' ')" "$responding"
expect_in out "the 2 of 7 electrodes at which the voltage decodes best"
expect_status 0 probe "$one" "${own[@]}" --classes loud,none --window 0.4 --best 2 --electrodes together
expect_same "$(results | cut -f2)" "2 together"
expect_status 0 probe "$one" "${own[@]}" --classes loud,none --window 0.4 --best 2 --features voltage --cache none
expect_same "$(json 'tasks.0.results#' 'tasks.0.summary#' | tr '\n' ' ')" "2 1 "

# ---- labels: several classes, numbers, numbers cut in two
expect_status 0 probe "$one" "${own[@]}"
results >table
expect_same "$(json tasks.0.decoder 'tasks.0.classes#' tasks.0.classes.{0,1,2}.name tasks.0.classes.1.windows | tr '\n' ' ')" \
    "softmax regression 3 loud none soft 60 "
holds '!responds || $3 > 0.85' 'responds || $3 < 0.65'
expect_status 0 probe "$one" "${own[@]}" --value level
results pearson_r >table
expect_same "$(json tasks.0.measure tasks.0.chance tasks.0.decoder tasks.0.left_out.no_value | tr '\n' ' ')" \
    "pearson_r 0 ridge regression 60 "
json tasks.0.value_mean tasks.0.value_sd tasks.0.results.0.r_squared >/dev/null
holds '!responds || $3 > 0.6' 'responds || $3 < 0.4'
expect_status 0 probe "$one" "${own[@]}" --value level --cut median
results >table
cmp -s table blocked || fail "loud and soft by their levels score otherwise than by their names"

# ---- decoders that are trained
for decoder in unit mlp; do
    [ $decoder = unit ] && steps=2000 || steps=40
    expect_status 0 probe "$one" "${words[@]}" "${burst[@]}" --channels "${responding%% *}" --decoder "$decoder" --steps "$steps" --controls 0
    results >table
    holds '$3 > 0.85' '$6 == "null"'
    expect_in out AdamW
done

# ---- few windows to learn from
expect_status 0 probe "$one" "${words[@]}" "${burst[@]}" --channels "${responding%% *}" --few-shot 10:70:15 --runs 2 --features bandpower,voltage
expect_same "$(json tasks.0.few_shot.{0,1}.features 'tasks.0.few_shot.0.points#' tasks.0.few_shot.0.points.{0,1,2}.windows | tr '\n' ' ')" \
    "bandpower voltage 3 10 25 40 " # a fold has some 46
json tasks.0.few_shot.0.points.{0,2}.mean tasks.0.results.0.roc_auc tasks.0.few_shot_target | tr '\n' ' ' |
    awk '{ exit !($1 > 0.6 && $2 > $1 - 0.1 && $3 >= $2 - 0.05 && $4 == $3) }' || fail "few-shot: $(json tasks.0.few_shot)"
json tasks.0.few_shot.0.points.0.{sd,low,high} >/dev/null
expect_in out "few-shot curves end at"

# ---- an array of trials, each one channel: 80 Hz or 20 Hz, with a table that names the channels
awk 'BEGIN {
    srand(4)
    for (t = 0; t < 24; ++t) for (i = 0; i < 1024; ++i)
        printf "%c", (256 + int(60 * sin(6.2831853 * ((t % 2 ? 20 : 80) * i / 1024 + rand() / 20)) + 20 * (rand() - rand()))) % 256
}' | write_npy stack.npy '|i1' '24, 1024'
{
    printf 'onset\tduration\ttrial_type\tchannel\n'
    for ((i = 1; i <= 22; ++i)); do printf '0.1\t1\t%s\tch%d\n' $((i % 2)) "$i"; done
} >stack.tsv
expect_status 0 probe stack.npy --rate 1024 --trials --events stack.tsv --window 0.5 --notch none "${burst[@]:2}" --split trial
results >table
expect_same "$(cut -f 2,8 table)" "stack"$'\t'22 # two trials that no row names
holds '$3 == 1'
