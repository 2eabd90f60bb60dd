"""The training steps of rosinality/stylegan2-pytorch, for the networks of stylegan2_twin.py.

Karras et al. 2020, section 3.1 (lazy regularisation) and 3.2 (path lengths); Mescheder et al. 2018 (R1). The steps and
the lazy ones that regularise share an optimiser for each network, and take a step of it each.
"""

import math

import torch
import torch.nn.functional as F


def adam(network, rate, every):
    """Adam for steps of which each every-th is followed by one that regularises."""
    share = every / (every + 1)
    return torch.optim.Adam(network.parameters(), lr=rate * share, betas=(0.0, 0.99 ** share))


def path_lengths(images, latents, y):
    """How far a change of the style changes the image, [N]. y: normal, divided by the root of the number of pixels."""
    slope, = torch.autograd.grad((images * y).sum(), latents, create_graph=True)
    return slope.pow(2).sum(2).mean(1).sqrt()


def slope_power(scores, images):
    """The mean of the squared norms of the gradients of scores, which R1 keeps low."""
    slope, = torch.autograd.grad(scores.sum(), images, create_graph=True)
    return slope.pow(2).sum([1, 2, 3]).mean()


class Training:
    """zs, crossover and noises are as the twin's Generator wants them."""

    def __init__(self, g, d, average, rate=0.002, r1=10, path_weight=2, d_every=16, g_every=4):
        self.g, self.d, self.average = g, d, average
        self.r1, self.path_weight, self.d_every, self.g_every = r1, path_weight, d_every, g_every
        self.g_optimizer, self.d_optimizer = adam(g, rate, g_every), adam(d, rate, d_every)
        self.path_mean = 0.0

    def step_d(self, real, zs, crossover=None, noises=None):
        self._train(self.d)
        on_fake = self.d(self.g(self.g.latents(zs, crossover), noises))
        loss = F.softplus(-self.d(real)).mean() + F.softplus(on_fake).mean()
        return self._step(self.d, self.d_optimizer, loss, loss)

    def regularise_d(self, real):
        self._train(self.d)
        real = real.detach().requires_grad_()
        scores = self.d(real)
        power = slope_power(scores, real)
        # The zero gives parameters without a gradient a gradient of zero, so that Adam counts the step for them too.
        return self._step(self.d, self.d_optimizer, self.r1 / 2 * power * self.d_every + 0 * scores[0, 0], power)

    def step_g(self, zs, crossover=None, noises=None):
        self._train(self.g)
        loss = F.softplus(-self.d(self.g(self.g.latents(zs, crossover), noises))).mean()
        return self._step(self.g, self.g_optimizer, loss, loss)

    def regularise_g(self, zs, crossover=None, noises=None, y=None):
        self._train(self.g)
        latents = self.g.latents(zs, crossover)
        images = self.g(latents, noises)
        y = torch.randn_like(images) / math.sqrt(images.shape[2] * images.shape[3]) if y is None else y
        lengths = path_lengths(images, latents, y)
        mean = self.path_mean + 0.01 * (lengths.mean() - self.path_mean)
        penalty = (lengths - mean).pow(2).mean()
        self.path_mean = mean.item()
        return self._step(
            self.g, self.g_optimizer, self.path_weight * self.g_every * penalty + 0 * images[0, 0, 0, 0], penalty)

    def accumulate(self, decay=0.5 ** (32 / 10000)):
        slow = dict(self.average.named_parameters())
        for name, value in self.g.named_parameters():
            slow[name].data.mul_(decay).add_(value.data, alpha=1 - decay)

    def _train(self, network):
        for other in (self.g, self.d):
            other.requires_grad_(other is network)

    def _step(self, network, optimizer, loss, told):
        network.zero_grad()
        loss.backward()
        optimizer.step()
        return told.item()
