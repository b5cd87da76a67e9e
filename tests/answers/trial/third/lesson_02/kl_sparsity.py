"""Answers to kl_sparsity, written blind."""

import torch
from torch.nn import functional


def f1(z, rho):
    rate = z.mean(0).clamp(1e-6, 1 - 1e-6)
    target = torch.full_like(rate, rho)
    crossed = functional.binary_cross_entropy(rate, target, reduction="sum")
    own = torch.xlogy(target, target) + torch.xlogy(1 - target, 1 - target)
    return crossed + own.sum()


def w1(z, rho):
    z = z.clamp(1e-6, 1 - 1e-6)
    first = rho * torch.log(rho / z)
    second = (1 - rho) * torch.log((1 - rho) / (1 - z))
    return (first + second).sum(1).mean()


def w2(z, rho):
    rate = z.mean(0).clamp(1e-6, 1 - 1e-6)
    return (rho * torch.log(rho / rate)).sum()


def w3(z, rho):
    rate = z.mean(1).clamp(1e-6, 1 - 1e-6)
    first = rho * torch.log(rho / rate)
    second = (1 - rho) * torch.log((1 - rho) / (1 - rate))
    return (first + second).sum()


def w4(z, rho):
    rate = z.mean(0).clamp(min=1e-6)
    first = rho * torch.log(rho / rate)
    second = (1 - rho) * torch.log((1 - rho) / (1 - rate))
    return (first + second).sum()


RIGHT = [
    f1,
]

WRONG = [
    (
        "takes the KL of each activation, and then the mean",
        "You take the KL of every",
        w1,
    ),
    ("leaves out the second term", "The second term is missing: a", w2),
    (
        "averages over the units instead of the batch",
        "Your rates are means over units:",
        w3,
    ),
    (
        "clamps only below: infinite for a unit that is always 1",
        "A unit that is",
        w4,
    ),
]
