"""Answers to active_units, written blind."""

import numpy as np
import torch

variances = torch.randn(
    500, 4, generator=torch.Generator().manual_seed(0)
).exp()


# ---------------------------------------------------------------- right


def one_line(mu):
    return (mu.var(0) > 0.01).sum()


def loop(means):
    n, count = len(means), 0
    for k in range(means.shape[1]):
        column = [float(value) for value in means[:, k]]
        centre = sum(column) / n
        if sum((value - centre) ** 2 for value in column) / n > 0.01:
            count += 1
    return count


def with_numpy(mu):
    spread = np.var(mu.detach().cpu().double().numpy(), axis=0)
    return int(np.count_nonzero(spread > 0.01))


def by_covariance(mu):
    centred = mu.double() - mu.double().mean(0)
    A = torch.einsum("nk,nl->kl", centred, centred) / len(mu)
    return torch.count_nonzero(A.diagonal() > 0.01)


def by_moments(mu):
    wide = mu.to(torch.float64)
    second, first = wide.pow(2).mean(dim=0), wide.mean(dim=0)
    std = (second - first.pow(2)).clamp(min=0).sqrt()
    return std.gt(0.1).long().sum().item()


# ---------------------------------------------------------------- wrong


def wrong_axis(mu):
    A = torch.atleast_2d(torch.cov(mu)).diagonal()
    active = A > 0.01
    return active.sum()


def std_in_place_of_var(mu):
    spread = mu.std(dim=0)
    return (spread > 0.01).sum()


def not_centred(mu):
    A = (mu**2).mean(dim=0)
    return (A > 0.01).sum()


def mask(mu):
    A = mu.var(dim=0)
    active = A > 0.01
    return active


def one_variance(mu):
    A = mu.var()
    active = A > 0.01
    return active.sum()


def counts_the_dead(mu):
    A = mu.var(dim=0)
    collapsed = A <= 0.01
    return collapsed.sum()


def encoder_variance(mu):
    A = variances.mean(dim=0)
    return (A > 0.01).sum()


def fifty(mu):
    count = 0
    for k in range(50):
        if mu[:, k].var() > 0.01:
            count += 1
    return count


def from_one(mu):
    K = mu.shape[1]
    count = 0
    for k in range(1, K):
        if mu[:, k].var() > 0.01:
            count = count + 1
    return count


def not_divided(mu):
    deviation = mu - mu.mean(dim=0)
    A = (deviation**2).sum(dim=0)
    return (A > 0.01).sum()


def in_place(mu):
    mu -= mu.mean(axis=0, keepdims=True)
    A = (mu**2).mean(axis=0)
    return (A > 0.01).sum()


def rounded(mu):
    A = mu.var(dim=0).round(decimals=2)
    return (A > 0.01).sum()


RIGHT = [
    one_line,
    loop,
    with_numpy,
    by_covariance,
    by_moments,
]

WRONG = [
    (
        "torch.cov(mu) as for variables in columns: the variance of each image",
        "The variance goes over the latents",
        wrong_axis,
    ),
    (
        "compares the standard deviation with 0.01",
        "In effect you compare the standard",
        std_in_place_of_var,
    ),
    (
        "mean square, not centred: a constant mean counts",
        "You look at how far the",
        not_centred,
    ),
    ("returns the mask, not the count", r"Your result has shape \(", mask),
    (
        "one variance of all entries",
        "You give one answer for all",
        one_variance,
    ),
    (
        "counts the collapsed ones",
        r"You count the collapsed latents\.",
        counts_the_dead,
    ),
    (
        "uses the notebook's global variances, sigma^2 of the encoder",
        "Your function never uses its argument",
        encoder_variance,
    ),
    (
        "loops over 50 latents, however many there are",
        "Your function raises IndexError: index",
        fifty,
    ),
    (
        "counts latents from 1, as in R and MATLAB: skips the first",
        "Expected",
        from_one,
    ),
    (
        "sums the squared deviations without dividing by N",
        "You compare a sum of squares",
        not_divided,
    ),
    ("centres its input in place", "You change the input mu in", in_place),
    (
        "rounds to two decimals first: 0.012 is no longer active",
        "Your threshold is too high: latents",
        rounded,
    ),
]
