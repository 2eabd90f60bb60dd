#!/usr/bin/env python3
"""The peer of `subband bench train` for networks of super-resolution: their training in plain PyTorch eager, fp32 and NCHW.

A step is what the public PyTorch code does in one: absolute error of a batch of patches, gradients clipped to a length of 1, Adam. The
networks are those of upscale.py, the patches those of the presets: VDSR's are shown enlarged, the others' small. The images are
random and fixed.

    python3 bench/peers/upscale_train.py vdsr --seconds 10 --threads 2 --json
"""

import argparse

import torch
from torch import nn

from timing import add_options, measure, report
from upscale import Edsr, Rdn, Vdsr

SCALE = 4
# the network; channels and side of what it is shown; by how much its result is larger; patches in a step
TRAININGS = {
    "vdsr": (Vdsr, 1, 64, 1, 8),
    "edsr": (lambda: Edsr(SCALE), 3, 24, SCALE, 16),
    "rdn": (lambda: Rdn(SCALE), 3, 24, SCALE, 16),
}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", choices=list(TRAININGS))
    parser.add_argument("--channels-last", action="store_true")
    add_options(parser)
    return parser.parse_args()


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    make, channels, side, larger, batch = TRAININGS[options.network]
    network, images = make(), torch.rand(batch, channels, side, side)
    if options.channels_last:
        network, images = network.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
    wanted = torch.rand(batch, channels, side * larger, side * larger)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)

    def iteration():
        optimizer.zero_grad()
        nn.functional.l1_loss(network(images), wanted).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1)
        optimizer.step()

    steps, seconds = measure(iteration, options.warmup, options.steps, options.seconds)
    report(options.network, {"network": options.network, "channels_last": options.channels_last}, batch, steps, seconds, options.json)


if __name__ == "__main__":
    main()
