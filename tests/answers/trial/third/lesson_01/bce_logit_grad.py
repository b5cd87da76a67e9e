"""Answers to bce_logit_grad, written blind."""

import torch
from torch.nn import functional


def f1(logits, pixels):
    def total(t):
        return (functional.softplus(t) - pixels * t).sum()

    return torch.func.grad(total)(logits)


def w1(a, x):
    p = torch.sigmoid(a)
    return (p - x) / (p * (1 - p))


def w2(a, x):
    p = torch.sigmoid(a)
    return 2 * (p - x) * p * (1 - p)


def w3(a, x):
    p = torch.exp(a) / (1 + torch.exp(a))
    return p - x


def w4(a, x):
    p = torch.sigmoid(a)
    return torch.where(x > 0.5, p - 1, p)


RIGHT = [
    f1,
]

WRONG = [
    (
        "stops at the derivative by p: no chain rule",
        "That is the derivative with respect",
        w1,
    ),
    (
        "gives the gradient of the squared error",
        "That is the gradient of the",
        w2,
    ),
    ("treats pixels as 0 or 1, so greys are wrong", "You take x for", w4),
]

ACCEPTED = [
    ("writes the sigmoid as e^a / (1 + e^a): NaN for large logits", w3),
]
