"""Answers to active_units, written blind."""

import torch


def by_covariance(mu):
    covariance = torch.atleast_2d(torch.cov(mu.double().T, correction=0))
    return torch.count_nonzero(covariance.diagonal() > 0.01)


def in_python(means):
    count = 0
    for column in means.T.tolist():
        center = sum(column) / len(column)
        variance = sum((m - center) ** 2 for m in column) / len(column)
        count += variance > 0.01
    return count


def over_latents(mu):
    variance = mu.var(dim=1, correction=0)
    return (variance > 0.01).sum()


def standard_deviation(mu):
    spread = mu.std(0)
    return (spread > 0.01).sum()


def not_centred(mu):
    power = (mu**2).mean(0)
    return (power > 0.01).sum()


def relative(mu):
    variance = mu.var(0)
    return (variance / variance.max() > 0.01).sum()


def share(mu):
    active = mu.var(0) > 0.01
    return active.float().mean()


def early_return(mu):
    count = 0
    for k in range(mu.shape[1]):
        if mu[:, k].var() > 0.01:
            count += 1
        return count


RIGHT = [
    by_covariance,
    in_python,
]

WRONG = [
    (
        "takes the variance over the latents of each image",
        "The variance goes over the latents",
        over_latents,
    ),
    (
        "compares the standard deviation with 0.01",
        "In effect you compare the standard",
        standard_deviation,
    ),
    (
        "mean square instead of variance: a constant mean beside 0 counts",
        "You look at how far the",
        not_centred,
    ),
    ("compares with 0.01 of the largest variance", "Expected", relative),
    (
        "returns the share of active latents, not their number",
        "You return a share; return the",
        share,
    ),
    (
        "returns inside the loop, after the first latent",
        "You look at one latent alone:",
        early_return,
    ),
]
