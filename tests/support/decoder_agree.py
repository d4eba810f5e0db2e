#!/usr/bin/env python3
"""Linear decoders beside scikit-learn's, through the shared library: coefficients, and with --time how long each takes.

    decoder_agree.py LIBRARY [--time FEATURES.npy LABELS.npy]

Data: breast cancer and digits as scikit-learn brings them, rows of which there are fewer than features, and with --time
features of a model [n, D] with labels 0 and 1. The reference is scikit-learn's Newton method, converged; its default is
L-BFGS, which stops where the loss hardly falls any more. Exit status 1 where coefficients differ by more than 1e-4 of
their length.
"""
import ctypes
import os
import sys
import time
import warnings

if "--time" not in sys.argv:  # threads that wait for each other take minutes on a busy machine
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import LogisticRegression, Ridge

LOGISTIC, SOFTMAX, SQUARES = range(3)
BOUND = 1e-4


class Rows(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("count", ctypes.c_int64), ("dim", ctypes.c_int64), ("stride", ctypes.c_int64)]


class Targets(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int), ("classes", ctypes.c_int), ("labels", ctypes.c_void_p), ("values", ctypes.c_void_p)]


class Options(ctypes.Structure):
    _fields_ = [("strength", ctypes.c_double), ("standardize", ctypes.c_bool), ("tolerance", ctypes.c_double), ("threads", ctypes.c_int)]


class Decoder(ctypes.Structure):
    _fields_ = [("outputs", ctypes.c_int), ("dim", ctypes.c_int64), ("weights", ctypes.POINTER(ctypes.c_double)),
                ("intercepts", ctypes.POINTER(ctypes.c_double)), ("iterations", ctypes.c_int)]  # fmt: skip


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("message", ctypes.c_char * 1024)]


def fit(library, x, y, strength, kind):
    """Weights [outputs, D], and seconds."""
    values = np.ascontiguousarray(y, np.float64 if kind == SQUARES else np.int32)
    pointer = values.ctypes.data
    rows = Rows(x.ctypes.data, len(x), x.shape[1], x.shape[1])
    targets = Targets(kind, int(y.max()) + 1, None if kind == SQUARES else pointer, pointer if kind == SQUARES else None)
    options = Options(strength, False, 1e-6, 0)
    out, error = Decoder(), Error()
    begun = time.perf_counter()
    if library.bb_decoder_fit(ctypes.byref(rows), None, ctypes.c_int64(len(x)), ctypes.byref(targets),
                              ctypes.byref(options), ctypes.byref(out), ctypes.byref(error)):  # fmt: skip
        sys.exit(error.message.decode())
    seconds = time.perf_counter() - begun
    weights = np.ctypeslib.as_array(out.weights, (out.outputs, x.shape[1])).copy()
    library.bb_decoder_free(ctypes.byref(out))
    return weights, seconds


def reference(x, y, strength, kind, solver="newton-cg", tolerance=1e-9):
    if kind == SQUARES:
        model = Ridge(alpha=1 / strength)
    else:
        model = LogisticRegression(C=strength, solver=solver, tol=tolerance, max_iter=10000)
    begun = time.perf_counter()
    model.fit(x, y)
    return np.atleast_2d(model.coef_), time.perf_counter() - begun


def off(a, b):
    return np.linalg.norm(a - b) / np.linalg.norm(b)


def compare(library, name, x, y, strength, kind):
    x = np.ascontiguousarray(x, np.float32)
    ours, _ = fit(library, x, y, strength, kind)
    theirs, _ = reference(x.astype(float), y, strength, kind)
    print(f"{name:28} {x.shape[0]:6} x {x.shape[1]:<5} C {strength:<6g} off by {off(ours, theirs):.1e}")
    return off(ours, theirs) <= BOUND


def clock(library, features, labels):
    x = np.ascontiguousarray(np.load(features), np.float32)
    x = np.ascontiguousarray((x - x.mean(0)) / x.std(0))
    y, wide = np.load(labels).astype(int), x.astype(float)
    print(f"{x.shape[0]} x {x.shape[1]}; seconds, best of 5 (of 1 for Newton's method), and distance from the minimum")
    for strength in (1e-4, 1e-2, 1):
        exact, newton = reference(wide, y, strength, LOGISTIC)
        ours = [fit(library, x, y, strength, LOGISTIC) for _ in range(5)]
        usual = [reference(wide, y, strength, LOGISTIC, "lbfgs", 1e-4) for _ in range(5 if strength < 1 else 2)]
        seconds = min(s for _, s in ours)
        default = min(s for _, s in usual)
        print(f"C {strength:<7g} ours {seconds:.3f} ({off(ours[0][0], exact):.0e})   "
              f"lbfgs, as it comes {default:.3f} ({off(usual[0][0], exact):.0e}): {default / seconds:.1f} times   "
              f"newton-cg {newton:.2f}: {newton / seconds:.0f} times", flush=True)  # fmt: skip


def main(path, *rest):
    warnings.filterwarnings("ignore")
    library = ctypes.CDLL(path)
    cancer, digits = load_breast_cancer(), load_digits()
    tumours = (cancer.data - cancer.data.mean(0)) / cancer.data.std(0)
    pixels = digits.data / 16
    good = True
    for strength in (0.01, 1, 100):
        good &= compare(library, "breast cancer", tumours, cancer.target, strength, LOGISTIC)
        good &= compare(library, "digits, odd or even", pixels, digits.target % 2, strength, LOGISTIC)
    good &= compare(library, "digits, all ten", pixels, digits.target, 0.01, SOFTMAX)
    for strength in (0.01, 1):
        good &= compare(library, "digits, 50 of them", pixels[:50], digits.target[:50] % 2, strength, LOGISTIC)
        good &= compare(library, "breast cancer, mean radius", tumours[:, 1:], cancer.data[:, 0], strength, SQUARES)
    if rest[:1] == ("--time",):
        clock(library, *rest[1:])
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
