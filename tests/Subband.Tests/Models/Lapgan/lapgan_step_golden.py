"""What whole training steps of LAPGAN's levels do in PyTorch: networks, losses, optimisers and schedules together.

Run with PyTorch 1.13: python3 lapgan_step_golden.py > lapgan_step_golden.json

The networks are written as in the papers, in float64, with the dotted names of Subband's; each step is written as in the
authors' train/conditional_adversarial.lua, but that one generation serves both networks. Every weight has the values
fill(t, shape) of lapgan_golden.py, t counting each network's weights in order; the images of step s are fill(201 + s), their
low-pass images fill(301 + s), both times 2, and image i is of class (i + s) mod 3. What is random comes from PyTorch's
generator, seeded with s before the step and asked in this order: noise on the low-pass image (deviations, then the noise),
the generator's noise, then at each judgement one uniform number for each unit that may be dropped.

Stored are the figures of each step (the losses of D and G, the shares of real and of generated images that D told right),
and for each weight how far the steps moved it: the root of the sum of the squares of its elements' changes, and the changes
of about six elements.
"""

import json
import re
from dataclasses import dataclass
from typing import Callable, Optional

import torch
import torch.nn.functional as F
from torch import nn

from lapgan_golden import fill, scale

BATCH = 8
CLASSES = 3
STEPS = 4


class ClassPlane(nn.Module):
    def __init__(self, size, planes):
        super().__init__()
        self.size = size
        self.linear = nn.Linear(CLASSES, planes * size * size)

    def forward(self, classes):
        return F.relu(self.linear(classes)).view(len(classes), -1, self.size, self.size)


class PlainGenerator(nn.Module):
    """train_cifar_coarse_to_fine.lua, train_cifar_coarse_to_fine_classcond.lua"""

    def __init__(self, size, width, conditional):
        super().__init__()
        self.noise = (1, size, size)
        self.plane = ClassPlane(size, 1) if conditional else None
        self.conv1 = nn.Conv2d(5 if conditional else 4, width, 7, padding=3)
        self.conv2 = nn.Conv2d(width, width, 7, padding=3)
        self.conv3 = nn.Conv2d(width, 3, 5, padding=2)

    def draw(self, random):
        return torch.empty(BATCH, *self.noise).uniform_(-1, 1, generator=random)

    def forward(self, noise, low, classes):
        planes = [noise, low] if classes is None else [noise, self.plane(classes), low]
        return self.conv3(F.relu(self.conv2(F.relu(self.conv1(torch.cat(planes, 1))))))


class PlainDiscriminator(nn.Module):
    def __init__(self, size, width, conditional):
        super().__init__()
        self.plane = ClassPlane(size, 1) if conditional else None
        self.conv1 = nn.Conv2d(4 if conditional else 3, width, 5)
        self.conv2 = nn.Conv2d(width, width, 5, stride=2)
        self.output = nn.Linear(width * ((size - 9) // 2 + 1) ** 2, 1)

    def forward(self, image, low, classes, random):
        planes = image if classes is None else torch.cat([image, self.plane(classes)], 1)
        x = F.relu(self.conv2(F.relu(self.conv1(planes)))).flatten(1)
        return self.output(drop(x, random)).flatten()


class FullGenerator(nn.Module):
    """train_cifar.lua, train_cifar_classcond.lua; between the layers ReLU twice, or ReLU and sigmoid."""

    def __init__(self, size, width, conditional, second):
        super().__init__()
        self.size, self.second = size, second
        self.hidden1 = nn.Linear(100 + (CLASSES if conditional else 0), width)
        self.hidden2 = nn.Linear(width, width)
        self.output = nn.Linear(width, 3 * size * size)

    def draw(self, random):
        return torch.empty(BATCH, 100).uniform_(-1, 1, generator=random)

    def forward(self, noise, low, classes):
        x = noise if classes is None else torch.cat([noise, classes], 1)
        return self.output(self.second(self.hidden2(F.relu(self.hidden1(x))))).view(-1, 3, self.size, self.size)


class FullDiscriminator(nn.Module):
    def __init__(self, size, width, conditional):
        super().__init__()
        self.hidden1 = nn.Linear(3 * size * size + (CLASSES if conditional else 0), width)
        self.hidden2 = nn.Linear(width, width)
        self.output = nn.Linear(width, 1)

    def forward(self, image, low, classes, random):
        x = image.flatten(1) if classes is None else torch.cat([image.flatten(1), classes], 1)
        for hidden in (self.hidden1, self.hidden2):
            x = drop(F.relu(hidden(x)), random)
        return self.output(x).flatten()


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.gain = nn.Parameter(torch.zeros(1))
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return x + self.gain * self.conv2(F.relu(self.conv1(F.relu(x))))


class ResidualBandGenerator(nn.Module):
    def __init__(self, size, width, planes, conditional):
        super().__init__()
        self.noise = (planes, size, size)
        self.plane = ClassPlane(size, planes) if conditional else None
        self.input = nn.Conv2d(planes * (2 if conditional else 1) + 3, width, 3, padding=1)
        self.down = nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)
        self.blocks = nn.Sequential(ResidualBlock(2 * width), ResidualBlock(2 * width))
        self.up = nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1)
        self.fine = nn.Conv2d(width, width, 3, padding=1)
        self.output = nn.Conv2d(width, 3, 3, padding=1)

    def draw(self, random):
        return torch.empty(BATCH, *self.noise).normal_(generator=random)

    def forward(self, noise, low, classes):
        planes = [noise, low] if classes is None else [noise, self.plane(classes), low]
        fine = self.input(torch.cat(planes, 1))
        x = fine + self.up(F.relu(self.blocks(self.down(F.relu(fine)))))
        return self.output(F.relu(self.fine(F.relu(x))))


class ResidualBaseGenerator(nn.Module):
    def __init__(self, size, width, conditional):
        super().__init__()
        self.side = size // 2
        self.input = nn.Linear(100 + (CLASSES if conditional else 0), 2 * width * self.side ** 2)
        self.coarse = nn.Sequential(ResidualBlock(2 * width), ResidualBlock(2 * width))
        self.up = nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1)
        self.fine = nn.Sequential(ResidualBlock(width))
        self.output = nn.Conv2d(width, 3, 3, padding=1)

    def draw(self, random):
        return torch.empty(BATCH, 100).normal_(generator=random)

    def forward(self, noise, low, classes):
        x = self.input(noise if classes is None else torch.cat([noise, classes], 1)).view(BATCH, -1, self.side, self.side)
        return self.output(F.relu(self.fine(self.up(F.relu(self.coarse(x))))))


class StridedDiscriminator(nn.Module):
    def __init__(self, size, width, has_low, conditional):
        super().__init__()
        self.input = nn.Conv2d(6 if has_low else 3, width, 3, padding=1)
        self.halvings = 0
        while size > 4:
            self.halvings += 1
            self.add_module(f"halving{self.halvings}", nn.Conv2d(width, 2 * width, 4, stride=2, padding=1))
            size, width = size // 2, 2 * width
        self.features = nn.Conv2d(width, width, 4)
        self.output = nn.Linear(width, 1)
        self.projection = nn.Linear(CLASSES, width, bias=False) if conditional else None

    def forward(self, image, low, classes, random):
        x = F.relu(self.input(image if low is None else torch.cat([image, low], 1)))
        for i in range(self.halvings):
            x = F.relu(getattr(self, f"halving{i + 1}")(x))
        x = F.relu(self.features(x)).flatten(1)
        logits = self.output(x).flatten()
        return logits if classes is None else logits + (self.projection(classes) * x).sum(1)


def drop(x, random):
    kept = torch.empty(x.shape).uniform_(0, 1, generator=random) < 0.5
    return x * kept * 2


def cross_entropy(real, generated):
    truth = torch.cat([torch.ones_like(real), torch.zeros_like(generated)])
    return F.binary_cross_entropy_with_logits(torch.cat([real, generated]), truth)


def fooled(generated):
    return F.binary_cross_entropy_with_logits(generated, torch.ones_like(generated))


def hinge(real, generated):
    return F.relu(1 - real).mean() + F.relu(1 + generated).mean()


def hinge_fooled(generated):
    return -generated.mean()


@dataclass
class Rule:
    """How a level is trained; by default as in the release, but with epochs of 12 images in which the schedules move fast."""

    momentum: Optional[float] = None  # at the start; None: Adam, without schedules
    d_loss: Callable = cross_entropy
    g_loss: Callable = fooled
    halves: bool = True     # D sees half a batch of real images, and half a batch generated from the others' low-pass images
    deviation: float = 0    # the largest of the noise on the low-pass images
    r1: float = 0           # at every third step, thrice as strong
    average: Optional[float] = None

    def optimizer(self, network, rate):
        if self.momentum is None:
            return torch.optim.Adam(network.parameters(), lr=rate, betas=(0, 0.99))
        return torch.optim.SGD(network.parameters(), lr=0.02)

    def schedule(self, optimizer, images):
        if self.momentum is None:
            return
        epoch = images // 12
        momentum = min(0.7, self.momentum + 0.15 * epoch)
        optimizer.param_groups[0].update(lr=0.02 / 1.25 ** epoch, momentum=momentum, dampening=momentum)


def single(tensor):
    return tensor.float().double()  # the values that float32 holds


def disturb(low, deviation, random):
    if low is None or deviation == 0:
        return low
    deviations = torch.empty(BATCH, 1, 1, 1).uniform_(0, deviation, generator=random)
    return low + (torch.empty(low.shape).normal_(generator=random) * deviations).double()


def train(size, generator, discriminator, rule, has_low, conditional):
    networks = {"generator": generator, "discriminator": discriminator}
    for network in networks.values():
        network.double()
        for t, weight in enumerate(network.parameters()):
            weight.data = single(fill(t + 1, weight.shape, scale(weight.shape)))
    weights = {f"{kind}.{name.replace('plane.', 'class.')}": weight
               for kind, network in networks.items() for name, weight in network.named_parameters()}
    average = {name.replace("generator", "average", 1): weight.detach().clone()
               for name, weight in weights.items() if name.startswith("generator") and rule.average is not None}
    before = {name: weight.detach().clone() for name, weight in {**weights, **average}.items()}
    g_optimizer, d_optimizer = rule.optimizer(generator, 0.002), rule.optimizer(discriminator, 0.001)
    random = torch.Generator()
    figures = []
    for step in range(STEPS):
        random.manual_seed(step)
        for optimizer in (g_optimizer, d_optimizer):
            rule.schedule(optimizer, step * BATCH)
        shape = (BATCH, 3, size, size)
        image = single(fill(201 + step, shape, 2))
        low = disturb(single(fill(301 + step, shape, 2)) if has_low else None, rule.deviation, random)
        classes = F.one_hot((torch.arange(BATCH) + step) % CLASSES, CLASSES).double() if conditional else None

        generated = generator(generator.draw(random).double(), low, classes)
        generated = generated if low is None else low + generated

        count = BATCH // 2 if rule.halves else BATCH
        first, last = slice(0, count), slice(BATCH - count, BATCH)
        both = lambda x, y: None if x is None else torch.cat([x[first], y[last]])
        logits = discriminator(both(image, generated.detach()), both(low, low), both(classes, classes), random)
        real, fake = logits[:count], logits[count:]
        d_loss = total = rule.d_loss(real, fake)
        if rule.r1 and step % 3 == 0:
            at = image.clone().requires_grad_()
            slope, = torch.autograd.grad(discriminator(at, low, classes, random).sum(), at, create_graph=True)
            total = d_loss + 3 * rule.r1 / 2 * slope.square().sum((1, 2, 3)).mean()
        d_optimizer.zero_grad()
        total.backward()
        d_optimizer.step()

        g_loss = rule.g_loss(discriminator(generated, low, classes, random))
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
        for name, slow in average.items():
            now = weights[name.replace("average", "generator", 1)].detach()
            slow.copy_(rule.average * slow + (1 - rule.average) * now)
        figures.append([d_loss, g_loss, (real > 0).double().mean(), (fake <= 0).double().mean()])

    moved = {name: (weight.detach() - before[name]).flatten() for name, weight in {**weights, **average}.items()}
    return {
        "figures": [[number(figure) for figure in step] for step in figures],
        "moved": {name: [number(m) for m in [m.norm(), *m[:: max(1, len(m) // 6)]]] for name, m in moved.items()},
    }


def number(value):
    return float(f"{float(value):.7g}")


def cases():
    for name, conditional, momentum, second in [
            ("lapgan-cifar10-paper", False, 0.5, torch.sigmoid), ("lapgan-cifar10-paper-cc", True, 0, F.relu)]:
        rule = Rule(momentum)
        yield f"{name}/0", train(
            16, PlainGenerator(16, 4, conditional), PlainDiscriminator(16, 4, conditional), rule, True, conditional)
        yield f"{name}/1", train(
            8, FullGenerator(8, 16, conditional, second), FullDiscriminator(8, 16, conditional), rule, False, conditional)
    rule = dict(halves=False, deviation=0.1, r1=0.1, average=0.5 ** (BATCH / 20))
    yield "lapgan-cifar10/0", train(
        16, ResidualBandGenerator(16, 4, 4, True), StridedDiscriminator(16, 4, True, True), Rule(**rule), True, True)
    yield "lapgan-cifar10/1", train(
        8, ResidualBaseGenerator(8, 4, True), StridedDiscriminator(8, 4, False, True), Rule(**rule), False, True)
    yield "hinge/0", train(
        16, ResidualBandGenerator(16, 4, 4, True), StridedDiscriminator(16, 4, True, True),
        Rule(**rule, d_loss=hinge, g_loss=hinge_fooled), True, True)


if __name__ == "__main__":
    text = json.dumps(dict(cases()), indent=1)
    print(re.sub(r"\[\s+([^\[\]]*?)\s+\]", lambda numbers: f"[{' '.join(numbers[1].split())}]", text))  # a line for each list
