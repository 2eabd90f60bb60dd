#!/usr/bin/env python3
"""Writes golden.safetensors and golden.json: what PyTorch computes, for the engine's tests to compare with.

    python3 tests/Subband.Torch.Tests/Golden/make_golden.py        (made with PyTorch 1.13, Debian 12's python3-torch)

All tensors are float64 and all computing is done in float64. Every input and weight is a multiple of 1/64, so that it
is exact in float32 too: a test may cast the inputs to float32 and compare with about 1e-5, or stay in float64 and
compare with about 1e-12.

golden.safetensors holds the tensors under "CASE/NAME", golden.json the settings of each case under "cases". Gradients
are of sum(output * seed), where the case's tensor `seed` has the output's shape, or else of the scalar `loss`; each is
called "grad." and what it belongs to. A bias that is absent has no tensor.

conv2d/VARIANT: input weight [bias] output seed grad.*; stride padding dilation groups
conv_transpose2d/VARIANT: the same, and output_padding
linear/plain, linear/bias: input weight [bias] output seed grad.*
batch_norm/affine, batch_norm/plain: [weight bias]; four training steps T = 0..3: step.T.input step.T.output, and
    step.T.mean step.T.var, the running statistics after the step; seed step.3.grad.{input,weight,bias};
    then evaluation: eval.input eval.output eval.grad.input; eps momentum steps
pool/max, max_ceil, max_padded, avg, avg_nopad: input output seed grad.input; kernel stride padding ceil
    [count_include_pad]
pool/adaptive: input output seed grad.input; size (the mean of each cell)
activation/relu, leaky_relu, elu, sigmoid, tanh, softplus, softmax, log_softmax, silu, gelu: input output seed
    grad.input; slope, alpha or dim
loss/bce_with_logits, bce_with_logits_soft, bce, mse, l1, smooth_l1, cross_entropy: input target loss grad.input, the
    loss being the mean; cross_entropy's classes are whole numbers in float64
penalty/r1, penalty/wgan: second-order gradients, see penalties()
sgd/VARIANT, adam/VARIANT, rmsprop/VARIANT: start, grads [5, 3, 4] and params [5, 3, 4]: the parameter at first, the
    gradient fed at each step, the parameter after each step; the optimiser's settings (weight_decay is the L2 kind)
muon/VARIANT: the same of the class Muon below, of filters and matrices of several shapes; its weight_decay is decoupled
clip/norm, clip/norm_idle: grads.{0,1} clipped.{0,1}; max_norm, and the total norm found before clipping
clip/value: grads.0 clipped.0; clip_value
training/sgd, training/adam: a small network trained for five steps, see training()

golden.json only:
schedules: by name, the settings and the rates of the steps 0, 1, 2, … for a base rate of 0.1
initialisers: a list, see initialisers()
gains: torch.nn.init.calculate_gain
"""

import json
import math
import pathlib
import struct

import numpy
import torch
from torch import nn
from torch.nn import functional

torch.set_default_dtype(torch.float64)
torch.manual_seed(20150618)

TENSORS = {}
CASES = {}


def draw(*shape, scale=1.0):
    """A random tensor of multiples of 1/64, about `scale` large: exact in float32 and float64."""
    return (torch.randn(*shape) * scale * 64).round() / 64


def save(case, **tensors):
    for name, tensor in tensors.items():
        if tensor is not None:
            TENSORS[f"{case}/{name.replace('__', '.')}"] = tensor.detach().clone()


def leaf(tensor):
    return None if tensor is None else tensor.clone().requires_grad_()


def record(case, function, settings, **inputs):
    """Runs function(**inputs) and saves inputs, output, seed and the gradient of every input."""
    leaves = {name: leaf(tensor) for name, tensor in inputs.items()}
    output = function(**leaves)
    seed = draw(*output.shape)
    output.backward(seed)
    save(case, **inputs, output=output, seed=seed,
         **{f"grad__{name}": t.grad for name, t in leaves.items() if t is not None})
    CASES[case] = settings


def convolutions():
    variants = {
        "plain": dict(stride=[1, 1], padding=[0, 0], dilation=[1, 1], groups=1),
        "same": dict(stride=[1, 1], padding=[1, 1], dilation=[1, 1], groups=1),
        "strided": dict(stride=[2, 1], padding=[1, 2], dilation=[1, 1], groups=1),
        "dilated": dict(stride=[1, 1], padding=[2, 2], dilation=[2, 2], groups=1),
        "grouped": dict(stride=[2, 2], padding=[1, 1], dilation=[1, 1], groups=2),
        "depthwise": dict(stride=[1, 1], padding=[1, 1], dilation=[1, 1], groups=4),
    }
    for name, settings in variants.items():
        groups = settings["groups"]
        record(f"conv2d/{name}", lambda input, weight, bias, s=settings: functional.conv2d(input, weight, bias, **s),
               settings, input=draw(2, 4, 6, 7), weight=draw(4, 4 // groups, 3, 3, scale=0.3),
               bias=None if name == "plain" else draw(4))

    variants = {
        "plain": dict(stride=[1, 1], padding=[0, 0], output_padding=[0, 0], dilation=[1, 1], groups=1),
        "doubling": dict(stride=[2, 2], padding=[1, 1], output_padding=[0, 0], dilation=[1, 1], groups=1),
        "output_padding": dict(stride=[2, 2], padding=[1, 1], output_padding=[1, 1], dilation=[1, 1], groups=1),
        "grouped": dict(stride=[2, 1], padding=[0, 1], output_padding=[1, 0], dilation=[1, 2], groups=2),
    }
    for name, settings in variants.items():
        kernel = 4 if name == "doubling" else 3
        record(f"conv_transpose2d/{name}",
               lambda input, weight, bias, s=settings: functional.conv_transpose2d(input, weight, bias, **s),
               settings, input=draw(2, 4, 4, 5), weight=draw(4, 6 // settings["groups"], kernel, kernel, scale=0.3),
               bias=None if name == "plain" else draw(6))


def linears():
    record("linear/plain", lambda input, weight: functional.linear(input, weight), {},
           input=draw(3, 5), weight=draw(4, 5))
    record("linear/bias", lambda input, weight, bias: functional.linear(input, weight, bias), {},
           input=draw(2, 3, 5), weight=draw(4, 5), bias=draw(4))


def batch_norms():
    for name, affine in {"affine": True, "plain": False}.items():
        case, steps = f"batch_norm/{name}", 4
        norm = nn.BatchNorm2d(3, affine=affine)
        if affine:
            norm.weight.data = draw(3)
            norm.bias.data = draw(3)
            save(case, weight=norm.weight, bias=norm.bias)
        for step in range(steps):
            input = leaf(draw(4, 3, 3, 2) * (step + 1) + step)
            output = norm(input)
            save(case, **{f"step__{step}__input": input, f"step__{step}__output": output,
                          f"step__{step}__mean": norm.running_mean, f"step__{step}__var": norm.running_var})
        seed = draw(*output.shape)
        output.backward(seed)
        save(case, seed=seed, **{f"step__{steps - 1}__grad__input": input.grad})
        if affine:
            save(case, **{f"step__{steps - 1}__grad__weight": norm.weight.grad,
                          f"step__{steps - 1}__grad__bias": norm.bias.grad})
        norm.eval()
        input = leaf(draw(4, 3, 3, 2))
        output = norm(input)
        output.backward(seed)
        save(case, eval__input=input, eval__output=output, eval__grad__input=input.grad)
        CASES[case] = dict(eps=norm.eps, momentum=norm.momentum, steps=steps)


def pools():
    def distinct(*shape):  # no ties, so that the gradient of a maximum is defined
        return (torch.randperm(math.prod(shape)).reshape(shape).double() - math.prod(shape) // 2) / 64

    for name, settings in {"max": dict(kernel=[2, 2], stride=[2, 2], padding=[0, 0], ceil=False),
                           "max_ceil": dict(kernel=[3, 3], stride=[2, 2], padding=[0, 0], ceil=True),
                           "max_padded": dict(kernel=[3, 3], stride=[2, 2], padding=[1, 1], ceil=False)}.items():
        record(f"pool/{name}", lambda input, s=settings: functional.max_pool2d(
            input, s["kernel"], s["stride"], s["padding"], ceil_mode=s["ceil"]), settings, input=distinct(2, 2, 8, 6))

    for name, settings in {"avg": dict(kernel=[2, 2], stride=[2, 2], padding=[0, 0], ceil=False,
                                       count_include_pad=True),
                           "avg_nopad": dict(kernel=[3, 3], stride=[2, 2], padding=[1, 1], ceil=False,
                                             count_include_pad=False)}.items():
        record(f"pool/{name}", lambda input, s=settings: functional.avg_pool2d(
            input, s["kernel"], s["stride"], s["padding"], ceil_mode=s["ceil"],
            count_include_pad=s["count_include_pad"]), settings, input=draw(2, 2, 8, 6))

    record("pool/adaptive", lambda input: functional.adaptive_avg_pool2d(input, [3, 1]), dict(size=[3, 1]),
           input=draw(2, 2, 8, 6))


def activations():
    functions = {
        "relu": (functional.relu, {}),
        "leaky_relu": (lambda x: functional.leaky_relu(x, 0.2), dict(slope=0.2)),
        "elu": (functional.elu, dict(alpha=1.0)),
        "sigmoid": (torch.sigmoid, {}),
        "tanh": (torch.tanh, {}),
        "softplus": (functional.softplus, {}),
        "softmax": (lambda x: functional.softmax(x, 1), dict(dim=1)),
        "log_softmax": (lambda x: functional.log_softmax(x, 1), dict(dim=1)),
        "silu": (functional.silu, {}),
        "gelu": (functional.gelu, {}),
    }
    for name, (function, settings) in functions.items():
        record(f"activation/{name}", lambda input, f=function: f(input), settings, input=draw(4, 6, scale=2.0))


def losses():
    def loss_case(name, function, input, target):
        input = leaf(input)
        loss = function(input, target)
        loss.backward()
        save(f"loss/{name}", input=input, target=target, loss=loss, grad__input=input.grad)
        CASES[f"loss/{name}"] = dict(reduction="mean")

    shape = (5, 3)
    labels = torch.randint(0, 2, shape).double()
    soft = torch.randint(0, 65, shape).double() / 64
    wide = draw(*shape, scale=4.0)
    wide[0] = torch.tensor([100.0, -100.0, 0.0])  # where a naive formula overflows
    loss_case("bce_with_logits", functional.binary_cross_entropy_with_logits, wide, labels)
    loss_case("bce_with_logits_soft", functional.binary_cross_entropy_with_logits, wide, soft)
    loss_case("bce", functional.binary_cross_entropy, torch.randint(1, 64, shape).double() / 64, labels)
    loss_case("mse", functional.mse_loss, draw(*shape), draw(*shape))
    loss_case("l1", functional.l1_loss, draw(*shape), draw(*shape))
    loss_case("smooth_l1", functional.smooth_l1_loss, draw(*shape, scale=2.0), draw(*shape))
    loss_case("cross_entropy", lambda x, t: functional.cross_entropy(x, t.long()), draw(4, 3),
              torch.tensor([0.0, 2.0, 1.0, 2.0]))


def penalties():
    """Second-order gradients of the critic c(x) = sum(w2 * softplus(conv2d(x, w1, b1, stride 2, padding 1))).

    penalty/r1: loss = mean(softplus(-c(x))) + gamma/2 * mean over images of |dc/dx|^2. Tensors: input w1 b1 w2 scores
    grad.input (the inner gradient, dc/dx) loss grad.w1 grad.b1 grad.w2 (gradients of the loss).
    penalty/wgan: loss = gamma * mean over images of (|dc/dx| - 1)^2, the same tensors.
    """
    for name, gamma in {"r1": 0.5, "wgan": 10.0}.items():
        case = f"penalty/{name}"
        input, w1, b1, w2 = (leaf(t) for t in (
            draw(3, 2, 6, 6), draw(4, 2, 3, 3, scale=0.4), draw(4), draw(4, 3, 3, scale=0.4)))
        features = functional.softplus(functional.conv2d(input, w1, b1, stride=2, padding=1))
        scores = (w2 * features).sum(dim=(1, 2, 3))
        inner, = torch.autograd.grad(scores.sum(), input, create_graph=True)
        squared = inner.square().sum(dim=(1, 2, 3))
        if name == "r1":
            loss = functional.softplus(-scores).mean() + gamma / 2 * squared.mean()
        else:
            loss = gamma * (squared.sqrt() - 1).square().mean()
        grads = torch.autograd.grad(loss, [w1, b1, w2], allow_unused=True)
        save(case, input=input, w1=w1, b1=b1, w2=w2, scores=scores, grad__input=inner, loss=loss,
             grad__w1=grads[0], grad__b1=grads[1], grad__w2=grads[2])
        CASES[case] = dict(gamma=gamma)


def optimisers():
    sgd = {
        "plain": dict(lr=0.1, momentum=0.0, dampening=0.0, nesterov=False, weight_decay=0.0),
        "momentum": dict(lr=0.1, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0),
        "dampening": dict(lr=0.1, momentum=0.7, dampening=0.7, nesterov=False, weight_decay=0.0),
        "nesterov": dict(lr=0.1, momentum=0.9, dampening=0.0, nesterov=True, weight_decay=0.0),
        "weight_decay": dict(lr=0.1, momentum=0.5, dampening=0.5, nesterov=False, weight_decay=0.05),
    }
    adam = {
        "default": dict(lr=0.001, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.0),
        "gan": dict(lr=0.02, betas=[0.0, 0.99], eps=1e-8, weight_decay=0.0),
        "weight_decay": dict(lr=0.01, betas=[0.5, 0.9], eps=1e-4, weight_decay=0.1),
    }
    rmsprop = {
        "default": dict(lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False),
        "momentum": dict(lr=0.01, alpha=0.9, eps=1e-8, weight_decay=0.0, momentum=0.9, centered=False),
        "centered": dict(lr=0.01, alpha=0.9, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=True),
        "everything": dict(lr=0.01, alpha=0.95, eps=1e-5, weight_decay=0.1, momentum=0.5, centered=True),
    }
    for family, make, variants in (("sgd", torch.optim.SGD, sgd), ("adam", torch.optim.Adam, adam),
                                   ("rmsprop", torch.optim.RMSprop, rmsprop)):
        for name, settings in variants.items():
            five_steps(f"{family}/{name}", make, (3, 4), settings)


def five_steps(case, make, shape, settings):
    parameter = nn.Parameter(draw(*shape))
    start, grads, params = parameter.detach().clone(), draw(5, *shape), []
    optimiser = make([parameter], **settings)
    for grad in grads:
        parameter.grad = grad.clone()
        optimiser.step()
        params.append(parameter.detach().clone())
    save(case, start=start, grads=grads, params=torch.stack(params))
    CASES[case] = settings


class Muon:
    """Written from the description of Jordan and others (2024): a step along U·Vᵀ of the gradient's mean, U·Vᵀ being made by
    five Newton-Schulz rounds; its size as Liu and others (2025) set it. (PyTorch has a Muon since 2.9, for matrices alone.)"""

    def __init__(self, parameters, lr, momentum, weight_decay):
        self.parameter, self.lr, self.momentum, self.weight_decay = parameters[0], lr, momentum, weight_decay
        self.mean = torch.zeros_like(self.parameter)

    @torch.no_grad()
    def step(self):
        grad = self.parameter.grad
        self.mean.lerp_(grad, 1 - self.momentum)
        x = grad.lerp(self.mean, self.momentum).flatten(1)
        rows, columns = x.shape
        x = x / x.norm()
        for _ in range(5):  # on the side of XᵀX where that of XXᵀ would do: the same in exact arithmetic
            gram = x.T @ x
            x = 3.4445 * x + x @ (-4.7750 * gram + 2.0315 * gram @ gram)
        self.parameter *= 1 - self.lr * self.weight_decay
        self.parameter -= self.lr * 0.2 * max(rows, columns) ** 0.5 * x.reshape(grad.shape)


def muons():
    for name, shape, weight_decay in (("wide", (4, 3, 3, 3), 0.0), ("tall", (20, 2, 2, 1), 0.3), ("matrix", (5, 7), 0.0)):
        five_steps(f"muon/{name}", Muon, shape, dict(lr=0.05, momentum=0.9, weight_decay=weight_decay))


def clips():
    for name, max_norm in {"norm": 1.5, "norm_idle": 100.0}.items():
        parameters = [nn.Parameter(torch.zeros(3, 2)), nn.Parameter(torch.zeros(5))]
        for p in parameters:
            p.grad = draw(*p.shape)
        save(f"clip/{name}", grads__0=parameters[0].grad, grads__1=parameters[1].grad)
        total = nn.utils.clip_grad_norm_(parameters, max_norm)
        save(f"clip/{name}", clipped__0=parameters[0].grad, clipped__1=parameters[1].grad)
        CASES[f"clip/{name}"] = dict(max_norm=max_norm, norm=total.item())

    parameter = nn.Parameter(torch.zeros(4, 3))
    parameter.grad = draw(4, 3)
    save("clip/value", grads__0=parameter.grad)
    nn.utils.clip_grad_value_([parameter], 0.5)
    save("clip/value", clipped__0=parameter.grad)
    CASES["clip/value"] = dict(clip_value=0.5)


def training():
    """net(x) = linear(flatten(leaky_relu(bn(conv(x)), 0.2))), loss = bce_with_logits(net(input), target), 5 steps on
    the same batch. Names as nn.Module gives them: conv.weight conv.bias bn.weight bn.bias bn.running_mean
    bn.running_var linear.weight linear.bias. losses[t] is the loss before step t."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3, stride=2, padding=1)
            self.bn = nn.BatchNorm2d(4)
            self.linear = nn.Linear(4 * 3 * 3, 1)

        def forward(self, x):
            return self.linear(functional.leaky_relu(self.bn(self.conv(x)), 0.2).flatten(1))

    recipes = {
        "sgd": (torch.optim.SGD, dict(lr=0.1, momentum=0.7, dampening=0.7, nesterov=False, weight_decay=0.0)),
        "adam": (torch.optim.Adam, dict(lr=0.01, betas=[0.5, 0.999], eps=1e-8, weight_decay=0.0)),
    }
    for name, (make, settings) in recipes.items():
        case, net = f"training/{name}", Net()
        for parameter in net.parameters():
            parameter.data = draw(*parameter.shape, scale=0.3)
        state = {k: v for k, v in net.state_dict().items() if v.is_floating_point()}
        save(case, **{"start__" + k: v for k, v in state.items()})
        input, target, found = draw(6, 3, 6, 6), (torch.arange(6) % 2).double().reshape(6, 1), []
        optimiser = make(net.parameters(), **settings)
        for _ in range(5):
            optimiser.zero_grad()
            loss = functional.binary_cross_entropy_with_logits(net(input), target)
            loss.backward()
            optimiser.step()
            found.append(loss.detach())
        save(case, input=input, target=target, losses=torch.stack(found),
             **{"end__" + k: v for k, v in net.state_dict().items() if v.is_floating_point()})
        CASES[case] = dict(settings, slope=0.2, stride=[2, 2], padding=[1, 1])


def schedules():
    found = {}

    def run(name, settings, steps, make):
        optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
        schedule, rates = make(optimiser), []
        for _ in range(steps):
            rates.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            schedule.step()
        found[name] = dict(settings, base=0.1, rates=rates)

    lr = torch.optim.lr_scheduler
    run("step", dict(step_size=4, gamma=0.5), 14, lambda o: lr.StepLR(o, 4, gamma=0.5))
    run("multistep", dict(milestones=[3, 7, 8], gamma=0.1), 12, lambda o: lr.MultiStepLR(o, [3, 7, 8], gamma=0.1))
    run("cosine", dict(t_max=10, eta_min=0.01), 11, lambda o: lr.CosineAnnealingLR(o, 10, eta_min=0.01))
    run("exponential", dict(gamma=0.9), 12, lambda o: lr.ExponentialLR(o, 0.9))
    run("warmup", dict(start_factor=0.25, total_iters=5), 9,
        lambda o: lr.LinearLR(o, start_factor=0.25, end_factor=1.0, total_iters=5))
    return found


def initialisers():
    """fan_in and fan_out as torch.nn.init counts them for a weight of that shape; the bounds of the uniform and the
    deviations of the normal initialisers; `default` is the bound of the weight and `default_bias` that of the bias
    which nn.Conv2d, nn.ConvTranspose2d and nn.Linear use, both 1/sqrt(fan_in)."""
    rows = []
    shapes = [([64, 3, 7, 7], nn.Conv2d(3, 64, 7)), ([64, 4, 3, 3], nn.Conv2d(8, 64, 3, groups=2)),
              ([600, 192], nn.Linear(192, 600)), ([16, 8, 4, 4], nn.ConvTranspose2d(16, 8, 4))]
    for shape, layer in shapes:
        assert list(layer.weight.shape) == shape
        weight = layer.weight
        fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(weight)
        relu, leaky = nn.init.calculate_gain("relu"), nn.init.calculate_gain("leaky_relu", 0.2)
        row = dict(
            shape=shape, fan_in=fan_in, fan_out=fan_out,
            default=1 / math.sqrt(fan_in), default_bias=1 / math.sqrt(fan_in),
            kaiming_uniform_relu_fan_in=relu * math.sqrt(3 / fan_in),
            kaiming_uniform_leaky02_fan_out=leaky * math.sqrt(3 / fan_out),
            kaiming_normal_relu_fan_in=relu / math.sqrt(fan_in),
            xavier_uniform=math.sqrt(6 / (fan_in + fan_out)),
            xavier_normal=math.sqrt(2 / (fan_in + fan_out)))

        def largest(fill):  # what PyTorch really draws lies within the bound, and comes near it
            return max(fill(torch.empty(shape)).abs().max().item() for _ in range(3))

        def near(found, bound):
            assert 0.98 * bound < found <= bound, (shape, found, bound)

        near(largest(lambda t: nn.init.kaiming_uniform_(t, nonlinearity="relu")), row["kaiming_uniform_relu_fan_in"])
        near(largest(lambda t: nn.init.kaiming_uniform_(t, 0.2, "fan_out")), row["kaiming_uniform_leaky02_fan_out"])
        near(largest(nn.init.xavier_uniform_), row["xavier_uniform"])
        near(weight.abs().max().item(), row["default"])
        assert layer.bias.abs().max().item() <= row["default_bias"]
        assert abs(nn.init.kaiming_normal_(torch.empty(shape), nonlinearity="relu").std().item()
                   / row["kaiming_normal_relu_fan_in"] - 1) < 0.05
        assert abs(nn.init.xavier_normal_(torch.empty(shape)).std().item() / row["xavier_normal"] - 1) < 0.05
        rows.append(row)
    return rows


def write_safetensors(path, tensors):
    """The format by hand: header length, JSON header padded to 8 bytes, then the bytes of the tensors."""
    header, blobs, offset = {}, [], 0
    for name in sorted(tensors):
        blob = numpy.ascontiguousarray(tensors[name].numpy(), dtype="<f8").tobytes()
        header[name] = dict(dtype="F64", shape=list(tensors[name].shape), data_offsets=[offset, offset + len(blob)])
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def write_json(path, value):
    """One line a case, so that a change is one line in a diff."""
    def lines(mapping):
        return ",\n".join(f"  {json.dumps(key)}: {json.dumps(item)}" for key, item in mapping.items())

    sections = [f"{json.dumps(name)}: {{\n{lines(item)}\n}}" if isinstance(item, dict)
                else f"{json.dumps(name)}: [\n" + ",\n".join("  " + json.dumps(row) for row in item) + "\n]"
                for name, item in value.items()]
    path.write_text("{\n" + ",\n".join(sections) + "\n}\n")


def main():
    folder = pathlib.Path(__file__).parent
    convolutions()
    linears()
    batch_norms()
    pools()
    activations()
    losses()
    penalties()
    optimisers()
    clips()
    training()
    muons()
    numbers = dict(
        cases=CASES,
        schedules=schedules(),
        gains=dict(linear=nn.init.calculate_gain("linear"), sigmoid=nn.init.calculate_gain("sigmoid"),
                   tanh=nn.init.calculate_gain("tanh"), relu=nn.init.calculate_gain("relu"),
                   leaky_relu_02=nn.init.calculate_gain("leaky_relu", 0.2)),
        initialisers=initialisers())
    write_safetensors(folder / "golden.safetensors", TENSORS)
    write_json(folder / "golden.json", numbers)
    for file in ("golden.safetensors", "golden.json"):
        print(f"{file}: {(folder / file).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
