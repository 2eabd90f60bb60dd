#!/usr/bin/env python3
"""Writes pictures.json: PSNR, SSIM and LPIPS of pictures, computed without any of Subband's code, for its tests to compare with.

    python3 tests/Subband.Tests/Metrics/Golden/make_pictures.py

Made with NumPy 1.24 and PyTorch 1.13 (Debian 12), in float64. Pictures and weights are made by formula, so that
neither has to be stored.

pictures    a: floor(256 U(91, 40, 33, 3)), of which every second row is smooth; b: a + floor(41 U(92, …)) − 20, clamped
lpips       networks as torchvision builds them, each convolution k (from 0) with the weight (2 U(1000 + 2k) − 1) √(6 / fan-in)
            and the bias (2 U(1001 + 2k) − 1) / 10, linear weights U(2000 + layer); images U(93, 2, 3, 71, 68) and a quarter
            of the way from there to U(94, …)
"""

import json
import pathlib

import numpy as np
import torch
from torch import nn

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


def luma(picture):
    return 16 + (65.481 * picture[..., 0] + 128.553 * picture[..., 1] + 24.966 * picture[..., 2]) / 255


def psnr(a, b):
    return 10 * np.log10(255 ** 2 / np.mean((a - b) ** 2))


def ssim(a, b):
    line = np.exp(-(np.arange(11) - 5.0) ** 2 / (2 * 1.5 ** 2))
    window = np.outer(line, line)
    window /= window.sum()
    smooth = lambda x: np.einsum("yxij,ij->yx", np.lib.stride_tricks.sliding_window_view(x, (11, 11)), window)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ma, mb = smooth(a), smooth(b)
    va, vb, cov = smooth(a * a) - ma ** 2, smooth(b * b) - mb ** 2, smooth(a * b) - ma * mb
    return np.mean((2 * ma * mb + c1) * (2 * cov + c2) / ((ma ** 2 + mb ** 2 + c1) * (va + vb + c2)))


def pictures():
    a = np.floor(256 * uniforms(91, 40, 33, 3))
    a[::2] = (3 * np.arange(33))[None, :, None] + np.array([0, 20, 60])
    b = np.clip(a + np.floor(41 * uniforms(92, 40, 33, 3)) - 20, 0, 255)
    cases = []
    for crop in (0, 4):
        inside = (slice(crop, 40 - crop), slice(crop, 33 - crop))
        x, y = a[inside], b[inside]
        cases.append({
            "crop": crop,
            "psnr_y": psnr(luma(x), luma(y)),
            "psnr_rgb": psnr(x, y),
            "ssim_y": ssim(luma(x), luma(y)),
            "ssim_rgb": float(np.mean([ssim(x[..., c], y[..., c]) for c in range(3)])),
        })
    return cases


def alex():
    return [nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(64, 192, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, 1, 1), nn.ReLU(), nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU(), nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU()]


def vgg():
    layers, inputs = [], 3
    for outputs in (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512):
        if outputs == "M":
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers += [nn.Conv2d(inputs, outputs, 3, 1, 1), nn.ReLU()]
            inputs = outputs
    return layers


def lpips(layers, taps):
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    with torch.no_grad():
        for k, layer in enumerate(convolutions):
            shape = tuple(layer.weight.shape)
            weight = (2 * uniforms(1000 + 2 * k, *shape) - 1) * np.sqrt(6 / np.prod(shape[1:]))
            bias = (2 * uniforms(1001 + 2 * k, shape[0]) - 1) / 10
            # stored in files as float32
            layer.weight = nn.Parameter(torch.from_numpy(weight).float().double())
            layer.bias = nn.Parameter(torch.from_numpy(bias).float().double())
        mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64)[None, :, None, None]
        deviation = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64)[None, :, None, None]
        a = torch.from_numpy(uniforms(93, 2, 3, 71, 68)).float().double()
        b = torch.from_numpy(uniforms(93, 2, 3, 71, 68) * 0.75 + uniforms(94, 2, 3, 71, 68) * 0.25).float().double()
        x, y = (a - mean) / deviation, (b - mean) / deviation
        parts = []
        for i, layer in enumerate(layers):
            x, y = layer(x), layer(y)
            if i in taps:
                linear = torch.from_numpy(uniforms(2000 + len(parts), x.shape[1])).float().double()[None, :, None, None]
                unit = lambda f: f / (f.square().sum(1, keepdim=True).sqrt() + 1e-10)
                parts.append(((unit(x) - unit(y)).square() * linear).sum(1).mean((1, 2)))
    return {"layers": torch.stack(parts).tolist(), "distance": torch.stack(parts).sum(0).tolist()}


def main():
    golden = {"pictures": pictures(), "alex": lpips(alex(), (1, 4, 7, 9, 11)), "vgg": lpips(vgg(), (3, 8, 15, 22, 29))}
    (FOLDER / "pictures.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
