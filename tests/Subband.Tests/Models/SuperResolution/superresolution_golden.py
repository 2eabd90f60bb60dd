"""Networks of super-resolution in PyTorch, in the layouts in which others publish them: tiny checkpoints and their outputs.

Run beside this file with any PyTorch from 1.13 on: python3 superresolution_golden.py
It writes checkpoints/*.pth (wrapped as the programs do it) and superresolution_golden.json.

The networks are written anew from the papers' descriptions; only the names of their tensors are those of the programs named. Tensor
number t of a network, in the order of its state dict, has the values of fill(t): element i is ((i * 7919 + t * 104729) mod 2039) / 2039 - 0.5,
times a scale that keeps the signal alive. Inputs are fill(900) + 0.5. Outputs are computed in double precision; every STEP-th element is stored (of
logits, every one).
"""

import json
import os
from collections import OrderedDict

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
STEP = 7
MEAN = (0.4488, 0.4371, 0.4040)


def fill(t, shape, scale=1.0):
    n = int(np.prod(shape)) if len(shape) else 1
    i = torch.arange(n, dtype=torch.int64)
    values = ((i * 7919 + t * 104729) % 2039).double() / 2039 - 0.5
    return (values * scale).reshape(shape)


def filled(network, first=1):
    """The network with weights that any language can make, rounded to single precision, in double precision."""
    state = OrderedDict()
    for t, (name, value) in enumerate(network.state_dict().items()):
        if name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(1000)
        elif name.endswith("running_var"):
            state[name] = (1 + fill(first + t, value.shape)).float()
        elif name.startswith(("sub_mean", "add_mean")):
            state[name] = value.float()
        elif value.dim() > 1:
            fan_in = value[0].numel()
            state[name] = fill(first + t, value.shape, 3.0 / fan_in ** 0.5).float()
        elif name.endswith("weight") and value.numel() == 1:  # PReLU
            state[name] = (0.25 + fill(first + t, value.shape, 0.2)).float()
        elif name.endswith("weight"):  # batch norm
            state[name] = (1 + fill(first + t, value.shape, 0.5)).float()
        else:
            state[name] = fill(first + t, value.shape, 0.1).float()
    if isinstance(network, SrResNet):  # a signal about 0.5, of which little is clamped
        state["conv3.weight"] *= 8
        state["conv3.bias"] += 0.5
    network.load_state_dict(state)
    return network.double().eval(), state


def conv(i, o, k=3, bias=True):
    return nn.Conv2d(i, o, k, padding=k // 2, bias=bias)


class Srcnn(nn.Module):
    def __init__(self, channels, kernels, widths):
        super().__init__()
        self.conv1 = conv(channels, widths[0], kernels[0])
        self.conv2 = conv(widths[0], widths[1], kernels[1])
        self.conv3 = conv(widths[1], channels, kernels[2])

    def forward(self, x):
        return self.conv3(F.relu(self.conv2(F.relu(self.conv1(x)))))


class VdsrLayer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = conv(width, width, bias=False)

    def forward(self, x):
        return F.relu(self.conv(x))


class Vdsr(nn.Module):
    def __init__(self, layers, width):
        super().__init__()
        self.residual_layer = nn.Sequential(*[VdsrLayer(width) for _ in range(layers - 2)])
        self.input = conv(1, width, bias=False)
        self.output = conv(width, 1, bias=False)

    def forward(self, x):
        return x + self.output(self.residual_layer(F.relu(self.input(x))))


def upsampler(factor, inputs, width):
    layers = []
    for step in ([3] if factor == 3 else [2] * (factor.bit_length() - 1)):
        layers += [conv(inputs, width * step * step), nn.PixelShuffle(step)]
        inputs = width
    return layers


class RdnYjnLayer(nn.Module):
    def __init__(self, i, g):
        super().__init__()
        self.conv = conv(i, g)

    def forward(self, x):
        return torch.cat([x, F.relu(self.conv(x))], 1)


class RdnYjnBlock(nn.Module):
    def __init__(self, c, g, w):
        super().__init__()
        self.layers = nn.Sequential(*[RdnYjnLayer(w + k * g, g) for k in range(c)])
        self.lff = conv(w + c * g, w, 1)

    def forward(self, x):
        return x + self.lff(self.layers(x))


class RdnYjn(nn.Module):
    def __init__(self, factor, d, c, g):
        super().__init__()
        self.sfe1, self.sfe2 = conv(3, g), conv(g, g)
        self.rdbs = nn.ModuleList([RdnYjnBlock(c, g, g) for _ in range(d)])
        self.gff = nn.Sequential(conv(d * g, g, 1), conv(g, g))
        self.upscale = nn.Sequential(*upsampler(factor, g, g))
        self.output = conv(g, 3)

    def forward(self, x):
        first = self.sfe1(x)
        f, all_of = self.sfe2(first), []
        for block in self.rdbs:
            f = block(f)
            all_of.append(f)
        return self.output(self.upscale(self.gff(torch.cat(all_of, 1)) + first))


class RdnEdsrLayer(nn.Module):
    def __init__(self, i, g):
        super().__init__()
        self.conv = nn.Sequential(conv(i, g), nn.ReLU())

    def forward(self, x):
        return torch.cat([x, self.conv(x)], 1)


class RdnEdsrBlock(nn.Module):
    def __init__(self, c, g, w):
        super().__init__()
        self.convs = nn.Sequential(*[RdnEdsrLayer(w + k * g, g) for k in range(c)])
        self.LFF = conv(w + c * g, w, 1)

    def forward(self, x):
        return self.LFF(self.convs(x)) + x


class RdnEdsr(nn.Module):
    """Works on 0..255; the enlargement has G channels."""

    def __init__(self, factor, d, c, g, w):
        super().__init__()
        self.SFENet1, self.SFENet2 = conv(3, w), conv(w, w)
        self.RDBs = nn.ModuleList([RdnEdsrBlock(c, g, w) for _ in range(d)])
        self.GFF = nn.Sequential(conv(d * w, w, 1), conv(w, w))
        self.UPNet = nn.Sequential(*upsampler(factor, w, g), conv(g, 3))

    def forward(self, x):
        first = self.SFENet1(x * 255)
        f, all_of = self.SFENet2(first), []
        for block in self.RDBs:
            f = block(f)
            all_of.append(f)
        return self.UPNet(self.GFF(torch.cat(all_of, 1)) + first) / 255


def attention(w, r):
    return [nn.AdaptiveAvgPool2d(1), nn.Conv2d(w, w // r, 1), nn.ReLU(), nn.Conv2d(w // r, w, 1), nn.Sigmoid()]


class RcanAttention(nn.Module):
    def __init__(self, w, r):
        super().__init__()
        self.conv_du = nn.Sequential(*attention(w, r)[1:])

    def forward(self, x):
        return x * self.conv_du(F.adaptive_avg_pool2d(x, 1))


class RcanBlock(nn.Module):
    def __init__(self, w, r):
        super().__init__()
        self.body = nn.Sequential(conv(w, w), nn.ReLU(), conv(w, w), RcanAttention(w, r))

    def forward(self, x):
        return x + self.body(x)


class RcanGroup(nn.Module):
    def __init__(self, b, w, r):
        super().__init__()
        self.body = nn.Sequential(*[RcanBlock(w, r) for _ in range(b)], conv(w, w))

    def forward(self, x):
        return x + self.body(x)


class Rcan(nn.Module):
    """The authors' names; works on 0..255. drift: how far the mean shifts were trained away from what they should be."""

    def __init__(self, factor, g, b, w, r, drift=0.0):
        super().__init__()
        self.sub_mean, self.add_mean = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)
        for t, (shift, sign) in enumerate([(self.sub_mean, -1), (self.add_mean, 1)]):
            shift.weight.data = (torch.eye(3) + drift * fill(70 + t, (3, 3)).float()).reshape(3, 3, 1, 1)
            shift.bias.data = sign * 255 * torch.tensor(MEAN) + 255 * drift * fill(80 + t, (3,)).float()
        self.head = nn.Sequential(conv(3, w))
        self.body = nn.Sequential(*[RcanGroup(b, w, r) for _ in range(g)], conv(w, w))
        self.tail = nn.Sequential(nn.Sequential(*upsampler(factor, w, w)), conv(w, 3))

    def forward(self, x):
        first = self.head(self.sub_mean(x * 255))
        return self.add_mean(self.tail(self.body(first) + first)) / 255


class RcanBasicAttention(nn.Module):
    def __init__(self, w, r):
        super().__init__()
        self.attention = nn.Sequential(*attention(w, r))

    def forward(self, x):
        return x * self.attention(x)


class RcanBasicBlock(nn.Module):
    def __init__(self, w, r):
        super().__init__()
        self.rcab = nn.Sequential(conv(w, w), nn.ReLU(), conv(w, w), RcanBasicAttention(w, r))

    def forward(self, x):
        return x + self.rcab(x)


class RcanBasicGroup(nn.Module):
    def __init__(self, b, w, r):
        super().__init__()
        self.residual_group = nn.Sequential(*[RcanBasicBlock(w, r) for _ in range(b)])
        self.conv = conv(w, w)

    def forward(self, x):
        return x + self.conv(self.residual_group(x))


class RcanBasic(nn.Module):
    def __init__(self, factor, g, b, w, r):
        super().__init__()
        self.conv_first = conv(3, w)
        self.body = nn.Sequential(*[RcanBasicGroup(b, w, r) for _ in range(g)])
        self.conv_after_body = conv(w, w)
        self.upsample = nn.Sequential(*upsampler(factor, w, w))
        self.conv_last = conv(w, 3)

    def forward(self, x):
        mean = torch.tensor(MEAN, dtype=x.dtype).reshape(1, 3, 1, 1)
        first = self.conv_first((x - mean) * 255)
        return self.conv_last(self.upsample(self.conv_after_body(self.body(first)) + first)) / 255 + mean


class SrResNetBlock(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.rcb = nn.Sequential(conv(w, w, bias=False), nn.BatchNorm2d(w), nn.PReLU(), conv(w, w, bias=False), nn.BatchNorm2d(w))

    def forward(self, x):
        return x + self.rcb(x)


class SrResNetUp(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.upsample_block = nn.Sequential(conv(w, 4 * w), nn.PixelShuffle(2), nn.PReLU())

    def forward(self, x):
        return self.upsample_block(x)


class SrResNet(nn.Module):
    def __init__(self, factor, b, w):
        super().__init__()
        self.conv1 = nn.Sequential(conv(3, w, 9), nn.PReLU())
        self.trunk = nn.Sequential(*[SrResNetBlock(w) for _ in range(b)])
        self.conv2 = nn.Sequential(conv(w, w, bias=False), nn.BatchNorm2d(w))
        self.upsampling = nn.Sequential(*[SrResNetUp(w) for _ in range(factor.bit_length() - 1)])
        self.conv3 = conv(w, 3, 9)

    def forward(self, x):
        first = self.conv1(x)
        return torch.clamp(self.conv3(self.upsampling(first + self.conv2(self.trunk(first)))), 0, 1)


class Discriminator(nn.Module):
    def __init__(self, size, w, hidden):
        super().__init__()
        layers = [conv(3, w), nn.LeakyReLU(0.2)]
        for i, o, s in [(1, 1, 2), (1, 2, 1), (2, 2, 2), (2, 4, 1), (4, 4, 2), (4, 8, 1), (8, 8, 2)]:
            layers += [nn.Conv2d(i * w, o * w, 3, s, 1, bias=False), nn.BatchNorm2d(o * w), nn.LeakyReLU(0.2)]
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Linear(8 * w * (size // 16) ** 2, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1))

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1)).flatten()


class Vgg19(nn.Module):
    """torchvision's vgg19 up to features.35."""

    def __init__(self):
        super().__init__()
        layers, i = [], 3
        for o in [64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512, 512, 512, 512]:
            layers += [conv(i, o), nn.ReLU()] if o else [nn.MaxPool2d(2)]
            i = o or i
        self.features = nn.Sequential(*layers)

    def forward(self, x, last):
        mean = torch.tensor([0.485, 0.456, 0.406], dtype=x.dtype).reshape(1, 3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225], dtype=x.dtype).reshape(1, 3, 1, 1)
        return self.features[:last + 1]((x - mean) / deviation) / 12.75


def image(channels, height, width):
    return fill(900, (2, channels, height, width)).float().double() + 0.5


def enlarge(x, factor):
    """Keys' cubic, a = -0.5, half-pixel centres, edges repeated, as matrices."""

    def matrix(n):
        rows = np.zeros((n * factor, n))
        for o in range(n * factor):
            centre = (o + 0.5) / factor - 0.5
            for tap in range(int(np.floor(centre)) - 2, int(np.floor(centre)) + 4):
                d = abs(centre - tap)
                k = 1.5 * d ** 3 - 2.5 * d ** 2 + 1 if d <= 1 else -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 if d < 2 else 0
                rows[o, min(max(tap, 0), n - 1)] += k
        return torch.from_numpy(rows)

    return matrix(x.shape[2]) @ x @ matrix(x.shape[3]).T


TO_YCBCR = torch.tensor([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]], dtype=torch.float64) / 255
OFFSET = (torch.tensor([16.0, 128, 128], dtype=torch.float64) / 255).reshape(1, 3, 1, 1)


def by_brightness(network, x, factor):
    """The chain of SRCNN and VDSR: YCbCr, every plane enlarged, the network on Y, RGB."""
    ycc = enlarge(torch.einsum("ij,njhw->nihw", TO_YCBCR, x) + OFFSET, factor)
    ycc = torch.cat([network(ycc[:, :1]), ycc[:, 1:]], 1)
    return torch.einsum("ij,njhw->nihw", torch.linalg.inv(TO_YCBCR), ycc - OFFSET)


def stored(y):
    step = STEP if y.dim() > 1 else 1
    return {"shape": list(y.shape), "values": [float(f"{v:.8g}") for v in y.flatten()[::step].tolist()]}


def save(name, what):
    torch.save(what, os.path.join(HERE, "checkpoints", name + ".pth"))


def under(prefix, state):
    return OrderedDict((prefix + name, value) for name, value in state.items())


def main():
    golden = {}
    small = image(3, 9, 7)

    def add(name, network, wrap=lambda state, other: state, run=None, **more):
        network, state = filled(network)
        other = OrderedDict((n, v if v.dtype == torch.int64 else v + 1) for n, v in state.items())  # weights that must not be taken
        save(name, wrap(state, other))
        with torch.no_grad():
            golden[name] = {**stored((run or (lambda net: net(small)))(network)), **more}

    add("srcnn_955", Srcnn(1, (9, 5, 5), (4, 3)), run=lambda net: by_brightness(net, small, 3), scale=3)
    add("srcnn_915_rgb", Srcnn(3, (9, 1, 5), (4, 3)), lambda state, _: {"state_dict": under("module.", state)},
        lambda net: net(enlarge(small, 2)), scale=2)
    add("vdsr", Vdsr(5, 4), lambda state, _: {"epoch": 50, "model": state}, lambda net: by_brightness(net, small, 4), scale=4)
    add("rdn_yjn870_x3", RdnYjn(3, 2, 2, 6), lambda state, _: under("module.", state), scale=3)
    add("rdn_yjn870_x4", RdnYjn(4, 2, 2, 6), scale=4)
    add("rdn_edsr_x2", RdnEdsr(2, 2, 3, 4, 6), scale=2)
    add("rdn_edsr_x4", RdnEdsr(4, 2, 2, 6, 6), scale=4)
    add("rcan_official_x4", Rcan(4, 2, 2, 8, 4), scale=4)
    add("rcan_official_trained_means_x2", Rcan(2, 2, 2, 8, 4, drift=0.05), scale=2)
    add("rcan_basicsr_x3", RcanBasic(3, 2, 2, 8, 4),
        lambda state, other: {"params": under("module.", other), "params_ema": under("module.", state)}, scale=3)
    add("srresnet_x4", SrResNet(4, 2, 6), lambda state, other: {
        "epoch": 3, "best_psnr": np.float64(30.5), "state_dict": under("_orig_mod.", other),
        "ema_state_dict": OrderedDict([("n_averaged", torch.tensor(7)), *under("module._orig_mod.", state).items()]),
        "optimizer": {"state": {0: {"step": torch.tensor(3.0), "exp_avg": torch.zeros(6, 3, 9, 9)}}, "param_groups": [{"lr": 1e-4}]},
    }, scale=4)
    add("srresnet_earlier_names_x2", SrResNet(2, 2, 6), lambda state, _: OrderedDict(
        ("conv_block" + name[4:] if name.startswith("conv") else name, value) for name, value in state.items()), scale=2)
    add("discriminator_32", Discriminator(32, 2, 8), lambda state, _: {"epoch": 3, "state_dict": under("_orig_mod.", state)},
        lambda net: net(image(3, 32, 32)), scale=1)

    torch.manual_seed(0)
    save("vdsr_whole_module", {"epoch": 50, "model": Vdsr(3, 2)})

    vgg, _ = filled(Vgg19())
    with torch.no_grad():
        for name, last in [("vgg22", 8), ("vgg22_before", 7), ("vgg54", 35), ("vgg54_before", 34)]:
            golden[name] = stored(vgg(image(3, 32, 32), last)[:, ::16])

    with open(os.path.join(HERE, "superresolution_golden.json"), "w") as file:
        file.write("{\n" + ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in golden.items()) + "\n}\n")


if __name__ == "__main__":
    main()
