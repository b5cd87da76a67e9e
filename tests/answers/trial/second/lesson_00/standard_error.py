"""Answers to standard_error, written blind."""

import math

import torch


def jackknife(samples):
    values = samples.double()
    n = len(values)
    left_out = (values.sum() - values) / (n - 1)  # means without one sample
    squares = (left_out - left_out.mean()).square().sum()
    return ((n - 1) / n * squares).sqrt().to(samples.dtype)


def by_covariance(draws):
    return torch.sqrt(torch.cov(draws) / draws.numel())


def scatter_only(samples):
    centred = samples - samples.mean()
    variance = (centred**2).sum() / (len(samples) - 1)
    return variance.sqrt()


def over_n(samples):
    n = samples.shape[0]
    s = torch.std(samples)
    return s / n


def around_zero(samples):
    n = len(samples)
    s = torch.sqrt((samples**2).sum() / (n - 1))
    return s / n**0.5


def hundred(samples):
    return samples.std() / 100**0.5


def corrected_twice(samples):
    n = len(samples)
    s = samples.std()  # already with n - 1
    return s / math.sqrt(n - 1)


def as_float(samples):
    s = samples.std().item()
    return s / math.sqrt(len(samples))


RIGHT = [
    jackknife,
    by_covariance,
]

WRONG = [
    (
        "returns the samples' standard deviation itself",
        "That is the standard deviation, the",
        scatter_only,
    ),
    ("divides by n, not by its root", "You divide by n; the standard", over_n),
    (
        "forgets to subtract the mean in the deviation",
        "You do not subtract the mean",
        around_zero,
    ),
    (
        "always divides by the root of 100, as in the check",
        "Your result is",
        hundred,
    ),
    (
        "divides the n - 1 deviation by the root of n - 1 again",
        "You subtract",
        corrected_twice,
    ),
]

ACCEPTED = [
    ("returns a Python float", as_float),
]
