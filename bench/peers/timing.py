"""What the peers that train share: their options, how iterations are timed, and how the figures are told."""

import json
import os
import resource
import sys
import time

import torch


def add_options(parser):
    """What measure and report need to know, and the threads."""
    parser.add_argument("--seconds", type=float, default=30, help="how long to measure (default 30)")
    parser.add_argument("--steps", type=int, help="measure this many iterations instead")
    parser.add_argument("--warmup", type=int, default=3, help="iterations before the clock starts (default 3)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a sentence")


def measure(iteration, warmup, steps, seconds, cycle=1):
    """Runs `steps` iterations, or the whole cycles that begin within `seconds`; returns their number and their time."""
    for _ in range(warmup):
        iteration()
    start = time.perf_counter()
    done = 0
    while done < steps if steps else time.perf_counter() - start < seconds:
        for _ in range(cycle):
            iteration()
        done += cycle
    return done, time.perf_counter() - start


def report(what, facts, batch, steps, seconds, as_json):
    """Prints the rate of `steps` iterations of `batch` images, and the most memory; facts: what JSON says besides."""
    rate = steps * batch / seconds
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB
    if as_json:
        json.dump({
            "peer": "pytorch-eager",
            "torch": torch.__version__,
            **facts,
            "batch": batch,
            "threads": torch.get_num_threads(),
            "precision": "fp32",
            "steps": steps,
            "seconds": seconds,
            "images_per_second": rate,
            "peak_memory_bytes": peak,
        }, sys.stdout)
        print()
    else:
        print(f"{what}: {rate:.2f} images/s, peak {peak / 2**20:.0f} MiB "
              f"({steps} iterations of {batch} in {seconds:.1f} s, {torch.get_num_threads()} threads)")
