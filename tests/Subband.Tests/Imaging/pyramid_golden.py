"""Golden numbers for LaplacianPyramidTests, from PyTorch, NumPy and SciPy.

usage: python3 pyramid_golden.py > pyramid_golden.json

Along one axis, on the signal x[i] = sin(1.7 i + 0.3):
  linear_up      torch.nn.functional.interpolate, align_corners=True
  area_down      torch.nn.functional.avg_pool1d for whole ratios; else the integral of the step function by SciPy
  binomial_down  correlation with (1, 4, 6, 4, 1)/16, edges repeated, every second sample (Burt and Adelson's REDUCE)
  binomial_up    zeros between, convolution with (1, 4, 6, 4, 1)/8, edges repeated (their EXPAND)
"""
import json

import numpy as np
import scipy.integrate
import scipy.ndimage
import torch

TAPS = np.array([1.0, 4.0, 6.0, 4.0, 1.0])


def signal(n):
    return np.sin(1.7 * np.arange(n) + 0.3)


def linear_up(n, to):
    x = torch.from_numpy(signal(n))[None, None]
    return torch.nn.functional.interpolate(x, size=to, mode="linear", align_corners=True)[0, 0].numpy()


def area_down(n, to):
    x = signal(n)
    if n % to == 0:
        return torch.nn.functional.avg_pool1d(torch.from_numpy(x)[None, None], n // to)[0, 0].numpy()
    # the running integral of the step function is piecewise linear
    integral = scipy.integrate.cumulative_trapezoid(np.repeat(x, 2), np.repeat(np.arange(n + 1), 2)[1:-1], initial=0)
    ends = np.interp(np.arange(to + 1) * n / to, np.repeat(np.arange(n + 1), 2)[1:-1], integral)
    return np.diff(ends) * to / n


def binomial_down(n, to):
    assert to == (n + 1) // 2
    return scipy.ndimage.correlate1d(signal(n), TAPS / 16, mode="nearest")[::2]


def binomial_up(n, to):
    assert n == (to + 1) // 2
    padded = np.pad(signal(n), 2, mode="edge")
    spread = np.zeros(2 * len(padded))
    spread[::2] = padded
    return np.convolve(spread, TAPS / 8, mode="same")[4 : 4 + to]


PAIRS = {
    linear_up: [(8, 14), (14, 28), (16, 32), (64, 96), (28, 32), (5, 9), (1, 4), (2, 7), (4, 8)],
    area_down: [(14, 8), (28, 14), (32, 16), (96, 64), (32, 28), (9, 5), (7, 2), (8, 4), (4, 1)],
    binomial_down: [(28, 14), (32, 16), (9, 5), (7, 4), (8, 4), (2, 1), (3, 2)],
    binomial_up: [(14, 28), (16, 32), (5, 9), (4, 7), (4, 8), (1, 2), (2, 3)],
}

cases = [
    {"map": f.__name__, "from": n, "to": m, "expected": [round(float(v), 14) for v in f(n, m)]}
    for f, pairs in PAIRS.items()
    for n, m in pairs
]
print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")
