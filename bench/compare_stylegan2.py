#!/usr/bin/env python3
"""Times training of SWAGAN and StyleGAN2 in Subband and in their peer, plain PyTorch, in turn, and prints a table of the medians.

    python3 bench/compare_stylegan2.py [ARCH:SIZE:MULTIPLIER[:regularised] ...] [--rounds N] [--seconds S] [--threads N]
    python3 bench/compare_stylegan2.py --architectures [SIZE ...]

Wants a Python with PyTorch, best of the same libtorch (Debian: /usr/bin/python3 with python3-torch), and a machine
that does nothing else. What is compared, and how, stands in bench/peers/README.md. "regularised" times a whole cycle of 16 steps with
its lazy penalties. PyTorch runs with and without a C library that keeps freed memory; ratios are to the faster of the two, and with
penalties only the first, which on most machines is the faster, is run. --architectures leaves the peer out and holds Subband's SWAGAN
against its StyleGAN2, in the papers' width, a step in as many parts as the presets have.
"""

import os

from compare import KEEPING, PRECISIONS, ROOT, in_turn, make_ready, median, parser_of, processor, run

CASES = ["swagan:64:1", "stylegan2:64:1"]
SIZES = ["64", "128", "256"]
PEER = os.path.join(ROOT, "bench/peers/stylegan2_train.py")
SUBBAND = [os.path.join(ROOT, "subband"), "bench", "train"]
WIDE = "2"        # the papers' width
CYCLE = "16"      # steps from one R1 penalty to the next
UNREGULARISED = ["--set", "loss.r1=0", "--set", "loss.pathLength=0"]


def subband(arch, size, multiplier, batch, precision, threads, length, regularised, parted=False):
    return [*SUBBAND, f"{arch}-{size}", "--set", f"network.channelMultiplier={multiplier}",
            *([] if parted else ["--set", "optimizer.partSize=0"]), *([] if regularised else UNREGULARISED),
            "--batch", str(batch), "--device", "cpu", "--precision", precision, "--threads", str(threads), "--warmup", "2", *length, "--json"]


def peer(python, arch, size, multiplier, batch, threads, length, regularised):
    return [python, PEER, "--arch", arch, "--size", size, "--multiplier", multiplier, "--batch", str(batch), "--threads", str(threads),
            "--warmup", "1", *(["--regularise"] if regularised else []), *length, "--json"]


def against_peer(case, options):
    """A row for each program: images a second, memory, and how often the peer's rate."""
    arch, size, multiplier, *more = case.split(":")
    length = ["--steps", CYCLE] if more else ["--seconds", str(options.seconds)]
    fixed = (options.batch, options.threads, length, bool(more))
    plain = peer(options.python, arch, size, multiplier, *fixed)
    peers = {"PyTorch, memory kept": [*KEEPING, *plain]} | ({} if more or options.kept else {"PyTorch": plain})
    commands = dict(peers)
    for precision in PRECISIONS:
        commands[f"Subband, {precision}"] = subband(arch, size, multiplier, options.batch, precision, *fixed[1:])
    results = in_turn(commands, options.rounds)
    base = max(median(results[name], "images_per_second") for name in peers)
    what = f"{arch} {size}, multiplier {multiplier}" + (", with penalties" if more else "")
    for name, found in results.items():
        rate, memory = (median(found, key) for key in ("images_per_second", "peak_memory_bytes"))
        print(f"| {what} | {name} | {rate:.2f} | {rate / base:.1f} | {memory / 2**20:.0f} |", flush=True)


def between_architectures(size, options):
    """A row for each precision: both rates, and how often StyleGAN2's SWAGAN's is."""
    for precision in PRECISIONS:
        rates = {}
        for arch in ("swagan", "stylegan2"):
            command = subband(arch, size, WIDE, options.batch, precision, options.threads, ["--seconds", str(options.seconds)], False, parted=True)
            rates[arch] = median([run(command) for _ in range(options.rounds)], "images_per_second")
        print(f"| {size} | {precision} | {rates['swagan']:.2f} | {rates['stylegan2']:.2f} | {rates['swagan'] / rates['stylegan2']:.2f} |", flush=True)


def main():
    parser = parser_of(__doc__, "ARCH:SIZE:MULTIPLIER[:regularised]", CASES, 20)
    parser.add_argument("--batch", type=int, default=8, help="images in one step (default 8)")
    parser.add_argument("--kept", action="store_true", help="PyTorch with kept memory only, where it takes minutes for a step without")
    parser.add_argument("--architectures", action="store_true", help=f"SWAGAN beside StyleGAN2; cases are sizes then (default: {' '.join(SIZES)})")
    options = parser.parse_args()
    sizes = SIZES if options.cases == CASES else options.cases
    if options.architectures and not all(size.isdigit() for size in sizes):
        parser.error("with --architectures a case is a size, as in 64")
    if not options.architectures and any(case.count(":") not in (2, 3) for case in options.cases):
        parser.error("a case is written ARCH:SIZE:MULTIPLIER or ARCH:SIZE:MULTIPLIER:regularised, as in swagan:64:1")
    make_ready()
    print(f"{processor()}, {options.threads} threads, batch {options.batch}, medians of {options.rounds} rounds\n")
    if options.architectures:
        print("| size | numbers | SWAGAN images/s | StyleGAN2 images/s | times |\n| ---: | --- | ---: | ---: | ---: |")
        for size in sizes:
            between_architectures(size, options)
    else:
        print("| training | program | images/s | times the faster PyTorch | MiB |\n| --- | --- | ---: | ---: | ---: |")
        for case in options.cases:
            against_peer(case, options)


if __name__ == "__main__":
    main()
