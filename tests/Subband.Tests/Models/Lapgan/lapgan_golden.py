"""Outputs of LAPGAN's published networks in PyTorch, on weights and inputs that any language can make.

Run with any PyTorch from 1.13 on: python3 lapgan_golden.py > lapgan_golden.json

Tensor number t of a network (in the order of the lists below) has the values fill(t, shape): element i is
((i * 7919 + t * 104729) mod 2039) / 2039 - 0.5, times a scale that keeps the signal alive; all exact in double precision.
Networks are in evaluation mode (no dropout), in float64, batch of 2. Stored: every 97th element of a generated image, and every logit.
"""

import json

import torch
import torch.nn.functional as F


def fill(t, shape, scale=1.0):
    n = 1
    for s in shape:
        n *= s
    i = torch.arange(n, dtype=torch.int64)
    values = ((i * 7919 + t * 104729) % 2039).double() / 2039 - 0.5
    return (values * scale).reshape(shape)


def scale(shape):
    """Four standard deviations of a uniform He start, so that no layer fades or explodes."""
    fan_in = 1
    for s in shape[1:]:
        fan_in *= s
    return 4.0 / max(fan_in, 1) ** 0.5 if len(shape) > 1 else 0.1


def weights(shapes):
    return [fill(t + 1, s, scale(s)) for t, s in enumerate(shapes)]


def plain_generator(size, width, kernel, classes):
    planes = 4 + (1 if classes else 0)
    shapes = ([(size * size, classes), (size * size,)] if classes else []) + [
        (width, planes, kernel, kernel), (width,), (width, width, kernel, kernel), (width,), (3, width, 5, 5), (3,)]
    w = weights(shapes)
    noise, low, hot = fill(101, (2, 1, size, size)), fill(102, (2, 3, size, size)), F.one_hot(torch.tensor([1, 3]), 10).double()
    x = [noise, low]
    if classes:
        plane = F.relu(F.linear(hot, w[0], w[1])).view(2, 1, size, size)
        x, w = [noise, plane, low], w[2:]
    x = torch.cat(x, 1)
    x = F.relu(F.conv2d(x, w[0], w[1], padding=kernel // 2))
    x = F.relu(F.conv2d(x, w[2], w[3], padding=kernel // 2))
    return F.conv2d(x, w[4], w[5], padding=2)


def plain_discriminator(size, width, classes):
    side = (size - 9) // 2 + 1
    shapes = ([(size * size, classes), (size * size,)] if classes else []) + [
        (width, 4 if classes else 3, 5, 5), (width,), (width, width, 5, 5), (width,), (1, width * side * side), (1,)]
    w = weights(shapes)
    image, hot = fill(103, (2, 3, size, size)), F.one_hot(torch.tensor([1, 3]), 10).double()
    if classes:
        plane = F.relu(F.linear(hot, w[0], w[1])).view(2, 1, size, size)
        image, w = torch.cat([image, plane], 1), w[2:]
    x = F.relu(F.conv2d(image, w[0], w[1]))
    x = F.relu(F.conv2d(x, w[2], w[3], stride=2))
    return F.linear(x.flatten(1), w[4], w[5]).flatten()


def full_generator(size, widths, classes):
    shapes, inputs = [], 100 + classes
    for width in widths:
        shapes += [(width, inputs), (width,)]
        inputs = width
    w = weights(shapes + [(3 * size * size, inputs), (3 * size * size,)])
    x = fill(104, (2, 100))
    if classes:
        x = torch.cat([x, F.one_hot(torch.tensor([1, 3]), 10).double()], 1)
    x = F.relu(F.linear(x, w[0], w[1]))
    x = torch.sigmoid(F.linear(x, w[2], w[3]))
    return F.linear(x, w[4], w[5]).view(2, 3, size, size)


def full_discriminator(size, widths, classes):
    shapes, inputs = [], 3 * size * size + classes
    for width in widths:
        shapes += [(width, inputs), (width,)]
        inputs = width
    w = weights(shapes + [(1, inputs), (1,)])
    x = fill(105, (2, 3, size, size)).flatten(1)
    if classes:
        x = torch.cat([x, F.one_hot(torch.tensor([1, 3]), 10).double()], 1)
    x = F.relu(F.linear(x, w[0], w[1]))
    x = F.relu(F.linear(x, w[2], w[3]))
    return F.linear(x, w[4], w[5]).flatten()


def large_generator(size):
    w = weights([(64, 4, 7, 7), (64,), (368, 16, 7, 7), (368,), (128, 92, 7, 7), (128,), (224, 32, 5, 5), (224,),
                 (3, 224, 7, 7), (3,)])
    eps = 1e-5  # batch norm in evaluation with running mean 0 and variance 1
    norm = lambda x: x / (1 + eps) ** 0.5
    x = torch.cat([fill(101, (2, 1, size, size)), fill(102, (2, 3, size, size))], 1)
    x = norm(F.relu(F.conv2d(x, w[0], w[1], padding=3)))
    x = norm(F.relu(F.conv2d(x, w[2], w[3], padding=3, groups=4)))
    x = norm(F.relu(F.conv2d(x, w[4], w[5], padding=3, groups=4)))
    x = (x[:, 0::2] ** 2 + x[:, 1::2] ** 2 + 1e-8).sqrt()
    x = norm(F.relu(F.conv2d(x, w[6], w[7], padding=2, groups=2)))
    return F.conv2d(x, w[8], w[9], padding=3)


def large_discriminator(size):
    w = weights([(48, 3, 3, 3), (48,), (448, 12, 5, 5), (448,), (416, 28, 7, 7), (416,),
                 (1, 416 * (size - 12) ** 2), (1,)])
    x = F.relu(F.conv2d(fill(103, (2, 3, size, size)), w[0], w[1]))
    x = F.relu(F.conv2d(x, w[2], w[3], groups=4))
    x = F.relu(F.conv2d(x, w[4], w[5], groups=16))
    return F.linear(x.flatten(1), w[6], w[7]).flatten()


def sample(x):
    return [float(v) for v in x.flatten()[:: 97 if x.dim() > 1 else 1]]


if __name__ == "__main__":
    print(json.dumps({
        "plainGenerator": sample(plain_generator(16, 8, 7, 0)),
        "plainGeneratorClasses": sample(plain_generator(16, 8, 7, 10)),
        "plainDiscriminator": sample(plain_discriminator(16, 8, 0)) + sample(plain_discriminator(14, 8, 0)),
        "plainDiscriminatorClasses": sample(plain_discriminator(16, 8, 10)),
        "fullGenerator": sample(full_generator(8, [24, 16], 0)),
        "fullGeneratorClasses": sample(full_generator(8, [24, 16], 10)),
        "fullDiscriminator": sample(full_discriminator(8, [24, 16], 0)),
        "fullDiscriminatorClasses": sample(full_discriminator(8, [24, 16], 10)),
        "largeGenerator": sample(large_generator(16)),
        "largeDiscriminator": sample(large_discriminator(16)),
    }, indent=1))
