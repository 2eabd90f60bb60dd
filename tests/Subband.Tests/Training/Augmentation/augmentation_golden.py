"""Golden numbers for AdaptiveAugmentationGoldenTests, from NumPy and PyTorch in double precision.

usage: python3 augmentation_golden.py > augmentation_golden.json

The changes of appendix B of Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data", step by step
as they are described there: images are padded by mirroring, enlarged with zeros between the samples, sampled by
grid_sample and shrunk again; colours go through a product of homogeneous matrices; filters are convolutions of padded rows
and columns. The random numbers are those of torch.Generator: for each image 29 uniform and 12 normal ones, in the order in
which they are taken below.

Element j of the images is sin(1.7 j + 0.3).
"""
import json
import math

import numpy as np
import torch

SYM6 = np.array([
    0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633,
    0.4910559419267466, 0.787641141030194, 0.3379294217276218, -0.07263752278646252,
    -0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148,
])
SYM2 = np.array([-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025])


def translate(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def scale(x, y):
    return np.diag([x, y, 1.0])


def rotate(angle):
    s, c = math.sin(angle), math.cos(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


class Numbers:
    def __init__(self, uniform, normal, groups, p):
        self.u, self.n, self.groups, self.p = list(uniform), list(normal), groups, p

    def uniform(self):
        return self.u.pop(0)

    def normal(self, deviation):
        return self.n.pop(0) * deviation

    def happens(self, group, p=None):
        return self.uniform() < (self.p if p is None else p) and group in self.groups


def draw_map(r, h, w):
    """G with source = G @ destination, in pixels from the centre; and whether pixels are only moved."""
    g = np.eye(3)
    moves_only = True
    u = r.uniform()
    if r.happens("blit"):
        g = g @ np.linalg.inv(scale(1 - 2 * math.floor(2 * u), 1))
    u = r.uniform()
    if r.happens("blit"):
        g = g @ np.round(np.linalg.inv(rotate(-math.pi / 2 * math.floor(4 * u))))
        moves_only = h == w or math.floor(4 * u) % 2 == 0
    tx, ty = (2 * r.uniform() - 1) / 8, (2 * r.uniform() - 1) / 8
    if r.happens("blit"):
        g = g @ np.linalg.inv(translate(round(tx * w), round(ty * h)))
    for kind in ("scale", "rotate", "stretch", "rotate"):
        if kind == "rotate":
            angle = (2 * r.uniform() - 1) * math.pi
            step, p = rotate(-angle), 1 - math.sqrt(1 - r.p)
        else:
            s = 2.0 ** r.normal(0.2)
            step, p = scale(s, s if kind == "scale" else 1 / s), None
        if r.happens("geometry", p):
            g = g @ np.linalg.inv(step)
            moves_only = False
    tx, ty = r.normal(0.125), r.normal(0.125)
    if r.happens("geometry"):
        g = g @ np.linalg.inv(translate(tx * w, ty * h))
        moves_only = False
    return g, moves_only


def enlarge(x, axis, extra):
    """Zeros between, convolution; the first 2 extra samples and as many at the end are left out."""
    def line(v):
        zeros = np.zeros(2 * len(v))
        zeros[::2] = v
        y = np.convolve(zeros, 2 * SYM6 / SYM6.sum())[5:5 + len(zeros)]
        return y[2 * extra:len(y) - 2 * extra]
    return np.apply_along_axis(line, axis, x)


def shrink(x, axis):
    def line(v):
        return np.correlate(v[1:-1], SYM6 / SYM6.sum(), mode="valid")[::2]
    return np.apply_along_axis(line, axis, x)


def warp(image, g, moves_only):
    c, h, w = image.shape
    extra = 6
    if moves_only:
        padded = np.pad(image, ((0, 0), (h, h), (w, w)), mode="reflect")
        out = np.empty_like(image)
        for y in range(h):
            for x in range(w):
                sx, sy, _ = g @ [x - (w - 1) / 2, y - (h - 1) / 2, 1]
                out[:, y, x] = padded[:, round(sy + (h - 1) / 2) + h, round(sx + (w - 1) / 2) + w]
        return out
    mx, my = w - 1, h - 1
    padded = np.pad(image, ((0, 0), (my + extra, my + extra), (mx + extra, mx + extra)), mode="reflect")
    large = enlarge(enlarge(padded, 1, extra), 2, extra)
    lh, lw = large.shape[1:]
    y, x = np.mgrid[0:2 * (h + 6), 0:2 * (w + 6)] + 0.5
    # from the centre of the enlarged result to that of the result, whose samples lie half an enlarged one aside
    x, y = (x - (w + 6) + 0.5) / 2, (y - (h + 6) + 0.5) / 2
    sx = 2 * (g[0, 0] * x + g[0, 1] * y + g[0, 2]) - 0.5
    sy = 2 * (g[1, 0] * x + g[1, 1] * y + g[1, 2]) - 0.5
    grid = torch.from_numpy(np.stack([sx * 2 / lw, sy * 2 / lh], -1))[None]
    sampled = torch.nn.functional.grid_sample(
        torch.from_numpy(large)[None], grid, mode="bilinear", padding_mode="zeros", align_corners=False)[0].numpy()
    return shrink(shrink(sampled, 1), 2)


def draw_colour(r):
    m = np.eye(4)
    v = np.array([1, 1, 1, 0]) / math.sqrt(3)
    b = r.normal(0.2)
    if r.happens("colour"):
        m = np.array([[1, 0, 0, b], [0, 1, 0, b], [0, 0, 1, b], [0, 0, 0, 1]]) @ m
    c = 2.0 ** r.normal(0.5)
    if r.happens("colour"):
        m = np.diag([c, c, c, 1]) @ m
    i = math.floor(2 * r.uniform())
    if r.happens("colour"):
        m = (np.eye(4) - 2 * i * np.outer(v, v)) @ m
    theta = (2 * r.uniform() - 1) * math.pi
    if r.happens("colour"):
        # Rodrigues' formula around v
        k = np.array([[0, -v[2], v[1], 0], [v[2], 0, -v[0], 0], [-v[1], v[0], 0, 0], [0, 0, 0, 0]])
        m = (np.eye(4) + math.sin(theta) * k + (1 - math.cos(theta)) * k @ k) @ m
    s = 2.0 ** r.normal(1)
    if r.happens("colour"):
        m = (np.outer(v, v) + s * (np.eye(4) - np.outer(v, v))) @ m
    return m


def recolour(image, m):
    c, h, w = image.shape
    out = image.copy()
    if c == 1:
        # a grey is a colour of three equal channels, and their mean is shown
        out[0] = np.tensordot(m[:3, :3], np.repeat(image, 3, 0), 1).mean(0) + m[:3, 3].mean()
    else:
        out[:3] = np.tensordot(m[:3, :3], image[:3], 1) + m[:3, 3][:, None, None]
    return out


def bank():
    low = np.convolve(SYM2, SYM2[::-1]) / 2
    other = SYM2 * [1, -1, 1, -1]
    high = np.convolve(other, other[::-1]) / 2
    def octave(f, times):
        for _ in range(times):
            spread = np.zeros(2 * len(f) - 1)
            spread[::2] = f
            f = np.convolve(spread, low)
        return f
    filters = [octave(np.ones(1), 3), octave(high, 2), octave(high, 1), high]
    longest = len(filters[0])
    return np.array([np.pad(f, (longest - len(f)) // 2) for f in filters])


def draw_gains(r):
    power = np.array([10, 1, 1, 1]) / 13
    gains = np.ones(4)
    for i in range(4):
        t = 2.0 ** r.normal(1)
        if r.happens("filter"):
            band = np.ones(4)
            band[i] = t
            gains = gains * band / math.sqrt((power * band**2).sum())
    return gains


def filtered(image, gains):
    taps = gains @ bank()
    reach = len(taps) // 2
    for axis in (1, 2):
        pad = [(0, 0)] * 3
        pad[axis] = (reach, reach)
        image = np.apply_along_axis(lambda v: np.convolve(v, taps, mode="valid"), axis, np.pad(image, pad, mode="reflect"))
    return image


def augment(images, groups, p, seed):
    n, c, h, w = images.shape
    generator = torch.Generator().manual_seed(seed)
    uniform = torch.rand([n, 29], generator=generator).double().numpy()
    normal = torch.randn([n, 12], generator=generator).double().numpy()
    noise = torch.randn([n, c, h, w], generator=generator, dtype=torch.float64).numpy() if "noise" in groups else None
    out = []
    for i in range(n):
        r = Numbers(uniform[i], normal[i], groups, p)
        g, moves_only = draw_map(r, h, w)
        x = warp(images[i], g, moves_only)
        x = recolour(x, draw_colour(r))
        x = filtered(x, draw_gains(r))
        sigma = abs(r.normal(0.1))
        if r.happens("noise"):
            x = x + noise[i] * sigma
        cx, cy = r.uniform(), r.uniform()
        if r.happens("cutout"):
            inside_x = np.abs((np.arange(w) + 0.5) / w - cx) < 0.25
            inside_y = np.abs((np.arange(h) + 0.5) / h - cy) < 0.25
            x = np.where(inside_y[:, None] & inside_x, 0, x)
        assert not r.u and not r.n
        out.append(x)
    return np.stack(out)


GROUPS = ["blit", "geometry", "colour", "filter", "noise", "cutout"]
CASES = [
    ("Blit", [4, 1, 8, 8], 0.7, 1),
    ("Geometry", [2, 3, 12, 12], 1, 2),
    ("BlitGeometry", [4, 1, 10, 14], 0.9, 3),
    ("BlitGeometry", [4, 1, 12, 6], 0.3, 4),
    ("Colour", [3, 3, 3, 4], 0.8, 5),
    ("Colour", [3, 1, 3, 4], 1, 6),
    ("Filter", [3, 1, 8, 12], 0.6, 7),
    ("All", [2, 3, 12, 8], 1, 8),
    ("All", [4, 4, 6, 6], 0.5, 9),
]
MEMBERS = {
    "Blit": GROUPS[:1], "Geometry": GROUPS[1:2], "BlitGeometry": GROUPS[:2], "Colour": GROUPS[2:3], "Filter": GROUPS[3:4], "All": GROUPS,
}

cases = []
for name, shape, p, seed in CASES:
    images = np.sin(1.7 * np.arange(math.prod(shape)) + 0.3).reshape(shape)
    result = augment(images, MEMBERS[name], p, seed)
    cases.append({
        "groups": name, "shape": shape, "strength": p, "seed": seed, "expected": [round(float(v), 6) for v in result.ravel()],
    })
print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")
