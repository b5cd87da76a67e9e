"""Answers to normal_logpdf, written blind."""

import math

import torch

# a name of the notebook's check
sd = torch.tensor(1.7, dtype=torch.float64)


def f1(value, mean, scale):
    dtype = (value + mean + scale).dtype
    z = (value.double() - mean.double()) / scale.double()
    log_scale = scale.double().log()
    return (-(z * z + math.log(2 * math.pi)) / 2 - log_scale).to(dtype)


def w1(x, mu, sigma):
    constant = -0.5 * math.log(2 * math.pi)
    return constant - 0.5 * torch.log(sigma) - (x - mu) ** 2 / (2 * sigma)


def w2(x, mu, sigma):
    constant = 0.5 * math.log(2 * math.pi)
    return constant + torch.log(sigma) + (x - mu) ** 2 / (2 * sigma**2)


def w3(x, mu, sigma):
    bell = torch.exp(-((x - mu) ** 2) / (2 * sigma**2))
    density = bell / (sigma * math.sqrt(2 * math.pi))
    return torch.log(density)


def w4(x, mu, sigma):
    constant = -0.5 * math.log(2 * math.pi)
    return constant - torch.log(sd) - (x - mu) ** 2 / (2 * sigma**2)


RIGHT = [
    f1,
]

WRONG = [
    ("takes sigma for the variance", r"You take sigma for sigma\*\*", w1),
    (
        "returns the negative log density, as for a loss",
        "That is the negative log density,",
        w2,
    ),
    (
        "computes the density first, which is 0 far from mu: -inf",
        "You compute the density, and it",
        w3,
    ),
    (
        "takes the logarithm of the notebook's sd, not of sigma",
        "Your function reads sd from the",
        w4,
    ),
]
