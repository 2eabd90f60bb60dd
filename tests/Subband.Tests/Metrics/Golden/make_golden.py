#!/usr/bin/env python3
"""Writes golden.json: the measures, computed without any of Subband's code, for its tests to compare with.

    SUBBAND_TEST_DATA=/path/to/data python3 tests/Subband.Tests/Metrics/Golden/make_golden.py

Made with NumPy 1.24, SciPy 1.10 and PyTorch 1.13 (Debian 12). Only the layers of SqueezeNet are PyTorch's; resizing,
statistics, matrix roots and kernels are written here from their formulas, in float64 throughout.

numbers     the generator of every random array: see uniforms()
fd_arrays   Fréchet distances of feature arrays that are made by formula
fd_images   Fréchet distances of images of the mini CIFAR-10 set, by the protocol of squeezenet_features()
parzen      Gaussian Parzen windows: closed form and arrays made by formula
"""

import json
import os
import pathlib
import struct
import tarfile

import numpy as np
import scipy.linalg
import scipy.special
import torch
from torch.nn import functional

FOLDER = pathlib.Path(__file__).parent
DATA = pathlib.Path(os.environ.get("SUBBAND_TEST_DATA", FOLDER.parents[4] / "shared" / "data"))


def uniforms(seed, *shape):
    """SplitMix64: value i = 1, 2, … mixes seed + i * 0x9E3779B97F4A7C15; its upper 53 bits make a number in [0, 1)."""
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return ((z >> np.uint64(11)) * 2.0 ** -53).reshape(shape)


# Fréchet distance

def frechet(x, y):
    """By SciPy's matrix square root where both covariances have full rank, else by singular values, which are then the
    exact way. Divisor N - 1."""
    mean = np.square(x.mean(0) - y.mean(0)).sum()
    a, b = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    if min(len(x), len(y)) > x.shape[1]:
        root = np.trace(scipy.linalg.sqrtm(a @ b)).real
    else:
        left, right = (z - z.mean(0) for z in (x, y))
        root = scipy.linalg.svdvals(left @ right.T).sum() / np.sqrt((len(x) - 1) * (len(y) - 1))
    return float(mean + np.trace(a) + np.trace(b) - 2 * root)


def fd_arrays():
    """mixed = U(13,64,64); x = U(11,1500,64) mixed, y = (0.9 U(12,1200,64) + 0.1) mixed; their first 40 and 30 rows."""
    mixed = uniforms(13, 64, 64)
    x = uniforms(11, 1500, 64) @ mixed
    y = (0.9 * uniforms(12, 1200, 64) + 0.1) @ mixed
    return dict(many=frechet(x, y), few=frechet(x[:40], y[:30]), few_many=frechet(x[:40], y))


# SqueezeNet features of images

def read_safetensors(path):
    data = path.read_bytes()
    length, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {name: torch.from_numpy(np.frombuffer(data, "<f4", int(np.prod(entry["shape"])),
                                                 8 + length + entry["data_offsets"][0]).reshape(entry["shape"])
                                   .astype(np.float64))
            for name, entry in header.items()}


def enlarge(images, size):
    """Bilinear with half-pixel centres, the edge repeated: output i lies at (i + 0.5) * from/to - 0.5."""
    def matrix(source):
        at = np.clip((np.arange(size) + 0.5) * source / size - 0.5, 0, source - 1)
        low = np.minimum(at.astype(int), source - 1)
        high = np.minimum(low + 1, source - 1)
        weights = np.zeros((size, source))
        np.add.at(weights, (np.arange(size), low), 1 - (at - low))
        np.add.at(weights, (np.arange(size), high), at - low)
        return weights

    return np.einsum("ih,nchw,jw->ncij", matrix(images.shape[2]), images, matrix(images.shape[3]), optimize=True)


def squeezenet_features(images, weights):
    """images [N, 3, H, W], 0..255 -> [N, 512]: enlarged to 128x128, divided by 255, standardised with ImageNet's mean
    and deviation, through `features` 0..12 of SqueezeNet 1.1 (after its last ReLU), averaged over all positions."""
    def conv(x, name, **settings):
        return functional.relu(functional.conv2d(x, weights[name + ".weight"], weights[name + ".bias"], **settings))

    def fire(x, name):
        squeezed = conv(x, name + ".squeeze")
        return torch.cat([conv(squeezed, name + ".expand1x1"), conv(squeezed, name + ".expand3x3", padding=1)], 1)

    mean, std = (np.array(v).reshape(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    found = []
    for start in range(0, len(images), 50):
        x = torch.from_numpy((enlarge(images[start:start + 50].astype(np.float64), 128) / 255 - mean) / std)
        x = conv(x, "features.0", stride=2)
        for index in range(2, 13):
            x = (functional.max_pool2d(x, 3, 2, ceil_mode=True) if index in (2, 5, 8)
                 else fire(x, f"features.{index}"))
        found.append(x.mean((2, 3)).numpy())
    return np.concatenate(found)


def cifar_mini():
    """The 500 training and 100 test images of the mini set, uint8 [N, 3, 32, 32], in file order."""
    with tarfile.open(DATA / "fixtures" / "cifar-10-binary-mini.tar.gz") as tar:
        def records(name):
            member = next(m for m in tar.getmembers() if m.name.endswith(name))
            return np.frombuffer(tar.extractfile(member).read(), np.uint8).reshape(-1, 3073)[:, 1:]
        train = np.concatenate([records(f"data_batch_{i}.bin") for i in range(1, 6)])
        return train.reshape(-1, 3, 32, 32), records("test_batch.bin").reshape(-1, 3, 32, 32)


def blurred(images):
    """Every 2x2 block replaced by its mean, rounded half up: (a + b + c + d + 2) div 4."""
    blocks = images.astype(int).reshape(len(images), 3, 16, 2, 16, 2)
    mean = (blocks.sum((3, 5), keepdims=True) + 2) // 4
    return np.broadcast_to(mean, blocks.shape).reshape(images.shape).astype(np.uint8)


def fd_images():
    """train: 500, test: 100 images; doubled: train, then train mirrored left to right; blurred: blurred(doubled)."""
    weights = read_safetensors(DATA / "weights" / "squeezenet1_1.safetensors")
    train, test = cifar_mini()
    doubled = np.concatenate([train, train[..., ::-1]])
    features = {name: squeezenet_features(images, weights)
                for name, images in dict(doubled=doubled, test=test, blurred=blurred(doubled)).items()}
    features["train"] = features["doubled"][:500]
    return dict(
        train_test=frechet(features["train"], features["test"]),
        doubled_blurred=frechet(features["doubled"], features["blurred"]),
        doubled_test=frechet(features["doubled"], features["test"]),
        first_feature_row=features["test"][0, :8].tolist(),
        feature_sums={name: float(f.sum()) for name, f in features.items()})


# Parzen windows

def parzen(points, centres, sigma):
    """log of the mean over the centres of N(point; centre, sigma^2 I), for every point."""
    squared = np.square(points[:, None, :] - centres[None, :, :]).sum(2)
    dimensions = points.shape[1]
    return (scipy.special.logsumexp(-squared / (2 * sigma ** 2), axis=1) - np.log(len(centres))
            - dimensions * np.log(sigma * np.sqrt(2 * np.pi)))


def parzen_arrays():
    """Centres U(61,2000,48), validation U(63,200,48), test U(62,300,48); widths: 10 log-spaced from 0.1 to 1."""
    centres, validation, test = uniforms(61, 2000, 48), uniforms(63, 200, 48), uniforms(62, 300, 48)
    widths = np.logspace(-1, 0, 10)
    means = [float(parzen(validation, centres, w).mean()) for w in widths]
    best = float(widths[int(np.argmax(means))])
    values = parzen(test, centres, best)
    return dict(
        one=float(parzen(np.array([[0.5]]), np.array([[0.0], [1.0]]), 0.2)[0]),
        widths=widths.tolist(), validation_means=means, width=best,
        mean=float(values.mean()), deviation=float(values.std(ddof=1)), first=float(values[0]))


def main():
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    numbers = dict(
        numbers=dict(seed_1=uniforms(1, 3).tolist(), seed_42=uniforms(42, 1).tolist()),
        fd_arrays=fd_arrays(), fd_images=fd_images(), parzen=parzen_arrays())
    (FOLDER / "golden.json").write_text(json.dumps(numbers, indent=2) + "\n")


if __name__ == "__main__":
    main()
