#!/usr/bin/env python3
"""What the features of models decode on a recording that none of them was trained on.

    decode.py PROGRAM RECORDINGS MODEL...

RECORDINGS/bids_speech_2000hz: ECoG of a person who hears and sees words. Two tasks, one electrode at a time: stimulus
(windows of 2 s around 0.4 s after a word's onset) against baseline (around 0.9 s before it), audio against visual words.
Logistic regression on standardised features, its strength chosen on inner folds; five folds grouped by trial; the mean
ROC-AUC of six electrodes and three shuffles. A MODEL is what `embed --model` takes, `untrained:small` among them;
MODEL@window or MODEL@session has its spectrograms normalised so.
"""
import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import subprocess
import sys
import tempfile
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

STRENGTHS = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
STIMULUS, BASELINE = -0.6, -1.9  # s from a word's onset to the window's first sample


def embed(program, recording, model, offset, pool):
    """Features [windows, electrodes, D], the onset and the label of each window."""
    model, _, normalize = model.partition("@")
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/f.npy"
        call = [program, "embed", f"{recording}_ieeg.vhdr", "--model", model, "--out", out, "--pool", pool, "--quiet"]
        call += ["--window", "2", "--events", f"{recording}_events.tsv", "--offset", str(offset)]
        call += ["--reference", "none", "--bads", "none"] + (["--normalize", normalize] if normalize else [])
        subprocess.run(call, check=True)
        features = np.load(out)
        with open(f"{folder}/f.tsv") as table:
            heading, *rows = [line.rstrip("\n").split("\t") for line in table]
    rows = [dict(zip(heading, row)) for row in rows[:: features.shape[1]]]
    onsets = np.round([float(row["start_s"]) - offset for row in rows], 2)
    return features, onsets, np.array([row["event"] for row in rows])


def standardised(train, test):
    """Both by the training part's mean and spread, turned into its principal axes (which changes no result)."""
    mean, sd = train.mean(0), train.std(0)
    sd[sd == 0] = 1
    _, lengths, axes = np.linalg.svd((train - mean) / sd, full_matrices=False)
    axes = axes[lengths > 1e-6 * lengths[0]].T
    return (train - mean) / sd @ axes, (test - mean) / sd @ axes


def score(x, y, train, test, strength):
    a, b = standardised(x[train], x[test])
    fitted = LogisticRegression(C=strength, max_iter=200).fit(a, y[train])
    return roc_auc_score(y[test], fitted.decision_function(b))


def folds(count, y, trials, shuffle):
    return StratifiedGroupKFold(count, shuffle=True, random_state=shuffle).split(y, y, trials)


def roc_auc(x, y, trials, shuffle):
    scores = []
    for train, test in folds(5, y, trials, shuffle):
        inner = np.zeros(len(STRENGTHS))
        for a, b in folds(4, y[train], trials[train], shuffle):
            inner += [score(x, y, train[a], train[b], strength) for strength in STRENGTHS]
        scores.append(score(x, y, train, test, STRENGTHS[int(inner.argmax())]))
    return np.mean(scores)


def mean_roc_auc(x, y, trials):
    return np.mean([roc_auc(x[:, c], y, trials, s) for c in range(x.shape[1]) for s in range(3)])


def main(program, recordings, *models):
    recording = f"{recordings}/bids_speech_2000hz/sub-01/ieeg/sub-01_task-audiovisual_run-01"
    print("stimulus/baseline  audio/visual  pooling     model")
    for model in models:
        for pool in ("center", "segments:6"):
            during, trials, labels = embed(program, recording, model, STIMULUS, pool)
            before, trials_before, _ = embed(program, recording, model, BASELINE, pool)
            y = np.repeat([1.0, 0.0], [len(during), len(before)])
            first = mean_roc_auc(np.concatenate([during, before]), y, np.concatenate([trials, trials_before]))
            kept = np.isin(labels, ["audio", "visual"])
            second = mean_roc_auc(during[kept], (labels[kept] == "audio").astype(float), trials[kept])
            print(f"{first:17.3f}  {second:12.3f}  {pool:10}  {model}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    warnings.filterwarnings("ignore")
    main(*sys.argv[1:])
