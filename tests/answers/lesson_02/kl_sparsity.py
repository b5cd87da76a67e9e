"""Answers to kl_sparsity, in forms that learners write."""

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, kl_divergence


def rate_of(h):
    return torch.clamp(h.mean(dim=0), min=1e-6, max=1 - 1e-6)


def kl_terms(rho, q):
    first = rho * torch.log(torch.as_tensor(rho) / q)
    return first + (1 - rho) * torch.log((1 - rho) / (1 - q))


def kl_loop(h, rho):
    return sum(kl_terms(rho, q) for q in rate_of(h))


def kl_oracle(h, rho):
    target = Bernoulli(torch.tensor(rho, dtype=h.dtype))
    return kl_divergence(target, Bernoulli(rate_of(h))).sum()


def kl_entropy(h, rho):
    q = rate_of(h)
    rho = torch.full_like(q, rho)
    cross = F.binary_cross_entropy(q, rho, reduction="sum")
    return cross - Bernoulli(rho).entropy().sum()


RIGHT = [
    lambda h, rho: kl_terms(rho, rate_of(h)).sum(),
    kl_loop,
    kl_oracle,
    kl_entropy,
]

WRONG = [
    (
        "other way round",
        lambda h, rho: kl_divergence(
            Bernoulli(rate_of(h)), Bernoulli(torch.tensor(rho).to(h))
        ).sum(),
    ),
    (
        "second term",
        lambda h, rho: torch.sum(rho * torch.log(rho / rate_of(h))),
    ),
    (
        "every activation",
        lambda h, rho: kl_terms(rho, h.clamp(1e-6, 1 - 1e-6)).sum(1).mean(),
    ),
    (
        "every activation",
        lambda h, rho: kl_terms(rho, h.clamp(1e-6, 1 - 1e-6)).sum(),
    ),
    ("average over units", lambda h, rho: kl_oracle(h, rho) / h.shape[1]),
    ("means over units", lambda h, rho: kl_oracle(h.T, rho)),
    ("sign", lambda h, rho: -kl_oracle(h, rho)),
    (
        "sum over dimension 0 is still",
        lambda h, rho: kl_terms(rho, rate_of(h)),
    ),
    ("infinite", lambda h, rho: kl_terms(rho, h.mean(0)).sum()),
    ("gradient", lambda h, rho: kl_oracle(h.detach(), rho)),
]
