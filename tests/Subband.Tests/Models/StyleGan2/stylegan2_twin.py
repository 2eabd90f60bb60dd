"""StyleGAN2's and SWAGAN's networks in PyTorch, as the public code runs them on a CPU.

Modulated convolutions are grouped, one group for each image; filters are made of plain operators.

Written from the papers and from a description of rosinality/stylegan2-pytorch (bef283a), whose names, orders and
buffers the state dicts have. Architectures: "stylegan2", "swagan" (features of the bands by 3x3 filters),
"swagan-old" (by 1x1, as before November 2021), and from a description of rinongal/swagan (7fd6727), whose checkpoints
have other names: "swagan-paper" (config-f-Gwavelets-Dwavelets) and "swagan-nu" (config-f-GwaveletsNU-DwaveletsNU).

Used by stylegan2_golden.py, which holds it against numbers of that code, and by bench/peers/stylegan2_train.py.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

ARCHITECTURES = ("stylegan2", "swagan", "swagan-old", "swagan-paper", "swagan-nu")


def is_of_authors(architecture):
    return architecture in ("swagan-paper", "swagan-nu")


def channels(side, multiplier, most):
    """Channels of features of a side: 512 up to 32 pixels, then halved at each doubling; never more than `most`."""
    return min(most, 512 if side <= 32 else max(1, int(16384 // side * multiplier)))


def sides(size):
    """4, 8, ..., size."""
    return [4 << doublings for doublings in range(int(math.log2(size)) - 1)]


def upfirdn2d(x, kernel, up=1, down=1, pad=(0, 0)):
    """[N, C, H, W]: zeros between and around (before, behind) the pixels, a true convolution, every down-th pixel."""
    n, c, h, w = x.shape
    x = F.pad(x.reshape(n * c, h, 1, w, 1), [0, up - 1, 0, 0, 0, up - 1]).reshape(n * c, 1, h * up, w * up)
    x = F.conv2d(F.pad(x, [*pad, *pad]), torch.flip(kernel, [0, 1])[None, None])
    x = x[:, :, ::down, ::down]
    return x.reshape(n, c, x.shape[2], x.shape[3])


class Smoothing(nn.Module):
    """[1, 3, 3, 1] along each axis. Blur, Upsample and Downsample of the public code."""

    def __init__(self, pad, up=1, down=1, gain=1):
        super().__init__()
        row = torch.tensor([1.0, 3.0, 3.0, 1.0])
        self.register_buffer("kernel", row[:, None] * row[None, :] / 64 * gain)
        self.up, self.down, self.pad = up, down, pad

    def forward(self, x):
        return upfirdn2d(x, self.kernel, self.up, self.down, self.pad)


class Haar(nn.Module):
    """The four filters. In single precision they are 0.49999997, not a half, as in the public code.

    The authors have plain sums and their inverse, with LH and HL of the other sign: twice and half the filters.
    """

    def __init__(self, sign, factor):
        super().__init__()
        low = torch.ones(1, 2) / 2 ** 0.5
        high = low * torch.tensor([-1.0, 1.0])
        self.tap = factor / 2
        self.register_buffer("ll", factor * low.T * low)
        self.register_buffer("lh", factor * sign * high.T * low)
        self.register_buffer("hl", factor * sign * low.T * high)
        self.register_buffer("hh", factor * high.T * high)

    def filters(self):
        return self.ll, self.lh, self.hl, self.hh


class HaarAnalysis(Haar):
    """[N, C, H, W] -> [N, 4C, H/2, W/2]"""

    def __init__(self, sums=False):
        super().__init__(*((-1, 2) if sums else (1, 1)))

    def forward(self, x):
        return torch.cat([upfirdn2d(x, kernel, down=2) for kernel in self.filters()], 1)


class HaarSynthesis(Haar):
    """[N, 4C, H, W] -> [N, C, 2H, 2W]"""

    def __init__(self, sums=False):
        super().__init__(*((1, 0.5) if sums else (-1, 1)))

    def forward(self, x):
        return sum(upfirdn2d(band, kernel, up=2, pad=(1, 0)) for band, kernel in zip(x.chunk(4, 1), self.filters()))


def rectify(x):
    return F.leaky_relu(x, 0.2) * math.sqrt(2)


class Rectifier(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        return rectify(x + self.bias[:, None, None])


class Linear(nn.Module):
    def __init__(self, inputs, outputs, bias=0.0, rate=1.0, activate=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias))
        self.rate, self.scale, self.activate = rate, rate / math.sqrt(inputs), activate

    def forward(self, x):
        if self.activate:
            return rectify(F.linear(x, self.weight * self.scale) + self.bias * self.rate)
        return F.linear(x, self.weight * self.scale, self.bias * self.rate)


class Convolution(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1, padding=0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.scale, self.stride, self.padding = 1 / math.sqrt(inputs * kernel ** 2), stride, padding

    def forward(self, x):
        return F.conv2d(x, self.weight * self.scale, stride=self.stride, padding=self.padding)


class PixelNorm(nn.Module):
    def forward(self, z):
        return z * torch.rsqrt(z.pow(2).mean(1, keepdim=True) + 1e-8)


class ModulatedConvolution(nn.Module):
    """One grouped convolution for the batch, each image a group with filters of its own."""

    def __init__(self, inputs, outputs, kernel, style_width, demodulate=True, double=False):
        super().__init__()
        self.inputs, self.outputs, self.kernel = inputs, outputs, kernel
        self.scale, self.demodulate, self.double = 1 / math.sqrt(inputs * kernel ** 2), demodulate, double
        self.weight = nn.Parameter(torch.randn(1, outputs, inputs, kernel, kernel))
        if double:
            self.blur = Smoothing((1, 1), gain=4)
        self.modulation = Linear(style_width, inputs, bias=1.0)

    def forward(self, x, style):
        n, i, o, k = x.shape[0], self.inputs, self.outputs, self.kernel
        weight = self.scale * self.weight * self.modulation(style).view(n, 1, i, 1, 1)                  # [N, O, I, k, k]
        if self.demodulate:
            weight = weight * torch.rsqrt(weight.pow(2).sum([2, 3, 4]) + 1e-8).view(n, o, 1, 1, 1)
        x = x.reshape(1, n * i, *x.shape[2:])
        if self.double:
            weight = weight.transpose(1, 2).reshape(n * i, o, k, k)
            x = F.conv_transpose2d(x, weight, stride=2, groups=n)
            return self.blur(x.view(n, o, *x.shape[2:]))
        x = F.conv2d(x, weight.view(n * o, i, k, k), padding=k // 2, groups=n)
        return x.view(n, o, *x.shape[2:])


class Noise(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x, noise):
        return x + self.weight * (x.new_empty(x.shape[0], 1, *x.shape[2:]).normal_() if noise is None else noise)


class StyledConvolution(nn.Module):
    def __init__(self, inputs, outputs, style_width, double=False):
        super().__init__()
        self.conv = ModulatedConvolution(inputs, outputs, 3, style_width, double=double)
        self.noise = Noise()
        self.activate = Rectifier(outputs)

    def forward(self, x, style, noise):
        return self.activate(self.noise(self.conv(x, style), noise))


class ToPixels(nn.Module):
    """Pixels or bands of features, with those of half the size added."""

    def __init__(self, inputs, style_width, wavelet, first=False, of_authors=False):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, 12 if wavelet else 3, 1, 1))
        if not first:
            enlarge = Smoothing((2, 1), up=2, gain=4)
            if wavelet:
                self.iwt, self.upsample, self.dwt = HaarSynthesis(of_authors), enlarge, HaarAnalysis(of_authors)
            else:
                self.upsample = enlarge
        self.wavelet = wavelet
        kernel = 3 if of_authors else 1
        self.conv = ModulatedConvolution(inputs, 12 if wavelet else 3, kernel, style_width, demodulate=False)

    def forward(self, x, style, skip=None):
        x = self.conv(x, style) + self.bias
        if skip is None:
            return x
        return x + (self.dwt(self.upsample(self.iwt(skip))) if self.wavelet else self.upsample(skip))


class Constant(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.input = nn.Parameter(torch.randn(1, width, 4, 4))


class Generator(nn.Module):
    def __init__(self, architecture, size, style_width=512, multiplier=2, most=512, mapping_layers=8):
        super().__init__()
        wavelet, of_authors = architecture != "stylegan2", is_of_authors(architecture)
        self.learned = architecture == "swagan-nu"
        features = sides(size // 2 if wavelet else size)
        widths = [channels(side, multiplier, most) for side in features]
        layers = [Linear(style_width, style_width, rate=0.01, activate=True) for _ in range(mapping_layers)]
        self.style = nn.Sequential(PixelNorm(), *layers)
        self.input = Constant(widths[0])
        self.conv1 = StyledConvolution(widths[0], widths[0], style_width)
        # by learned weights pixels are enlarged here, not where those of their size are made
        self.to_rgb1 = ToPixels(widths[0], style_width, wavelet, first=True, of_authors=of_authors)
        self.convs, self.to_rgbs, self.noises = nn.ModuleList(), nn.ModuleList(), nn.Module()
        for before, after in zip(widths, widths[1:]):
            self.convs.append(StyledConvolution(before, after, style_width, double=True))
            self.convs.append(StyledConvolution(after, after, style_width))
            self.to_rgbs.append(ToPixels(after, style_width, wavelet, first=self.learned, of_authors=of_authors))
        if self.learned:
            self.enlargements = nn.ModuleList(Convolution(3, 12, 1) for _ in self.to_rgbs)
        for i, side in enumerate(features[:1] + [side for side in features[1:] for _ in range(2)]):
            self.noises.register_buffer(f"noise_{i}", torch.randn(1, 1, side, side))
        if wavelet:
            self.iwt = HaarSynthesis(of_authors)
        self.wavelet, self.style_width = wavelet, style_width
        self.count = 2 * len(features) + (2 if of_authors else 0)  # the authors' last two styles are read by nothing

    def latents(self, zs, crossover=None):
        """w for each layer, [N, count, width]: of the first z up to the crossover, from there on of the second."""
        of_first = self.style(zs[0])[:, None]
        if len(zs) == 1:
            return of_first.repeat(1, self.count, 1)
        of_second = self.style(zs[1])[:, None]
        return torch.cat([of_first.repeat(1, crossover, 1), of_second.repeat(1, self.count - crossover, 1)], 1)

    def forward(self, latents, noises=None):
        """[N, 3, S, S]; without noises, these are drawn."""
        noises = noises or [None] * (1 + len(self.convs))
        w = latents.unbind(1)
        x = self.conv1(self.input.input.repeat(len(latents), 1, 1, 1), w[0], noises[0])
        skip = self.to_rgb1(x, w[1])
        for block, to_pixels in enumerate(self.to_rgbs):
            i = 2 * block
            x = self.convs[i](x, w[i + 1], noises[i + 1])
            x = self.convs[i + 1](x, w[i + 2], noises[i + 2])
            if self.learned:
                skip = to_pixels(x, w[i + 3]) + self.enlargements[block](self.iwt(skip))
            else:
                skip = to_pixels(x, w[i + 3], skip)
        return self.iwt(skip) if self.wavelet else skip


def layers(inputs, outputs, kernel, halve=False):
    if halve:
        return nn.Sequential(Smoothing((2, 2)), Convolution(inputs, outputs, kernel, stride=2), Rectifier(outputs))
    return nn.Sequential(Convolution(inputs, outputs, kernel, padding=kernel // 2), Rectifier(outputs))


class Block(nn.Module):
    def __init__(self, inputs, outputs, residual):
        super().__init__()
        self.conv1, self.conv2 = layers(inputs, inputs, 3), layers(inputs, outputs, 3, halve=True)
        self.skip = nn.Sequential(Smoothing((1, 1)), Convolution(inputs, outputs, 1, stride=2)) if residual else None

    def forward(self, x):
        y = self.conv2(self.conv1(x))
        return y if self.skip is None else (y + self.skip(x)) / math.sqrt(2)


class FromBands(nn.Module):
    def __init__(self, outputs, kernel, first, of_authors=False):
        super().__init__()
        self.first = first
        if not first:
            self.iwt, self.downsample, self.dwt = HaarSynthesis(of_authors), Smoothing((1, 1), down=2), HaarAnalysis(of_authors)
        self.conv = layers(12, outputs, kernel)

    def forward(self, bands):
        """The bands, of half the size unless these are the first, and features of them."""
        bands = bands if self.first else self.dwt(self.downsample(self.iwt(bands)))
        return bands, self.conv(bands)


class MeanOfFour(nn.Module):
    """The mean of 2x2 pixels, with zeros around: the authors' smoothing where they name none."""

    def forward(self, x):
        return upfirdn2d(x, x.new_full((2, 2), 0.25), pad=(1, 1))


class ColourMixing(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))
        self.conv = Convolution(inputs, 3, 1)

    def forward(self, x):
        return self.conv(x) + self.bias


class ReadingBands(nn.Module):
    """Features of half the size of the bands."""

    def __init__(self, outputs):
        super().__init__()
        self.conv = nn.Sequential(MeanOfFour(), Convolution(12, outputs, 3, stride=2), Rectifier(outputs))

    def forward(self, bands):
        return bands, self.conv(bands)


class Discriminator(nn.Module):
    def __init__(self, architecture, size, multiplier=2, most=512):
        super().__init__()
        self.wavelet = architecture != "stylegan2"
        widths = [channels(side, multiplier, most) for side in reversed(sides(size))]
        of_authors, self.learned = is_of_authors(architecture), architecture == "swagan-nu"
        if self.wavelet:
            if not of_authors:
                del widths[1]  # the first block has the width of the image's size, and the next that of a quarter of it
            kernel = 3 if architecture == "swagan" else 1
            self.dwt = HaarAnalysis(of_authors)
            self.from_rgbs = nn.ModuleList(
                [ReadingBands(width) if self.learned else FromBands(width, kernel, i == 0, of_authors) for i, width in enumerate(widths)])
        blocks = [Block(before, after, residual=not self.wavelet) for before, after in zip(widths, widths[1:])]
        self.convs = nn.ModuleList(blocks) if self.wavelet else nn.Sequential(layers(3, widths[0], 1), *blocks)
        if self.learned:
            self.reductions = nn.ModuleList([nn.Sequential(ColourMixing(12), ColourMixing(3)) for _ in blocks])
        width, end = widths[-1], 1 if self.learned else 2 if of_authors else 4
        self.final_conv = layers(width + 1, width, 3)
        self.final_linear = nn.Sequential(Linear(width * end ** 2, width, activate=True), Linear(width, 1))

    def features(self, x):
        if not self.wavelet:
            return self.convs(x)
        bands, x = self.from_rgbs[0](self.dwt(x))
        for i, (block, from_bands) in enumerate(zip(self.convs, self.from_rgbs[1:])):
            if self.learned:
                bands = self.dwt(self.reductions[i](bands))
            bands, of_bands = from_bands(bands)
            x = block(x) + of_bands
        return x

    def forward(self, images):
        """[N, 1]; N at most 4, or divisible by 4."""
        x = self.features(images)
        n, c, h, w = x.shape
        group = min(n, 4)
        variance = x.view(group, n // group, c, h, w).var(0, unbiased=False)           # [N / group, C, h, w]
        deviation = torch.sqrt(variance + 1e-8)
        deviation = deviation.mean([1, 2, 3]).view(-1, 1, 1, 1).repeat(group, 1, h, w)
        return self.final_linear(self.final_conv(torch.cat([x, deviation], 1)).view(n, -1))
