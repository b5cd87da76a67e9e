"""Answers to gaussian_kl, in forms that learners write."""

import math

import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence


def kl_by_distributions(mu, logvar):
    q = Normal(mu, torch.exp(logvar / 2))
    prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return kl_divergence(q, prior).sum(dim=1)


def kl_by_covariances(mu, logvar):
    q = MultivariateNormal(mu, torch.diag_embed(logvar.exp()))
    eye = torch.eye(mu.shape[1], dtype=mu.dtype)
    return kl_divergence(q, MultivariateNormal(torch.zeros_like(mu), eye))


def kl_published(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)


def kl_loop(mu, logvar):
    rows = []
    for m, v in zip(mu, logvar, strict=True):
        terms = [a * a + b.exp() - 1 - b for a, b in zip(m, v, strict=True)]
        rows.append(sum(terms) / 2)
    return torch.stack(rows)


def kl_careful(mu, logvar):
    squares = torch.einsum("bk,bk->b", mu, mu)
    return squares / 2 + (torch.expm1(logvar) - logvar).sum(-1) / 2


def kl_in_double(mu, logvar):
    mu, logvar = mu.double(), logvar.double()
    sigma = torch.exp(0.5 * logvar)
    return (0.5 * (mu**2 + sigma**2 - 1) - sigma.log()).sum(axis=1)


RIGHT = [
    kl_published,
    kl_by_distributions,
    kl_by_covariances,
    kl_loop,
    kl_careful,
    kl_in_double,
]


def half_without_brackets(mu, logvar):
    return (0.5 * mu**2 + logvar.exp() - 1 - logvar).sum(1)


def one_outside_the_sum(mu, logvar):
    return 0.5 * (mu.pow(2).sum(1) + logvar.exp().sum(1) - 1 - logvar.sum(1))


def from_the_section(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1 - 2 * logvar).sum(1)


def square_of_sum(mu, logvar):
    widths = (logvar.exp() - 1 - logvar).sum(1)
    return 0.5 * (mu.sum(1) ** 2 + widths)


def reversed_kl(mu, logvar):
    q = Normal(mu, torch.exp(logvar / 2))
    prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return kl_divergence(prior, q).sum(1)


def first_latent(mu, logvar):
    total = 0
    for k in range(mu.shape[1]):
        m, v = mu[:, k], logvar[:, k]
        total = total + 0.5 * (m**2 + v.exp() - 1 - v)
        return total


def last_latent(mu, logvar):
    for k in range(mu.shape[1]):
        m, v = mu[:, k], logvar[:, k]
        total = 0.5 * (m**2 + v.exp() - 1 - v)
    return total


def log_of_variance(mu, logvar, small=1e-10):
    var = logvar.exp()
    return 0.5 * (mu**2 + var - 1 - torch.log(var + small)).sum(1)


WRONG = [
    ("sign is turned", lambda *a: -kl_published(*a)),
    (
        "sign is turned",
        lambda m, v: 0.5 * (1 + v - m**2 - v.exp()).sum(-1),
    ),
    ("add the log var", lambda m, v: 0.5 * (m**2 + v.exp() - 1 + v).sum(1)),
    (r"mu\^2 has", lambda m, v: -0.5 * (1 + v + m**2 - v.exp()).sum(1)),
    ("variance has", lambda m, v: -0.5 * (1 + v - m**2 + v.exp()).sum(1)),
    ("1 is added", lambda m, v: 0.5 * (m**2 + v.exp() + 1 - v).sum(1)),
    ("More than one", lambda m, v: -0.5 * (1 - v + m**2 - v.exp()).sum(1)),
    ("1/2 is missing", lambda m, v: (m**2 + v.exp() - 1 - v).sum(1)),
    ("applied twice", lambda *a: 0.5 * kl_published(*a)),
    ("some of the four terms", half_without_brackets),
    ("-1 is missing", lambda m, v: 0.5 * (m**2 + v.exp() - v).sum(1)),
    ("subtracted once", one_outside_the_sum),
    ("subtracted once", lambda m, v: 0.5 * (m**2 + v.exp() - v).sum(1) - 0.5),
    ("logvar for log sigma", lambda m, v: kl_published(m, 2 * v)),
    (
        "logvar for log sigma",
        lambda m, s: kl_divergence(Normal(m, s.exp()), Normal(0 * m, 1)).sum(
            1
        ),
    ),
    (
        "logvar for sigma",
        lambda m, s: 0.5 * (m**2 + s**2 - 1 - 2 * s.log()).sum(1),
    ),
    ("logvar for sigma", lambda m, s: 0.5 * (m**2 + s**2 - 1 - s).sum(1)),
    ("counted twice", from_the_section),
    (
        "square exp",
        lambda m, v: 0.5 * (m**2 + v.exp() ** 2 - 1 - v).sum(1),
    ),
    (
        "sigma for sigma",
        lambda m, v: 0.5 * (m**2 + (v / 2).exp() - 1 - v).sum(1),
    ),
    ("log sigma in", lambda m, v: kl_published(m, v) + v.sum(1) / 4),
    ("cancel", lambda m, v: 0.5 * (m**2 + v - 1 - v).sum(1)),
    ("cancel", lambda m, v: 0.5 * (m**2 + v.exp() - 1 - v.exp()).sum(1)),
    ("exponent", lambda m, v: 0.5 * (m**2 + (-v).exp() - 1 - v).sum(1)),
    (
        "logarithm already",
        lambda m, v: 0.5 * (m**2 + v.exp() - 1 - v.log()).sum(1),
    ),
    ("log variance is missing", lambda m, v: 0.5 * (m**2 + v.exp()).sum(1)),
    ("variance is missing", lambda m, v: 0.5 * (m**2 - 1 - v).sum(1)),
    (r"mu\^2 is missing", lambda m, v: kl_published(0 * m, v)),
    ("not squared", lambda m, v: 0.5 * (m + v.exp() - 1 - v).sum(1)),
    (
        "divided by q's variance",
        lambda m, v: 0.5 * (m**2 / v.exp() + v.exp() - 1 - v).sum(1),
    ),
    ("square the sum", square_of_sum),
    ("changed places", lambda m, v: kl_published(v, m)),
    ("other way round", reversed_kl),
    ("over the latents", lambda *a: kl_published(*a) / a[0].shape[1]),
    ("latents and the batch", lambda m, v: kl_loop(m, v).mean() / m.shape[1]),
    ("the mean of", lambda *a: kl_loop(*a).mean()),
    ("the sum of", lambda *a: kl_loop(*a).sum()),
    (
        "sum over the batch",
        lambda m, v: -0.5 * (1 + v - m**2 - v.exp()).sum(0),
    ),
    (
        "dimension 1 is still",
        lambda m, v: 0.5 * (m**2 + v.exp() - 1 - v),
    ),
    ("size 1 too many", lambda *a: kl_published(*a)[:, None]),
    ("first latent", first_latent),
    ("last latent", last_latent),
    ("hides tiny variances", log_of_variance),
    (
        "where a variance is tiny",
        lambda m, v: kl_published(m, v.clamp(-30, 30)),
    ),
    (
        "where a variance is huge",
        lambda m, v: kl_published(m, v.clamp(max=20)),
    ),
    ("1.443 times", lambda *a: kl_published(*a) / math.log(2)),
    ("gradient", lambda m, v: kl_loop(m, v.detach())),
]
