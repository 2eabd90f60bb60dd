"""Golden numbers of StyleGAN2's and SWAGAN's networks and of their training, and checkpoints in the public layout.

    python3 stylegan2_golden.py                    writes stylegan2_golden.json and checkpoints/ (minutes, 5 GB)
    python3 stylegan2_golden.py --checkpoints DIR  writes checkpoints into DIR, and checkpoints.json with their numbers;
                                                   as wide as the public ones, which --most-channels and --style-width
                                                   change

Wants PyTorch 1.13 or later and NumPy. The twin's numbers at 64 pixels are held against REFERENCE, which
rosinality/stylegan2-pytorch (bef283a) gave with PyTorch 1.13 on the same weights; the script ends with an error if they
differ.

What any language can make: element j of tensor k is hashed(k)[j], of mean 0 and deviation 1. A network's p-th
parameter, p from 0 in the order of its state dict without buffers, is hashed(p); times 100 for style.*.weight, 1 + 0.1
times it for modulation.bias, 0.1 times it for other biases and for noise.weight. The noise buffer i is hashed(2000 +
i).
"""

import argparse
import json
import math
import os
import re

import numpy as np
import torch

import stylegan2_checkpoints
from stylegan2_twin import Discriminator, Generator, Haar
from stylegan2_twin_training import Training, path_lengths, slope_power

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE = 4e-6
STEPS = 2
BATCH = 8

REFERENCE = {
    "swagan": {
        "style": [4.094885, 3.493962, 2.248826],
        "image": [-0.0599267, 1.6863574],
        "pixels": [-0.0857741, -0.4356232, -2.0267799, 1.4021208],
        "path_lengths": [1.2432669, 1.2319202],
        "path_gradients": [-0.3031768, 0.1105686],
        "scores": [0.5657232, 0.5955874],
        "r1": [0.00932247, 0.00123133],
        "scores_of_image": [2.7646246, 2.5833900],
        "near_mean": [-0.1498014, 1.6008255],
        "mixed": [0.3348276, 1.5732946],
    },
    "stylegan2": {
        "style": [4.094885, 3.493962, 2.248826],
        "image": [1.2470159, 1.8960357],
        "pixels": [0.3588377, 2.9178814, 0.9305437, 2.0518918],
        "path_lengths": [1.5632718, 1.7894008],
        "path_gradients": [-0.6412881, 0.2274918],
        "scores": [-0.1286798, -0.1474776],
        "r1": [0.000690044, 0.000137740],
        "scores_of_image": [-0.9116165, -1.6766000],
        "near_mean": [1.2905993, 1.6379334],
        "mixed": [0.8899104, 2.2349637],
    },
}

ABOUT = {
    "weights": "Element j of hashed(k): h = (j * 2654435761 + k * 40503 + 12345) mod 2^32; h ^= h >> 16; h = h * "
               "2246822519 mod 2^32; h ^= h >> 13; (h / 2^31 - 1) * 1.7320508, in single precision. Parameter p of a "
               "network (buffers not counted) is hashed(p), times 100 for style.*.weight, 1 + 0.1 times it for "
               "modulation.bias, 0.1 times it for other biases and noise.weight; noise buffer i is hashed(2000 + i). "
               "All else is computed in double precision. W is the width of styles, S the side of an image.",
    "numbers": "By ARCHITECTURE-SIDE. Those of 64 pixels are of full width, with the Haar filters of the public code, "
               "0.49999997 for a half; the others have at most most_channels channels, style_width numbers in a style, "
               "and halves. swagan-old has 1x1 filters in from_rgbs; its generator is swagan's. swagan-paper and "
               "swagan-nu are the authors' networks, the latter with learned enlargement and reduction of bands.",
    "style": "w[0, 0..2] of z = hashed(1000), [2, W]; the images below are of these two, with the noise buffers.",
    "image": "Mean and deviation (N - 1) of both images together.",
    "pixels": "[image, channel, y, x, value].",
    "path_lengths": "sqrt(mean over layers of the sum over W of g^2), g the gradient of sum(images * y / S) for each "
                    "layer's styles, y = hashed(3000), [2, 3, S, S].",
    "path_gradients": "Of the mean squared path length: the derivative for conv1.noise.weight, the norms of the "
                      "gradients for input.input and for all parameters together.",
    "scores": "D(y / 2).",
    "r1": "At y / 2: the mean over the images of the squared norm of the gradient of D; the norms of its own gradients "
          "for final_conv.0.weight and for all parameters together.",
    "scores_of_image": "D of the two images.",
    "near_mean": "Mean and deviation of the images of m + 0.7 (w - m), m the mean style of hashed(1001), [16, W].",
    "mixed": "Mean and deviation of the image of the first w up to layer `crossover` and the second from there on.",
    "training": "Of two steps on batches of 8. Step s: D on real = hashed(7000 + s) / 2 and on images of z = "
                "hashed(5000 + 100 s); then R1 at real (10 / 2 * 16 times it) with a step of D's Adam of its own; G on "
                "z = hashed(5001 + 100 s); then path lengths of 4 images of z = hashed(5002 + 100 s) with y = "
                "hashed(8000 + s) / S, 2 * 4 times the penalty, with a step of G's Adam of its own. No styles are "
                "mixed. Noise for layer l, an own map for each image: hashed(6000 + 100 s + 20 r + l), r = 0 for D, 1 "
                "for G, 2 for the path lengths. Adam: rate 0.002 c, betas 0 and 0.99^c, epsilon 1e-8, c = 16/17 for D "
                "and 4/5 for G; a parameter without a gradient takes part with a gradient of 0.",
    "figures": "For each step: softplus(-D(real)) + softplus(D(fake)), R1 as above, softplus(-D(fake)), the mean of "
               "(length - a)^2, and a (a starts at 0; a += 0.01 (mean length - a), and the gradient flows through "
               "that).",
    "moved": "How far the two steps moved each parameter: the norm of the change, and the changes of its first, middle "
             "(count / 2) and last element.",
    "checkpoints": "Files beside this one. `image`, `pixels` and `scores` as above, by g_ema with its own noise "
                   "buffers, and by d; with latent_avg also `truncated`: mean and deviation of the images of "
                   "latent_avg + 0.5 (w - latent_avg). `adam`: for g and d the number of steps and, for the parameters "
                   "of the indices given, the sums of exp_avg and of exp_avg_sq.",
}


def hashed(k, *shape):
    j = np.arange(math.prod(shape), dtype=np.uint64)
    h = (j * np.uint64(2654435761) + np.uint64(k * 40503 + 12345)) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(16)
    h = (h * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(13)
    return torch.from_numpy(((h / 2.0 ** 31 - 1) * 1.7320508).astype(np.float32)).reshape(shape)


def wide(k, *shape):
    return hashed(k, *shape).double()


@torch.no_grad()
def filled(network, halves):
    """The network with the hashed weights, in double precision; halves: whether its Haar filters are exact."""
    for p, (name, parameter) in enumerate(network.named_parameters()):
        v = hashed(p, *parameter.shape)
        if name.startswith("style.") and name.endswith(".weight"):
            v = v * 100
        elif name.endswith("modulation.bias"):
            v = 1 + v * 0.1
        elif name.endswith(("bias", "noise.weight")):
            v = v * 0.1
        parameter.copy_(v)
    for name, buffer in network.named_buffers():
        if ".noise_" in name:
            buffer.copy_(hashed(2000 + int(name.split("_")[-1]), *buffer.shape))
    network.double()
    for module in network.modules():
        if halves and isinstance(module, Haar):
            for kernel in module.filters():
                kernel.copy_(kernel.sign() * module.tap)
    return network


def statistics(images):
    return [images.mean(), images.std()]


def pixels(images):
    side = images.shape[-1]
    half, last = side // 2, side - 1
    places = [(0, 0, 0, 0), (0, 1, 10 * side // 64, 20 * side // 64), (1, 2, last, last), (1, 0, half - 1, half)]
    return [[*place, images[place]] for place in places]


def norm_of(gradients):
    return torch.sqrt(sum(gradient.pow(2).sum() for gradient in gradients if gradient is not None))


def of_generator(g, size, crossover):
    noises = list(g.noises.buffers())
    z, y = wide(1000, 2, g.style_width), wide(3000, 2, 3, size, size)
    latents = g.latents([z])
    images = g(latents, noises)
    lengths = path_lengths(images, latents, y / size)
    parameters = dict(g.named_parameters())
    gradients = torch.autograd.grad(lengths.pow(2).mean(), parameters.values(), allow_unused=True)
    by_name = dict(zip(parameters, gradients))
    with torch.no_grad():
        w = g.style(z)
        mean = g.style(wide(1001, 16, g.style_width)).mean(0, keepdim=True)
        near = g((mean + 0.7 * (w - mean))[:, None].repeat(1, g.count, 1), noises)
        mixed = g(g.latents([z[:1], z[1:]], crossover), noises)
    return images.detach(), {
        "style": w[0, :3].tolist(),
        "image": statistics(images),
        "pixels": pixels(images),
        "path_lengths": lengths.tolist(),
        "path_gradients": [by_name["conv1.noise.weight"], norm_of([by_name["input.input"]]), norm_of(gradients)],
        "near_mean": statistics(near),
        "crossover": crossover,
        "mixed": statistics(mixed),
    }


def of_discriminator(d, size, images):
    real = (0.5 * wide(3000, 2, 3, size, size)).requires_grad_()
    scores = d(real)
    power = slope_power(scores, real)
    parameters = dict(d.named_parameters())
    gradients = torch.autograd.grad(power, parameters.values(), allow_unused=True)
    with torch.no_grad():
        of_images = d(images)
    return {
        "scores": scores.flatten().tolist(),
        "r1": [power, norm_of([dict(zip(parameters, gradients))["final_conv.0.weight"]]), norm_of(gradients)],
        "scores_of_image": of_images.flatten().tolist(),
    }


def of_training(g, d, size):
    networks = {"g": g, "d": d}
    before = {f"{kind}.{name}": value.detach().clone()
              for kind, network in networks.items() for name, value in network.named_parameters()}
    training = Training(g, d, average=None)
    figures = []
    for s in range(STEPS):
        def drawn(r, count):
            maps = [wide(6000 + 100 * s + 20 * r + i, count, *noise.shape[1:]) for i, noise in enumerate(g.noises.buffers())]
            return {"zs": [wide(5000 + 100 * s + r, count, g.style_width)], "noises": maps}

        real = 0.5 * wide(7000 + s, BATCH, 3, size, size)
        d_loss = training.step_d(real, **drawn(0, BATCH))
        power = training.regularise_d(real)
        g_loss = training.step_g(**drawn(1, BATCH))
        penalty = training.regularise_g(**drawn(2, BATCH // 2), y=wide(8000 + s, BATCH // 2, 3, size, size) / size)
        figures.append([d_loss, power, g_loss, penalty, training.path_mean])
    moved = {}
    for kind, network in networks.items():
        for name, value in network.named_parameters():
            change = (value.detach() - before[f"{kind}.{name}"]).flatten()
            moved[f"{kind}.{name}"] = [change.norm(), change[0], change[len(change) // 2], change[-1]]
    return {"figures": figures, "moved": moved}


def numbers(architecture, size, crossover, most=512, style_width=512, halves=True, train=False):
    g = filled(Generator(architecture, size, style_width, most=most), halves)
    d = filled(Discriminator(architecture, size, most=most), halves)
    images, of_g = of_generator(g, size, crossover)
    result = {"size": size, "most_channels": most, "style_width": style_width}
    if architecture != "swagan-old":
        result.update(of_g)
    result.update(of_discriminator(d, size, images))
    if train:
        result["training"] = of_training(g, d, size)
    return result


def hold_against_reference(architecture, found):
    for name, wanted in REFERENCE[architecture].items():
        got = [pixel[-1] for pixel in found[name]] if name == "pixels" else found[name]
        for one, other in zip(wanted, got):
            if abs(one - other) > TOLERANCE * abs(one):
                raise SystemExit(f"{architecture}, {name}: {other:.9g} instead of {one}")


def text_of(golden):
    """JSON with a line for each list of numbers."""
    def rounded(value):
        if isinstance(value, dict):
            return {key: rounded(part) for key, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [rounded(part) for part in value]
        return float(f"{float(value):.12g}") if isinstance(value, (float, torch.Tensor)) else value

    text = json.dumps(rounded(golden), indent=1)
    return re.sub(r"\[\s+([^\[\]\"{}]*?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text) + "\n"


def of_checkpoints(folder, swagan_size, stylegan2_size, most, style_width):
    """Writes checkpoints, and returns what their networks make."""
    golden = {}
    made = stylegan2_checkpoints.write(folder, swagan_size, stylegan2_size, most, style_width)
    for name, (architecture, size, content) in made.items():
        g = Generator(architecture, size, style_width, most=most)
        g.load_state_dict(content["g_ema"])
        g.double()
        d = Discriminator(architecture, size, most=most)
        d.load_state_dict(content["d"])
        d.double()
        with torch.no_grad():
            w = g.style(wide(1000, 2, style_width))

            def images_of(style):
                return g(style[:, None].repeat(1, g.count, 1), list(g.noises.buffers()))

            images = images_of(w)
            golden[name] = {
                "architecture": architecture, "size": size, "most_channels": most, "style_width": style_width,
                "image": statistics(images), "pixels": pixels(images),
                "scores": d(0.5 * wide(3000, 2, 3, size, size)).flatten().tolist(),
            }
            if "latent_avg" in content:
                mean = content["latent_avg"].double()
                golden[name]["truncated"] = statistics(images_of(mean + 0.5 * (w - mean)))
        if "g_optim" in content:
            golden[name]["adam"] = {key: of_adam(content[f"{key}_optim"]["state"]) for key in ("g", "d")}
    return golden


def of_adam(state):
    indices = [0, len(state) // 2, len(state) - 1]
    sums = [[i, state[i]["exp_avg"].double().sum(), state[i]["exp_avg_sq"].double().sum()] for i in indices]
    return {"parameters": len(state), "steps": int(state[0]["step"]), "sums": sums}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoints", metavar="DIR", help="write checkpoints there, and nothing else")
    parser.add_argument("--size", type=int, default=16, help="side of their images (default 16)")
    parser.add_argument("--most-channels", type=int, default=512, help="their width (default 512, the public code's)")
    parser.add_argument("--style-width", type=int, default=512, help="numbers in a style (default 512, the public code's)")
    options = parser.parse_args()
    if options.checkpoints:
        golden = of_checkpoints(options.checkpoints, options.size, options.size, options.most_channels, options.style_width)
        with open(os.path.join(options.checkpoints, "checkpoints.json"), "w") as file:
            file.write(text_of(golden))
        return

    found = {}
    for architecture in ("swagan", "stylegan2"):
        found[f"{architecture}-64"] = numbers(architecture, 64, crossover=4, halves=False)
        hold_against_reference(architecture, found[f"{architecture}-64"])
    small = {"most": 32, "style_width": 32, "crossover": 2}
    for architecture in ("swagan", "swagan-old", "swagan-paper", "swagan-nu", "stylegan2"):
        found[f"{architecture}-16"] = numbers(architecture, 16, **small, train=architecture in ("swagan", "stylegan2"))
        found[f"{architecture}-32"] = numbers(architecture, 32, **small)
    checkpoints = of_checkpoints(os.path.join(HERE, "checkpoints"), swagan_size=16, stylegan2_size=8, most=8, style_width=8)
    with open(os.path.join(HERE, "stylegan2_golden.json"), "w") as file:
        file.write(text_of({"about": ABOUT, "numbers": found, "checkpoints": checkpoints}))


if __name__ == "__main__":
    main()
