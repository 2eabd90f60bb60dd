#!/usr/bin/env python3
"""Times enlargement in Subband and in its peers, plain PyTorch and ONNX Runtime, in turn, and prints a table of the medians.

    python3 bench/compare_upscale.py [NETWORK:WxH:SCALE ...] [--rounds N] [--seconds S] [--threads N] [--share]

Wants a Python with PyTorch, best of the same libtorch (Debian: /usr/bin/python3 with python3-torch), and a machine
that does nothing else. What is compared, and how, stands in bench/peers/README.md. "convolution" is a single one, from 64 channels
to 64, by which networks can be measured, with and without a C library that keeps freed memory; "from file to file" is the whole way
of 'subband upscale', PNG files included. With --share, only that and the plain convolution are timed, round by round beside each
other, since a host's speed changes: what share of the convolution's operations a second a network makes from file to file.
"""

import os
import sys

from compare import KEEPING, ROOT, in_turn, make_ready, median, parser_of, processor, run

CASES = ["convolution:600x400:1", "vdsr:128x128:2", "rdn:600x400:4"]
ENOUGH = 0.9  # of its threads' time that a peer has to have had
PEER = os.path.join(ROOT, "bench/peers/upscale.py")
SUBBAND = [os.path.join(ROOT, "subband"), "bench", "upscale"]


def contestants(python, network):
    peers = {
        "PyTorch": [python, PEER],
        "PyTorch, channels-last": [python, PEER, "--channels-last"],
        "PyTorch, channels-last, bf16": [python, PEER, "--channels-last", "--bf16"],
    }
    if network == "convolution":
        return peers | {f"{name}, memory kept": [*KEEPING, *command] for name, command in peers.items()}
    peers["ONNX Runtime"] = [python, PEER, "--onnxruntime"]
    ours = {
        f"Subband, {precision}": [*SUBBAND, "--device", "cpu", "--precision", precision] for precision in ("fp32", "bf16", "fast")
    }
    return peers | ours | {f"{name}, from file to file": [*command, "--files"] for name, command in ours.items()}


def arguments(case, options):
    network, size, scale = case.split(":")
    return [network, "--size", size, "--scale", scale, "--seconds", str(options.seconds), "--threads", str(options.threads), "--json"]


def print_shares(options):
    print("| network | precision | GFLOP/s | the convolution's | share |")
    print("| --- | --- | ---: | ---: | ---: |")
    plain = [*contestants(options.python, "convolution")["PyTorch, channels-last, memory kept"], *arguments(CASES[0], options)]
    networks = [case for case in options.cases if case != CASES[0]]
    for case in networks:
        network = case.split(":")[0]
        for precision in ("fp32", "bf16"):
            ours = [*SUBBAND, *arguments(case, options), "--device", "cpu", "--precision", precision, "--files"]
            rounds = [(run(plain), run(ours)) for _ in range(options.rounds)]
            convolution, files = (median([found[i] for found in rounds], "gflops") for i in (0, 1))
            print(f"| {network}, from file to file | {precision} | {files:.0f} | {convolution:.0f} | {files / convolution:.0%} |", flush=True)


def main():
    parser = parser_of(__doc__, "NETWORK:WxH:SCALE", CASES, 5)
    parser.add_argument("--share", action="store_true", help="time only networks from file to file beside the plain convolution in fp32")
    options = parser.parse_args()
    if any(case.count(":") != 2 for case in options.cases):
        parser.error("a case is written NETWORK:WxH:SCALE, as in vdsr:128x128:2")
    make_ready()
    print(f"{processor()}, {options.threads} threads, medians of {options.rounds} rounds of {options.seconds:g} s\n")
    if options.share:
        print_shares(options)
        return
    print("| network | program | megapixels/s | GFLOP/s | MiB | times PyTorch | times ONNX Runtime |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for case in options.cases:
        network, size, scale = case.split(":")
        common = arguments(case, options)
        results = in_turn({name: [*command, *common] for name, command in contestants(options.python, network).items()}, options.rounds)
        bases = [median(results[name], "megapixels_per_second") if name in results else None for name in ("PyTorch", "ONNX Runtime")]
        for name, found in results.items():
            rate, work, memory = (median(found, key) for key in ("megapixels_per_second", "gflops", "peak_memory_bytes"))
            times = " | ".join(f"{rate / base:.2f}" if base else "" for base in bases)
            print(f"| {network} x{scale} of {size} | {name} | {rate:.3g} | {work:.0f} | {memory / 2**20:.0f} | {times} |", flush=True)
        shares = [result["processor_share"] for found in results.values() for result in found if "processor_share" in result]
        if shares and min(shares) < ENOUGH:
            print(f"A peer of {case} had only {min(shares):.0%} of its threads' time: something else ran, and the figures are not to be trusted.",
                  file=sys.stderr)


if __name__ == "__main__":
    main()
