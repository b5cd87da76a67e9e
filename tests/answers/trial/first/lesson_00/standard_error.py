"""Answers to standard_error, written blind."""

import math

import torch

# ---- right -----------------------------------------------------------------


def one_line(samples):
    return samples.std() / len(samples) ** 0.5


def welford(samples):
    mean, M2 = torch.zeros_like(samples[0]), torch.zeros_like(samples[0])
    for n, value in enumerate(samples, start=1):
        delta = value - mean
        mean = mean + delta / n
        M2 = M2 + delta * (value - mean)
    s = torch.sqrt(M2 / (n - 1))
    return s / math.sqrt(n)


def by_cov(draws):
    n = draws.numel()
    variance_of_mean = torch.cov(draws) / n
    return variance_of_mean.sqrt()


def by_dot(samples):
    N = samples.shape[0]
    centred = samples.double() - samples.double().mean()
    se = torch.sqrt(centred @ centred / (N * (N - 1)))
    return se.to(samples.dtype)


def jackknife(samples):
    """The jackknife of a mean is exactly s / sqrt(n)."""
    n = samples.size(0)
    v = samples.to(torch.float64)
    left_out = (v.sum() - v) / (n - 1)  # the mean without each sample
    spread = (left_out - left_out.mean()).square().sum()
    return ((n - 1) / n * spread).sqrt().to(samples.dtype)


# ---- wrong -----------------------------------------------------------------


def only_std(samples):
    mean = samples.mean()
    n = len(samples)
    return torch.sqrt(((samples - mean) ** 2).sum() / (n - 1))


def over_n(samples):
    n = samples.shape[0]
    s = samples.std()
    return s / n


def variance_of_the_mean(samples):
    var = samples.var()
    n = len(samples)
    return var / n


def n_minus_1_twice(samples):
    n = len(samples)
    s = torch.std(samples, unbiased=True)
    return s / math.sqrt(n - 1)


def not_centred(samples):
    n = len(samples)
    rms = torch.sqrt((samples**2).sum() / (n - 1))
    return rms / n**0.5


def confidence(samples):
    n = len(samples)
    se = samples.std() / n**0.5
    ci = 1.96 * se
    return ci


def of_the_std(samples):
    n = samples.numel()
    relative = 1 / math.sqrt(2 * n)
    return samples.std() * relative


def hundred(samples):
    s = samples.std()
    return s / 100**0.5


def whole_root(samples):
    s = samples.std()
    n = samples.shape[0]
    return s / math.isqrt(n)


def keeps_dim(samples):
    s = torch.std(samples, dim=0, keepdim=True)
    n = samples.shape[0]
    return s / n**0.5


def python_float(samples):
    n = len(samples)
    se = samples.std() / math.sqrt(n)
    return se.item()


def in_place(samples):
    n = len(samples)
    samples -= samples.mean()
    var = (samples * samples).sum() / (n - 1)
    return (var / n).sqrt()


RIGHT = [
    one_line,
    welford,
    by_cov,
    by_dot,
    jackknife,
]

WRONG = [
    (
        "returns the standard deviation, not divided by anything",
        "That is the standard deviation, the",
        only_std,
    ),
    ("divides by n, not by its root", "You divide by n; the standard", over_n),
    (
        "returns the variance of the mean: forgets the root",
        "That is a variance, in squared",
        variance_of_the_mean,
    ),
    (
        "divides by sqrt(n - 1) although s is already corrected",
        "You subtract",
        n_minus_1_twice,
    ),
    (
        "does not subtract the mean: root mean square",
        "You do not subtract the mean",
        not_centred,
    ),
    (
        "returns half of a 95 % confidence interval: times 1.96",
        "That is half the width of",
        confidence,
    ),
    (
        "divides by sqrt(2 n): the standard error of the deviation",
        "That is the standard error of",
        of_the_std,
    ),
    ("hard-codes the notebook's 100 samples", "Your result is", hundred),
    ("takes the integer root of n", "Expected", whole_root),
    (
        "keeps the dimension: shape (1,)",
        r"Your result has shape \(",
        keeps_dim,
    ),
    (
        "centres the samples in place",
        "You change the input samples in",
        in_place,
    ),
]

ACCEPTED = [
    ("returns a Python float", python_float),
]
