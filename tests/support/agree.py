"""agree.py SHARED PROGRAM DUMP: the recordings of SHARED/data as read here and by the libraries that people use.

EDF, BrainVision and FIF against MNE-Python, MAT 5 against SciPy, MAT 7.3 and HDF5 against h5py, .npz and .npy
against NumPy: rate, names, number of channels and samples, events, and every sample. PROGRAM is brainbert, whose
`info --json` says what a file is; DUMP is dump_recording, which writes its samples. Exit 1 where something differs.

Samples may differ by BOUND of the largest value of their channel: the same numbers are scaled by all, but not in the
same order, as MNE goes to volts and back, and adds an EDF's offset on the way. Those are fewer than ten roundings of
2^-53 each.
"""

import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile

import h5py
import mne
import numpy as np
import scipy.io

BOUND = 10 * 2.0**-53
MICROVOLTS = {"\u00b5V": 1, "\u03bcV": 1, "uV": 1, "mV": 1e3, "V": 1e6}


class Other:
    """What another reader finds: samples in uV where `scaled`, else as the file has them."""

    def __init__(self, rate, data, names=None, events=(), scaled=None):
        self.rate, self.data, self.names, self.events, self.scaled = rate, np.atleast_2d(data), names, events, scaled


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def number(text):
    return 0.0 if text in ("n/a", "") else float(text)


def sidecar(path, kind):
    """The rows of a BIDS table beside a recording, or None."""
    beside = path.with_name(path.stem.rsplit("_", 1)[0] + f"_{kind}.tsv")
    return table(beside) if beside.exists() else None


def stated_rate(path, rate):
    """The rate of a BIDS sidecar beside a recording, which a header may hold rounded, or else `rate`."""
    beside = path.with_suffix(".json")
    return json.loads(beside.read_text(encoding="utf-8-sig")).get("SamplingFrequency", rate) if beside.exists() else rate


def read_mne(path):
    reader = {".edf": mne.io.read_raw_edf, ".vhdr": mne.io.read_raw_brainvision, ".fif": mne.io.read_raw_fif}
    extra = {"stim_channel": False} if path.suffix == ".edf" else {}
    raw = reader[path.suffix](path, preload=True, verbose="error", **extra)
    events = [(a["onset"], a["duration"], a["description"]) for a in raw.annotations]
    names, channels, rows = raw.ch_names, sidecar(path, "channels"), sidecar(path, "events")
    if rows is not None:
        events = [(number(r["onset"]), number(r["duration"]), r["trial_type"]) for r in rows]
    elif path.suffix == ".vhdr":
        events = [e for e in events if not e[2].startswith("New Segment")]
    # Where the table's names are others, it renames the channels in order.
    if channels is not None and {c["name"] for c in channels} != set(names):
        names = [c["name"] for c in channels]
    return Other(stated_rate(path, raw.info["sfreq"]), raw.get_data(), names, events, 1e6)


def read_mat(path):
    found = scipy.io.loadmat(path, squeeze_me=True)
    info = found["analogInfos"]
    return Other(float(str(info["SampleRate"]).split()[0]),
                 found["analogTraces"] * MICROVOLTS[str(info["Units"])])


def read_mat73(path):
    with h5py.File(path, "r") as file:
        names = ["".join(map(chr, file[r][:].ravel())) for r in file["Header/Labels"][:].ravel()]
        return Other(file["Header/Sampling"][0, 0], file["Data"][:].astype(float), names)


def read_hdf5(path, rate):
    with h5py.File(path, "r") as file:
        stated = file["samplerate"][()] if "samplerate" in file else rate
        return Other(stated, file["timeseries"][:].T.astype(float), [n.decode() for n in file["names"][:]])


def read_npz(path):
    with np.load(path, allow_pickle=False) as file:
        return Other(float(file["sf"]), file["data"].astype(float))


def read_other(path, rate):
    if path.suffix == ".mat":
        return read_mat73(path) if h5py.is_hdf5(path) else read_mat(path)
    if path.suffix == ".h5":
        return read_hdf5(path, rate)
    if path.suffix == ".npz":
        return read_npz(path)
    return Other(rate, np.load(path, allow_pickle=False).astype(float)) if path.suffix == ".npy" else read_mne(path)


def read_ours(path, rate, program, dump):
    options = [str(rate)] if rate else []
    stated = subprocess.run([program, "info", path, "--json"] + (["--rate"] + options if rate else []), check=True,
                            stdout=subprocess.PIPE).stdout
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "samples.npy"
        subprocess.run([dump, path, out] + options, check=True)
        return json.load(io.BytesIO(stated)), np.load(out)


def compare_events(ours, other):
    def order(event):
        return round(event[0], 6), round(event[1], 6), event[2]

    a = sorted(((e["onset_s"], e["duration_s"], e["label"]) for e in ours), key=order)
    b = sorted(other, key=order)
    if len(a) != len(b):
        return [f"{len(a)} events, expected {len(b)}"]
    # Nobody states times more finely than in microseconds.
    bad = [(x, y) for x, y in zip(a, b) if x[2] != y[2] or abs(x[0] - y[0]) > 1e-6 or abs(x[1] - y[1]) > 1e-6]
    return [f"{len(bad)} events differ, as {bad[0][0]}, expected {bad[0][1]}"] if bad else []


def compare(info, samples, other):
    """The sentences about what differs, and the largest difference relative to its channel's largest value."""
    wrong, used = [], [c for c in info["channels"] if c["rate_hz"] == info["rate_hz"]]
    if abs(info["rate_hz"] / other.rate - 1) > BOUND:
        wrong.append(f"rate {info['rate_hz']!r}, expected {other.rate!r}")
    names = other.names or [f"ch{i + 1}" for i in range(len(other.data))]
    ours = [c["name"] for c in info["channels"]]
    if ours != names:
        pairs = [f"{a} for {b}" for a, b in zip(ours, names) if a != b]
        wrong.append(f"{len(ours)} names, expected {len(names)}: " + ", ".join(pairs)[:200])
    if len(used) < len(info["channels"]):
        wrong.append(f"{len(info['channels']) - len(used)} channels of other rates are not compared")
    if abs(info["duration_s"] - other.data.shape[1] / other.rate) > BOUND * info["duration_s"]:
        wrong.append(f"{info['duration_s']!r} s, expected {other.data.shape[1] / other.rate!r} s")
    wrong += compare_events(info["events"], other.events)
    if samples.shape != other.data.shape:
        return wrong + [f"samples {samples.shape}, expected {other.data.shape}"], np.inf
    scale = [other.scaled if other.scaled and c["unit"] == "uV" else 1 for c in used]
    expected = other.data * np.array(scale)[:, None]
    largest = np.abs(expected).max(axis=1)
    apart = np.abs(samples - expected).max(axis=1) / np.where(largest > 0, largest, 1)
    worst = int(np.argmax(apart))
    if not apart[worst] <= BOUND:
        wrong.append(f"samples of {used[worst]['name']} ({used[worst]['unit']}) differ by {apart[worst]:.3g} of the "
                     f"largest, {int((apart > BOUND).sum())} channels by more than {BOUND}")
    return wrong, apart[worst]


def main():
    shared, program, dump = sys.argv[1:]
    data = pathlib.Path(shared) / "data"
    # Files that do not hold their rate; from the folder's README.
    rates = {"ptsa_R1364C_FR1_eeg.h5": 1000, "btb_electrode_5s_2048hz.npy": 2048}
    endings = {".edf", ".vhdr", ".fif", ".mat", ".h5", ".npz", ".npy"}
    failed = 0
    print(f"{'file':58} {'channels':>8} {'seconds':>8} {'events':>6}  max |difference| / largest value")
    for path in sorted(p for p in data.rglob("*") if p.suffix in endings):
        rate = rates.get(path.name)
        info, samples = read_ours(path, rate, program, dump)
        wrong, apart = compare(info, samples, read_other(path, rate))
        print(f"{path.name:58} {len(info['channels']):8} {info['duration_s']:8.2f} {len(info['events']):6}  {apart:.2g}")
        for sentence in wrong:
            print(f"    {sentence}")
        failed += bool(wrong)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
