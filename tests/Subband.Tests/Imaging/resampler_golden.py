#!/usr/bin/env python3
"""Writes resampler_golden.json: resized planes, made without any of Subband's code, for its tests to compare with.

    python3 tests/Subband.Tests/Imaging/resampler_golden.py

Made with NumPy 1.24 and PyTorch 1.13 (Debian 12), in float64. `matlab` is imresize written from its documentation, with
matrices, for both borders, with and without antialiasing, and without any rounding; `torch` is torch.nn.functional.interpolate.
"""

import json
import pathlib

import numpy as np
import torch
from torch.nn import functional

FOLDER = pathlib.Path(__file__).parent
HEIGHT, WIDTH = 9, 7


def uniforms(seed, *shape):
    """SplitMix64: value i = 1, 2, … mixes seed + i * 0x9E3779B97F4A7C15; its upper 53 bits make a number in [0, 1)."""
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return ((z >> np.uint64(11)) * 2.0 ** -53).reshape(shape)


def cubic(a):
    def curve(x):
        x = np.abs(x)
        near = (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1
        far = a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a
        return np.where(x <= 1, near, np.where(x <= 2, far, 0))
    return curve


CURVES = {
    "Bilinear": (2, lambda x: np.maximum(0, 1 - np.abs(x))),
    "Bicubic": (4, cubic(-0.5)),
    "SharpBicubic": (4, cubic(-0.75)),
    "Lanczos3": (6, lambda x: np.sinc(x) * np.sinc(x / 3) * (np.abs(x) < 3)),
}


def matrix(kernel, old, new, antialias, border):
    width, curve = CURVES[kernel]
    scale = new / old
    stretch = scale if antialias and scale < 1 else 1
    result = np.zeros((new, old))
    for x in range(1, new + 1):
        u = x / scale + 0.5 * (1 - 1 / scale)  # MATLAB counts from 1
        left = int(np.floor(u - width / stretch / 2))
        taps = np.arange(left, left + int(np.ceil(width / stretch)) + 2)
        weights = stretch * curve(stretch * (u - taps))
        weights = weights / weights.sum()
        for tap, weight in zip(taps - 1, weights):
            if border == "Replicate":
                index = min(max(tap, 0), old - 1)
            else:
                around = [*range(old), *range(old - 1, -1, -1)]
                index = around[tap % (2 * old)]
            result[x - 1, index] += weight
    return result


def matlab(plane):
    cases = []
    for kernel in CURVES:
        for height, width in ((18, 21), (4, 3), (2, 10)):
            for antialias in (True, False):
                for border in ("Replicate", "Symmetric"):
                    rows = matrix(kernel, HEIGHT, height, antialias, border)
                    columns = matrix(kernel, WIDTH, width, antialias, border)
                    cases.append({
                        "kernel": kernel, "height": height, "width": width, "antialias": antialias, "border": border,
                        "values": np.round(rows @ plane @ columns.T, 8).ravel().tolist()})
    return cases


def by_torch(plane):
    x = torch.from_numpy(plane)[None, None]
    cases = []
    for kernel, mode in (("Nearest", "nearest-exact"), ("Bilinear", "bilinear"), ("SharpBicubic", "bicubic")):
        for height, width in ((18, 21), (4, 3), (13, 5)):
            more = {} if mode == "nearest-exact" else {"align_corners": False}
            y = functional.interpolate(x, size=(height, width), mode=mode, **more)
            cases.append({"kernel": kernel, "height": height, "width": width, "values": np.round(y.numpy(), 8).ravel().tolist()})
    y = functional.interpolate(x, size=(3, 1), mode="area")
    cases.append({"kernel": "Area", "height": 3, "width": 1, "values": np.round(y.numpy(), 8).ravel().tolist()})
    return cases


def main():
    plane = uniforms(5, HEIGHT, WIDTH)
    golden = {"height": HEIGHT, "width": WIDTH, "plane": plane.ravel().tolist(), "matlab": matlab(plane), "torch": by_torch(plane)}
    (FOLDER / "resampler_golden.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
