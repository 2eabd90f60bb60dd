#!/usr/bin/env python3
"""Times enlargement in Subband and in its peer, plain PyTorch, in turn, and prints a table of the medians.

    python3 bench/compare_upscale.py [NETWORK:WxH:SCALE ...] [--rounds N] [--seconds S] [--threads N]

Wants a Python with PyTorch, best of the same libtorch (Debian: /usr/bin/python3 with python3-torch), and a machine
that does nothing else. What is compared, and how, stands in bench/peers/README.md.
"""

import argparse
import os
import statistics
import subprocess
import sys

from compare import ROOT, processor, run

CASES = ["vdsr:128x128:2", "edsr:128x128:4"]
PEER = os.path.join(ROOT, "bench/peers/upscale.py")
SUBBAND = [os.path.join(ROOT, "subband"), "bench", "upscale"]


def contestants(python):
    return {
        "PyTorch": [python, PEER],
        "PyTorch, channels-last": [python, PEER, "--channels-last"],
        "PyTorch, channels-last, bf16": [python, PEER, "--channels-last", "--bf16"],
        "Subband": [*SUBBAND, "--device", "cpu", "--precision", "fp32"],
        "Subband, bf16": [*SUBBAND, "--device", "cpu", "--precision", "bf16"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="NETWORK:WxH:SCALE", default=CASES, help=f"default: {' '.join(CASES)}")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed (default 3)")
    parser.add_argument("--seconds", type=float, default=5, help="how long each time (default 5)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all")
    parser.add_argument("--python", default=sys.executable, help="a Python with PyTorch (default: this one)")
    options = parser.parse_args()
    if any(case.count(":") != 2 for case in options.cases):
        parser.error("a case is written NETWORK:WxH:SCALE, as in vdsr:128x128:2")
    if os.getloadavg()[0] > 0.3:
        print(f"The load of this machine is {os.getloadavg()[0]:.1f}: what else runs distorts the figures.", file=sys.stderr)
    subprocess.run([os.path.join(ROOT, "subband"), "doctor"], stdout=subprocess.DEVNULL)  # builds what is not built yet
    print(f"{processor()}, {options.threads} threads, medians of {options.rounds} rounds of {options.seconds:g} s\n")
    print("| network | program | megapixels/s | GFLOP/s | MiB | times PyTorch |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for case in options.cases:
        network, size, scale = case.split(":")
        common = [network, "--size", size, "--scale", scale, "--seconds", str(options.seconds), "--threads", str(options.threads), "--json"]
        results = {name: [] for name in contestants(options.python)}
        for _ in range(options.rounds):
            for name, command in contestants(options.python).items():
                results[name].append(run([*command, *common]))
        base = statistics.median(result["megapixels_per_second"] for result in results["PyTorch"])
        for name, found in results.items():
            rate, work, memory = (statistics.median(result[key] for result in found)
                                  for key in ("megapixels_per_second", "gflops", "peak_memory_bytes"))
            print(f"| {network} x{scale} of {size} | {name} | {rate:.3g} | {work:.0f} | {memory / 2**20:.0f} | {rate / base:.2f} |", flush=True)


if __name__ == "__main__":
    main()
