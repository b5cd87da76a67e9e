"""Answers to lesson 05's exercises, in forms that learners write."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Categorical, MultivariateNormal, kl_divergence


def posterior_by_precision(x, W, s2):
    precision = torch.eye(W.shape[1]).to(W) + W.T @ W / s2
    covariance = torch.linalg.inv(precision)
    return x @ W @ covariance / s2, covariance


def posterior_by_solve(x, W, s2):
    M = W.T @ W + s2 * torch.eye(W.shape[1]).to(W)
    mean = torch.linalg.solve(M, W.T @ x.T).T
    return mean, s2 * torch.linalg.inv(M)


def posterior_by_conditioning(x, W, s2):
    """The joint Gaussian of z and x, conditioned on x."""
    C = W @ W.T + s2 * torch.eye(len(W)).to(W)
    gain = W.T @ torch.linalg.inv(C)
    return x @ gain.T, torch.eye(W.shape[1]).to(W) - gain @ W


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


def kl_loop(p, q):
    total = p.new_zeros(())
    for a, b in zip(p, q, strict=True):
        if a > 0:
            total = total + a * (a.log() - b.log())
    return total


def kl_masked(p, q):
    seen = p > 0
    return (p[seen] * (p[seen] / q[seen]).log()).sum()


def kl_floats(p, q):
    pairs = zip(p.tolist(), q.tolist(), strict=True)
    return sum(a * math.log(a / b) for a, b in pairs if a > 0)


def iwae_by_shift(logw):
    top = logw.max(dim=1, keepdim=True).values
    return (top + (logw - top).exp().mean(1, keepdim=True).log()).squeeze(1)


def iwae_loop(logw):
    rows = [torch.logsumexp(row, 0) - math.log(len(row)) for row in logw]
    return torch.stack(rows)


RIGHT = {
    "ppca_posterior": [
        posterior_by_precision,
        posterior_by_solve,
        posterior_by_conditioning,
    ],
    "elbo": [elbo_by_distributions, elbo_by_gap, elbo_loop],
    "kl": [
        lambda p, q: kl_divergence(Categorical(p), Categorical(q)),
        lambda p, q: F.kl_div(q.log(), p, reduction="sum"),
        kl_loop,
        kl_masked,
    ],
    "iwae": [
        lambda logw: torch.logsumexp(logw, 1) - math.log(logw.shape[1]),
        lambda logw: (logw - math.log(logw.shape[-1])).logsumexp(-1),
        iwae_by_shift,
        iwae_loop,
    ],
}

WRONG = {
    "ppca_posterior": [
        ("root", lambda x, W, s2: posterior_by_solve(x, W, s2**0.5)),
        (
            "no s2 in front",
            lambda x, W, s2: (
                posterior_by_solve(x, W, s2)[0],
                posterior_by_solve(x, W, s2)[1] / s2,
            ),
        ),
        (
            "alone is inverted",
            lambda x, W, s2: (
                x @ W @ torch.linalg.inv(W.T @ W),
                s2 * torch.linalg.inv(W.T @ W),
            ),
        ),
        (
            "precision",
            lambda x, W, s2: (
                posterior_by_precision(x, W, s2)[0],
                torch.eye(W.shape[1]).to(W) + W.T @ W / s2,
            ),
        ),
        ("swapped", lambda *inputs: posterior_by_solve(*inputs)[::-1]),
        (
            "shape",
            lambda x, W, s2: (
                posterior_by_solve(x, W, s2)[0].T,
                posterior_by_solve(x, W, s2)[1],
            ),
        ),
        (
            "divided by s2",
            lambda x, W, s2: (
                posterior_by_solve(x, W, s2)[0] / s2,
                posterior_by_solve(x, W, s2)[1],
            ),
        ),
        ("return 2 values", lambda *inputs: posterior_by_solve(*inputs)[0]),
        (
            "gradient",  # of the covariance alone
            lambda *inputs: (
                posterior_by_solve(*inputs)[0],
                posterior_by_solve(*inputs)[1].detach(),
            ),
        ),
    ],
    "elbo": [
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
            lambda x, mu, S, W, s2: (
                elbo_by_gap(x, mu, S, W, s2) + 0.5 * S.trace()
            ),
        ),
        (
            "1/2 is missing in the rate",
            lambda *a: (
                1.5 * elbo_by_distributions(*a)
                - 0.5 * elbo_by_distributions(*a, -1)
            ),
        ),
        ("K is missing", lambda *a: elbo_loop(*a) - a[3].shape[1] / 2),
        ("mean over the batch", lambda *a: elbo_loop(*a).mean()),
        ("gradient", lambda x, mu, *rest: elbo_loop(x, mu.detach(), *rest)),
    ],
    "kl": [
        (r"KL\(q", lambda p, q: F.kl_div(p.log(), q, reduction="sum")),
        ("sign", lambda p, q: (p * (q / p).log()).sum()),
        ("nat", lambda p, q: (p * torch.log2(p / q)).sum()),
        ("not weighted", lambda p, q: (p.log() - q.log()).sum()),
        ("mean", lambda p, q: (p * (p / q).log()).mean()),
        ("cross-entropy", lambda p, q: -(p * q.log()).sum()),
        ("for each value", lambda p, q: p * (p / q).log()),
        ("xlogy", lambda p, q: torch.sum(p * torch.log(p / q))),
        ("gradient", kl_floats),
        ("gradient", lambda p, q: kl_masked(p, q).detach()),
    ],
    "iwae": [
        ("mean of the logs", lambda logw: logw.mean(dim=-1)),
        ("1/k", lambda logw: torch.logsumexp(logw, dim=1)),
        ("Wrong axis", lambda logw: logw.logsumexp(0) - math.log(len(logw))),
        ("overflow", lambda logw: torch.log(torch.exp(logw).mean(1))),
        ("divide", lambda logw: torch.logsumexp(logw, 1) / logw.shape[1]),
        ("over images", lambda logw: logw.logsumexp(1).mean()),
        ("gradient", lambda logw: iwae_loop(logw.detach())),
    ],
}
