#!/usr/bin/env python3
"""Times the convolutions of lapgan-cifar10-paper level 0 one by one in PyTorch, beside a matrix product.

    /usr/bin/python3 bench/convolutions.py [--threads N]

What they take together is the least that a training step on this machine can take with libtorch: see docs/results.md.
Channels-last, batch 128, the best of six runs; GFLOP/s counts two operations for each weight and output.
"""

import argparse
import time

import torch
from torch.nn.functional import conv2d

BATCH = 128
# name: inputs, outputs, side of the filter, side of the image, padding, stride, whether the input's gradient is needed
LAYERS = {
    "G conv1": (4, 64, 7, 32, 3, 1, False),
    "G conv2": (64, 64, 7, 32, 3, 1, True),
    "G conv3": (64, 3, 5, 32, 2, 1, True),
    "D conv1": (3, 64, 5, 32, 0, 1, True),
    "D conv2": (64, 64, 5, 28, 0, 2, True),
}


def seconds(work):
    """The shortest of six runs, after one that does not count."""
    work()
    times = []
    for _ in range(6):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def layer(dtype, inputs, outputs, side, size, padding, stride, with_input):
    """Billions of operations of one pass; seconds forward, for the weights' gradient, and for the input's."""
    x = torch.randn(BATCH, inputs, size, size).to(dtype).to(memory_format=torch.channels_last).requires_grad_(with_input)
    weight = torch.randn(outputs, inputs, side, side).to(dtype).to(memory_format=torch.channels_last).requires_grad_()
    y = conv2d(x, weight, None, stride, padding)
    gradient = torch.randn_like(y)

    def forward():
        with torch.no_grad():
            conv2d(x, weight, None, stride, padding)

    def backward(to):
        torch.autograd.grad(y, to, gradient, retain_graph=True)

    operations = 2 * BATCH * inputs * outputs * side * side * y.shape[2] * y.shape[3] / 1e9
    return operations, seconds(forward), seconds(lambda: backward(weight)), seconds(lambda: backward(x)) if with_input else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"libtorch {torch.__version__}, {options.threads} threads, batch {BATCH}: milliseconds (GFLOP/s)\n")
    print("| layer | precision | forward | gradient of weights | gradient of input |")
    print("| --- | --- | ---: | ---: | ---: |")
    for dtype, precision in ((torch.float32, "fp32"), (torch.bfloat16, "bf16")):
        for name, shape in LAYERS.items():
            operations, *times = layer(dtype, *shape)
            cells = ["" if t is None else f"{1e3 * t:.1f} ({operations / t:.0f})" for t in times]
            print(f"| {name} | {precision} | {' | '.join(cells)} |")
        a, b = (torch.randn(2048, 2048).to(dtype) for _ in range(2))
        product = seconds(lambda: a @ b)
        print(f"| matrix product 2048 | {precision} | {1e3 * product:.1f} ({2 * 2048**3 / product / 1e9:.0f}) | | |")


if __name__ == "__main__":
    main()
