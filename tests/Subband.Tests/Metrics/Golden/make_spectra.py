#!/usr/bin/env python3
"""Writes spectra.json: mean power spectra, computed without any of Subband's code, for its tests to compare with.

    python3 tests/Subband.Tests/Metrics/Golden/make_spectra.py

Made with NumPy 1.24 (Debian 12), in float64, the straight way: each image is whitened, windowed, padded and transformed as a whole.

images      floor(256 U(61, 7, 3, 12, 20)), of which the upper half of each is averaged with its right neighbours, so that no
            direction is like another; U is SplitMix64, see uniforms()
whitening   their own mean and deviation; and the mean 100 and the deviation 50
"""

import json
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent


def uniforms(seed, *shape):
    """SplitMix64: value i = 1, 2, … mixes seed + i * 0x9E3779B97F4A7C15; its upper 53 bits make a number in [0, 1)."""
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return ((z >> np.uint64(11)) * 2.0 ** -53).reshape(shape)


def images():
    values = np.floor(256 * uniforms(61, 7, 3, 12, 20))
    values[:, :, :6, :-1] = (values[:, :, :6, :-1] + values[:, :, :6, 1:]) / 2
    return values


def spectrum(values, mean, deviation):
    """The mean power, [S, S], frequency 0 first."""
    height, width = values.shape[2:]
    side = 4 * max(height, width)
    window = np.outer(np.kaiser(height, 8), np.kaiser(width, 8))
    window /= np.sqrt(np.square(window).sum())
    whole = (values - mean) / deviation * window
    return np.square(np.abs(np.fft.fft2(whole, s=(side, side)))).mean((0, 1))


def curves(power):
    side = len(power)
    steps = np.fft.fftfreq(side, 1 / side)
    rings = np.floor(np.hypot(steps[:, None], steps[None, :]) + 0.5).astype(int)
    count = side // 2 + 1
    decibels = 10 * np.log10(power)
    return {
        "radial": [float(10 * np.log10(power[rings == k].mean())) for k in range(count)],
        "horizontal": [float(value) for value in decibels[0, :count]],
        "diagonal": [float(decibels[k, k]) for k in range(count)],
    }


def main():
    values = images()
    mean, deviation = float(values.mean()), float(values.std())
    own, given = curves(spectrum(values, mean, deviation)), curves(spectrum(values, 100, 50))
    half = len(own["radial"]) // 2
    difference = np.subtract(curves(spectrum(values[:3], mean, deviation))["radial"], own["radial"])[half:]
    numbers = {
        "mean": mean,
        "deviation": deviation,
        "own": own,
        "given": given,
        "gap_of_first_three": {"absolute": float(np.abs(difference).mean()), "signed": float(difference.mean())},
    }
    (FOLDER / "spectra.json").write_text(json.dumps(numbers, indent=1) + "\n")


if __name__ == "__main__":
    main()
