"""Answers to active_units, written blind."""

import torch


def by_covariance(means):
    matrix = torch.atleast_2d(torch.cov(means.double().T, correction=0))
    return matrix.diagonal().gt(0.01).count_nonzero()


def by_std(mu):
    spread = mu.std(0)
    return (spread > 0.01).sum()


def uncentred(mu):
    variance = (mu**2).mean(0)
    active = variance > 0.01
    return active.sum()


def early_return(mu):
    count = 0
    for k in range(mu.shape[1]):
        if mu[:, k].var() > 0.01:
            count += 1
        return count


def relative(mu):
    A = mu.var(dim=0)
    share = A / A.max()
    return (share > 0.01).sum()


RIGHT = [
    by_covariance,
]

WRONG = [
    (
        "compares the standard deviation with 0.01",
        "In effect you compare the standard",
        by_std,
    ),
    (
        "mean square instead of variance: a constant mean counts",
        "You look at how far the",
        uncentred,
    ),
    (
        "returns inside the loop, after the first latent",
        "You look at one latent alone:",
        early_return,
    ),
    ("takes 0.01 as a share of the largest variance", "Expected", relative),
]
