"""Answers to score_grad, written blind."""

import torch
from torch.distributions import Normal


def by_autograd_of_the_density(f, mu, sigma, z):
    values = f(z)
    with torch.enable_grad():
        loc = torch.full_like(z.detach(), float(mu)).requires_grad_()
        log_q = Normal(loc, float(sigma)).log_prob(z.detach())
        (score,) = torch.autograd.grad(log_q.sum(), loc)
    return values * score


def entry_by_entry(g, m, s, samples):
    values = g(samples)
    result = torch.zeros_like(samples)
    for i in range(len(samples)):
        eps = (samples[i] - m) / s
        result[i] = values[i] * eps / s
    return result


def pathwise(f, mu, sigma, z):
    z = z.detach().clone().requires_grad_()
    value = f(z).sum()
    (slope,) = torch.autograd.grad(value, z)
    return slope  # dz/dmu = 1


def weighs_with_the_density(f, mu, sigma, z):
    q = Normal(mu, sigma).log_prob(z).exp()
    score = (z - mu) / sigma**2
    return f(z) * q * score


def score_of_sigma(f, mu, sigma, z):
    score = (z - mu) ** 2 / sigma**3 - 1 / sigma
    return f(z) * score


def divides_by_sigma(f, mu, sigma, z):
    score = (z - mu) / sigma
    return f(z) * score


def mean_of_estimates(f, mu, sigma, z):
    score = (z - mu) / sigma**2
    return (f(z) * score).mean()


def forgets_mu(f, mu, sigma, z):
    score = z / sigma**2
    return f(z) * score


RIGHT = [
    by_autograd_of_the_density,
    entry_by_entry,
]

WRONG = [
    (
        "gives the pathwise gradient f'(z), 0 or an error for a step",
        "This goes through z: it is",
        pathwise,
    ),
    (
        "multiplies with the density q(z) as well, though z is sampled from q",
        "You multiply by the density: the",
        weighs_with_the_density,
    ),
    (
        "takes the score of sigma instead of that of mu",
        "This is the derivative by sigma;",
        score_of_sigma,
    ),
    (
        "divides by sigma instead of sigma squared",
        r"You take sigma for sigma\^",
        divides_by_sigma,
    ),
    (
        "returns the mean of the estimates, one number",
        r"Your result has shape \(\); asked",
        mean_of_estimates,
    ),
    (
        "takes z / sigma^2 as the score: right only for mu = 0",
        "mu is missing in the score:",
        forgets_mu,
    ),
]
