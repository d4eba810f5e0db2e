#!/usr/bin/env python3
"""Do the scores of `probe` mean what they say? Tried on simulated recordings, of which the truth is known.

    simulated.py PROGRAM PART... [--jobs N] [--seeds N]

PART is one of
  coverage    recordings in which words do nothing: how many contacts' ROC-AUC lies within the interval of shuffled labels
  theory      recordings in which all contacts respond: the ROC-AUC against the signal-to-noise ratio, beside that of an
              ideal observer; how many bootstrap intervals hold the ROC-AUC that decoders reach on the average

Needs Python 3 and nothing else, and N processors (--jobs, 2). Tables go to standard output. docs/results_simulated.md
explains them.
"""
import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

LOUD_SOFT = ["--classes", "word/loud,word/soft"]
AS_RECORDED = ["--reference", "none", "--notch", "none"]  # contacts are then nearly independent; there are no mains
# Where windows lie, by features: the burst is 0.05 to 0.25 s after a word's onset.
AROUND = {"bandpower": ["--window", "0.5", "--offset", "0"], "stft": ["--window", "0.8", "--offset", "-0.25"]}
BEFORE = {"bandpower": ["--baseline", "-0.6"], "stft": ["--baseline", "-1.2"]}


def run(program, *words):
    call = [program, *map(str, words), "--threads", "1", "--quiet"]
    done = subprocess.run(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(call)}: {done.stderr.strip()}")
    return done.stdout


def simulate(program, folder, seed, seconds, *options):
    run(program, "simulate", folder, "--seed", seed, "--seconds", seconds, "--mains", 0, *options)
    return json.loads(next(Path(folder).glob("derivatives/truth/*.json")).read_text())


def probe(program, folder, *options):
    """The results of each contact that is not bad, and of their mean."""
    text = run(program, "probe", folder, "--json", "--cache", "none", *AS_RECORDED, *options)
    task = json.loads(text)["tasks"][0]
    return task["results"], task["summary"][0]


def binomial_range(hits, n, z=1.96):
    """Wilson's interval (J. Am. Stat. Assoc. 22, 1927)."""
    share, by = hits / n, 1 + z * z / n
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / by
    middle = (share + z * z / (2 * n)) / by
    return max(0, middle - reach), min(1, middle + reach)


def mean(x):
    return sum(x) / len(x)


def sd(x):
    return math.sqrt(sum((v - mean(x)) ** 2 for v in x) / max(len(x) - 1, 1))


def each(jobs, work, items):
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(work, items))


def with_recording(program, work, seed, seconds, *options):
    with tempfile.TemporaryDirectory(prefix="brainbert-study-") as folder:
        truth = simulate(program, f"{folder}/bids", seed, seconds, *options)
        found = work(f"{folder}/bids", truth)
        shutil.rmtree(f"{folder}/bids")
        return found


# ---------------------------------------------------------------- no effect

NULL_TASKS = {
    "loud/soft, blocked": LOUD_SOFT + ["--split", "blocked"],
    "loud/soft, by trial": LOUD_SOFT + ["--split", "trial"],
    "word/baseline, blocked": "baseline",
}


def null_recording(program, seed, features):
    def work(folder, _):
        found = {}
        for task, options in NULL_TASKS.items():
            own = BEFORE[features] if options == "baseline" else options
            found[task] = probe(program, folder, "--features", features, *AROUND[features], *own)
        return found

    return with_recording(program, work, seed, 240, "--responding", 0)


def print_share(name, inside):
    low, high = binomial_range(sum(inside), len(inside))
    print(f"  {name:46} {sum(inside):4} of {len(inside):4} {mean(inside):7.1%}  ({low:.1%} to {high:.1%})", flush=True)


def print_coverage(features, task, found):
    rows = [r for recording in found for r in recording[task][0]]
    means = [recording[task][1] for recording in found]
    reach = 2 * 2.093 * math.sqrt(1 + 1 / 20)  # of an interval from 20 shuffles, in standard deviations
    print(f"{features}, {task}: mean score {mean([r['roc_auc'] for r in rows]):.3f}, sd {sd([r['roc_auc'] for r in rows]):.3f}; "
          f"shuffled {mean([r['control_mean'] for r in rows]):.3f}, "
          f"sd {mean([r['control_high'] - r['control_low'] for r in rows]) / reach:.3f}")
    print_share("within the interval of shuffled labels", [r["control_low"] <= r["roc_auc"] <= r["control_high"] for r in rows])
    print_share("above it", [r["roc_auc"] > r["control_high"] for r in rows])
    print_share("the mean over a recording's contacts within its", [m["control_low"] <= m["mean"] <= m["control_high"] for m in means])
    print_share("bootstrap intervals that hold 0.5", [r["ci_low"] <= 0.5 <= r["ci_high"] for r in rows])


def coverage(program, jobs, seeds):
    for features, count in (("bandpower", seeds or 40), ("stft", (seeds or 40) * 7 // 20)):
        found = each(jobs, lambda seed, f=features: null_recording(program, seed, f), range(count))
        for task in NULL_TASKS:
            print_coverage(features, task, found)


# ---------------------------------------------------------------- known effects

RATIOS = (-10, -5, 0, 5, 10)  # dB, of burst, wave and rhythm alike
HIGH_GAMMA = ["--window", "0.2", "--offset", "0.05", "--bandpass", "70-150", "--features", "bandpower"]
SEEN = {
    "bandpower, 70-150 Hz, 0.2 s": (HIGH_GAMMA, BEFORE["bandpower"]),
    "bandpower, all, 0.5 s": (["--features", "bandpower", *AROUND["bandpower"]], BEFORE["bandpower"]),
    "stft@center, all, 0.8 s": (["--features", "stft@center", *AROUND["stft"]], BEFORE["stft"]),
}


def effect_recording(program, seed, seconds, ratio):
    """[task, features] -> results of every sound contact, all of which respond; and the ideal observer's areas."""

    def work(folder, truth):
        ideal = next(c for c in truth["contacts"] if c["responds"])
        found = {"ideal": (ideal["auc_loud_soft"], ideal["auc_word"])}
        for name, (features, baseline) in SEEN.items():
            for task, own in (("loud against soft", LOUD_SOFT), ("word against baseline", baseline)):
                found[task, name] = probe(program, folder, "--controls", 0, *features, *own)[0]
        return found

    return with_recording(program, work, seed, seconds, "--responding", 15, "--snr", ratio)


def of_all(found, key, what="roc_auc"):
    return [r[what] for recording in found for r in recording[key]]


def print_theory(words, runs):
    for task in (0, 1):
        title = ("loud against soft", "word against baseline")[task]
        print(f"\n{title + f', {words} words':46}" + "".join(f"{ratio:6} dB" for ratio in RATIOS))
        print(f"{'ideal observer of the high gamma':46}" + "".join(f"{runs[r][0]['ideal'][task]:9.3f}" for r in RATIOS))
        for name in SEEN:
            print(f"{name:46}" + "".join(f"{mean(of_all(runs[r], (title, name))):9.3f}" for r in RATIOS))
            print(f"{'  standard error':46}"
                  + "".join(f"{sd(of_all(runs[r], (title, name))) / math.sqrt(len(of_all(runs[r], (title, name)))):9.3f}"
                            for r in RATIOS), flush=True)


def print_intervals(words, runs):
    """How many intervals hold the mean over all contacts and seeds; the widths beside the true spread."""
    print(f"\nbootstrap intervals that hold the mean score, {words} words; spread of the scores over the bootstrap's\n"
          f"{'':46}" + "".join(f"{ratio:6} dB" for ratio in RATIOS))
    for key in [k for k in runs[RATIOS[0]][0] if k != "ideal"]:
        held, spread = [], []
        for r in RATIOS:
            scores, low, high = (of_all(runs[r], key, w) for w in ("roc_auc", "ci_low", "ci_high"))
            held.append(mean([a <= mean(scores) <= b for a, b in zip(low, high)]))
            spread.append(sd(scores) / (mean([b - a for a, b in zip(low, high)]) / 3.92))
        print(f"{key[0] + ', ' + key[1]:51.51}" + "".join(f"{h:5.0%}{s:4.1f}" for h, s in zip(held, spread)))


def theory(program, jobs, seeds):
    for seconds, count in ((240, seeds or 8), (1800, 1)):
        calls = [(ratio, seed) for ratio in RATIOS for seed in range(100, 100 + count)]
        found = each(jobs, lambda c, s=seconds: effect_recording(program, c[1], s, c[0]), calls)
        runs = {r: [f for f, c in zip(found, calls) if c[0] == r] for r in RATIOS}
        print_theory(seconds // 2, runs)
        if count > 1:
            print_intervals(seconds // 2, runs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("parts", nargs="+", choices=["coverage", "theory"])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=0)
    a = parser.parse_args()
    for part in a.parts:
        globals()[part](a.program, a.jobs, a.seeds)


if __name__ == "__main__":
    main()
