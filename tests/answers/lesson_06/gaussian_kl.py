"""Answers to gaussian_kl, in forms that learners write."""

import torch
from torch.distributions import Normal, kl_divergence


def kl_by_distributions(mu, logvar):
    q = Normal(mu, torch.exp(logvar / 2))
    prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return kl_divergence(q, prior).sum(dim=1)


def kl_published(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)


def kl_loop(mu, logvar):
    rows = []
    for m, v in zip(mu, logvar, strict=True):
        terms = [a * a + b.exp() - 1 - b for a, b in zip(m, v, strict=True)]
        rows.append(sum(terms) / 2)
    return torch.stack(rows)


RIGHT = [kl_published, kl_by_distributions, kl_loop]

WRONG = [
    ("sign is turned", lambda *a: -kl_published(*a)),
    ("subtract it", lambda m, v: kl_published(m, v) + v.sum(1)),
    (
        "1 is subtracted once",
        lambda m, v: 0.5 * (-1 + (m**2 + v.exp() - v).sum(1)),
    ),
    (
        "sign is turned",
        lambda m, v: 0.5 * (1 + v - m**2 - v.exp()).sum(-1),
    ),
    ("1/2", lambda m, v: (m**2 + v.exp() - 1 - v).sum(1)),
    ("-1 is missing", lambda m, v: 0.5 * (m**2 + v.exp() - v).sum(1)),
    (
        "standard deviation, or its log",
        lambda m, s: kl_divergence(Normal(m, s.exp()), Normal(0 * m, 1)).sum(
            1
        ),
    ),
    (
        "add sigma",
        lambda m, v: 0.5 * (m**2 + (v / 2).exp() - 1 - v).sum(1),
    ),
    ("log sigma in", lambda m, v: kl_published(m, v) + v.sum(1) / 4),
    ("not squared", lambda m, v: kl_published(0 * m, v)),
    ("not squared", lambda m, v: kl_published(0 * m, v) + m.sum(1) / 2),
    (
        "mean over the latents",
        lambda m, v: 0.5 * (m**2 + v.exp() - 1 - v).mean(dim=1),
    ),
    ("reduce the batch", lambda *a: kl_loop(*a).mean()),
    ("reduce the batch", lambda *a: kl_loop(*a).sum()),
    (
        "over the batch",
        lambda m, v: -0.5 * (1 + v - m**2 - v.exp()).sum(0),
    ),
    ("each latent", lambda m, v: 0.5 * (m**2 + v.exp() - 1 - v)),
    (
        "hides tiny variances",
        lambda m, v: (
            0.5 * (m**2 + v.exp() - 1 - torch.log(v.exp() + 1e-10)).sum(1)
        ),
    ),
    ("gradient", lambda m, v: kl_loop(m, v.detach())),
]
