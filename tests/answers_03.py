"""Answers to lesson 03's exercises, in forms that learners write."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch.distributions import (
    Categorical,
    Independent,
    MixtureSameFamily,
    Normal,
)


def noise_where(x, p, generator):
    u = torch.rand(x.shape, generator=generator)
    noisy = torch.where(u < p / 2, torch.zeros_like(x), x)
    return torch.where(u > 1 - p / 2, torch.ones_like(x), noisy)


def noise_masked(x, p, generator):
    noisy = x.clone()
    hit = torch.rand(x.shape, generator=generator) < p
    coins = torch.randint(2, x.shape, generator=generator).to(x)
    noisy[hit] = coins[hit]
    return noisy


def noise_bernoulli(x, p, generator):
    hit = torch.bernoulli(torch.full_like(x, p), generator=generator)
    coin = torch.bernoulli(torch.full_like(x, 0.5), generator=generator)
    return x * (1 - hit) + coin * hit


def noise_loop(x, p, generator):
    return torch.stack([noise_where(image, p, generator) for image in x])


def noise_both_kinds(x, p, generator):
    u = torch.rand_like(x, generator=generator)
    return torch.where(u < p, 0.0, torch.where(u > 1 - p, 1.0, x))


def noise_two_masks(x, p, generator):
    salt = torch.rand(x.shape, generator=generator) < p
    pepper = torch.rand(x.shape, generator=generator) < p
    return x.masked_fill(salt, 1.0).masked_fill(pepper, 0.0)


def noise_one_mask(x, p, generator):
    hit = torch.rand(x.shape[1:], generator=generator) < p
    coin = torch.rand(x.shape, generator=generator) < 0.5
    return torch.where(hit, coin.to(x), x)


def noise_global(x, p, generator):
    hit = torch.rand_like(x) < p
    return torch.where(hit, (torch.rand_like(x) < 0.5).to(x), x)


def noise_numpy(x, p, generator):
    hit = torch.from_numpy(np.random.rand(*x.shape) < p)
    coin = torch.from_numpy(np.random.rand(*x.shape) < 0.5)
    return torch.where(hit, coin.to(x), x)


def noise_in_place(x, p, generator):
    x[torch.rand(x.shape, generator=generator) < p] = 0.0
    return x


def noise_salt_only(x, p, generator, value=1.0):
    return x.masked_fill(torch.rand(x.shape, generator=generator) < p, value)


def noise_added(x, p, generator):
    hit = torch.rand(x.shape, generator=generator) < p
    coin = torch.rand(x.shape, generator=generator) < 0.5
    return x + hit * (2.0 * coin - 1)


def psnr_loop(x, y):
    pairs = zip(x, y, strict=True)
    return torch.stack([-10 * F.mse_loss(a, b).log10() for a, b in pairs])


def psnr_floats(x, y):
    values = [
        10 * math.log10(1 / ((a - b) ** 2).mean().item())
        for a, b in zip(x, y, strict=True)
    ]
    return torch.tensor(values)


def mse_of(x, y):
    return ((x - y) ** 2).mean(dim=(1, 2, 3))


def mixture(means, s):
    parts = Independent(Normal(means, torch.as_tensor(s).to(means)), 1)
    weights = torch.ones(len(means)).to(means)
    return MixtureSameFamily(Categorical(weights), parts)


def score_autograd(y, means, s0, sigma):
    y = y.clone().requires_grad_()
    log_p = mixture(means, (s0**2 + sigma**2) ** 0.5).log_prob(y)
    return torch.autograd.grad(log_p.sum(), y)[0]


def score_softmax(y, means, s0, sigma, v=None, sign=1):
    v = v or s0**2 + sigma**2
    weights = torch.softmax(-(torch.cdist(y, means) ** 2) / (2 * v), dim=1)
    return sign * (weights @ means - y) / v


def score_loop(y, means, s0, sigma, normalise=True):
    v, rows = s0**2 + sigma**2, []
    for point in y:
        densities = [
            torch.exp(-((point - m) @ (point - m)) / 2 / v) for m in means
        ]
        total = sum(densities) if normalise else 1.0
        parts = [
            d / total * (m - point) / v
            for d, m in zip(densities, means, strict=True)
        ]
        rows.append(sum(parts))
    return torch.stack(rows)


def score_uniform(y, means, s0, sigma):
    return (means.mean(0) - y) / (s0**2 + sigma**2)


def density_gradient(y, means, s0, sigma):
    y = y.clone().requires_grad_()
    p = mixture(means, (s0**2 + sigma**2) ** 0.5).log_prob(y).exp()
    return torch.autograd.grad(p.sum(), y)[0]


RIGHT = {
    "salt_pepper": [noise_where, noise_masked, noise_bernoulli, noise_loop],
    "psnr": [
        lambda x, y: 10 * torch.log10(1 / mse_of(x, y)),
        lambda x, y: -20 * torch.log10(mse_of(x, y).sqrt()),
        lambda x, y: -10 * mse_of(x, y).log() / math.log(10),
        lambda x, y: -10 * mse_of(x, y).log10()[:, None],
        psnr_loop,
    ],
    "mixture_score": [score_autograd, score_softmax, score_loop],
    "tweedie": [
        lambda y, score, sigma: y + sigma**2 * score,
        lambda y, score, sigma: torch.add(y, score, alpha=sigma * sigma),
        lambda y, score, sigma: torch.stack(
            [a + sigma**2 * b for a, b in zip(y, score, strict=True)]
        ),
    ],
}

WRONG = {
    "salt_pepper": [
        ("each of the two kinds", noise_both_kinds),
        ("each of the two kinds", noise_two_masks),
        ("same mask", noise_one_mask),
        ("in place", noise_in_place),
        ("generator is ignored", noise_global),
        ("generator is ignored|same result", noise_numpy),
        ("one colour", noise_salt_only),
        ("one colour", lambda *inputs: noise_salt_only(*inputs, value=0.0)),
        ("whatever it was", noise_added),
        (
            "should stay",
            lambda x, p, g: noise_where(x, 1 - p, g),
        ),
        (
            "generator of your own",
            lambda x, p, g: noise_where(x, p, torch.Generator()),
        ),
        ("gradient", torch.no_grad()(noise_masked)),
        ("neither 0 nor 1", lambda x, p, g: x + p * torch.rand_like(x)),
    ],
    "psnr": [
        ("20 would go", lambda x, y: 20 * torch.log10(1 / mse_of(x, y))),
        ("root", lambda x, y: 10 * torch.log10(1 / mse_of(x, y).sqrt())),
        ("base 10", lambda x, y: 10 * torch.log(1 / mse_of(x, y))),
        ("255", lambda x, y: 10 * torch.log10(255**2 / mse_of(x, y))),
        (
            "sum over the pixels",
            lambda x, y: 10 * torch.log10(1 / ((x - y) ** 2).sum((1, 2, 3))),
        ),
        ("whole batch", lambda x, y: -10 * F.mse_loss(x, y).log10()),
        ("whole batch", lambda x, y: -10 * mse_of(x, y).log10().mean()),
        ("sign", lambda x, y: 10 * torch.log10(mse_of(x, y))),
        ("gradient", psnr_floats),
    ],
    "mixture_score": [
        (
            "clean density",
            lambda y, means, s0, sigma: score_softmax(y, means, s0, 0.0),
        ),
        (
            "noise alone",
            lambda y, means, s0, sigma: score_softmax(y, means, 0.0, sigma),
        ),
        (
            "standard deviation",
            lambda y, m, s0, sigma: score_softmax(y, m, s0 + sigma, 0.0),
        ),
        (
            "standard deviation",
            lambda y, m, s0, sigma: score_softmax(
                y, m, s0, sigma, v=(s0**2 + sigma**2) ** 0.5
            ),
        ),
        ("sign", lambda *inputs: score_softmax(*inputs, sign=-1)),
        (
            "not normalised",
            lambda *inputs: score_loop(*inputs, normalise=False),
        ),
        ("weigh the same", score_uniform),
        ("gradient of the density", density_gradient),
        (
            "log density",
            lambda y, m, s0, sigma: mixture(m, s0 + sigma).log_prob(y),
        ),
    ],
    "tweedie": [
        ("sigma for", lambda y, score, sigma: y + sigma * score),
        ("sign", lambda y, score, sigma: y - sigma**2 * score),
        ("y is missing", lambda y, score, sigma: sigma**2 * score),
        ("divide", lambda y, score, sigma: y + score / sigma**2),
        ("1/2", lambda y, score, sigma: y + 0.5 * sigma**2 * score),
        ("variance is missing", lambda y, score, sigma: y + score),
        ("gradient", lambda y, score, sigma: y + sigma**2 * score.detach()),
    ],
}
