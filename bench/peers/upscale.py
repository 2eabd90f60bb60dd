#!/usr/bin/env python3
"""The peer of `subband bench upscale`: networks of super-resolution in plain PyTorch eager, as a user would write them.

fp32 and NCHW; with --channels-last and --bf16, as somebody would who has read PyTorch's advice for processors; or, with
--onnxruntime, exported to ONNX Runtime, which needs node and npm and is installed at the first time. The weights are random and the
picture is, so that nothing but the network is timed; VDSR is given the enlarged brightness, and enlarging is not counted.

    python3 bench/peers/upscale.py vdsr --size 128x128 --scale 2 --seconds 10 --threads 2 --json
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings

import torch
from torch import nn


class Vdsr(nn.Module):
    """Twenty convolutions of 3x3 on the brightness of an enlarged image."""

    def __init__(self):
        super().__init__()
        self.input = nn.Conv2d(1, 64, 3, padding=1)
        self.body = nn.Sequential(*[nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(inplace=True)) for _ in range(18)])
        self.output = nn.Conv2d(64, 1, 3, padding=1)

    def forward(self, x):
        return x + self.output(self.body(torch.relu_(self.input(x))))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.act = nn.PReLU()
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return x + self.conv2(self.act(self.conv1(x)))


class Edsr(nn.Module):
    """The preset `edsr`: SRResNet without batch norm, sixteen blocks of 48 channels, sixteen channels after the enlargement."""

    def __init__(self, scale, width=48, tail=16):
        super().__init__()
        steps = [3] if scale == 3 else [2] * (scale.bit_length() - 1)
        self.head = nn.Sequential(nn.Conv2d(3, width, 9, padding=4), nn.PReLU())
        self.trunk = nn.Sequential(*[Block(width) for _ in range(16)])
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.up = nn.Sequential(*[nn.Sequential(
            nn.Conv2d(width if i == 0 else tail, tail * step * step, 3, padding=1), nn.PixelShuffle(step), nn.PReLU())
            for i, step in enumerate(steps)])
        self.tail = nn.Conv2d(tail, 3, 9, padding=4)

    def forward(self, x):
        x = self.head(x)
        return self.tail(self.up(x + self.conv(self.trunk(x))))


class DenseBlock(nn.Module):
    def __init__(self, layers, growth, width):
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(width + i * growth, growth, 3, padding=1) for i in range(layers)])
        self.lff = nn.Conv2d(width + layers * growth, width, 1)

    def forward(self, x):
        features = x
        for layer in self.layers:
            features = torch.cat([features, torch.relu_(layer(features))], 1)
        return x + self.lff(features)


class Rdn(nn.Module):
    """The preset `rdn`: four dense blocks of four convolutions, sixteen channels after the enlargement; the band is not added."""

    def __init__(self, scale, blocks=4, layers=4, growth=32, width=64, tail=16):
        super().__init__()
        steps = [3] if scale == 3 else [2] * (scale.bit_length() - 1)
        self.sfe1 = nn.Conv2d(3, width, 3, padding=1)
        self.sfe2 = nn.Conv2d(width, width, 3, padding=1)
        self.blocks = nn.ModuleList([DenseBlock(layers, growth, width) for _ in range(blocks)])
        self.gff = nn.Sequential(nn.Conv2d(blocks * width, width, 1), nn.Conv2d(width, width, 3, padding=1))
        self.up = nn.Sequential(*[nn.Sequential(
            nn.Conv2d(width if i == 0 else tail, tail * step * step, 3, padding=1), nn.PixelShuffle(step)) for i, step in enumerate(steps)])
        self.output = nn.Conv2d(tail, 3, 3, padding=1)

    def forward(self, x):
        shallow = self.sfe1(x)
        features, found = self.sfe2(shallow), []
        for block in self.blocks:
            features = block(features)
            found.append(features)
        return self.output(self.up(self.gff(torch.cat(found, 1)) + shallow))


NETWORKS = {
    "vdsr": (lambda scale: Vdsr(), lambda width, height, scale: (1, 1, height * scale, width * scale)),
    "edsr": (Edsr, lambda width, height, scale: (1, 3, height, width)),
    "rdn": (Rdn, lambda width, height, scale: (1, 3, height, width)),
    # a single one, from 64 channels to 64: what a network can be measured by
    "convolution": (lambda scale: nn.Conv2d(64, 64, 3, padding=1), lambda width, height, scale: (1, 64, height, width)),
}


ONNX_RUNTIME = "1.30.0"
HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = os.path.join(os.path.dirname(os.path.dirname(HERE)), "artifacts/peers")


def install_onnx_runtime():
    package = os.path.join(PACKAGES, "node_modules/onnxruntime-node/package.json")
    if os.path.exists(package):
        with open(package) as file:
            if json.load(file)["version"] == ONNX_RUNTIME:
                return
    if shutil.which("npm") is None:
        sys.exit("There is no npm here, by which ONNX Runtime is installed (Debian: apt-get install npm).")
    os.makedirs(PACKAGES, exist_ok=True)
    subprocess.run(
        ["npm", "install", "--prefix", PACKAGES, "--ignore-scripts", "--no-audit", "--no-fund", f"onnxruntime-node@{ONNX_RUNTIME}"],
        check=True, stdout=sys.stderr)


def time_onnx_runtime(network, image, options):
    install_onnx_runtime()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "network.onnx")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(network, image, path, opset_version=13)
        timed = subprocess.run(
            ["node", os.path.join(HERE, "onnxruntime.mjs"), PACKAGES, path, ",".join(map(str, image.shape)),
             "--seconds", str(options.seconds), "--threads", str(options.threads)], stdout=subprocess.PIPE, text=True, check=True)
    return {"peer": f"onnxruntime-{ONNX_RUNTIME}", **json.loads(timed.stdout)}


def time_eager(network, image, options):
    if options.channels_last:
        network, image = network.to(memory_format=torch.channels_last), image.to(memory_format=torch.channels_last)
    cast = (lambda: torch.autocast("cpu", dtype=torch.bfloat16)) if options.bf16 else contextlib.nullcontext
    pictures = 0
    with torch.inference_mode():
        for _ in range(2):
            with cast():
                network(image)
        began, worked = time.perf_counter(), time.process_time()
        while time.perf_counter() - began < options.seconds:
            with cast():
                network(image)
            pictures += 1
        seconds, work = time.perf_counter() - began, time.process_time() - worked
    return {
        "peer": "pytorch-eager",
        "pictures": pictures,
        "seconds": seconds,
        "processor_share": work / seconds / options.threads,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,  # Linux counts in KiB
    }


def operations(network, image):
    """Two for each multiplication of a convolution with its addition."""
    total = 0

    def count(module, _, output):
        nonlocal total
        total += 2 * module.weight.numel() * output.numel() // output.shape[1]

    hooks = [module.register_forward_hook(count) for module in network.modules() if isinstance(module, nn.Conv2d)]
    with torch.no_grad():
        network(image)
    for hook in hooks:
        hook.remove()
    return total


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", choices=list(NETWORKS))
    parser.add_argument("--size", default="256x256", help="width and height of the small picture (default 256x256)")
    parser.add_argument("--scale", type=int, default=4, choices=[1, 2, 3, 4])
    parser.add_argument("--seconds", type=float, default=10, help="how long to measure (default 10)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
    parser.add_argument("--onnxruntime", action="store_true", help=f"by ONNX Runtime {ONNX_RUNTIME} instead of PyTorch")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a sentence")
    options = parser.parse_args()
    if options.onnxruntime and (options.channels_last or options.bf16):
        parser.error("ONNX Runtime takes no other layout, and computes in fp32 only")
    return options


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    width, height = (int(side) for side in options.size.split("x"))
    make, shape = NETWORKS[options.network]
    network, image = make(options.scale).eval(), torch.rand(shape(width, height, options.scale))
    work = operations(network, image)
    timed = (time_onnx_runtime if options.onnxruntime else time_eager)(network, image, options)
    rate = timed["pictures"] / timed["seconds"]
    result = {
        "torch": torch.__version__,
        "network": options.network,
        "width": width,
        "height": height,
        "scale": options.scale,
        "channels_last": options.channels_last,
        "precision": "bf16" if options.bf16 else "fp32",
        "threads": options.threads,
        **timed,
        "megapixels_per_second": rate * width * height * options.scale**2 / 1e6,
        "gflops": rate * work / 1e9,
    }
    if options.json:
        json.dump(result, sys.stdout)
        print()
    else:
        print(f"{options.network} x{options.scale} of {options.size}: {result['megapixels_per_second']:.3g} megapixels/s, "
              f"{result['gflops']:.0f} GFLOP/s, peak {result['peak_memory_bytes'] / 2**20:.0f} MiB ({timed['pictures']} pictures in {timed['seconds']:.1f} s, "
              f"{result['threads']} threads, {result['precision']})")


if __name__ == "__main__":
    main()
