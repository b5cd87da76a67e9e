"""Answers to continuous_bernoulli_mean, written blind."""

import torch
from torch.distributions import ContinuousBernoulli


def one_mean(a):
    if a.abs() < 1e-3:
        return 0.5 + a / 12
    if a > 0:
        return 1 - one_mean(-a)  # by symmetry
    return torch.exp(a) / torch.expm1(a) - 1 / a


def entry_by_entry(logits):
    means = [one_mean(a) for a in logits.double().reshape(-1)]
    return torch.stack(means).reshape(logits.shape).to(logits.dtype)


def times_c(logits):
    small = logits.abs() < 1e-3
    a = torch.where(small, torch.ones_like(logits), logits)
    c = torch.where(small, torch.full_like(a, 2.0), a / torch.tanh(a / 2))
    return c * torch.sigmoid(logits)


def not_turned(logits):
    s = logits.abs().clamp(min=0.01)
    light = 1 / s - 1 / torch.expm1(s)
    return light


def only_exact_zero(logits):
    zero = logits == 0
    a = torch.where(zero, torch.ones_like(logits), logits)
    mean = 1 / (1 - torch.exp(-a)) - 1 / a
    return torch.where(zero, torch.full_like(mean, 0.5), mean)


def from_torch(logits):
    return ContinuousBernoulli(logits=logits).mean


RIGHT = [
    entry_by_entry,
]

WRONG = [
    (
        "multiplies lambda by the normaliser C",
        "You divide lambda by the normaliser:",
        times_c,
    ),
    (
        "works with |a| and doesn't turn the result around for a > 0",
        r"Wrong only where logits is positive\.",
        not_turned,
    ),
    (
        "treats only a == 0 exactly: tiny logits cancel to nonsense",
        "Near lambda =",
        only_exact_zero,
    ),
    (
        "takes torch's ContinuousBernoulli mean, wrong for large logits",
        "ContinuousBernoulli keeps lambda",
        from_torch,
    ),
]
