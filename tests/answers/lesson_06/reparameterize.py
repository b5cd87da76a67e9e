"""Answers to reparameterize, in forms that learners write."""

import math

import torch
from torch.distributions import Normal


def trick(mu, logvar, generator):
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    return mu + torch.exp(logvar / 2) * eps


def trick_by_normal(mu, logvar, generator):
    eps = torch.empty_like(mu).normal_(generator=generator)
    return torch.addcmul(mu, logvar.mul(0.5).exp(), eps)


def trick_by_square_root(mu, logvar, generator):
    eps = torch.randn(*mu.T.shape, generator=generator).T
    return eps * torch.exp(logvar).sqrt() + mu


def trick_box_muller(mu, logvar, generator):
    u, v = torch.rand(2, *mu.shape, generator=generator)
    eps = (-2 * (1 - u).log()).sqrt() * torch.cos(2 * torch.pi * v)
    return mu + (0.5 * logvar).exp() * eps


RIGHT = [
    trick,
    trick_by_normal,
    trick_by_square_root,
    trick_box_muller,
]

WRONG = [
    (
        "inside the exponential",
        lambda m, v, g: trick(m, 2 * v - 2 * math.log(2), g),
    ),
    ("the variance", lambda m, v, g: trick(m, 2 * v, g)),
    ("logvar itself", lambda m, v, g: m + trick(0 * m, 0 * v, g) * v),
    ("not scaled", lambda m, v, g: trick_by_normal(m, 0 * v, g)),
    ("mu is missing", lambda m, v, g: trick(0 * m, v, g)),
    (
        "All rows share",
        lambda m, v, g: (
            m + (v / 2).exp() * torch.randn(m.shape[1], generator=g)
        ),
    ),
    (
        "All latents share",
        lambda m, v, g: (
            m + (v / 2).exp() * torch.randn(len(m), 1, generator=g)
        ),
    ),
    (
        "uniform",
        lambda m, v, g: m + (v / 2).exp() * torch.rand(m.shape, generator=g),
    ),
    (
        "uniform",
        lambda m, v, g: (
            m + (v / 2).exp() * (2 * torch.rand(m.shape, generator=g) - 1)
        ),
    ),
    (
        "Fourth moment",
        lambda m, v, g: (
            m
            + (3 * v.exp()).sqrt() * (2 * torch.rand(m.shape, generator=g) - 1)
        ),
    ),
    ("no noise", lambda m, v, g: m),
    ("path is cut", torch.no_grad()(trick)),
    (
        "path is cut",
        lambda m, v, g: torch.normal(m, (v / 2).exp(), generator=g),
    ),
    ("path is cut", lambda m, v, g: trick(m.detach(), v, g)),
    (
        "generator is ignored",
        lambda m, v, g: m + (v / 2).exp() * torch.randn_like(m),
    ),
    (
        "generator is ignored",
        lambda m, v, g: Normal(m, (v / 2).exp()).rsample(),
    ),
    (
        "generator is ignored",
        lambda m, v, g: Normal(m, (v / 2).exp()).sample(),
    ),
    (
        "generator of your own",
        lambda m, v, g: trick(m, v, torch.Generator().manual_seed(0)),
    ),
]
