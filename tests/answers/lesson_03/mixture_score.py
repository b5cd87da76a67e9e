"""Answers to mixture_score, in forms that learners write."""

import torch
from torch.distributions import (
    Categorical,
    Independent,
    MixtureSameFamily,
    Normal,
)


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


def score_of_parts(y, means, s0, sigma):
    """The shares by differences of exponents, the largest being 0."""
    v = s0**2 + sigma**2
    away = means[None] - y[:, None]
    exponents = -(away**2).sum(-1) / (2 * v)
    shares = (exponents - exponents.amax(1, keepdim=True)).exp()
    shares = shares / shares.sum(1, keepdim=True)
    return torch.einsum("bm,bmd->bd", shares, away) / v


RIGHT = [score_autograd, score_softmax, score_of_parts]


def score_uniform(y, means, s0, sigma):
    return (means.mean(0) - y) / (s0**2 + sigma**2)


def density_gradient(y, means, s0, sigma):
    y = y.clone().requires_grad_()
    p = mixture(means, (s0**2 + sigma**2) ** 0.5).log_prob(y).exp()
    return torch.autograd.grad(p.sum(), y)[0]


WRONG = [
    ("rounded to 0", score_loop),
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
        lambda y, m, s0, sigma: mixture(m, (s0**2 + sigma**2) ** 0.5).log_prob(
            y
        ),
    ),
]
