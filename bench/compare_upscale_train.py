#!/usr/bin/env python3
"""Times training of super-resolution in Subband and in its peer, plain PyTorch, in turn, and prints a table of the medians.

    python3 bench/compare_upscale_train.py [NETWORK ...] [--rounds N] [--seconds S] [--threads N]

Wants a Python with PyTorch, best of the same libtorch (Debian: /usr/bin/python3 with python3-torch), and a machine
that does nothing else. What is compared, and how, stands in bench/peers/README.md. "Subband, libtorch's convolutions" is Subband
without its own, which tells what of the ratio is theirs. PyTorch runs with and without a C library that keeps freed memory, and
in both layouts; ratios are to the fastest of them.
"""

import os

from compare import KEEPING, PRECISIONS, ROOT, in_turn, make_ready, median, parser_of, processor

CASES = ["vdsr", "edsr", "rdn"]
PEER = os.path.join(ROOT, "bench/peers/upscale_train.py")
SUBBAND = [os.path.join(ROOT, "subband"), "bench", "train"]
AT_FOUR = ["--set", "network.scales=4"]  # but for VDSR, which is one network for all scales


def contestants(network, options):
    common = ["--threads", str(options.threads), "--seconds", str(options.seconds), "--json"]
    plain = [options.python, PEER, network, *common]
    kept = {"PyTorch, memory kept": [*KEEPING, *plain], "PyTorch, channels-last, memory kept": [*KEEPING, *plain, "--channels-last"]}
    ours = [*SUBBAND, network, *([] if network == "vdsr" else AT_FOUR), "--device", "cpu", *common, "--precision"]
    return {"PyTorch": plain} | kept, {"Subband, libtorch's convolutions": ["env", "SUBBAND_CPU=any", *ours, "fp32"]} | {
        f"Subband, {precision}": [*ours, precision] for precision in PRECISIONS}


def main():
    options = parser_of(__doc__, "NETWORK", CASES, 10).parse_args()
    make_ready()
    print(f"{processor()}, {options.threads} threads, medians of {options.rounds} rounds of {options.seconds:g} s\n")
    print("| training | program | images/s | times the fastest PyTorch | MiB |\n| --- | --- | ---: | ---: | ---: |")
    for network in options.cases:
        peers, ours = contestants(network, options)
        results = in_turn(peers | ours, options.rounds)
        base = max(median(results[name], "images_per_second") for name in peers)
        for name, found in results.items():
            rate, memory = (median(found, key) for key in ("images_per_second", "peak_memory_bytes"))
            print(f"| {network} | {name} | {rate:.1f} | {rate / base:.2f} | {memory / 2**20:.0f} |", flush=True)


if __name__ == "__main__":
    main()
