"""Checkpoints as rosinality/stylegan2-pytorch writes them, with weights of seeded chance, by the twin.

Its train.py's ("rosinality_…", after two steps with regularisation, so that Adam's state is real) and its
convert_weight.py's, which turns NVIDIA's TensorFlow weights into its own layout ("converted_…").
"""

import argparse
import os
from collections import OrderedDict

import torch

from stylegan2_twin import Discriminator, Generator
from stylegan2_twin_training import Training

BATCH = 4
MAPPING_LAYERS = 8


def seeded(network, seed):
    """Weights that differ from network to network, the biases and noise strengths too, which begin as constants."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in network.state_dict().items():
        if name.endswith("weight") and value.dim() > 1 or name == "input.input" or ".noise_" in name:
            scale = 100 if name.startswith("style.") else 1
            value.copy_(torch.randn(value.shape, generator=generator) * scale)
        elif name.endswith(("bias", "noise.weight")):
            value.add_(torch.randn(value.shape, generator=generator) * 0.3)
    return network


def arguments(size, style_width):
    """What train.py is called with, and what it adds."""
    return argparse.Namespace(
        path="dataset", arch="swagan", iter=800000, batch=BATCH, n_sample=64, size=size, r1=10, path_regularize=2,
        path_batch_shrink=2, d_reg_every=16, g_reg_every=4, mixing=0.9, ckpt=None, lr=0.002, channel_multiplier=2,
        wandb=False, local_rank=0, augment=False, augment_p=0, ada_target=0.6, ada_length=500000, ada_every=256,
        distributed=False, latent=style_width, n_mlp=MAPPING_LAYERS, start_iter=0)


def trained(architecture, size, most, style_width, seed):
    """What train.py saves, after two steps of which each regularises both networks."""
    g, average = [seeded(Generator(architecture, size, style_width, most=most), seed + i) for i in range(2)]
    d = seeded(Discriminator(architecture, size, most=most), seed + 2)
    training = Training(g, d, average)
    torch.manual_seed(seed)
    for _ in range(2):
        real = torch.rand(BATCH, 3, size, size) * 2 - 1
        training.step_d(real, [torch.randn(BATCH, style_width)])
        training.regularise_d(real)
        training.step_g([torch.randn(BATCH, style_width)])
        training.regularise_g([torch.randn(BATCH // 2, style_width)])
        training.accumulate()
    args = arguments(size, style_width)
    args.arch = architecture.split("-")[0]
    return {
        "g": g.state_dict(), "d": d.state_dict(), "g_ema": average.state_dict(),
        "g_optim": training.g_optimizer.state_dict(), "d_optim": training.d_optimizer.state_dict(),
        "args": args, "ada_aug_p": 0.125,
    }


def as_older(content):
    """As before PyTorch 1.12: Adam counts its steps with a number, and knows fewer options."""
    for optimizer in (content["g_optim"], content["d_optim"]):
        for state in optimizer["state"].values():
            state["step"] = int(state["step"])
        known = ("lr", "betas", "eps", "weight_decay", "amsgrad", "params")
        optimizer["param_groups"] = [{key: group[key] for key in known} for group in optimizer["param_groups"]]
    del content["args"].arch  # the option came later
    return content


def converted(size, most, style_width, seed):
    """What convert_weight.py saves. Strides still have TensorFlow's order, but where a filter was mirrored."""
    def as_in_tensorflow(name, value):
        if name.startswith("convs.") and name.split(".")[1] in "02468" and name.endswith(".conv.weight"):
            return value
        if name.endswith("weight") and value.dim() == 2:
            return value.t().contiguous().t()
        if name.endswith("weight") and value.dim() == 4:
            return value.permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1)
        if name.endswith("weight") and value.dim() == 5:
            return value[0].permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1)[None]
        return value

    g = seeded(Generator("stylegan2", size, style_width, most=most), seed)
    d = seeded(Discriminator("stylegan2", size, most=most), seed + 1)
    with torch.no_grad():
        mean = g.style(torch.randn(4096, style_width, generator=torch.Generator().manual_seed(seed))).mean(0)
    g_state, d_state = [
        OrderedDict((name, as_in_tensorflow(name, value)) for name, value in network.state_dict().items())
        for network in (g, d)]
    return {"g_ema": g_state, "latent_avg": mean, "d": d_state}


def write(folder, swagan_size, stylegan2_size, most, style_width):
    """Writes the checkpoints; returns for each name the architecture, the side of the images, and what was written."""
    swagan, stylegan2 = (swagan_size, most, style_width), (stylegan2_size, most, style_width)
    made = {
        "rosinality_swagan": ("swagan", swagan_size, trained("swagan", *swagan, seed=10)),
        "rosinality_swagan_old": ("swagan-old", swagan_size, as_older(trained("swagan-old", *swagan, seed=20))),
        "rosinality_stylegan2": ("stylegan2", stylegan2_size, trained("stylegan2", *stylegan2, seed=30)),
        "converted_stylegan2": ("stylegan2", stylegan2_size, converted(*stylegan2, seed=40)),
    }
    os.makedirs(folder, exist_ok=True)
    for name, (_, _, content) in made.items():
        # Most converted weights were published before PyTorch's files were zip archives.
        path, is_zip = os.path.join(folder, name + ".pt"), not name.startswith("converted")
        torch.save(content, path, _use_new_zipfile_serialization=is_zip)
    return made
