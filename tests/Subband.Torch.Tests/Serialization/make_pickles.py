#!/usr/bin/python3
"""Writes pickles.json for PyTorchGoldenTests: one object, saved by PyTorch with each pickle protocol and format, in base64.

With files named, such as weights/lpips_alex.pth of the test data, it prints instead the SHA-256 of all tensors of each, in
order, as PyTorch loads them.

Written with PyTorch 1.13.1 and NumPy 1.24 (Debian 12's python3-torch)."""

import base64
import collections
import hashlib
import io
import json
import pathlib
import sys

import numpy
import torch

if len(sys.argv) > 1:
    for path in sys.argv[1:]:
        digest = hashlib.sha256()
        for tensor in torch.load(path, map_location="cpu").values():
            digest.update(tensor.contiguous().numpy().tobytes())
        print(digest.hexdigest(), path)
    sys.exit()

weight = torch.arange(6, dtype=torch.float32).reshape(2, 3)
value = collections.OrderedDict(
    w=weight.t(),
    row=weight[1],
    acc=numpy.float64(0.75),
    half=numpy.float32(0.5),
    n=numpy.int64(-3),
    ok=numpy.bool_(True),
    big=2**70,
    raw=b"\x00\xff",
    dtype=torch.float16,
    device=torch.device("cuda", 1),
    size=torch.Size([1, 2]),
    text="x" * 300,
    list=[None, True, 1.5, (1,), {}],
)

files = {}
for protocol in 2, 4, 5:
    for zip_format in True, False:
        file = io.BytesIO()
        torch.save(value, file, pickle_protocol=protocol, _use_new_zipfile_serialization=zip_format)
        name = f"{'zip' if zip_format else 'legacy'}, protocol {protocol}"
        files[name] = base64.b64encode(file.getvalue()).decode()

target = pathlib.Path(__file__).with_name("pickles.json")
target.write_text(json.dumps(files, indent=2) + "\n")
