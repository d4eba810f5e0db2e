"""superlets.py SHARED PROGRAM: superlets of random signals here and by SHARED/reference/bbref.py.

Orders, cycles, frequencies, hops, trims and lengths are drawn anew for each seed. Magnitudes may differ by 1e-4 of
their frequency's largest, z-scores by 2e-3, the bars this project set itself. Exit 1 where they differ by more.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np

SEEDS = range(8)
MAGNITUDE_BOUND, SCORE_BOUND = 1e-4, 2e-3


def signal_of(rng):
    """1/f background of a random steepness, mains, a burst."""
    n = int(rng.integers(3000, 14000))
    f = np.fft.rfftfreq(n, 1 / 2048)
    f[0] = f[1]
    x = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) / f ** rng.uniform(0.5, 1.2), n)
    t = np.arange(n) / 2048
    burst = np.exp(-(((t - t.mean()) / 0.2) ** 2)) * np.sin(2 * np.pi * rng.uniform(70, 150) * t)
    return 30 * x / x.std() + 8 * np.sin(2 * np.pi * 60 * t) + 10 * burst


def settings_of(rng):
    low, low_order = rng.uniform(0.1, 10), int(rng.integers(1, 5))
    return {"low": low, "high": low + rng.uniform(50, 200), "bins": int(rng.integers(5, 50)),
            "order_min": low_order, "order_max": low_order + int(rng.integers(1, 30)),
            "cycles": int(rng.integers(1, 4)), "hop": int(rng.integers(10, 90)), "trim": int(rng.integers(1, 10))}


def ours(program, folder, x, normalize, s):
    np.save(folder / "x.npy", x)
    subprocess.run([program, "spectrogram", folder / "x.npy", "--out", folder / "y.npy", "--method", "superlet",
                    "--normalize", normalize, "--window", repr(len(x) / 2048), "--quiet",
                    "--frequencies", f"{s['low']!r}-{s['high']!r}", "--bins", str(s["bins"]),
                    "--orders", f"{s['order_min']}-{s['order_max']}", "--cycles", str(s["cycles"]),
                    "--hop", str(s["hop"]), "--trim", str(s["trim"])], check=True)
    return np.load(folder / "y.npy")


def theirs(reference, x, s):
    return reference.superlet(x, f_min=s["low"], f_max=s["high"], n=s["bins"], order_min=s["order_min"],
                              order_max=s["order_max"], c1=s["cycles"])[:, :: s["hop"]][:, s["trim"]: -s["trim"]].T


def main():
    shared, program = sys.argv[1:]
    sys.path.insert(0, str(pathlib.Path(shared) / "reference"))
    import bbref

    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for seed in SEEDS:
            rng = np.random.default_rng(seed)
            x, s = signal_of(rng), settings_of(rng)
            expected = theirs(bbref, x, s)
            magnitude, score = ours(program, folder, x, "none", s), ours(program, folder, x, "window", s)
            apart = (np.abs(magnitude - expected).max(0) / expected.max(0)).max()
            z = (expected - expected.mean(0)) / expected.std(0)
            z_apart = np.abs(score - z).max()
            bad = not (apart <= MAGNITUDE_BOUND and z_apart <= SCORE_BOUND)
            print(f"seed {seed}: {len(x)} samples, magnitudes differ by {apart:.1e}, z-scores by {z_apart:.1e}"
                  + (f": too much, {s}" if bad else ""))
            failed |= bad
    return failed


if __name__ == "__main__":
    sys.exit(main())
