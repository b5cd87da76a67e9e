"""Answers to normal_logpdf, written blind."""

import math

import torch


def entry_by_entry(x, mean, sd):
    x, mean, sd = torch.broadcast_tensors(x, mean, sd)
    constant = math.log(2 * math.pi) / 2
    values = []
    for a, m, s in zip(x.flatten(), mean.flatten(), sd.flatten()):
        values.append(-constant - torch.log(s) - ((a - m) / s) ** 2 / 2)
    return torch.stack(values).reshape(x.shape)


def in_float64(x, mu, sigma):
    kind = (x + mu + sigma).dtype
    x, mu, sigma = x.double(), mu.double(), sigma.double()
    precision = sigma.pow(-2)
    doubled = torch.log(precision / (2 * math.pi)) - precision * (x - mu) ** 2
    return (0.5 * doubled).to(kind)


def sigma_is_variance(x, mu, sigma):
    normaliser = -0.5 * math.log(2 * math.pi) - 0.5 * torch.log(sigma)
    return normaliser - (x - mu) ** 2 / (2 * sigma)


def log_of_density(x, mu, sigma):
    density = torch.exp(-((x - mu) ** 2) / (2 * sigma**2))
    density = density / (sigma * math.sqrt(2 * math.pi))
    return torch.log(density)


def summed(x, mu, sigma):
    const = -0.5 * math.log(2 * math.pi)
    logp = const - torch.log(sigma) - (x - mu) ** 2 / (2 * sigma**2)
    return logp.sum(-1)


def math_log_of_tensor(x, mu, sigma):
    const = -0.5 * math.log(2 * math.pi)
    return const - math.log(sigma) - (x - mu) ** 2 / (2 * sigma**2)


def plus_log_sigma(x, mu, sigma):
    z = (x - mu) / sigma
    return -0.5 * math.log(2 * math.pi) + torch.log(sigma) - 0.5 * z**2


def precedence(x, mu, sigma):
    first = -1 / 2 * math.log(2 * math.pi)
    second = -sigma.log()
    third = -((x - mu) ** 2) / 2 * sigma**2
    return first + second + third


RIGHT = [
    entry_by_entry,
    in_float64,
]

WRONG = [
    (
        "takes sigma for the variance",
        r"You take sigma for sigma\*\*",
        sigma_is_variance,
    ),
    (
        "computes the density and then its log: -inf far out",
        "You compute the density, and it",
        log_of_density,
    ),
    ("sums over the last dimension", r"Your result has shape \(", summed),
    (
        "takes math.log of the tensor sigma",
        "Functions of math take one number",
        math_log_of_tensor,
    ),
    (
        "adds log sigma instead of subtracting it",
        "The sign of log sigma is",
        plus_log_sigma,
    ),
    (
        "divides by 2 and multiplies by sigma^2, no brackets",
        "Precedence: a /",
        precedence,
    ),
]
