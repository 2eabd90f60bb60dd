#!/usr/bin/env python3
"""Times training in Subband and in its peer, plain PyTorch, in turn, and prints a table of the medians.

    python3 bench/compare.py [PRESET:LEVEL ...] [--rounds N] [--seconds S] [--threads N] [--batch N]

Wants a Python with PyTorch, best of the same libtorch (Debian: /usr/bin/python3 with python3-torch), and a machine
that does nothing else. What is compared, and how, stands in bench/peers/README.md.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CASES = ["lapgan-cifar10-paper:0", "lapgan-cifar10-paper:1", "lapgan-cifar10-paper:2", "gan-cifar10-paper:0"]
PEERS = {"peer": [], "sharing": ["--share"]}
PRECISIONS = ["fp32", "bf16"]

# The C library keeps what was freed instead of asking the kernel for new pages, which on a shared host can take longer than computing.
KEEPING = ["env", "GLIBC_TUNABLES=glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=8000000000:glibc.malloc.top_pad=1000000000"]


def run(command):
    """Runs a program and reads the JSON it prints; what it says otherwise is shown."""
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {result.returncode}")
    return json.loads(result.stdout)


def in_turn(commands, rounds, tell=None):
    """Runs programs one after the other, so many times; returns their results by name. tell: is told each round, name and result."""
    results = {name: [] for name in commands}
    for number in range(1, rounds + 1):
        for name, command in commands.items():
            results[name].append(run(command))
            if tell:
                tell(number, name, results[name][-1])
    return results


def measure(case, options):
    """Runs all contestants of a case in turn, several rounds; returns their results by name."""
    preset, level = case.split(":")
    common = [preset, "--level", level, "--batch", str(options.batch), "--threads", str(options.threads),
              "--seconds", str(options.seconds), "--json"]
    contestants = {name: [options.python, os.path.join(ROOT, "bench/peers/lapgan_train.py"), *common, *more]
                   for name, more in PEERS.items()}
    for precision in PRECISIONS:
        contestants[precision] = [os.path.join(ROOT, "subband"), "bench", "train", *common, "--device", "cpu", "--precision", precision]

    def tell(number, name, result):
        print(f"{case} round {number}: {name} {result['images_per_second']:.1f} images/s, "
              f"{result['peak_memory_bytes'] / 2**20:.0f} MiB, libtorch {result['torch']}", file=sys.stderr)

    return in_turn(contestants, options.rounds, tell)


def median(results, key):
    return statistics.median(result[key] for result in results)


def row(case, results):
    rate = {name: median(runs, "images_per_second") for name, runs in results.items()}
    memory = {name: median(runs, "peak_memory_bytes") / 2**20 for name, runs in results.items()}
    cells = [case.replace(":", " level ")]
    for peer in PEERS:
        cells += [f"{rate[peer]:.0f}", f"{memory[peer]:.0f}"]
    for precision in PRECISIONS:
        cells += [f"{rate[precision]:.0f}", f"{memory[precision]:.0f}"]
        cells += [f"{rate[precision] / rate[peer]:.2f}" for peer in PEERS]
    return cells


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"


def parser_of(description, form, cases, seconds):
    """The options that comparisons share; each case is written in the given form."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar=form, default=cases, help=f"default: {' '.join(cases)}")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed (default 3)")
    parser.add_argument("--seconds", type=float, default=seconds, help=f"how long each time (default {seconds:g})")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all")
    parser.add_argument("--python", default=sys.executable, help="a Python with PyTorch (default: this one)")
    return parser


def make_ready():
    """Says what distorts the figures, and builds what is not built yet."""
    load = os.getloadavg()[0]
    if load > 0.3:
        print(f"The load of this machine is {load:.1f}: what else runs distorts the figures.", file=sys.stderr)
    subprocess.run([os.path.join(ROOT, "subband"), "doctor"], stdout=subprocess.DEVNULL)


def parse():
    parser = parser_of(__doc__, "PRESET:LEVEL", CASES, 20)
    parser.add_argument("--batch", type=int, default=128, help="images in one step, even (default 128)")
    options = parser.parse_args()
    if any(case.count(":") != 1 for case in options.cases):
        parser.error("a case is written PRESET:LEVEL, as in lapgan-cifar10-paper:0")
    return options


def main():
    options = parse()
    make_ready()
    rows = [row(case, measure(case, options)) for case in options.cases]
    print(f"{processor()}, {options.threads} threads, batch {options.batch}, medians of {options.rounds} rounds of {options.seconds:g} s\n")
    columns = [f"{peer} images/s | MiB" for peer in PEERS]
    columns += [" | ".join([f"{precision} images/s | MiB", *(f"times {peer}" for peer in PEERS)]) for precision in PRECISIONS]
    print("| training | " + " | ".join(columns) + " |")
    print("| --- |" + " ---: |" * (len(rows[0]) - 1))
    for cells in rows:
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
