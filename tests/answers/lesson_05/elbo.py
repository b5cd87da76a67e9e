"""Answers to elbo, in forms that learners write."""

import math

import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

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


def elbo_with(error):
    """Another squared error."""

    def elbo(x, mu, S, W, s2):
        away = x - mu @ W.T
        right = away.square().sum(1) / s2
        return elbo_loop(x, mu, S, W, s2) + 0.5 * (right - error(away, s2))

    return elbo


def elbo_by_normal(sigma):
    """The squared error by Normal, which wants a standard deviation."""

    def elbo(x, mu, S, W, s2):
        by_sigma = Normal(mu @ W.T, sigma(s2)).log_prob(x).sum(1)
        right = Normal(mu @ W.T, s2**0.5).log_prob(x).sum(1)
        return elbo_loop(x, mu, S, W, s2) + by_sigma - right

    return elbo


def elbo_times_s2(x, mu, S, W, s2):
    squared = (x - mu @ W.T).square().sum(1) + (W.T @ W @ S).trace()
    return elbo_loop(x, mu, S, W, s2) + squared / (2 * s2) - squared / 2 * s2


def elbo_reversed(x, mu, S, W, s2):
    prior = MultivariateNormal(
        torch.zeros(len(S)).to(S), torch.eye(len(S)).to(S)
    )
    q = MultivariateNormal(mu, S)
    rate, other = kl_divergence(q, prior), kl_divergence(prior, q)
    return elbo_loop(x, mu, S, W, s2) + rate - other


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
    ("square what is", elbo_by_normal(lambda s2: s2)),
    ("sum over them", elbo_with(lambda e, s2: e.square().mean(1) / s2)),
    ("then summed", elbo_with(lambda e, s2: e.abs().sum(1) / s2)),
    ("is multiplied by", elbo_times_s2),
    ("other way round", elbo_reversed),
    (
        "another number than K",
        lambda *a: elbo_loop(*a) + (len(a[3]) - a[3].shape[1]) / 2,
    ),
    (
        "log2",
        lambda *a: (
            elbo_loop(*a)
            + 0.5 * (torch.logdet(a[2]) / math.log(2) - torch.logdet(a[2]))
        ),
    ),
    (
        "sum all entries",
        lambda *a: elbo_loop(*a) + 0.5 * (a[2].trace() - a[2].sum()),
    ),
    (
        "trace of S has the wrong sign",
        lambda *a: elbo_loop(*a) + a[2].trace(),
    ),
]
