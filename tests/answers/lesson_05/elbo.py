"""Answers to elbo, in forms that learners write."""

import math

import torch
from torch.distributions import MultivariateNormal, kl_divergence

from answers.lesson_05._posteriors import posterior_by_precision


def elbo_by_distributions(x, mu, S, W, s2, sign=1, spread=1):
    D, K = W.shape
    squared = ((x - mu @ W.T) ** 2).sum(1) + spread * torch.trace(W @ S @ W.T)
    rec = -D / 2 * math.log(2 * math.pi * s2) - squared / (2 * s2)
    prior = MultivariateNormal(torch.zeros(K).to(W), torch.eye(K).to(W))
    return rec - sign * kl_divergence(MultivariateNormal(mu, S), prior)


def elbo_by_gap(x, mu, S, W, s2):
    C = W @ W.T + s2 * torch.eye(len(W)).to(W)
    log_p = MultivariateNormal(torch.zeros(len(W)).to(W), C).log_prob(x)
    exact = MultivariateNormal(*posterior_by_precision(x, W, s2))
    return log_p - kl_divergence(MultivariateNormal(mu, S), exact)


def elbo_loop(x, mu, S, W, s2):
    values = []
    for image, m in zip(x, mu, strict=True):
        away = image - W @ m
        squared = away @ away + (W.T @ W * S).sum()
        rec = -0.5 * (len(W) * math.log(2 * math.pi * s2) + squared / s2)
        rate = 0.5 * (S.trace() + m @ m - len(m) - torch.logdet(S))
        values.append(rec - rate)
    return torch.stack(values)


RIGHT = [elbo_by_distributions, elbo_by_gap, elbo_loop]

WRONG = [
    ("trace of W", lambda *a: elbo_by_distributions(*a, spread=0)),
    ("rate has the wrong sign", lambda *a: elbo_by_distributions(*a, -1)),
    ("minus the ELBO", lambda *a: -elbo_by_gap(*a)),
    (
        "log-determinant of S is missing",
        lambda x, mu, S, W, s2: (
            elbo_by_gap(x, mu, S, W, s2) - 0.5 * torch.logdet(S)
        ),
    ),
    (
        "trace of S",
        lambda x, mu, S, W, s2: elbo_by_gap(x, mu, S, W, s2) + 0.5 * S.trace(),
    ),
    (
        "1/2 is missing in the rate",
        lambda *a: (
            1.5 * elbo_by_distributions(*a)
            - 0.5 * elbo_by_distributions(*a, -1)
        ),
    ),
    ("K is missing", lambda *a: elbo_loop(*a) - a[3].shape[1] / 2),
    ("mean of the values", lambda *a: elbo_loop(*a).mean()),
    ("gradient", lambda x, mu, *rest: elbo_loop(x, mu.detach(), *rest)),
]
