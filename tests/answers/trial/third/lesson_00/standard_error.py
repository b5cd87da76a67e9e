"""Answers to standard_error, written blind."""

import math

import torch


def f1(samples):
    return torch.sqrt(torch.cov(samples) / samples.numel())


def w1(samples):
    n = len(samples)
    s = samples.var()
    return s / n**0.5


def w2(samples):
    mean = samples.mean()
    n = len(samples)
    variance = ((samples - mean) ** 2).sum() / (n - 1)
    return variance.sqrt()


def w3(samples):
    n = len(samples)
    return samples.std() / n**1 / 2


def w4(samples):
    return samples.std().item() / math.sqrt(len(samples))


RIGHT = [
    f1,
]

WRONG = [
    (
        "takes the variance for the standard deviation",
        "You take the variance for the",
        w1,
    ),
    (
        "returns the standard deviation, not divided by sqrt(n)",
        "That is the standard deviation, the",
        w2,
    ),
    (
        "writes n ** 1 / 2, which divides by n and then by 2",
        r"Precedence: n \*\*",
        w3,
    ),
]

ACCEPTED = [
    ("returns a Python float", w4),
]
