"""Answers to bce_normaliser, written blind."""

import torch


def by_exponentials(a):
    # tanh(s / 2) / s = (1 - e^-s) / (s (1 + e^-s)), even in a
    s = a.double().abs().clamp(min=1e-4)
    return (-torch.expm1(-s) / (s * (1 + torch.exp(-s)))).to(a.dtype)


def reciprocal(logits):
    small = logits.abs() < 1e-3
    safe = torch.where(small, torch.ones_like(logits), logits)
    normaliser = safe / torch.tanh(safe / 2)
    return torch.where(small, torch.full_like(logits, 2.0), normaliser)


def nan_gradient(logits):
    value = torch.tanh(logits / 2) / logits
    half = torch.full_like(logits, 0.5)
    return torch.where(logits.abs() < 1e-3, half, value)


def clamp_without_abs(logits):
    a = logits.clamp(min=1e-3)
    return torch.tanh(a / 2) / a


def overflows(logits):
    small = logits.abs() < 1e-3
    a = torch.where(small, torch.ones_like(logits), logits)
    lam = torch.sigmoid(a)
    integral = (1 - lam) * (torch.exp(a) - 1) / a
    return torch.where(small, torch.full_like(logits, 0.5), integral)


RIGHT = [
    by_exponentials,
]

WRONG = [
    (
        "returns the factor C = a / tanh(a / 2), the reciprocal",
        "This is the reciprocal, what the",
        reciprocal,
    ),
    (
        "leaves 0/0 in the side that is not chosen: NaN gradient at 0",
        "The values are right at logit",
        nan_gradient,
    ),
    (
        "clamps the logits at 0.001 without abs: negative logits all give 1/2",
        "You take all negative logits for",
        clamp_without_abs,
    ),
    (
        "integrates as (1 - lam)(e^a - 1) / a, which overflows for large logits",
        r"e\^a overflows for large logits, and",
        overflows,
    ),
]
