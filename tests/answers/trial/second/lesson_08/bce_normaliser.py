"""Answers to bce_normaliser, written blind."""

import torch


def entry_by_entry(logits):
    values = []
    for a in logits.flatten():
        if abs(a) < 1e-2:
            values.append(0.5 - a**2 / 24)  # Taylor
        else:
            values.append(torch.tanh(a / 2) / a)
    return torch.stack(values).reshape(logits.shape)


def symmetric(a):
    # even in a: so take |a|, which never needs to be smaller than 0.001
    s = a.abs().clamp(min=1e-3)
    return -torch.expm1(-s) / (s * (1 + torch.exp(-s)))


def epsilon(logits):
    eps = 1e-8
    return torch.tanh(logits / 2) / (logits + eps)


def where_both_sides(logits):
    small = logits.abs() < 1e-3
    ratio = torch.tanh(logits / 2) / logits
    return torch.where(small, torch.full_like(logits, 0.5), ratio)


def upside_down(logits):
    small = logits.abs() < 1e-3
    safe = torch.where(small, torch.ones_like(logits), logits)
    c = safe / torch.tanh(safe / 2)
    return torch.where(small, torch.full_like(logits, 2.0), c)


def wide_threshold(logits):
    near = logits.abs() < 1
    safe = torch.where(near, torch.ones_like(logits), logits)
    return torch.where(
        near, torch.full_like(logits, 0.5), torch.tanh(safe / 2) / safe
    )


def with_exp(logits):
    near = logits.abs() < 1e-2
    a = torch.where(near, torch.ones_like(logits), logits)
    lam = torch.sigmoid(a)
    integral = (1 - lam) * (torch.exp(a) - 1) / a
    return torch.where(near, 0.5 - logits**2 / 24, integral)


def takes_lambda(logits):
    lam = logits
    a = torch.log(lam) - torch.log(1 - lam)
    near = a.abs() < 1e-2
    safe = torch.where(near, torch.ones_like(a), a)
    return torch.where(near, torch.full_like(a, 0.5), (2 * lam - 1) / safe)


RIGHT = [
    entry_by_entry,
    symmetric,
]

WRONG = [
    (
        "adds a small number to the denominator: 0 instead of 1/2 at 0",
        "A small number in the divisor",
        epsilon,
    ),
    (
        "torch.where without a harmless number: NaN gradient at 0",
        "The values are right at logit",
        where_both_sides,
    ),
    (
        "returns the constant C, the reciprocal of the integral",
        "This is the reciprocal, what the",
        upside_down,
    ),
    (
        "calls everything below 1 small and puts 1/2 there",
        "Your range of small logits is",
        wide_threshold,
    ),
    (
        "uses (1 - lam)(e^a - 1)/a: e^a overflows for large logits",
        r"e\^a overflows for large logits, and",
        with_exp,
    ),
    (
        "takes the argument for lambda, not for the logit",
        "The input is the logit, not",
        takes_lambda,
    ),
]
