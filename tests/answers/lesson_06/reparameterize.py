"""Answers to reparameterize, in forms that learners write."""

import math

import torch
import torch.nn.functional as F
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


def trick_by_quantiles(mu, logvar, generator):
    u = torch.rand(mu.shape, generator=generator, dtype=torch.float64)
    return Normal(mu.double(), (logvar.double() / 2).exp()).icdf(u)


def trick_by_rows(mu, logvar, generator):
    rows = []
    for m, v in zip(mu, logvar, strict=True):
        eps = torch.randn(len(m), generator=generator)
        rows.append(m + torch.exp(0.5 * v) * eps)
    return torch.stack(rows)


def trick_by_entries(mu, logvar, generator):
    z = torch.zeros_like(mu)
    for i in range(mu.shape[0]):
        for k in range(mu.shape[1]):
            eps = torch.randn((), generator=generator)
            z[i, k] = mu[i, k] + torch.exp(0.5 * logvar[i, k]) * eps
    return z


def trick_minus(mu, logvar, generator):
    eps = torch.normal(0.0, 1.0, mu.shape, generator=generator)
    return mu - logvar.exp() ** 0.5 * eps


RIGHT = [
    trick,
    trick_by_normal,
    trick_by_square_root,
    trick_box_muller,
    trick_by_quantiles,
    trick_by_rows,
    trick_by_entries,
    trick_minus,
]


def scaled(scale):
    def wrong(mu, logvar, generator):
        eps = torch.randn(mu.shape, generator=generator)
        return mu + scale(logvar) * eps

    return wrong


def own_generator(mu, logvar, generator):
    return trick(mu, logvar, torch.Generator().manual_seed(0))


def same_state(mu, logvar, generator):
    twin = torch.Generator()
    twin.set_state(generator.get_state())
    return trick(mu, logvar, twin)


def seeds_the_generator(mu, logvar, generator):
    return trick(mu, logvar, generator.manual_seed(0))


def seeds_all(mu, logvar, generator):
    torch.manual_seed(0)
    return mu + torch.exp(logvar / 2) * torch.randn_like(mu)


def uniform(mu, logvar, generator, low=0.0):
    eps = low + (1 - low) * torch.rand(mu.shape, generator=generator)
    return mu + torch.exp(logvar / 2) * eps


WRONG = [
    ("the variance", lambda m, v, g: trick(m, 2 * v, g)),
    ("the variance", lambda m, v, g: torch.normal(m, v.exp(), generator=g)),
    (
        "inside the exponential",
        lambda m, v, g: trick(m, 2 * v - 2 * math.log(2), g),
    ),
    ("logvar itself", scaled(lambda v: v)),
    ("by log sigma", scaled(lambda v: v / 2)),
    ("root of logvar", scaled(lambda v: v.sqrt())),
    ("root of sigma", scaled(lambda v: (v / 2).exp().sqrt())),
    ("divided by sigma", scaled(lambda v: (-v / 2).exp())),
    ("softplus", scaled(F.softplus)),
    ("not scaled", lambda m, v, g: trick_by_normal(m, 0 * v, g)),
    ("mu is missing", lambda m, v, g: trick(0 * m, v, g)),
    (
        "mu is multiplied by sigma",
        lambda m, v, g: (v / 2).exp() * (m + trick(0 * m, 0 * v, g)),
    ),
    (
        "sigma multiplies mu",
        lambda m, v, g: trick(m * (v / 2).exp(), 0 * v, g),
    ),
    (
        "noise multiplies mu",
        lambda m, v, g: (v / 2).exp() + m * trick(0 * m, 0 * v, g),
    ),
    ("sigma is added", lambda m, v, g: trick(m + (v / 2).exp(), 0 * v, g)),
    ("from the prior", lambda m, v, g: trick(0 * m, 0 * v, g)),
    ("changed places", lambda m, v, g: trick(v, m, g)),
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
        "One random number",
        lambda m, v, g: m + v.exp() * torch.randn(1, generator=g),
    ),
    ("uniform", uniform),
    ("uniform", lambda *a: uniform(*a, low=-1)),
    (
        "uniform",
        lambda m, v, g: uniform(0 * m, v + math.log(12), g, -1) / 2 + m,
    ),
    ("no noise", lambda m, v, g: m),
    ("Nothing is drawn", lambda m, v, g: m + (v / 2).exp()),
    ("path is cut: ", torch.no_grad()(trick)),
    (
        "path is cut: ",
        lambda m, v, g: torch.normal(m, (v / 2).exp(), generator=g),
    ),
    ("path is cut at mu", lambda m, v, g: trick(m.detach(), v, g)),
    ("path is cut at sigma", lambda m, v, g: trick(m, v.detach(), g)),
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
    ("no generator of your own", own_generator),
    ("no generator of your own", same_state),
    ("a seed of your own", seeds_the_generator),
    ("torch.manual_seed", seeds_all),
    ("tuple of length 2", lambda m, v, g: (trick(m, v, g), m)),
    ("shape", lambda m, v, g: trick(m, v, g).sum(1)),
]
