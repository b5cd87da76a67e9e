"""Answers to score_grad, written blind."""

import torch
from torch.distributions import Normal


def score_by_autograd(f, mu, sigma, z):
    points = z.detach()
    with torch.enable_grad():
        m = torch.full_like(points, float(mu)).requires_grad_()
        s = torch.full_like(points, float(sigma))
        log_q = Normal(m, s).log_prob(points)
        (score,) = torch.autograd.grad(log_q.sum(), m)
    return f(points) * score


def pathwise(f, mu, sigma, z):
    eps = (z - mu) / sigma
    m = torch.full_like(z, float(mu)).requires_grad_()
    value = f(m + sigma * eps)
    (gradient,) = torch.autograd.grad(value.sum(), m)
    return gradient


def times_log_density(f, mu, sigma, z):
    q = Normal(torch.full_like(z, float(mu)), torch.full_like(z, float(sigma)))
    log_q = q.log_prob(z)
    return f(z) * log_q


def divides_by_sigma(f, mu, sigma, z):
    eps = (z - mu) / sigma
    return f(z) * eps


def own_mean_and_variance(f, mu, sigma, z):
    mean = z.mean()
    variance = z.var()
    score = (z - mean) / variance
    return f(z) * score


RIGHT = [
    score_by_autograd,
]

WRONG = [
    (
        "differentiates f along the path, which fails for an f with jumps",
        "This goes through z: it is",
        pathwise,
    ),
    (
        "multiplies f by log q itself, not by its derivative",
        r"This is f\(z\) log q\(z\): the",
        times_log_density,
    ),
    (
        "divides by sigma instead of sigma squared",
        r"You take sigma for sigma\^",
        divides_by_sigma,
    ),
    (
        "uses the samples' own mean and variance in the place of mu and sigma^2",
        "Your function never uses its argument",
        own_mean_and_variance,
    ),
]
