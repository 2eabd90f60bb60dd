#!/usr/bin/env python3
"""The peer of `subband bench train`: LAPGAN's networks in plain PyTorch eager, as a user would write them.

fp32, NCHW, torch.nn layers, torch.optim.SGD, no compilation, no memory format, no autocast. One iteration is one step
of D on half a batch of real and half a batch of generated images, then one step of G on a full batch; it counts as one
batch of images. The two steps generate images of their own, as in the authors' release; with --share, D's step takes
half of those that G's step generates, as in PyTorch's DCGAN example. The images are random and fixed, so that nothing
but the networks is timed.

    python3 bench/peers/lapgan_train.py lapgan-cifar10-paper --level 0 --batch 128 --seconds 60 --threads 2 --json
"""

import argparse

import torch
from torch import nn

from timing import add_options, measure, report


class Generator(nn.Module):
    """A conditional level: (noise plane, low-pass) -> band."""

    def __init__(self, width):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(4, width, 7, padding=3), nn.ReLU(),
            nn.Conv2d(width, width, 7, padding=3), nn.ReLU(),
            nn.Conv2d(width, 3, 5, padding=2))

    def forward(self, noise, lowpass):
        return self.net(torch.cat([noise, lowpass], 1))


class Discriminator(nn.Module):
    """A conditional level: (band + low-pass) -> probability of being real."""

    def __init__(self, size, width):
        super().__init__()
        side = (size - 4 - 5) // 2 + 1
        self.net = nn.Sequential(
            nn.Conv2d(3, width, 5), nn.ReLU(),
            nn.Conv2d(width, width, 5, stride=2), nn.Flatten(), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(width * side * side, 1), nn.Sigmoid())

    def forward(self, band, lowpass):
        return self.net(band + lowpass)


class BaseGenerator(nn.Module):
    """The coarsest level and the baseline: noise -> image, fully connected."""

    def __init__(self, size, hidden):
        super().__init__()
        self.size = size
        self.net = nn.Sequential(
            nn.Linear(100, hidden), nn.ReLU(),
            nn.Linear(hidden, hidden), nn.Sigmoid(),
            nn.Linear(hidden, 3 * size * size))

    def forward(self, noise):
        return self.net(noise).view(-1, 3, self.size, self.size)


class BaseDiscriminator(nn.Module):
    """The coarsest level and the baseline: image -> probability of being real, fully connected."""

    def __init__(self, size, hidden):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(3 * size * size, hidden), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(hidden, 1), nn.Sigmoid())

    def forward(self, image):
        return self.net(image)


# preset -> momentum; level (0 the finest) -> side of the level, hidden units or channels of G and of D, fully connected?
PRESETS = {
    "lapgan-cifar10-paper": (0.5, [(32, 64, 64, False), (16, 64, 64, False), (8, 1200, 600, True)]),
    "gan-cifar10-paper": (0, [(32, 8000, 1600, True)]),
}


class ConditionalLevel:
    """Training of one level k < K: G and D are both given the low-pass image."""

    def __init__(self, size, g_width, d_width):
        self.g = Generator(g_width)
        self.d = Discriminator(size, d_width)
        self.bands = torch.randn(1024, 3, size, size) * 0.2
        self.lowpasses = torch.randn(1024, 3, size, size)

    def generate(self, count):
        lowpass = self.lowpasses[torch.randint(1024, (count,))]
        noise = torch.rand(count, 1, *lowpass.shape[2:]) * 2 - 1
        return self.g(noise, lowpass), lowpass

    def real(self, count):
        chosen = torch.randint(1024, (count,))
        return self.bands[chosen], self.lowpasses[chosen]


class BaseLevel:
    """Training of the coarsest level or of the baseline."""

    def __init__(self, size, g_hidden, d_hidden):
        self.g = BaseGenerator(size, g_hidden)
        self.d = BaseDiscriminator(size, d_hidden)
        self.images = torch.randn(1024, 3, size, size)

    def generate(self, count):
        return (self.g(torch.rand(count, 100) * 2 - 1),)

    def real(self, count):
        return (self.images[torch.randint(1024, (count,))],)


def make_iteration(level, batch, momentum, share):
    # Torch7's SGD damps the gradient by the momentum unless told otherwise, and the paper's rate is meant for that.
    d_optimizer = torch.optim.SGD(level.d.parameters(), lr=0.02, momentum=momentum, dampening=momentum)
    g_optimizer = torch.optim.SGD(level.g.parameters(), lr=0.02, momentum=momentum, dampening=momentum)
    criterion = nn.BCELoss()
    d_target = torch.cat([torch.ones(batch // 2, 1), torch.zeros(batch // 2, 1)])
    g_target = torch.ones(batch, 1)

    def iteration():
        if share:
            fake = level.generate(batch)
            shown = [part.detach()[:batch // 2] for part in fake]
        else:
            with torch.no_grad():
                shown = level.generate(batch // 2)

        d_optimizer.zero_grad()
        d_loss = criterion(level.d(*map(torch.cat, zip(level.real(batch // 2), shown))), d_target)
        d_loss.backward()
        d_optimizer.step()

        g_optimizer.zero_grad()
        g_loss = criterion(level.d(*(fake if share else level.generate(batch))), g_target)
        g_loss.backward()
        g_optimizer.step()
        return d_loss.item(), g_loss.item()

    return iteration


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("preset", choices=sorted(PRESETS))
    parser.add_argument("--level", type=int, default=0, help="0 is the finest, the last one fully connected")
    parser.add_argument("--batch", type=int, default=128, help="images an iteration, even (default 128)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", action="store_true", help="generate once for both steps")
    add_options(parser)
    options = parser.parse_args()
    _, levels = PRESETS[options.preset]
    if not 0 <= options.level < len(levels):
        parser.error(f"{options.preset} has the levels 0..{len(levels) - 1}, not {options.level}")
    if options.batch < 2 or options.batch % 2:
        parser.error(f"--batch must be even and at least 2, not {options.batch}")
    if options.steps is not None and options.steps < 1:
        parser.error(f"--steps must be at least 1, not {options.steps}")
    return options


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    momentum, levels = PRESETS[options.preset]
    size, g_width, d_width, is_base = levels[options.level]
    level = (BaseLevel if is_base else ConditionalLevel)(size, g_width, d_width)
    iteration = make_iteration(level, options.batch, momentum, options.share)
    steps, seconds = measure(iteration, options.warmup, options.steps, options.seconds)
    facts = {"share": options.share, "preset": options.preset, "level": options.level}
    report(f"{options.preset} level {options.level}", facts, options.batch, steps, seconds, options.json)


if __name__ == "__main__":
    main()
