"""Answers to kl_sparsity, in forms that learners write."""

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, kl_divergence


def rate_of(z):
    return torch.clamp(z.mean(dim=0), min=1e-6, max=1 - 1e-6)


def kl_terms(rho, q):
    first = rho * torch.log(torch.as_tensor(rho) / q)
    return first + (1 - rho) * torch.log((1 - rho) / (1 - q))


def kl_loop(z, rho):
    return sum(kl_terms(rho, q) for q in rate_of(z))


def kl_oracle(z, rho):
    target = Bernoulli(torch.tensor(rho, dtype=z.dtype))
    return kl_divergence(target, Bernoulli(rate_of(z))).sum()


def kl_entropy(z, rho):
    q = rate_of(z)
    rho = torch.full_like(q, rho)
    cross = F.binary_cross_entropy(q, rho, reduction="sum")
    return cross - Bernoulli(rho).entropy().sum()


RIGHT = [
    lambda z, rho: kl_terms(rho, rate_of(z)).sum(),
    kl_loop,
    kl_oracle,
    kl_entropy,
]

WRONG = [
    (
        "other way round",
        lambda z, rho: kl_divergence(
            Bernoulli(rate_of(z)), Bernoulli(torch.tensor(rho).to(z))
        ).sum(),
    ),
    (
        "second term",
        lambda z, rho: torch.sum(rho * torch.log(rho / rate_of(z))),
    ),
    (
        "every activation",
        lambda z, rho: kl_terms(rho, z.clamp(1e-6, 1 - 1e-6)).sum(1).mean(),
    ),
    (
        "every activation",
        lambda z, rho: kl_terms(rho, z.clamp(1e-6, 1 - 1e-6)).sum(),
    ),
    ("average over units", lambda z, rho: kl_oracle(z, rho) / z.shape[1]),
    ("means over units", lambda z, rho: kl_oracle(z.T, rho)),
    ("sign", lambda z, rho: -kl_oracle(z, rho)),
    (
        "sum over dimension 0 is still",
        lambda z, rho: kl_terms(rho, rate_of(z)),
    ),
    ("infinite", lambda z, rho: kl_terms(rho, z.mean(0)).sum()),
    ("gradient", lambda z, rho: kl_oracle(z.detach(), rho)),
]
