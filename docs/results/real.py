#!/usr/bin/env python3
"""The tables of docs/results.md: what features of real recordings decode.

    real.py PROGRAM SHARED OUT [PART...]

PROGRAM is brainbert, SHARED the folder that holds data/ with the three labelled recordings, OUT a folder for results:
what is there already is not made again, so that an interrupted run goes on. PARTs are features, mlp, finetuned, curve,
precision (all of them if none is named). Needs nothing but Python's own library. At the end OUT/results.md and OUT/results.html.
"""
import ast
import json
import os
import struct
import subprocess
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = os.path.relpath(os.path.join(HERE, "..", "..", "models", "small"))
FEATURES = [
    "voltage", "voltage:0.25", "stft", "stft@segments:6", "superlet", "superlet@segments:6", "bandpower",
    "bandpower@segments:6", "untrained", "untrained@segments:6", "encoder", "encoder@segments:6",
]  # fmt: skip
SHOTS = "10:100:10"
ENCODERS = ["encoder", "encoder@segments:6"]
PRECISIONS = ["f32", "bf16", "int8"]


def npz_labels(path, name):
    """An array of text of a .npz, without NumPy."""
    with zipfile.ZipFile(path) as archive:
        data = archive.read(name + ".npy")
    (length,) = struct.unpack("<H", data[8:10])
    header = ast.literal_eval(data[10 : 10 + length].decode())
    width = int(header["descr"][2:]) * 4
    body = data[10 + length :]
    texts = [body[i : i + width].decode("utf-32-le").rstrip("\0") for i in range(0, len(body), width)]
    return texts[: header["shape"][0]]


def write_table(path, rows):
    with open(path, "w") as table:
        for row in rows:
            table.write("\t".join(map(str, row)) + "\n")


def tasks(shared, out):
    """Name of each task, its recording, and what the program is told of it."""
    speech = f"{shared}/data/bids_speech_2000hz/sub-01/ieeg/sub-01_task-audiovisual_run-01_ieeg.vhdr"
    motor = f"{shared}/data/npz/seeg_data_pac.npz"
    seizures = f"{shared}/data/npz/bonn_seizure_173.61hz.npz"
    # Trials begin 0.977 s before the cue; rest ends there, and the hand moves from 1.5 s to 3 s after it.
    write_table(f"{out}/motor.tsv", [("onset", "duration", "trial_type"), (0.07, 0.9, "rest"), (2.7, 0.9, "execution")])
    labels = npz_labels(seizures, "label")
    rows = [(0.5, 22.5, "seizure" if label == "seizure" else "interictal", f"ch{i + 1}") for i, label in enumerate(labels)]
    write_table(f"{out}/seizures.tsv", [("onset", "duration", "trial_type", "channel"), *rows])
    surface = ["--reference", "none", "--bads", "none", "--split", "trial", "--normalize", "session"]
    words = [speech, "--window", "2", "--offset", "-0.6", *surface]
    arrays = [*surface, "--trials"]
    return {
        "stimulus or baseline": [*words, "--baseline", "-1.9", "--classes", "word=audio+visual+audiovisual+incongruent"],
        "audio or visual": [*words, "--classes", "audio,visual"],
        "rest or execution": [motor, "--events", f"{out}/motor.tsv", "--window", "0.9", "--offset", "0", *arrays],
        "seizure or not": [seizures, "--events", f"{out}/seizures.tsv", "--window", "2", "--every", "5", *arrays,
                           "--classes", "seizure,interictal"],
    }  # fmt: skip


def run(program, command, options, path):
    """The results of one call, made unless they are there."""
    if not os.path.exists(path):
        print("  " + " ".join([command, *options]), flush=True)
        subprocess.run([program, command, *options, "--model", MODEL, "--out", path, "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
    with open(path) as file:
        return json.load(file)["tasks"][0]


def interval(low, high):
    return f"{low:.2f}-{high:.2f}".replace("0.", ".").replace("1.00", "1")


def cell(row):
    control = "" if row["control_low"] is None else f"; {interval(row['control_low'], row['control_high'])}"
    return f"{row['mean']:.3f} ({interval(row['ci_low'], row['ci_high'])}{control})".replace("0.", ".")


def main(program, shared, out, *parts):
    os.makedirs(out, exist_ok=True)
    wanted = set(parts) or {"features", "mlp", "finetuned", "curve", "precision"}
    cache = ["--cache", f"{out}/cache"]
    columns, files, curve = {}, [], None
    for number, (name, options) in enumerate(tasks(shared, out).items()):
        print(name, flush=True)
        # What is trained takes its time: folds are dealt once, and shuffled where one electrode is all there is.
        once = ["--repeats", "1", "--controls", "3" if "--trials" in options else "0"]
        calls = {
            "features": ("probe", ["--features", ",".join(FEATURES)]),
            "mlp": ("probe", ["--features", "voltage", "--decoder", "mlp", "--steps", "60", *once]),
            "finetuned": ("finetune", ["--pool", "segments:6", "--steps", "30", "--batch", "16", "--check-every", "5", *once]),
        }  # fmt: skip
        column = columns.setdefault(name, {})
        for part, (command, extra) in calls.items():
            path = f"{out}/{number}-{part}.json"
            if part not in wanted and not os.path.exists(path):
                continue
            task = run(program, command, [*options, *extra, *cache], path)
            files.append(path)
            column.setdefault("windows", ", ".join(f"{c['windows']} {c['name']}" for c in task["classes"]))
            for row in task["summary"]:
                column[{"features": row["features"], "mlp": "voltage, MLP", "finetuned": "finetuned"}[part]] = row
        for precision in PRECISIONS if "precision" in wanted else []:
            extra = ["--features", ",".join(ENCODERS), "--precision", precision, "--controls", "0"]
            task = run(program, "probe", [*options, *extra, *cache], f"{out}/{number}-{precision}.json")
            for row in task["summary"]:
                column[f"{row['features']}, {precision}"] = row
        if number == 0 and ("curve" in wanted or os.path.exists(f"{out}/curve.json")):
            few = "stft@segments:6,bandpower@segments:6,untrained@segments:6,encoder@segments:6"
            curve = run(program, "probe", [*options, "--features", few, "--few-shot", SHOTS, *cache], f"{out}/curve.json")
            files.append(f"{out}/curve.json")
    with open(f"{out}/results.md", "w") as page:
        write_page(page, columns, curve)
    subprocess.run([program, "report", *files, "--out", f"{out}/results.html"], check=True)


def write_page(page, columns, curve):
    print("| features | " + " | ".join(columns) + " |", file=page)
    print("|---|" + "---|" * len(columns), file=page)
    print("| *windows* | " + " | ".join(c.get("windows", "") for c in columns.values()) + " |", file=page)
    rounded = [f"{name}, {precision}" for name in ENCODERS for precision in PRECISIONS]
    for name in [*FEATURES[:2], "voltage, MLP", *FEATURES[2:], "finetuned", *rounded]:
        cells = [cell(c[name]) if name in c else "" for c in columns.values()]
        print(f"| {name} | " + " | ".join(cells) + " |", file=page)
    if not curve:
        return
    names = [c["features"] for c in curve["few_shot"]]
    print(f"\n| windows to learn from | {' | '.join(names)} |\n|---|" + "---|" * len(names), file=page)
    for points in zip(*(c["points"] for c in curve["few_shot"])):
        cells = [f"{p['mean']:.3f} ({interval(p['low'], p['high'])})".replace("0.", ".", 1) for p in points]
        print(f"| {points[0]['windows']} | " + " | ".join(cells) + " |", file=page)
    print(f"\nfew_shot_target {curve['few_shot_target']:.3f}", file=page)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
