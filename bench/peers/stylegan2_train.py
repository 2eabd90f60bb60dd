#!/usr/bin/env python3
"""The peer of `subband bench train`: SWAGAN and StyleGAN2 in PyTorch eager, as the public code runs on a CPU.

fp32, NCHW, modulated convolutions as one grouped convolution for the batch, filters by plain operators (the public
code's fallback where its CUDA operators are missing), torch.optim.Adam. The networks and the steps are those of the
twin that Subband's tests are held against (tests/Subband.Tests/Models/StyleGan2). One iteration is one step of D, one
of G and one of G's average, with latents and noise drawn anew for each and two styles mixed in nine batches of ten; it
counts as one batch of images. With --regularise, R1 follows every 16th step of D and path lengths, of half a batch,
every 4th of G, each with a step of its optimiser; whole cycles of 16 iterations are timed then. The images are random
and fixed, so that nothing but the networks is timed.

    python3 bench/peers/stylegan2_train.py --arch swagan --size 64 --multiplier 1 --batch 8 --seconds 60 --threads 2 --json
"""

import argparse
import os
import random
import sys

import torch

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/Subband.Tests/Models/StyleGan2"))

from stylegan2_twin import Discriminator, Generator  # noqa: E402
from stylegan2_twin_training import Training  # noqa: E402
from timing import add_options, measure, report  # noqa: E402

MIXING = 0.9
PATH_SHARE = 2  # path lengths are of a batch divided by this


def make_iteration(options):
    g, average = [Generator(options.arch, options.size, multiplier=options.multiplier) for _ in range(2)]
    average.load_state_dict(g.state_dict())
    average.requires_grad_(False)
    training = Training(g, Discriminator(options.arch, options.size, multiplier=options.multiplier), average)
    images = torch.rand(16 * options.batch, 3, options.size, options.size) * 2 - 1
    chance = random.Random(options.seed)
    done = 0

    def drawn(count):
        mixed = chance.random() < MIXING
        zs = [torch.randn(count, g.style_width) for _ in range(2 if mixed else 1)]
        return {"zs": zs, "crossover": chance.randint(1, g.count - 1) if mixed else None}

    def iteration():
        nonlocal done
        real = images[torch.randint(len(images), (options.batch,))]
        training.step_d(real, **drawn(options.batch))
        if options.regularise and done % training.d_every == 0:
            training.regularise_d(real)
        training.step_g(**drawn(options.batch))
        if options.regularise and done % training.g_every == 0:
            training.regularise_g(**drawn(max(1, options.batch // PATH_SHARE)))
        training.accumulate()
        done += 1

    return iteration, training.d_every if options.regularise else 1


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--arch", choices=["swagan", "stylegan2"], default="swagan")
    parser.add_argument("--size", type=int, default=64, help="side of the images, a power of two (default 64)")
    parser.add_argument("--multiplier", type=float, default=1, help="1: configuration E (default), 2: F")
    parser.add_argument("--batch", type=int, default=8, help="images an iteration, at most 4 or divisible by 4 (default 8)")
    parser.add_argument("--regularise", action="store_true", help="with R1 and path lengths, in cycles of 16 iterations")
    parser.add_argument("--seed", type=int, default=1)
    add_options(parser)
    options = parser.parse_args()
    if options.size < 16 or options.size & (options.size - 1):
        parser.error(f"--size must be a power of two and at least 16, not {options.size}")
    if options.batch < 1 or options.batch > 4 and options.batch % 4:
        parser.error(f"--batch must be at most 4 or divisible by 4, not {options.batch}")
    if options.steps is not None and (options.steps < 1 or options.regularise and options.steps % 16):
        parser.error(f"--steps must be at least 1, and with --regularise divisible by 16, not {options.steps}")
    return options


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    iteration, cycle = make_iteration(options)
    steps, seconds = measure(iteration, options.warmup, options.steps, options.seconds, cycle)
    facts = {name: getattr(options, name) for name in ("arch", "size", "multiplier", "regularise")}
    report(f"{options.arch} {options.size}", facts, options.batch, steps, seconds, options.json)


if __name__ == "__main__":
    main()
