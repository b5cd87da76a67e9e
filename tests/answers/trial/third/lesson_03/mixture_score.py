"""Answers to mixture_score, written blind."""

import torch
from torch.distributions import Normal


def f1(points, centres, s0, sigma):
    at, m = points.double(), centres.double()
    variance = s0**2 + sigma**2
    clouds = Normal(m, variance**0.5)  # (M, 2)
    log_joint = clouds.log_prob(at[:, None, :]).sum(-1)  # (B, M)
    share = (log_joint - torch.logsumexp(log_joint, 1, keepdim=True)).exp()
    pull = torch.einsum("bm,bmd->bd", share, m[None] - at[:, None])
    return (pull / variance).to(points.dtype)


def w1(y, means, s0, sigma):
    v = s0**2 + sigma**2
    d2 = (y[:, None] - means).square().sum(2)
    share = torch.softmax(-d2 / (2 * v), dim=1)
    mean = share @ means
    return (mean - y) / sigma**2


def w2(y, means, s0, sigma):
    v = s0**2 + sigma**2
    distance = torch.cdist(y, means)
    share = torch.softmax(-distance / (2 * v), dim=1)
    return (share @ means - y) / v


def w3(y, means, s0, sigma):
    v = s0**2 + sigma**2
    difference = means - y[:, None]  # (B, M, 2)
    share = (-difference.square().sum(2) / (2 * v)).softmax(0)
    return (share[:, :, None] * difference).sum(1) / v


def w4(y, means, s0, sigma):
    v = s0**2 + sigma**2
    difference = means - y[:, None]
    weight = torch.exp(-difference.square().sum(2) / (2 * v))
    share = weight / weight.sum(1, keepdim=True)
    return (share[:, :, None] * difference).sum(1) / v


RIGHT = [
    f1,
]

WRONG = [
    (
        "divides by the noise's variance sigma^2 in the end instead of s0^2 + sigma^2",
        "The exponents and the divisor have",
        w1,
    ),
    (
        "puts the distance instead of the squared distance into the softmax",
        "The weights go with the distance:",
        w2,
    ),
    (
        "takes the softmax over the points (dim 0) instead of the clouds",
        "You normalise over the batch; for",
        w3,
    ),
    (
        "computes the shares with exp and a division: 0/0 = NaN far from all clouds",
        "Far from all means every exponential",
        w4,
    ),
]
