"""Answers to lesson 06's exercises, in forms that learners write."""

import math

import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence


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


def kl_full_by_distributions(m0, S0, m1, S1):
    return kl_divergence(
        MultivariateNormal(m0, S0), MultivariateNormal(m1, S1)
    )


def kl_full_by_cholesky(m0, S0, m1, S1):
    L0, L1 = torch.linalg.cholesky(S0), torch.linalg.cholesky(S1)
    M = torch.linalg.solve_triangular(L1, L0, upper=False)
    y = torch.linalg.solve_triangular(L1, (m1 - m0)[:, None], upper=False)
    logs = L1.diagonal().log().sum() - L0.diagonal().log().sum()
    return 0.5 * (M.square().sum() + y.square().sum() - len(m0)) + logs


def kl_full_by_solve(m0, S0, m1, S1):
    d = m1 - m0
    total = torch.trace(torch.linalg.solve(S1, S0))
    total = total + d @ torch.linalg.solve(S1, d) - d.numel()
    return (total + S1.det().log() - S0.det().log()) / 2


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


def score_autograd(f, mu, sigma, z):
    mu = torch.full_like(z, mu).requires_grad_()
    log_q = Normal(mu, sigma).log_prob(z).sum()
    return f(z) * torch.autograd.grad(log_q, mu)[0]


def score_loop(f, mu, sigma, z):
    values = [f(s) * (s - mu) / (sigma * sigma) for s in z]
    return torch.stack(values)


RIGHT = {
    "gaussian_kl": [kl_published, kl_by_distributions, kl_loop],
    "kl_full": [
        kl_full_by_distributions,
        kl_full_by_cholesky,
        kl_full_by_solve,
    ],
    "reparameterize": [
        trick,
        trick_by_normal,
        trick_by_square_root,
        trick_box_muller,
    ],
    "score_grad": [
        score_autograd,
        score_loop,
        lambda f, mu, sigma, z: f(z) * (z - mu) * sigma**-2,
    ],
}

WRONG = {
    "gaussian_kl": [
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
            lambda m, s: kl_divergence(
                Normal(m, s.exp()), Normal(0 * m, 1)
            ).sum(1),
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
    ],
    "kl_full": [
        (
            "other way round",
            lambda m0, S0, m1, S1: kl_full_by_solve(m1, S1, m0, S0),
        ),
        (
            "-K is missing",
            lambda m0, *rest: kl_full_by_solve(m0, *rest) + len(m0) / 2,
        ),
        (
            "K is added",
            lambda m0, *rest: kl_full_by_solve(m0, *rest) + len(m0),
        ),
        (
            "sign of the log-determinants",
            lambda m0, S0, m1, S1: (
                kl_full_by_solve(m0, S0, m1, S1) + (S0.det() / S1.det()).log()
            ),
        ),
        (
            "log-determinants are missing",
            lambda m0, S0, m1, S1: (
                kl_full_by_cholesky(m0, S0, m1, S1)
                + (S0.det() / S1.det()).log() / 2
            ),
        ),
        (
            "inverse of S0",
            lambda m0, S0, m1, S1: (
                kl_full_by_solve(m1, S1, m0, S0) + (S1.det() / S0.det()).log()
            ),
        ),
        ("1/2 is missing", lambda *a: 2 * kl_full_by_distributions(*a)),
        (
            "two means",
            lambda m0, S0, m1, S1: kl_full_by_solve(m0, S0, m0, S1),
        ),
        ("gradient", lambda m0, *rest: kl_full_by_solve(m0.detach(), *rest)),
    ],
    "reparameterize": [
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
            lambda m, v, g: (
                m + (v / 2).exp() * torch.rand(m.shape, generator=g)
            ),
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
                + (3 * v.exp()).sqrt()
                * (2 * torch.rand(m.shape, generator=g) - 1)
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
    ],
    "score_grad": [
        ("mu is missing", lambda f, mu, sigma, z: f(z) * z / sigma**2),
        ("f is missing", lambda f, mu, sigma, z: (z - mu) / sigma**2),
        ("divide by sigma;", lambda f, mu, sigma, z: f(z) * (z - mu) / sigma),
        ("don't divide", lambda f, mu, sigma, z: f(z) * (z - mu)),
        ("sign", lambda f, mu, sigma, z: f(z) * (mu - z) / sigma**2),
        (
            "goes through z",
            lambda f, mu, sigma, z: torch.func.vmap(
                torch.func.grad(lambda s: f(s))
            )(z),
        ),
        (
            "derivative by sigma",
            lambda f, mu, sigma, z: (
                f(z) * (((z - mu) / sigma) ** 2 - 1) / sigma
            ),
        ),
        (
            "density",
            lambda f, mu, sigma, z: (
                score_loop(f, mu, sigma, z)
                * Normal(mu, sigma).log_prob(z).exp()
            ),
        ),
        ("one number for each", lambda *a: score_loop(*a).mean()),
    ],
}
